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
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.content import (
    address,
    article,
    cache,
    dates,
    dump_lines,
    languages,
    making,
    page,
    presets,
    publication,
    rows,
    titles,
    verdict,
    walk,
)
from newsletter.content.fields import DATE
from newsletter.content.page import Page
from newsletter.content.probes import UNSURE, Probes
from newsletter.content.reader import Reader, Repeated
from newsletter.content.rows import Kept
from newsletter.content.settings import FolderSettings
from newsletter.model import Skipped

_AHEAD = 4_000_000  # characters of pages that are held while the generator is guessed
_TOKENS = 30_000  # of the parser, about as many as a long article has
_TRANSLATION = ("translationkey", "translationof", "translationid")


@dataclass(slots=True)
class Say:
    """What the files say together, as far as is known."""

    language: str
    days: int = 0  #: votes for the day before the month
    months: int = 0
    tags: Counter[str] | None = None

    def count(self, kept: Kept) -> None:
        """Let one file vote."""
        for written in kept.written():
            self.days += written.vote == "dmy"
            self.months += written.vote == "mdy"
        if kept.tag:
            self.tags = self.tags or Counter()
            self.tags.update(titles.tag_parts(kept.tag))

    def order(self) -> tuple[dates.Order, bool]:
        """The order of day and month, and whether the files decided it."""
        if self.days == self.months:
            return dates.order((), self.language)
        return ("dmy" if self.days > self.months else "mdy"), True

    def shared(self, tag: str) -> tuple[str, ...]:
        """A <title> and its parts, as far as other files have them too."""
        counts: Mapping[str, int] = self.tags or {}
        return tuple(sorted(part for part in titles.tag_parts(tag) if counts.get(part, 0) > 1))


