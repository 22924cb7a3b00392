"""What was picked up -> what an issue may choose among, in order, and why the rest is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.config.schema import Config
from newsletter.config.values import did_you_mean
from newsletter.content import PickUp
from newsletter.content.brief import NO_BRIEF, Brief, read_brief
from newsletter.errors import ContentError
from newsletter.issue.ordering import corrections, filtered, one_language, ordered
from newsletter.model import LeftOut, Listing
from newsletter.outbox.ledger import CARRIED, Books


@dataclass(frozen=True, slots=True)
class Offer:
    """What an issue may choose among."""

    listings: tuple[Listing, ...]  #: in order, one for each article
    left_out: tuple[LeftOut, ...]
    omitted: Mapping[str, str]  #: identity -> why it must not be in it
    brief: Brief


def offered(config: Config, name: str, id: str, picked: PickUp, books: Books) -> Offer:
    """What the issue of that id may choose among. ContentError for a mistake in its brief."""
    newsletter = config.newsletters[name]
    every = one_language(picked.listings, config.site.language)
    inside, outside = filtered(every, newsletter.tags, newsletter.without_tags)
    brief = brief_of(config, id)
    pins = _named(brief, "pins", brief.pins, every)
    omit = _named(brief, "omit", brief.omit, every)
    if both := set(pins) & set(omit):
        told = next(one.path for one in every if one.identity in both)
        raise ContentError(f"{_at(brief, 'omit')}: {told} is pinned, too: it cannot be both")
    listings = ordered((*inside, *_corrected(inside, books)), newsletter.order, pins)
    return Offer(listings, outside, dict.fromkeys(omit, f"left out by {brief.shown}"), brief)


def brief_of(config: Config, id: str) -> Brief:
    """The brief of an issue; an empty one where nobody wrote it."""
    if not id:
        return NO_BRIEF
    folder = config.content.briefs.rstrip("/")
    return read_brief(config.resolve(folder) / f"{id}.md", f"{folder}/{id}.md")


def _corrected(inside: Sequence[Listing], books: Books) -> tuple[Listing, ...]:
    """The corrections of what has been mailed; what has not says what is right anyway."""
    ids = books.ids(inside)
    mailed = {id for fates in books.fates.values() for id, fate in fates.items() if fate == CARRIED}
    return corrections(one for one in inside if ids[one.identity] in mailed)


def _named(brief: Brief, key: str, names: Sequence[str], every: Sequence[Listing]) -> tuple[str, ...]:
    """The identities of articles that a brief names by file or id."""
    known = {name: one.identity for one in every for name in (*one.keys, _id(one), one.path) if name}
    for name in names:
        if name not in known:
            near = did_you_mean(name, [one.path for one in every])
            raise ContentError(f'{_at(brief, key)}: {key}: there is no article "{name}"{near}')
    return tuple(dict.fromkeys(known[name] for name in names))


def _id(one: Listing) -> str:
    return next((key.removeprefix("id:") for key in one.keys if key.startswith("id:")), "")


def _at(brief: Brief, key: str) -> str:
    return f"{brief.shown}:{(brief.lines or {}).get(key, 1)}"
