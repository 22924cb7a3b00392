"""Articles -> their cards, and the pictures that a mail may show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from newsletter import plugins
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content.illustrate import Places, illustrate
from newsletter.excerpt import make_card
from newsletter.issue.compose import Body, is_whole
from newsletter.issue.words import Words
from newsletter.message.write import content_id
from newsletter.model import Article, Card, ExcerptFrom, Listing, Media, Picture, Problem


def make_cards(
    config: Config, name: str, listings: tuple[Listing, ...], articles: Mapping[str, Article]
) -> tuple[Card, ...]:
    """The cards of articles, by the path in each listing."""
    method = plugins.load("excerpts", config.newsletters[name].excerpt)()
    limits = unpack.limits(config, name)
    words = unpack.words(config)
    made = {path: make_card(article, method, limits) for path, article in articles.items()}
    return tuple(
        _correction(made[one.path], one, words) if one.corrects else made[one.path] for one in listings
    )


def _correction(card: Card, listing: Listing, words: Words) -> Card:
    """The card of a correction: what its author says was wrong, and a link to what is right."""
    return replace(
        card,
        identity=listing.identity,
        title=words.correction(card.title),
        image=None,
        reading_minutes=1,
        excerpt=listing.correction,
        excerpt_from=ExcerptFrom.FRONT_MATTER,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What an issue shows that is not text."""

    pictures: Mapping[str, Picture]
    bodies: Mapping[str, Body]
    media: tuple[Media, ...]
    logos: tuple[Picture | None, Picture | None]
    problems: tuple[Problem, ...]
    files: tuple[str, ...]  #: of the content folder, that were opened for it


def see(config: Config, name: str, cards: tuple[Card, ...], articles: Mapping[str, Article]) -> Seen:
    """The pictures of an issue that may show these cards, or the whole of their articles."""
    identity = unpack.identity(config, name)
    places = Places(
        mode=unpack.images(config, name),
        base_url=config.site.base_url,
        media_url=f"{identity.public_url}/media",
        content_id=lambda media: content_id(media, identity.domain),
    )
    light, light_media = unpack.logo(config, "logo", places)
    dark, dark_media = unpack.logo(config, "logo_dark", places)
    logos = tuple(dict.fromkeys((*light_media, *dark_media)))
    whole = [*articles.values()] if is_whole(config.newsletters[name].template) else []
    taken, cache = sum(len(medium.data) for medium in logos), unpack.picture_cache(config)
    most = config.newsletters[name].max_items
    shown = illustrate(config.content_dir, cards, whole, places, taken=taken, most=most, cache=cache)
    told = (*(problem for article in articles.values() for problem in article.problems), *shown.problems)
    return Seen(
        shown.pictures,
        shown.bodies,
        tuple(dict.fromkeys((*shown.media, *logos))),
        (light, dark),
        tuple(dict.fromkeys(told)),
        shown.files,
    )
