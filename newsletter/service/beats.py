"""Configuration -> the cadences of a newsletter, and what an issue of each is made for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.config.values import duration
from newsletter.model import Listing
from newsletter.pipeline import Occasion
from newsletter.schedule.each import ArticleSlot
from newsletter.schedule.quiet import Quiet, after_quiet, next_open, parse_quiet
from newsletter.schedule.rhythm import Rhythm
from newsletter.schedule.slots import parse
from newsletter.schedule.wall import Slot, local_due
from newsletter.store import tables as t

EACH = "each"
_NO_TIME = timedelta(0)
_AROUND = timedelta(days=2)
_ODD = re.compile(r"[^a-z0-9]+")

#: The time zones of readers, by their numbers.
Zones = Mapping[int, ZoneInfo]


@dataclass(frozen=True)
class Beat:
    """One cadence of a newsletter."""

    newsletter: str
    cadence: str
    rhythm: Rhythm | None  #: None of the cadence ``each``
    wait: timedelta  #: of ``each``: how long a post rests before it goes out
    zone: ZoneInfo
    quiet: Quiet | None
    holidays: tuple[str, ...]
    local: bool  #: each reader's own wall time
    approval: bool  #: somebody must approve its issues
    ahead: timedelta  #: how long before its time an issue is made: for that
    named: bool  #: whether ids name the cadence: there is more than one

    def id(self, slot: Slot) -> str:
        """The id of the issue of a slot."""
        middle = f"-{self.cadence}" if self.named and self.cadence != self.newsletter else ""
        return f"{self.newsletter}{middle}-{slot.local_date.isoformat()}"

    def id_of(self, article: Listing) -> str:
        """The id of the issue that one article is."""
        stem = article.path.rpartition("/")[2].partition(".")[0]
        if stem in ("index", "_index", "readme", "README"):
            stem = article.path.split("/")[-2] if "/" in article.path else article.title
        word = _ODD.sub("-", stem.lower()).strip("-")[:60].strip("-")
        return f"{self.newsletter}-{self.cadence}-{word or 'post'}"

    def slot_of(self, day: date) -> Slot | None:
        """The slot of a local date; None when it has none."""
        noon = datetime.combine(day, time(12), self.zone)
        near = self.rhythm.occurrences(self.zone, noon - _AROUND, noon + _AROUND) if self.rhythm else ()
        return next((slot for slot in near if slot.local_date == day), None)

    def due_in(self, slot: Slot, zones: Zones) -> dict[int, datetime]:
        """When the readers of each time zone are due; empty where all are due at once."""
        if not self.local:
            return {}
        at = self.rhythm.at if self.rhythm else None
        assert at is not None
        return {
            id: after_quiet(local_due(slot.local_date, at, zone).due_at, self.quiet, zone)
            for id, zone in zones.items()
        }

    def first_due(self, slot: Slot, zones: Zones) -> datetime:
        """When the first reader is due."""
        return min((slot.due_at, *self.due_in(slot, zones).values()))

    def made_at(self, slot: Slot, zones: Zones) -> datetime:
        """When the issue of a slot is to be made."""
        return self.first_due(slot, zones) - self.ahead

    @cached_property
    def most_ahead(self) -> timedelta:
        """The longest time between that and the slot: clocks differ by 26 hours."""
        return self.ahead + (timedelta(hours=26) if self.local else _NO_TIME)

    def opens(self, now: datetime) -> datetime:
        """When something of it may begin that was due by now. With each reader's own time that is theirs."""
        return now if self.local else self._open(now, self.zone)

    def awake(self, occasion: Occasion, zones: Zones, now: datetime) -> Occasion:
        """The same, where those who should have it by now get it at the end of their own quiet hours."""
        if not self.local:
            return occasion

        def moved(due: datetime, zone: ZoneInfo) -> datetime:
            return max(due, opens) if due <= now < (opens := self._open(now, zone)) else due

        due = {id: moved(at, zones[id]) for id, at in occasion.zones.items() if id in zones}
        return replace(occasion, zones=due, own=moved(occasion.own_due, self.zone))

    def _open(self, now: datetime, zone: ZoneInfo) -> datetime:
        if self.rhythm is None:
            return next_open(now, self.quiet, self.holidays, zone)
        return after_quiet(now, self.quiet, zone)

    def occasion(self, slot: Slot, zones: Zones) -> Occasion:
        """What the issue of a slot is made for."""
        due, at = self.due_in(slot, zones), slot.due_at
        cut_off = self.made_at(slot, zones)
        own = after_quiet(at, self.quiet, self.zone) if self.local else None
        return Occasion(self.id(slot), at, cut_off, self.cadence, zones=due, own=own)

    def _own(self, at: datetime) -> datetime | None:
        """When a post is due for those who say no time zone."""
        return next_open(at, self.quiet, self.holidays, self.zone) if self.local else None

    def occasion_of(self, slot: ArticleSlot, article: Listing, zones: Zones, now: datetime) -> Occasion:
        """What the issue is made for that one article is."""
        due = {
            id: next_open(slot.due_at, self.quiet, self.holidays, zone)
            for id, zone in zones.items()
            if self.local
        }
        at, id = slot.due_at, self.id_of(article)
        return Occasion(id, at, min(now, at), self.cadence, article.identity, due, self._own(at))


def beats(config: Config, name: str) -> tuple[Beat, ...]:
    """The cadences of a newsletter, as they stand in the configuration; none when it is sent only by hand."""
    newsletter = config.newsletters[name]
    if newsletter.schedule:
        rhythm = parse(newsletter.schedule)
        return (_beat(config, name, rhythm.cadence, rhythm, _NO_TIME),)
    return tuple(
        _beat(config, name, cadence, None, duration(rhythm))
        if cadence == EACH
        else _beat(config, name, cadence, parse(rhythm), _NO_TIME)
        for cadence, rhythm in newsletter.cadences.items()
    )


def _beat(config: Config, name: str, cadence: str, rhythm: Rhythm | None, wait: timedelta) -> Beat:
    newsletter = config.newsletters[name]
    return Beat(
        newsletter=name,
        cadence=cadence,
        rhythm=rhythm,
        wait=wait,
        zone=ZoneInfo(unpack.timezone(config, name)),
        quiet=parse_quiet(newsletter.quiet_hours),
        holidays=newsletter.holidays,
        local=newsletter.local_time,
        approval=newsletter.approval,
        ahead=newsletter.cut_off if newsletter.approval else _NO_TIME,
        named=bool(newsletter.cadences),
    )


def zones(connection: Connection, beats: Iterable[Beat]) -> Zones:
    """The time zones that readers have; none where nobody asks for them."""
    if not any(beat.local for beat in beats):
        return {}
    rows = connection.execute(select(t.zone.c.id, t.zone.c.name).order_by(t.zone.c.id))
    return {row.id: ZoneInfo(row.name) for row in rows}
