"""The sample publication -> a mail of each template, as MJML, as a reader sees it, and as a message."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import jinja2

from newsletter import config as configuration
from newsletter.cli.init import lay_out
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import SAMPLE, sample
from newsletter.issue.letters import LETTERS, render_letter, sample_slots
from newsletter.issue.theme import Site, Theme
from newsletter.message.write import Content, content_id, filled, message_id, write
from newsletter.model import Issue, Media
from newsletter.pipeline import Nothing, Occasion, build

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"
DIGEST_OF_TEN: Final = "digest"
#: The samples are out by then.
NOW: Final = datetime(2026, 11, 23, 8, tzinfo=UTC)
_NEWSLETTER: Final = """
[newsletters.{name}]
title = "The Slow Post"
from = "Ida Vang <ida@slowpost.example>"
template = "{name}"
images = "cid"
max_items = {items}
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of one template."""

    name: str  #: of the template
    mjml: str  #: as MJML is given it
    html: str  #: as one reader gets it, pictures named by ``cid:``
    data: bytes  #: the message
    issue: Issue | None  #: None for a letter
    site: Site
    theme: Theme

    def seen(self, html: str = "") -> str:
        """The mail, or another HTML of it, with its pictures in it: for a browser."""
        return with_pictures(html or self.html, self.issue.media if self.issue else ())


def mails(folder: Path) -> tuple[Mail, ...]:
    """A mail of each template in ``templates/``; `folder` is where the sample project is laid out."""
    return tuple(_mails(folder))


def names() -> tuple[str, ...]:
    """The templates that there are."""
    return tuple(sorted(path.name.removesuffix(".mjml.j2") for path in TEMPLATES.glob("*.mjml.j2")))


def _mails(folder: Path) -> Iterator[Mail]:
    config = project(folder)
    for name in names():
        yield _letter(config, name) if name in LETTERS else _issue(config, name)


def project(folder: Path) -> Config:
    """The sample project, with a newsletter more for each template that shows articles."""
    lay_out(folder)
    path = folder / "config.toml"
    issues = [name for name in names() if name not in LETTERS]
    more = [_NEWSLETTER.format(name=n, items=10 if n == DIGEST_OF_TEN else 1) for n in issues]
    path.write_text(path.read_text(encoding="utf-8") + "".join(more), encoding="utf-8")
    return configuration.load(path, {})


def _issue(config: Config, name: str) -> Mail:
    made = build(config, name, None, Occasion(f"{name}-2026-11-23", NOW, NOW))
    if isinstance(made, Nothing):
        raise AssertionError(f"{name}: {made.reason}")
    copy = sample(made.issue, made.rendered, made.slots, unpack.identity(config, name))
    return Mail(
        name=name,
        mjml=made.rendered.mjml,
        html=copy.html,
        data=copy.data,
        issue=made.issue,
        site=unpack.site(config, name),
        theme=_theme(config, name),
    )


def _letter(config: Config, name: str) -> Mail:
    newsletter = next(iter(config.newsletters))
    site, theme = unpack.site(config, newsletter), _theme(config, newsletter)
    loader = jinja2.FileSystemLoader(unpack.searchpath(config))
    made = render_letter(name, language="en", title=site.name, site=site, theme=theme, loader=loader)
    identity = unpack.identity(config, newsletter)
    content = Content(made.subject, made.frame_html, made.frame_text, (), sample_slots(name))
    id = message_id(made.hash.encode(), "sample", identity.domain)
    html, _ = filled(content, identity, SAMPLE)
    message = write(content, identity, SAMPLE, id=id, date=NOW)
    return Mail(name, made.mjml, html, message.data, None, site, theme)


def _theme(config: Config, name: str) -> Theme:
    """The sample project has no logo of its own."""
    return unpack.theme(config, None, None)


def with_pictures(html: str, media: tuple[Media, ...]) -> str:
    """HTML whose ``cid:`` pictures are in it: what a mail program makes of the message."""
    for medium in media:
        data = f"data:{medium.mime};base64,{base64.b64encode(medium.data).decode()}"
        html = html.replace(f"cid:{content_id(medium, 'slowpost.example')}", data)
    return html
