"""The files of a folder -> what each became, read anew only where something changed.

First every file that is new or changed is opened, and read and made into an article at
once, on the strength of what the folder has said so far; so no text is held. Then the
folder's votes are counted (the site generator, lines that repeat, the order of day and
month, titles that many pages share), and the few articles that depend on a vote which
turned out otherwise are made again.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from newsletter.content import cache, languages, page, presets, verdict, walk
from newsletter.content.facts import Kept
from newsletter.content.folder_say import Habits, Say
from newsletter.content.page import Page
from newsletter.content.probes import UNSURE, Probes
from newsletter.content.reader import Reader, Repeated
from newsletter.content.settings import FolderSettings
from newsletter.content.workbench import Workbench
from newsletter.model import Skipped

_AHEAD = 4_000_000  # characters of pages that are held while the generator is guessed
_TOKENS = 100_000  # of the parser: as many as a few articles have


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """A parse makes thousands of tokens, few of them in cycles: a look at every 700 costs 7 %."""
    before = gc.get_threshold()
    gc.set_threshold(_TOKENS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Survey:
    """One run over a folder."""

    def __init__(
        self,
        root: Path,
        settings: FolderSettings,
        readers: Mapping[str, Reader],
        zone: ZoneInfo,
        store: cache.Cache,
        settled: int,
    ) -> None:
        self.root, self.settings, self.store = root, settings, store
        self.probes = Probes(root if root.is_dir() else root.parent, settled)
        self.bench = Workbench(settings, readers, zone, store, self.probes)
        self.skipped: list[Skipped] = []
        self.kept: dict[str, Kept] = {}  #: every file that was opened
        self.pages: list[Kept] = []  #: those that may be articles
        self.unsure = False  #: some file must be read again next time
        self._included = walk.matcher(settings.include)
        self._excluded = walk.matcher(settings.exclude)
        self._found: dict[str, walk.Found] = {}
        self._ahead: dict[str, Page | Skipped] = {}

    @property
    def habits(self) -> Habits:
        """What the generator and the paths decide, as far as it is known."""
        return self.bench.habits

    @property
    def repeated(self) -> Repeated:
        """The lines that many page dumps have in common."""
        return self.bench.repeated

    @property
    def anything_made(self) -> bool:
        """Whether any file was read, and not taken from the cache."""
        return self.bench.anything_made

    def run(self, found: Iterable[walk.Found]) -> None:
        """Read what is new, and make what must be made anew."""
        for one in found:
            self._sort(one)
        with _rarely_collecting():
            self.bench.settle_habits(self._habits(self._found, self._guess_ahead()))
            for one in self._found.values():
                self._open(one)
            self.store.flush()
            self._settle_habits()
            self._remake_changed()
            self._remake_outvoted()
        self.unsure = self.unsure or any(not kept.signature for kept in self.kept.values())
        self._tidy()

    def let_go(self) -> None:
        """Hold nothing any more that was held for each file."""
        self.kept, self.pages = {}, []
        self.bench.let_go()

    # ── which files ─────────────────────────────────────────────────────────

    def _sort(self, found: walk.Found) -> None:
        """A candidate, or skipped by its name alone."""
        settings, ending = self.settings, walk.ending(found.path)
        if settings.include and not found.path.endswith("/") and not self._included(found.path):
            why = f"no include pattern names it ({', '.join(settings.include)})"
        elif settings.exclude and self._excluded(found.path):
            why = f'excluded by "{self._excluded(found.path)}"'
        elif found.refusal:
            why = found.refusal
        elif ending not in self.bench.readers:
            why = f"no reader for {ending or 'such'} files is installed"
        elif found.path in self._found:
            why = "another file's name is shown in the same way; rename one of them"
        else:
            self._found[found.path] = found
            return
        self.skipped.append(Skipped(found.path, why))

    # ── habits ──────────────────────────────────────────────────────────────

    def _habits(self, paths: Collection[str], preset: presets.Preset) -> Habits:
        every = languages.variants(paths, self.settings.language)
        variants = {path: variant for path, variant in every.items() if variant.language}
        return Habits(preset, variants, verdict.siblings_of(paths), len(every) == 1)

    def _guess_ahead(self) -> presets.Preset:
        """The generator, from the first files; their pages are held for the reading that follows."""
        if self.settings.preset:
            return presets.named(self.settings.preset)
        return self._guess(self._signs_ahead())

    def _signs_ahead(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        room = _AHEAD
        for found in self._found.values():
            kept = self.bench.known(found)
            if kept is None:
                loaded = page.load(found)
                kept = self.bench.facts_of(found, loaded)
                size = len(loaded.source.body) if isinstance(loaded, Page) else 0
                if size <= room:
                    room -= size
                    self._ahead[found.path] = loaded
            if not kept.skip:
                yield kept.path, kept.signs

    def _guess(self, signs: Iterable[tuple[str, tuple[str, ...]]]) -> presets.Preset:
        return presets.guess(self.root.resolve().name, presets.top_names(self.root), signs)

    # ── reading ─────────────────────────────────────────────────────────────

    def _open(self, found: walk.Found) -> None:
        bench = self.bench
        kept = bench.known(found)
        if kept is not None:
            self.kept[kept.path] = kept
            if kept.made_for:
                bench.say.count(kept)
            return
        loaded = self._ahead.pop(found.path, None) or page.load(found)
        kept = bench.facts_of(found, loaded)
        self.kept[kept.path] = kept
        if isinstance(loaded, Page) and not kept.dump and not bench.habits.named_out(kept):
            bench.make(kept, loaded)
            bench.say.count(kept)
        else:
            bench.keep_facts(kept, loaded)

    # ── votes ───────────────────────────────────────────────────────────────

    def _settle_habits(self) -> None:
        """Now that every file was opened: the generator, the variants, and who is named out."""
        opened = [kept for kept in self.kept.values() if not kept.skip]
        preset = self.habits.preset
        if not self.settings.preset:
            preset = self._guess((kept.path, kept.signs) for kept in opened)
        if preset is not self.habits.preset or len(opened) != len(self._found):
            self.bench.settle_habits(self._habits([kept.path for kept in opened], preset))
        for kept in opened:
            why = self.habits.named_out(kept)
            if why:
                self.skipped.append(Skipped(kept.path, why))
            else:
                self.pages.append(kept)
        self.skipped += [Skipped(kept.path, kept.skip) for kept in self.kept.values() if kept.skip]

    def _remake_changed(self) -> None:
        """What was not made yet, or for other settings, with other repeated lines or other pictures."""
        self._count_repeated()
        self._unmake_moved()
        for kept in self.pages:
            digest = self.bench.digest if kept.dump else ""
            if kept.made_for != self.bench.wanted(kept.path) or kept.repeated != digest:
                self.bench.remake(kept, self._found[kept.path])

    def _count_repeated(self) -> None:
        """Lines that stand in at least three plain-text files, or in 30 of 100."""
        dumps = [kept.path for kept in self.pages if kept.dump]
        if dumps:
            least = max(2, min(3, round(0.3 * len(dumps))))
            above, below = (self.store.repeated(dumps, least, above=flag) for flag in (True, False))
            self.bench.repeated = Repeated(frozenset(above), frozenset(below))
            digest = hashlib.sha256(repr((above, below)).encode("utf-8", "surrogatepass"))
            self.bench.digest = digest.hexdigest()

    def _unmake_moved(self) -> None:
        """Articles that asked for pictures which have come, gone or changed since must ask again."""
        before, noted = self.store.probes(), self.probes.noted
        moved = set()
        for place in dict.fromkeys(p for kept in self.kept.values() for p in kept.probes):
            if place not in noted:
                noted[place] = self.probes.again(place)
            if before.get(place, UNSURE) == UNSURE or before[place] != noted[place]:
                moved.add(place)
        for kept in self.kept.values() if moved else ():
            if not kept.fresh and not moved.isdisjoint(kept.probes):
                kept.made_for = ""
                self.bench.keep(kept)

    def _remake_outvoted(self) -> None:
        """Count every vote again, without those who turned out to be no candidates."""
        say = Say(self.settings.language)
        for kept in self.pages:
            say.count(kept)
        self.bench.say = say
        for kept in self.pages:
            order = kept.order and kept.order != say.told_order()
            if order or (kept.tags is not None and kept.tags != say.shared(kept.tag)):
                self.bench.remake(kept, self._found[kept.path])

    def _tidy(self) -> None:
        """Forget files that are gone; note the pictures that were asked for."""
        self.skipped += [Skipped(kept.path, kept.skip) for kept in self.pages if kept.skip]
        self.pages = [kept for kept in self.pages if not kept.skip]
        self.store.flush()
        gone = [path for (path,) in self.store.paths() if path not in self.kept]
        self.store.forget(gone)
        noted = self.probes.noted
        asked = dict.fromkeys(p for kept in self.kept.values() if kept.made_for for p in kept.probes)
        self.unsure = self.unsure or any(noted.get(place) == UNSURE for place in asked)
        self._found, self._ahead = {}, {}
        self.store.keep_probes((place, noted.get(place, UNSURE)) for place in asked)
