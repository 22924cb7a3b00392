"""Time zones and two dates -> the days between them on which clocks change. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Clocks that are put forward or back on one day, all by as much."""

    day: date  #: there
    by: timedelta  #: more than 0: forward
    at: time  #: what they show before; the earliest, where they differ
    until: time  #: the latest
    zones: tuple[str, ...]  #: IANA, in order

    @property
    def place(self) -> str:
        """Where: a zone, what several have in common, or how many they are."""
        if len(self.zones) == 1:
            return self.zones[0]
        regions = {zone.partition("/")[0] for zone in self.zones}
        return regions.pop() if len(regions) == 1 else f"{len(self.zones)} time zones"


def clock_changes(zones: Iterable[str], first: date, last: date) -> tuple[ClockChange, ...]:
    """The changes from `first` to `last`, both included, in order."""
    found: dict[tuple[date, timedelta], list[tuple[time, str]]] = {}
    for zone in sorted(set(zones)):
        for day, at, by in _changes(ZoneInfo(zone), first, last):
            found.setdefault((day, by), []).append((at, zone))
    return tuple(_together(day, by, found[day, by]) for day, by in sorted(found))


def _together(day: date, by: timedelta, found: list[tuple[time, str]]) -> ClockChange:
    times = [at for at, _ in found]
    return ClockChange(day, by, min(times), max(times), tuple(zone for _, zone in found))


def _changes(zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[date, time, timedelta]]:
    # A day more on each side: the dates are those of the zone, not of UTC.
    day = datetime.combine(first - _DAY, time(), UTC)
    while day.date() <= last + _DAY:
        by = _offset(zone, day + _DAY) - _offset(zone, day)
        if by:
            wall = (_moment(zone, day) - _SECOND).astimezone(zone) + _SECOND
            if first <= wall.date() <= last:
                yield wall.date(), wall.time().replace(microsecond=0), by
        day += _DAY


def _moment(zone: ZoneInfo, day: datetime) -> datetime:
    """The first second of a UTC day with the offset that its end has."""
    before, after = day, day + _DAY
    new = _offset(zone, after)
    while after - before > _SECOND:
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (before, middle) if _offset(zone, middle) == new else (middle, after)
    return after


def _offset(zone: ZoneInfo, when: datetime) -> timedelta:
    return when.astimezone(zone).utcoffset() or timedelta(0)
