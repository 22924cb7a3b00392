"""A folder of which something has changed -> what it holds now, and until when that holds.

Apart from `folder`, since most runs find nothing changed, and then none of this is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.content import cache, facts, folder_say, identity, page, rows, verdict, walk
from newsletter.content.page import Page
from newsletter.content.reader import Reader, Traced
from newsletter.content.settings import FolderSettings
from newsletter.content.survey import Survey
from newsletter.model import Listing, Problem, Skipped


@dataclass(frozen=True, slots=True)
class Folder:
    """Whose files are read, and how."""

    root: Path
    settings: FolderSettings
    zone: ZoneInfo
    readers: Mapping[str, Reader]
    settled: int  #: nanoseconds since 1970: what was written later may be written again unnoticed


@dataclass(frozen=True, slots=True)
class Holding:
    """What a folder holds at a moment."""

    listings: Sequence[Listing]  #: newest first
    skipped: Sequence[Skipped]
    claims: Mapping[str, tuple[Problem, ...]]
    preset: str
    since: datetime | None  #: from when it holds; None: always
    until: datetime | None
    anything_made: bool  #: something was read, and not taken from the cache
    unsure: bool  #: some file must be read again next time

    def rows(self) -> Iterator[bytes]:
        """The same, as it is cached."""
        for listing in self.listings:
            texts = [problem.text for problem in self.claims.get(listing.path, ())]
            yield rows.packed([texts, *rows.listing_values(listing)])
        for one in self.skipped:
            yield rows.packed([one.path, one.reason])


def holding(folder: Folder, store: cache.Cache, found: list[walk.Found], now: datetime) -> Holding:
    """Read what is new of `found`, which is emptied, and settle who is whose copy."""
    done = _surveyed(folder, store, found)
    found.clear()  # ten thousand of anything are worth letting go of
    pages = {kept.path: kept.path for kept in done.pages}
    groups = folder_say.groups(done.pages, done.habits.variants)
    done.let_go()  # before there are listings
    timely, left, since, until = _timely(folder, pages, store, now)
    del pages
    listings, copies, problems = _settled(folder.settings, timely, groups)
    listings.sort(key=_newest_first)
    return Holding(
        listings,
        sorted((*done.skipped, *left, *copies), key=lambda s: s.path),
        _claims(problems),
        done.habits.preset.name,
        since,
        until,
        done.anything_made,
        done.unsure,
    )


def traced(folder: Folder, path: str, found: list[walk.Found]) -> tuple[Traced, ...]:
    """What became of each line of a plain-text page dump, and why; empty for other files."""
    surveyed = _surveyed(folder, cache.Cache(None, ""), found)
    candidates = {kept.path for kept in surveyed.pages} & {path}
    pages = (page.load(one) for one in found if one.path in candidates)
    read = (page.read(one, folder.readers, surveyed.repeated) for one in pages if isinstance(one, Page))
    return next((one.draft.trace for one in read if isinstance(one, Page)), ())


def _surveyed(folder: Folder, store: cache.Cache, found: Iterable[walk.Found]) -> Survey:
    done = Survey(folder.root, folder.settings, folder.readers, folder.zone, store, folder.settled)
    done.run(found)
    return done


def _timely(
    folder: Folder, pages: Mapping[str, str], store: cache.Cache, now: datetime
) -> tuple[list[Listing], list[Skipped], datetime | None, datetime | None]:
    """The articles as of now, the files that are none, and from when and until when that holds."""
    said = folder.settings
    listings: list[Listing] = []
    left: list[Skipped] = []
    since: datetime | None = None
    until: datetime | None = None
    for path, row in store.made():
        if path not in pages:
            continue
        with cache.readable():
            made, listing = facts.made_in(pages[path], row)
        for moment in made.moments(future=said.future):
            if moment <= now:
                since = max(since or moment, moment)
            else:
                until = min(until or moment, moment)
        why = made.why_not(drafts=said.drafts, future=said.future, zone=folder.zone, now=now)
        if why or listing is None:
            left.append(Skipped(path, why))
        else:
            listings.append(listing)
    return listings, left, since, until


def _settled(
    settings: FolderSettings, listings: list[Listing], groups: Mapping[str, str]
) -> tuple[list[Listing], list[Skipped], list[Problem]]:
    """Undated documentation set aside, copies made one, variants joined."""
    left: list[Skipped] = []
    if not settings.include:
        listings, left = verdict.undated_sections(listings)
    listings, copies, problems = identity.settle(listings, groups, settings.language)
    return listings, [*left, *copies], problems


def _claims(problems: Iterable[Problem]) -> dict[str, tuple[Problem, ...]]:
    found: dict[str, tuple[Problem, ...]] = {}
    for problem in problems:
        found[problem.path] = (*found.get(problem.path, ()), problem)
    return found


def _newest_first(found: Listing) -> tuple[bool, float, int, str]:
    return found.date is None, -found.date.timestamp() if found.date else 0.0, found.weight, found.path
