"""Project -> what its newsletters would send next, built when asked for, and again when things have changed.

The last good build stays when the next one fails; so does the last good configuration.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from newsletter import packaged
from newsletter.audience.explained import Explanation
from newsletter.audience.tokens import Tokens
from newsletter.config import load, unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import Edition
from newsletter.errors import NewsletterError
from newsletter.outbox import approving
from newsletter.pipeline import Built, Nothing, Occasion, build, by_hand, of_reader
from newsletter.proof.copies import edition_of, next_id
from newsletter.schedule.foreseen import Plan
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from newsletter.web.preview.faults import Fault, faults


@dataclass(frozen=True, slots=True)
class Outside:
    """What the preview is given by those who start it: the rooms above it, and the clock."""

    clock: Callable[[], datetime]
    #: The next slot of a newsletter and a cadence (empty: the usual one); None when it has no dates.
    coming: Callable[[Config, Database | None, str, datetime, str], Occasion | None]
    #: Sends one copy to an address and nobody else; how that went, or a NewsletterError.
    send_test: Callable[[Config, Built, str], str]
    #: The coming weeks, so many; without a database, as if it were empty.
    plan: Callable[[Config, Database | None, datetime, int], Plan]
    #: Why somebody did or did not get each issue, or the one issue or article that is named.
    explain: Callable[[Config, Database, str, datetime, str], Explanation]


@dataclass(frozen=True, slots=True)
class Next:
    """The next issue of a newsletter, as far as it can be built."""

    made: Built | Nothing | None  #: None: it has never been built without a mistake
    edition: Edition | None
    id: str  #: under which it would be queued
    due: datetime
    by_hand: bool
    faults: tuple[Fault, ...]  #: why the newest state of the files is not what is shown
    built_at: datetime
    milliseconds: int


#: The cadence without dates: a post goes out as it appears.
EACH: Final = "each"


def parted(stream: str) -> tuple[str, str]:
    """``blog:daily``: a newsletter, and the cadence; empty: the usual one."""
    name, _, cadence = stream.partition(":")
    return name, cadence


@dataclass(frozen=True, slots=True)
class _Held:
    state: object  #: what it was built from
    next: Next


class Desk:
    """One project, looked at. Its methods may be called from any thread."""

    def __init__(
        self, config_path: Path, environ: Mapping[str, str], config: Config, outside: Outside
    ) -> None:
        self.config_path, self.outside = config_path.absolute(), outside
        self._environ = environ
        self._config = config
        self._config_faults: tuple[Fault, ...] = ()
        self._tokens = unpack.tokens(config)
        self._database: Database | None = None
        self._version, self._checked = 1, 0
        self._held: dict[tuple[str, bool], _Held] = {}
        self._lock = threading.RLock()

    @property
    def config(self) -> Config:
        """The last configuration without mistakes."""
        return self._config

    @property
    def config_faults(self) -> tuple[Fault, ...]:
        """What is wrong with the newest configuration."""
        return self._config_faults

    @property
    def state(self) -> str:
        """A name of what there is to see: another one when something has changed, or was checked."""
        return f"{self._version}.{self._checked}"

    @property
    def tokens(self) -> Tokens:
        """The signer of what does nothing."""
        return self._tokens

    @property
    def database(self) -> Database | None:
        """The project's database; None as long as nothing has made one."""
        with self._lock:
            if self._database is None and self._config.store_path.exists():
                self._database = open_database(self._config.store_path)
            return self._database

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders whose files make a mail: watched, and quoted where they are wrong."""
        briefs = self._config.resolve(self._config.content.briefs)
        return (self._config.content_dir, briefs, *self._config.template_dirs, packaged.templates())

    @property
    def files(self) -> tuple[Path, ...]:
        """Single files that make a mail: the configuration and the logos."""
        theme = self._config.theme
        return (
            self.config_path,
            *(self._config.root / name for name in (theme.logo, theme.logo_dark) if name),
        )

    def changed(self, *, config: bool) -> None:
        """Note that files have changed, the configuration among them or not."""
        with self._lock:
            self._version += 1
            if config:
                self._load()

    def checked(self) -> None:
        """Note that a check has come to its end."""
        with self._lock:
            self._checked += 1

    def streams(self, name: str) -> tuple[str, ...]:
        """What of a newsletter has issues with dates: itself, with its usual cadence; ``name:cadence`` for
        each other one."""
        newsletter = self._config.newsletters[name]
        dated = [each for each in newsletter.cadences if each != EACH]
        usual = newsletter.default_cadence if newsletter.default_cadence in dated else next(iter(dated), "")
        return (name, *(f"{name}:{each}" for each in dated if each != usual))

    def stream(self, name: str, cadence: str) -> str:
        """That of a cadence with dates."""
        return f"{name}:{cadence}" if f"{name}:{cadence}" in self.streams(name) else name

    def is_known(self, stream: str) -> bool:
        """Whether there is such a newsletter, and such a cadence of it."""
        name, _ = parted(stream)
        return name in self._config.newsletters and stream in self.streams(name)

    def next(self, stream: str, *, again: bool = False) -> Next:
        """The next issue of a newsletter, or of one of its cadences; `again`: as if nothing had been sent
        yet."""
        with self._lock:
            now = self.outside.clock()
            slot = self._slot(stream, now)
            state = (self._version, slot, self._issues())
            held = self._held.get((stream, again))
            if held is None or held.state != state:
                last = held.next if held else None
                held = _Held(state, self._build(parted(stream)[0], slot, last, now, again=again))
                self._held[stream, again] = held
            return replace(held.next, faults=(*self._config_faults, *held.next.faults))

    def fresh(self, stream: str, *, again: bool) -> Built | None:
        """The issue for a test mail: what is shown; of one that is sent by hand, as it would be sent now.

        Where there is none, the newest articles. RenderError and its like when it cannot be built.
        """
        name, shown = parted(stream)[0], self.next(stream, again=again)
        if isinstance(shown.made, Built) and not shown.by_hand and not shown.faults:
            return shown.made
        now = self.outside.clock()
        slot = None if shown.by_hand else self._slot(stream, now)
        occasion = slot or by_hand(self._config, name, now)
        for anew in (True,) if again else (False, True):
            made = build(self._config, name, self.database, occasion, again=anew)
            if isinstance(made, Built):
                return made
        return None

    def of_reader(self, built: Built, subscriber_id: int) -> Built | str:
        """The issue as that reader would get it, or why they would not."""
        if self.database is None:
            return built
        with self.database.read() as connection:
            return of_reader(self._config, connection, built, subscriber_id, self.outside.clock())

    def close(self) -> None:
        """Give the database back."""
        with self._lock:
            if self._database is not None:
                self._database.close()

    def _slot(self, stream: str, now: datetime) -> Occasion | None:
        name, cadence = parted(stream)
        return self.outside.coming(self._config, self.database, name, now, cadence)

    def _load(self) -> None:
        try:
            config = load(self.config_path, self._environ)
        except NewsletterError as error:
            self._config_faults = faults(error, self._config.root, (self.config_path.parent,))
            return
        if config.store_path != self._config.store_path and self._database is not None:
            self._database.close()
            self._database = None
        self._config, self._config_faults = config, ()
        self._tokens = unpack.tokens(config)

    def _issues(self) -> int:
        """How many issues there are: another process may have sent one."""
        if self.database is None:
            return 0
        with self.database.read() as connection:
            return connection.execute(select(func.count()).where(t.issue.c.kind == "issue")).scalar_one()

    def _build(
        self, name: str, slot: Occasion | None, last: Next | None, now: datetime, *, again: bool
    ) -> Next:
        began, hand = time.perf_counter(), slot is None
        occasion = slot or by_hand(self._config, name, now)
        id = self._free(occasion.id, by_hand=hand)
        try:
            made = build(self._config, name, self.database, occasion, again=again)
        except NewsletterError as error:
            wrong = faults(error, self._config.root, self.folders)
            return (
                replace(last, faults=wrong)
                if last
                else Next(None, None, "", occasion.at, hand, wrong, now, 0)
            )
        edition = edition_of(self._config, made, self._tokens, id) if isinstance(made, Built) else None
        spent = round((time.perf_counter() - began) * 1000)
        return Next(made, edition, id, occasion.at, hand, (), now, spent)

    def _free(self, id: str, *, by_hand: bool) -> str:
        """The id under which an issue would be queued."""
        if self.database is None:
            return f"{id}-m1" if by_hand else id
        with self.database.read() as connection:
            if approving.held(connection, id):
                return id  # it is made anew when something changes
            return next_id(connection, id, by_hand=by_hand)
