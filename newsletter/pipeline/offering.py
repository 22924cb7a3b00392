"""What was picked up -> what an issue may choose among, in order, and why the rest is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.config.values import did_you_mean
from newsletter.content import PickUp
from newsletter.content.brief import NO_BRIEF, Brief, read_brief
from newsletter.content.walk import shown
from newsletter.errors import ContentError
from newsletter.issue.ordering import corrections, filtered, one_language, ordered
from newsletter.model import LeftOut, Listing, Problem
from newsletter.outbox.choosing import Chosen
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
    pins = _named(brief, "pins", picked)
    omit = _named(brief, "omit", picked)
    if both := set(pins) & set(omit):
        told = next(one.path for one in every if one.identity in both)
        raise ContentError(f"{_at(brief, 'omit')}: {told} is pinned, too: it cannot be both")
    noted = _corrected(config, inside, books)
    omitted = {*omit, *(one.identity for one in noted if one.corrects in omit)}
    listings = ordered((*inside, *noted), newsletter.order, pins)
    return Offer(listings, outside, dict.fromkeys(omitted, f"left out by {brief.shown}"), brief)


def brief_of(config: Config, id: str) -> Brief:
    """The brief of an issue; an empty one where nobody wrote it. ContentError for a mistake in it, and where
    its folder is a link that leads out of the project."""
    if not id:
        return NO_BRIEF
    folder, name = briefs(config)
    return read_brief(folder / f"{id}.md", f"{name}/{id}.md")


def written(config: Config) -> frozenset[str]:
    """The ids of the issues for which there is a brief. ContentError as :func:`brief_of`."""
    folder, _ = briefs(config)
    return frozenset(one.stem for one in folder.glob("*.md"))


def unheeded(
    config: Config, name: str, brief: Brief, picked: PickUp, books: Books, chosen: Chosen
) -> Iterator[Problem]:
    """What a brief says that changes nothing, or less than it seems to, in the issue chosen by it."""
    pins, omit = _named(brief, "pins", picked), _named(brief, "omit", picked)
    inside = {one.identity for one in chosen.listings}
    why = {one.identity: one.reason for one in chosen.left_out} if pins or omit else {}
    paths = {one.identity: one.path for one in reversed(picked.listings)}
    ids = books.ids(picked.listings) if omit else {}
    for identity in pins:
        if identity not in inside:
            told = f"pins: {paths[identity]} is not in this issue: {why.get(identity, 'it is not offered')}"
            yield Problem(brief.shown, _line(brief, "pins"), told)
    for identity in omit:
        reason = why.get(identity, "")
        mailed = [id for id, fates in books.fates.items() if fates.get(ids[identity]) == CARRIED]
        if not reason.startswith("left out by"):
            told = f"omit: {paths[identity]} would not be mailed anyway: {reason or 'it is not offered'}"
            yield Problem(brief.shown, _line(brief, "omit"), told)
        elif mailed:
            told = f"omit: {paths[identity]} was in {mailed[0]} already: who has it keeps it"
            yield Problem(brief.shown, _line(brief, "omit"), told)


def briefs(config: Config) -> tuple[Path, str]:
    """The folder of the briefs and of what was approved by file, and how it is shown. ContentError where it
    is a link that leads out of the project, or a file."""
    name = config.content.briefs.rstrip("/")
    folder = config.resolve(name)
    if _leads_out(config.root, folder):
        raise ContentError(f"{name}: a link out of the project; nothing in it is read")
    if folder.exists() and not folder.is_dir():
        raise ContentError(f"{name}: a file; it should be the folder of briefs (`[content] briefs`)")
    return folder, name


def _leads_out(root: Path, folder: Path) -> bool:
    """A link out of the project. A folder elsewhere that config.toml names is what somebody wanted."""
    said, real = Path(normpath(folder)), folder.resolve()
    is_ours = said.is_relative_to(normpath(root))
    return is_ours and not real.is_relative_to(root.resolve())


def _corrected(config: Config, inside: Sequence[Listing], books: Books) -> tuple[Listing, ...]:
    """The corrections of what had been mailed when they were first seen: what was mailed with one said what
    is right."""
    found = corrections(inside, unpack.correction_titles(config))
    if not found:
        return ()
    ids = books.ids((*inside, *found))
    return tuple(one for one in found if _came_before(books, ids[one.corrects], ids[one.identity]))


def _came_before(books: Books, article: int, note: int) -> bool:
    """Whether an issue brought the article before its correction was known of."""
    seen = books.seen.get(note)
    return any(
        books.fates[issue].get(article) == CARRIED and (seen is None or at < seen)
        for issue, _, at in books.made
    )


def _named(brief: Brief, key: str, picked: PickUp) -> tuple[str, ...]:
    """The identities of articles that a brief names by file or id, in whichever language."""
    names, every = {"pins": brief.pins, "omit": brief.omit}[key], picked.listings
    if not names:
        return ()
    known = {name: one.identity for one in every for name in (*one.keys, _id(one), one.path) if name}
    for name in names:
        if name not in known:
            near = did_you_mean(name, [one.path for one in every])
            raise ContentError(f'{_at(brief, key)}: {key}: there is no article "{shown(name)}"{near}')
    return tuple(dict.fromkeys(known[name] for name in names))


def _id(one: Listing) -> str:
    return next((key.removeprefix("id:") for key in one.keys if key.startswith("id:")), "")


def _at(brief: Brief, key: str) -> str:
    return f"{brief.shown}:{_line(brief, key)}"


def _line(brief: Brief, key: str) -> int:
    return (brief.lines or {}).get(key, 1)
