"""Chosen listings -> the issue of them, rendered. Choosing is done: whoever makes it again gets the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.content.brief import Brief
from newsletter.issue.pool import compose_pool
from newsletter.model import Issue, LeftOut, Listing, Problem, Rendered
from newsletter.pipeline.showing import make_cards, see
from newsletter.press import Source, press


@dataclass(frozen=True, slots=True)
class Made:
    """An issue, and what it was made of."""

    issue: Issue
    rendered: Rendered
    problems: tuple[Problem, ...]  #: of the files that it carries, and of their pictures
    sources: tuple[Source, ...]  #: the templates and catalogues
    pictures: tuple[str, ...]  #: the files of the content folder that were opened to be shown


def make(
    config: Config,
    name: str,
    picked: PickUp,
    listings: tuple[Listing, ...],
    brief: Brief,
    *,
    id: str,
    at: datetime,
    left_out: Sequence[LeftOut] = (),
) -> Made:
    """The issue of these articles, in their order. Nothing is written but caches, and none is believed that
    does not fit."""
    newsletter, words = config.newsletters[name], unpack.words(config)
    articles = {listing.path: picked.article(listing.path) for listing in listings}
    cards = make_cards(config, name, listings, articles)
    seen = see(config, name, cards, articles)
    issue = compose_pool(
        id=id,
        newsletter=name,
        title=unpack.title(config, name),
        date=at,
        language=config.site.language,
        subject=brief.subject or newsletter.subject,
        preheader=brief.preheader or newsletter.preheader,
        intro=brief.intro or newsletter.intro,
        cards=cards,
        pictures=seen.pictures,
        bodies=seen.bodies,
        media=seen.media,
        left_out=tuple(left_out),
        words=words,
        most=newsletter.max_items,
        sections=newsletter.sections,
    )
    printed = press(unpack.searchpath(config)).printed(
        issue,
        site=unpack.site(config, name),
        theme=unpack.theme(config, *seen.logos),
        template=newsletter.template,
    )
    return Made(issue, printed.rendered, seen.problems, printed.sources, seen.files)
