"""One file -> its facts and its article, kept; made on the strength of what the folder has said so far."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from newsletter.content import (
    address,
    article,
    cache,
    dump_lines,
    facts,
    languages,
    making,
    page,
    presets,
    rows,
    titles,
    walk,
)
from newsletter.content.facts import Kept
from newsletter.content.fields import DATE
from newsletter.content.folder_say import Habits, Say, votes_of
from newsletter.content.page import Page
from newsletter.content.probes import Probes
from newsletter.content.reader import Reader, Repeated
from newsletter.content.settings import FolderSettings
from newsletter.model import Skipped

_TRANSLATION = ("translationkey", "translationof", "translationid")


class Workbench:
    """What articles are made with, as far as it is known."""

    def __init__(
        self,
        settings: FolderSettings,
        readers: Mapping[str, Reader],
        zone: ZoneInfo,
        store: cache.Cache,
        probes: Probes,
    ) -> None:
        self.settings, self.readers, self.zone = settings, readers, zone
        self.store, self.probes = store, probes
        self.say = Say(settings.language)
        self.habits = Habits(presets.PRESETS["plain"], {}, {}, alone=False)
        self.repeated = Repeated()
        self.digest = ""  #: of the repeated lines
        self.anything_made = False
        self._shared: dict[Any, Any] = {}  # one copy of what many files have
        self._folder: making.Folder | None = None

    def let_go(self) -> None:
        """Hold nothing any more that was held for each file."""
        self._shared, self._folder = {}, None
        self.habits = Habits(self.habits.preset, {}, {}, alone=False)

    def settle_habits(self, habits: Habits) -> None:
        """From now on these hold."""
        self.habits, self._folder = habits, None

    def known(self, found: walk.Found) -> Kept | None:
        """What is cached of a file that has not changed."""
        row = self.store.file(found.path)
        if row is None or not row[0] or row[0] != found.signature:
            return None
        with cache.readable():
            return facts.kept_in(found.path, row[0], row[1], self._shared)

    def facts_of(self, found: walk.Found, loaded: Page | Skipped) -> Kept:
        """What a file says before its body is read."""
        sure = found.signature if found.touched < self.probes.settled else ""
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
            signs=facts.one_of(self._shared, signs),
        )

    def keep_facts(self, kept: Kept, loaded: Page | Skipped) -> None:
        """Keep what a file says that is not made into an article, or not yet."""
        self.anything_made = True
        if isinstance(loaded, Page) and kept.dump:
            self.store.keep_lines(kept.path, *dump_lines.halves(loaded.source.body))
        self.keep(kept)

    def keep(self, kept: Kept) -> None:
        """Keep the facts of a file of which nothing has been made."""
        self.store.keep(kept.path, kept.signature, facts.kept_out(kept), None, None)

    def make(self, kept: Kept, loaded: Page) -> None:
        """Read a page and make its article, and keep both."""
        read = page.read(loaded, self.readers, self.repeated if kept.dump else Repeated())
        self.anything_made = True
        kept.fresh = True
        kept.made_for, kept.order, kept.tags = self.wanted(kept.path), "", None
        kept.repeated = self.digest if kept.dump else ""
        if isinstance(read, Skipped):
            made = making.Made("", read.reason, (), None, "", None)
        else:
            at_work = making.Making(read, self._for(), [*read.problems, *read.draft.problems])
            made = article.make(at_work)
            kept.votes = votes_of(read)
            kept.tag = titles.tag_of(read)
            kept.order = self.say.told_order() if at_work.asked_order else ""
            kept.tags = self.say.shared(kept.tag) if at_work.asked_tags else None
        kept.probes = facts.one_of(self._shared, self.probes.asked())
        text = rows.article_out(made.article) if made.article else None
        self.store.keep(kept.path, kept.signature, facts.kept_out(kept), facts.made_out(made), text)

    def remake(self, kept: Kept, found: walk.Found) -> None:
        """Read a file once more, and make it."""
        loaded = page.load(found)
        if isinstance(loaded, Skipped):  # it has changed since it was found
            kept.skip, kept.signature, kept.made_for = loaded.reason, "", ""
            self.keep(kept)
        else:
            self.make(kept, loaded)

    def wanted(self, path: str) -> str:
        """On what a making depends, but for votes: the settings, and what the path says about language."""
        said = self.settings
        preset = self.habits.preset
        common = (
            said.language,
            said.timezone,
            said.base_url,
            self._pattern(),
            preset.word_tags,
            preset.path_slash,
        )
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
                path_slash=self.habits.preset.path_slash,
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