@dataclass(slots=True)
class Habits:
    """What paths and the generator decide before a file is read."""

    preset: presets.Preset
    variants: Mapping[str, languages.Variant]  #: of the paths that name a language
    siblings: Mapping[str, set[str]]
    alone: bool  #: there is one file only

    def named_out(self, kept: Kept) -> str:
        """Why its name and place say that a file is no article; a file that stands alone may be one."""
        if self.alone:
            return ""
        return verdict.by_name(kept.path, self.siblings, self.preset, kept.dated)


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
        self.root, self.settings, self.readers, self.zone = root, settings, readers, zone
        self.store, self.settled = store, settled
        self.probes = Probes(root if root.is_dir() else root.parent, settled)
        self.skipped: list[Skipped] = []
        self.kept: dict[str, Kept] = {}  #: every file that was opened
        self.pages: list[Kept] = []  #: those that may be articles
        self.say = Say(settings.language)
        self.repeated = Repeated()
        self.unsure = False  #: some file must be read again next time
        self.anything_made = False
        self._included = walk.matcher(settings.include)
        self._excluded = walk.matcher(settings.exclude)
        self._digest = ""
        self._found: dict[str, walk.Found] = {}
        self._ahead: dict[str, Page | Skipped] = {}
        self._shared: dict[Any, Any] = {}  # one copy of what many files have
        self._folder: making.Folder | None = None

    def run(self, found: Iterable[walk.Found]) -> None:
        """Read what is new, and make what must be made anew."""
        for one in found:
            self._sort(one)
        with _rarely_collecting():
            self.habits = self._habits(self._found, self._guess_ahead())
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
        self.kept, self.pages, self._shared, self._folder = {}, [], {}, None
        self.habits = Habits(self.habits.preset, {}, {}, alone=False)

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
        elif ending not in self.readers:
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
            kept = self._known(found)
            if kept is None:
                loaded = page.load(found)
                kept = self._facts(found, loaded)
                size = len(loaded.source.body) if isinstance(loaded, Page) else 0
                if size <= room:
                    room -= size
                    self._ahead[found.path] = loaded
            if not kept.skip:
                yield kept.path, kept.signs

    def _guess(self, signs: Iterable[tuple[str, tuple[str, ...]]]) -> presets.Preset:
        return presets.guess(self.root.resolve().name, top_names(self.root), signs)

    # ── reading ─────────────────────────────────────────────────────────────

    def _known(self, found: walk.Found) -> Kept | None:
        """What is cached of a file that has not changed."""
        row = self.store.file(found.path)
        if row is None or not row[0] or row[0] != found.signature:
            return None
        with cache.readable():
            return rows.kept_in(found.path, row[0], row[1], self._shared)

    def _open(self, found: walk.Found) -> None:
        kept = self._known(found)
        if kept is not None:
            self.kept[kept.path] = kept
            if kept.made_for:
                self.say.count(kept)
            return
        loaded = self._ahead.pop(found.path, None) or page.load(found)
        kept = self._facts(found, loaded)
        self.kept[kept.path] = kept
        self.anything_made = True
        if isinstance(loaded, Page) and not kept.dump and not self.habits.named_out(kept):
            self._make(kept, loaded)
            self.say.count(kept)
            return
        if isinstance(loaded, Page) and kept.dump:
            self.store.keep_lines(kept.path, *dump_lines.halves(loaded.source.body))
        self.store.keep(kept.path, kept.signature, rows.kept_out(kept), None, None)

    def _facts(self, found: walk.Found, loaded: Page | Skipped) -> Kept:
        """What a file says before its body is read."""
        sure = found.signature if found.touched < self.settled else ""
        if isinstance(loaded, Skipped):
            sure = "" if loaded.reason.startswith("cannot be read") else sure
            return Kept(found.path, sure, skip=loaded.reason)
        name = loaded.path.rsplit("/", 1)[-1]
        signs = presets.signs(loaded.path, loaded.dialect, loaded.fields.values.keys(), loaded.source.body)
        return Kept(
            loaded.path,
            sure,
            dated=any(loaded.fields.given(DATE)) or bool(address.DATED.match(name)),
            dump=name.lower().endswith((".txt", ".text")) and not loaded.source.has_fields,
            translation=loaded.fields.raw(_TRANSLATION)[0],
            signs=rows.one_of(self._shared, signs),
        )

    def _make(self, kept: Kept, loaded: Page) -> None:
        """Read a page and make its article, and keep both."""
        read = page.read(loaded, self.readers, self.repeated if kept.dump else Repeated())
        self.anything_made = True
        kept.fresh = True
        kept.made_for, kept.order, kept.tags = self._wanted(kept.path), "", None
        kept.repeated = self._digest if kept.dump else ""
        if isinstance(read, Skipped):
            made = making.Made("", read.reason, (), None, "", None)
        else:
            at_work = making.Making(read, self._for(), [*read.problems, *read.draft.problems])
            made = article.make(at_work)
            kept.votes = _votes(read)
            kept.tag = titles.tag_of(read)
            kept.order = _order(self.say) if at_work.asked_order else ""
            kept.tags = self.say.shared(kept.tag) if at_work.asked_tags else None
        kept.probes = rows.one_of(self._shared, self.probes.asked())
        text = rows.article_out(made.article) if made.article else None
        self.store.keep(kept.path, kept.signature, rows.kept_out(kept), rows.made_out(made), text)

    def _remake(self, kept: Kept) -> None:
        loaded = page.load(self._found[kept.path])
        if isinstance(loaded, Skipped):  # it has changed since it was found
            kept.skip, kept.signature, kept.made_for = loaded.reason, "", ""
            self.store.keep(kept.path, "", rows.kept_out(kept), None, None)
        else:
            self._make(kept, loaded)

    def _wanted(self, path: str) -> str:
        """On what a making depends, but for votes: the settings, and what the path says about language."""
        said = self.settings
        preset = self.habits.preset
        common = (said.language, said.timezone, said.base_url, self._pattern(), preset.word_tags)
        variant = self.habits.variants.get(path)
        language = variant.language if variant else ""
        key = f"{hashlib.sha256(repr(common).encode()).hexdigest()[:16]} {language}"
        return str(self._shared.setdefault(key, key))

    def _pattern(self) -> str:
        return self.settings.permalink or (self.habits.preset.permalink if self.settings.base_url else "")

    def _for(self) -> making.Folder:
        order, voted = self.say.order()
        tags: Mapping[str, int] = self.say.tags if self.say.tags is not None else {}
        if self._folder is None:
            self._folder = making.Folder(
                zone=self.zone,
                order=order,
                voted=voted,
                language=languages.tag(self.settings.language) or self.settings.language,
                base_url=self.settings.base_url,
                pattern=self._pattern(),
                word_tags=self.habits.preset.word_tags,
                variants=self.habits.variants,
                title_tags=tags,
                files=self.probes.files,
            )
        elif (self._folder.order, self._folder.voted) != (
            order,
            voted,
        ) or self._folder.title_tags is not tags:
            self._folder = replace(self._folder, order=order, voted=voted, title_tags=tags)
        return self._folder

    # ── votes ───────────────────────────────────────────────────────────────

    def _settle_habits(self) -> None:
        """Now that every file was opened: the generator, the variants, and who is named out."""
        opened = [kept for kept in self.kept.values() if not kept.skip]
        preset = self.habits.preset
        if not self.settings.preset:
            preset = self._guess((kept.path, kept.signs) for kept in opened)
        if preset is not self.habits.preset or len(opened) != len(self._found):
            self.habits = self._habits([kept.path for kept in opened], preset)
            self._folder = None
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
            digest = self._digest if kept.dump else ""
            if kept.made_for != self._wanted(kept.path) or kept.repeated != digest:
                self._remake(kept)

    def _count_repeated(self) -> None:
        """Lines that stand in at least three plain-text files, or in 30 of 100."""
        dumps = [kept.path for kept in self.pages if kept.dump]
        if dumps:
            least = max(2, min(3, round(0.3 * len(dumps))))
            above, below = (self.store.repeated(dumps, least, above=flag) for flag in (True, False))
            self.repeated = Repeated(frozenset(above), frozenset(below))
            self._digest = hashlib.sha256(repr((above, below)).encode("utf-8", "surrogatepass")).hexdigest()

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
                self.store.keep(kept.path, kept.signature, rows.kept_out(kept), None, None)

    def _remake_outvoted(self) -> None:
        """Count every vote again, without those who turned out to be no candidates."""
        say = Say(self.settings.language)
        for kept in self.pages:
            say.count(kept)
        self.say = say
        for kept in self.pages:
            order = kept.order and kept.order != _order(say)
            if order or (kept.tags is not None and kept.tags != say.shared(kept.tag)):
                self._remake(kept)

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


def top_names(root: Path) -> list[str]:
    """The files at the top of a folder that give its generator away."""
    return presets.marked(entry.name for entry in root.iterdir()) if root.is_dir() else []


def _order(say: Say) -> str:
    order, voted = say.order()
    return f"{order} by vote" if voted else order


def _votes(read: Page) -> tuple[tuple[int, int, int], ...]:
    return tuple((w.year, w.first, w.second) for w in publication.votes(read) if w.vote)


def groups(pages: Sequence[Kept], variants: Mapping[str, languages.Variant]) -> dict[str, str]:
    """The article of which each file is a variant: by its path, or by a field (Hugo's ``translationKey``)."""
    found = {path: variant.neutral for path, variant in variants.items() if variant.neutral != path}
    return found | {kept.path: f"key {kept.translation}" for kept in pages if kept.translation}
