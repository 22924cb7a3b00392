"""A content folder -> its Articles, and a reason for each file that is none.

One bad file never stops the rest. The stages are: find the files (:mod:`walk`), read and
make what has changed (:mod:`survey`), and settle who is whose copy (:mod:`identity`). What
they gave (:mod:`anew`) is cached; while no file has changed, and no date has come due, it
holds as it is.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter import plugins
from newsletter.content import cache, presets, rows, walk
from newsletter.content.picked import PickUp
from newsletter.content.probes import UNSURE, Probes
from newsletter.content.reader import Reader, Traced
from newsletter.content.settings import FolderSettings
from newsletter.errors import ContentError
from newsletter.model import Listing, Problem, Skipped

if TYPE_CHECKING:
    from newsletter.content.anew import Folder


def pick_up(root: Path, settings: FolderSettings, now: datetime, cache: Path | None = None) -> PickUp:
    """Read a folder, or one file, as of `now`.

    Every file with an ending that some reader knows is in exactly one of `listings` and
    `skipped`. Raises :class:`ContentError` when `root` is missing or a setting names
    nothing; what is wrong with a single file becomes a reason or a problem. `cache` names a
    file that spares reading what has not changed; it never changes what is returned, and
    whatever is wrong with it is passed over.
    """
    return _Run(root, settings, now).picked(cache)


def trace(root: Path, path: str, settings: FolderSettings) -> tuple[Traced, ...]:
    """What became of each line of a plain-text page dump, and why; empty for other files."""
    from newsletter.content import anew

    run = _Run(root, settings, datetime.max.replace(tzinfo=UTC))
    return anew.traced(run.folder, path, list(run.found()))


class _Run:
    """One pick-up: what was asked for."""

    def __init__(self, root: Path, settings: FolderSettings, now: datetime) -> None:
        self.root, self.settings, self.now = root, settings, now
        self.zone = _zone(settings.timezone)
        if settings.preset:
            presets.named(settings.preset)
        if not root.exists():
            raise ContentError(f"{root}: there is no such content folder")
        if not root.is_dir() and not root.is_file():
            raise ContentError(f"{root}: neither a folder nor a file")
        self.readers = _readers()
        self.whose = f"{root.resolve()} {_makers(self.readers)}"
        self.settled = time.time_ns() - cache.GRANULARITY

    def picked(self, file: Path | None) -> PickUp:
        """From the cache as far as it goes; from a fresh one when it fails half-way."""
        for attempt in (file, None) if file else (None,):
            store = cache.Cache(attempt, self.whose)
            try:
                return self._with(store)
            except cache.Unusable:
                store.close()
        return self._with(cache.Cache(None, self.whose, memory=True))

    def _with(self, store: cache.Cache) -> PickUp:
        found = list(self.found())
        files = _state(found, presets.top_names(self.root))
        return self._as_before(store, files) or self._anew(store, found, files)

    def found(self) -> Iterator[walk.Found]:
        """The files of the folder that may be content."""
        endings = {*self.readers, *walk.OTHER_ENDINGS}
        endings.update(walk.ending(pattern) for pattern in self.settings.include)
        return walk.find(self.root, endings.__contains__)

    @property
    def _asked(self) -> str:
        return hashlib.sha256(repr(self.settings).encode("utf-8", "backslashreplace")).hexdigest()

    # ── nothing has changed ─────────────────────────────────────────────────

    def _as_before(self, store: cache.Cache, files: str) -> PickUp | None:
        """The outcome of an earlier run, if it still holds."""
        before = store.outcome(self._asked)
        if before is None or before[0] != files:
            return None
        with cache.readable():
            if before[1] and self.now < datetime.fromisoformat(before[1]):
                return None
            if before[2] and self.now >= datetime.fromisoformat(before[2]):
                return None
            if not self._pictures_stay(store.probes()):
                return None
            preset = json.loads(before[3])
            return _listed(store.listed(self._asked), self, store, preset)

    def _pictures_stay(self, before: Mapping[str, str]) -> bool:
        probes = Probes(self.root if self.root.is_dir() else self.root.parent, self.settled)
        return all(then != UNSURE and probes.again(place) == then for place, then in before.items())

    # ── something has ───────────────────────────────────────────────────────

    @property
    def folder(self) -> Folder:
        """What is read, and how."""
        from newsletter.content.anew import Folder

        return Folder(self.root, self.settings, self.zone, self.readers, self.settled)

    def _anew(self, store: cache.Cache, found: list[walk.Found], files: str) -> PickUp:
        from newsletter.content import anew  # all that reads a file: a folder seldom changes

        now = anew.holding(self.folder, store, found, self.now)
        if now.anything_made:
            store.forget_outcomes()
        if not now.unsure:
            since, until = (at.isoformat() if at else "" for at in (now.since, now.until))
            store.keep_outcome(self._asked, files, since, until, rows.packed(now.preset), now.rows())
        store.publish()
        return self.outcome(now.listings, now.skipped, now.claims, now.preset, store)

    def outcome(
        self,
        listings: Sequence[Listing],
        skipped: Sequence[Skipped],
        claims: Mapping[str, tuple[Problem, ...]],
        preset: str,
        store: cache.Cache,
    ) -> PickUp:
        """What callers see."""
        return PickUp(
            tuple(listings),
            tuple(skipped),
            preset=preset,
            guessed=not self.settings.preset,
            claims=claims,
            cache=store,
            anew=lambda: _Run(self.root, self.settings, self.now).picked(None),
        )


def _state(found: Iterable[walk.Found], names: Sequence[str]) -> str:
    """One hash of every file's name and signature."""
    seen = hashlib.sha256(repr(names).encode("utf-8", "surrogateescape"))
    for one in found:
        seen.update(f"{one.path}\0{one.signature}\0{one.refusal}\0".encode("utf-8", "replace"))
    return seen.hexdigest()


def _listed(found: Iterable[tuple[bytes]], run: _Run, store: cache.Cache, preset: str) -> PickUp:
    listings: list[Listing] = []
    skipped: list[Skipped] = []
    claims: dict[str, tuple[Problem, ...]] = {}
    for (row,) in found:
        values = json.loads(row)
        if len(values) == 2:
            skipped.append(Skipped(*values))
            continue
        listing = rows.listing_from(values[1:])
        listings.append(listing)
        if values[0]:
            claims[listing.path] = tuple(Problem(listing.path, 0, text) for text in values[0])
    return run.outcome(listings, skipped, claims, preset, store)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ContentError(f'time zone "{name}" is not known; write one like "Europe/Berlin"') from None


def _readers() -> Mapping[str, Reader]:
    """The installed readers by the endings that they name; a reader of ours gives way to an added one."""
    ours = ("markdown", "html", "text")
    found: dict[str, Reader] = {}
    for name in sorted(plugins.installed("readers"), key=lambda n: (n not in ours, n)):
        reader = cast(Reader, plugins.load("readers", name))
        found |= dict.fromkeys(reader.endings, reader)
    return found


def _makers(readers: Mapping[str, Reader]) -> str:
    """Who reads which ending, and the state of the source of those that were added."""
    told = []
    for ending, reader in sorted(readers.items()):
        function = getattr(reader, "function", reader)
        name = getattr(function, "__module__", None) or type(reader).__module__
        source = getattr(sys.modules.get(name), "__file__", None)
        ours = name.startswith("newsletter.content.")
        state = "" if ours or not source or not Path(source).exists() else walk.signature(Path(source).stat())
        told.append(f"{ending}={name}.{getattr(function, '__qualname__', '')} {state}")
    return "; ".join(told)
