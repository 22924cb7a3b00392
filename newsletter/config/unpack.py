"""Config -> the plain arguments that the rooms take: none of them sees the configuration itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from newsletter import packaged
from newsletter.config.schema import Config
from newsletter.content.settings import FolderSettings
from newsletter.errors import ConfigError, ContentError
from newsletter.issue.theme import Site, Theme
from newsletter.model import Media, Picture

if TYPE_CHECKING:
    # Loaded where they are used: most commands write no mail.
    from newsletter.audience.tokens import Tokens
    from newsletter.content import illustrate
    from newsletter.excerpt import Limits
    from newsletter.issue.words import Words
    from newsletter.message.write import Identity


def folder_settings(config: Config) -> FolderSettings:
    """How the content folder is to be read."""
    return FolderSettings(
        language=config.site.language,
        timezone=config.site.timezone,
        base_url=config.site.base_url,
        permalink=config.content.permalink,
        preset=config.content.preset,
        include=config.content.include,
        exclude=config.content.exclude,
    )


def content_cache(config: Config) -> Path:
    """Where what was read of the content folder is kept: beside the database."""
    return config.store_path.with_name("content.cache")


def picture_cache(config: Config) -> Path:
    """The folder where pictures are kept as they travel: beside the database."""
    return config.store_path.with_name("pictures.cache")


def tokens(config: Config) -> Tokens:
    """The signer of links and Message-IDs; its keys stand beside the database, or in the configuration."""
    from newsletter.audience.tokens import Tokens, load_keys

    configured = config.web.secret_key.get_secret_value()
    return Tokens(load_keys(config.store_path.with_name("secret.key"), configured))


def has_key(config: Config) -> bool:
    """Whether there is a signing key already."""
    return bool(
        config.web.secret_key.get_secret_value() or config.store_path.with_name("secret.key").exists()
    )


def limits(config: Config, name: str) -> Limits:
    """How long an excerpt may be."""
    from newsletter.excerpt import Limits

    newsletter = config.newsletters[name]
    return Limits(newsletter.excerpt_sentences, newsletter.excerpt_characters)


def site(config: Config, name: str) -> Site:
    """The publication, as a newsletter's masthead and footer show it.

    :class:`ConfigError` when a link parameter has braces around a word that means nothing.
    """
    from newsletter.issue.links import PLACEHOLDERS, unknown_placeholders

    params = config.newsletters[name].link_params
    for key, value in params.items():
        for word in unknown_placeholders(value):
            where = config.origin("newsletters", name, "link_params", key)
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            text = f"newsletters.{name}.link_params.{key}: {{{word}}} means nothing here; there are {known}"
            raise ConfigError(f"{where}: {text}")
    return Site(
        name=title(config, name),
        url=config.site.base_url,
        tagline=config.site.tagline,
        postal_address=config.site.postal_address,
        timezone=timezone(config, name),
        link_params=tuple(params.items()),
        texts=tuple(config.templates.texts.items()),
        pages=bool(config.web.public_url),
    )


def theme(config: Config, logo: Picture | None, logo_dark: Picture | None) -> Theme:
    """The look. :class:`ConfigError` when the name of a face cannot stand in a style sheet."""
    from newsletter.issue.faces import odd_face

    given = config.theme
    for key, faces in (("font", given.font), ("font_ui", given.font_ui)):
        if odd := odd_face(faces):
            raise ConfigError(f"{config.origin('theme', key)}: theme.{key}: {odd}")
    return Theme(
        accent=given.accent,
        accent_dark=given.accent_dark,
        paper=given.paper,
        paper_dark=given.paper_dark,
        ink=given.ink,
        ink_dark=given.ink_dark,
        font=given.font,
        font_ui=given.font_ui,
        radius=given.radius,
        width=given.width,
        logo=logo,
        logo_dark=logo_dark,
    )


def logo(config: Config, key: str, places: illustrate.Places) -> tuple[Picture | None, tuple[Media, ...]]:
    """The logo of that key, and what travels for it. :class:`ConfigError` when its file cannot be used."""
    from newsletter.content import illustrate

    try:
        source = getattr(config.theme, key)
        return illustrate.logo(config.root, source, places, cache=picture_cache(config))
    except ContentError as error:
        raise ConfigError(f"{config.origin('theme', key)}: theme.{key}: {error}") from None


def searchpath(config: Config) -> tuple[Path, ...]:
    """Where templates are looked for, file by file: the project's own folders, then the packaged one."""
    return (*config.template_dirs, packaged.templates())


def words(config: Config) -> Words:
    """What the mails say around the articles, in the site's language."""
    from newsletter.issue.words import words_for
    from newsletter.press.folders import Folders

    return words_for(config.site.language, Folders(searchpath(config)))


def correction_titles(config: Config) -> Callable[[str], str]:
    """What a correction is called, of its article's title. Words are loaded when there is one."""
    return lambda title: words(config).correction(title)


def identity(config: Config, name: str) -> Identity:
    """Who writes."""
    from newsletter.message.write import Identity

    newsletter = config.newsletters[name]
    address = newsletter.from_.address
    return Identity(
        title=title(config, name),
        from_name=newsletter.from_.name,
        from_address=address,
        reply_to=newsletter.reply_to,
        mail_from=config.mail_from(name),
        list_id=newsletter.list_id or f"{name}.{address.rpartition('@')[2]}",
        public_url=config.web.public_url.rstrip("/"),
        unsubscribe_mailto=newsletter.unsubscribe_mailto or address,
    )


def images(config: Config, name: str) -> Literal["cid", "hosted", "site"]:
    """Where the pictures of a newsletter come from. :class:`ConfigError` when they cannot come from there."""
    chosen = config.newsletters[name].images
    if chosen == "auto":
        return "hosted" if config.web.public_url else "cid"
    if chosen == "hosted" and not config.web.public_url:
        where = config.origin("newsletters", name, "images")
        raise ConfigError(f'{where}: newsletters.{name}.images: "hosted" needs a public_url in [web]')
    return chosen


def title(config: Config, name: str) -> str:
    """The newsletter's name as readers know it."""
    return config.newsletters[name].title or config.site.name


def default_cadence(config: Config, name: str) -> str:
    """The cadence of readers who chose none; empty where a single schedule, or none, is for all."""
    newsletter = config.newsletters[name]
    return newsletter.default_cadence or next(iter(newsletter.cadences), "")


def timezone(config: Config, name: str) -> str:
    """The IANA zone of a newsletter's schedule."""
    return config.newsletters[name].timezone or config.site.timezone


def issue_id(config: Config, name: str, due: datetime) -> str:
    """The name of the issue that is due then: the newsletter and the date in its zone."""
    return f"{name}-{due.astimezone(ZoneInfo(timezone(config, name))).date().isoformat()}"
