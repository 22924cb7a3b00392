"""A wall time in a zone -> the instant. Pure.

Clocks skip some times and show others twice: a skipped one moves forward by the gap, of a
repeated one the first counts. So a date has at most one slot, and only a date that the zone
never had (Apia, 30 December 2011) has none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

Note = Literal["", "gap", "fold"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One nominal send time."""

    local_date: date  #: what makes it one: a slot's key is newsletter, cadence and this
    due_at: datetime  #: UTC
    note: Note  #: the clocks changed: the wall time was skipped, or came twice

    @property
    def key(self) -> str:
        """What it is called in the slot table: the local date."""
        return self.local_date.isoformat()


@lru_cache(maxsize=20_000)
def slot_on(day: date, at: time, zone: ZoneInfo) -> Slot | None:
    """The slot of a date; None for a date that the zone never had."""
    first = _offset(datetime.combine(day, at, zone))
    second = _offset(datetime.combine(day, _again(at), zone))
    # PEP 495: fold=0 reads a skipped time with the offset before the gap, which moves it forward; of a
    # repeated time it is the first.
    due = datetime.combine(day, at, UTC) - first
    if first == second:
        return Slot(day, due, "")
    if first > second:
        return Slot(day, due, "fold")
    return Slot(day, due, "gap") if second - first < DAY else None


def local_due(day: date, at: time, zone: ZoneInfo) -> Slot:
    """When a reader in `zone` is due to get the issue of a date: as `slot_on`, to the minute in zones of
    half and quarter hours too. Where the zone never had the date, the instant at which the next begins:
    whoever was asleep over it is not left out."""
    slot = slot_on(day, at, zone)
    return slot or Slot(day, reached(datetime.combine(day, at), zone), "gap")


def first_zone(day: date, at: time, zones: Iterable[ZoneInfo]) -> datetime:
    """The earliest instant at which a reader of any of these zones is due. There must be one."""
    return min(local_due(day, at, zone).due_at for zone in zones)


def reached(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the clocks of a zone show this naive time or, where they skip it, a
    later one: the end of the gap, not the time moved forward by it."""
    local = wall.replace(tzinfo=zone, fold=0)
    due = local.astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=None) == wall:
        return due
    before, after = local.replace(fold=1).astimezone(UTC), due  # the two readings stand around the gap
    while after - before > SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)


@cache
def _again(at: time) -> time:
    """The time, shown for the second time; kept, for a schedule has one, and asks for every date."""
    return at.replace(fold=1)
