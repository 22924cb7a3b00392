"""Ten years of slots in every zone, on a clock that jumps: `python3 -m tests.schedule.every_zone [YEAR]`.

What a slot should be is worked out here in another way than in the program: from the instants at which
a zone's offset changes, found by looking at its clocks twice a day, and never from a wall time.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from newsletter.schedule.rhythm import Rhythm
from newsletter.schedule.slots import parse
from newsletter.schedule.wall import Slot

YEARS = 10
#: The decade with the date that Samoa and Tokelau never had, and zones that changed by half an hour.
FIRST_YEAR = 2008
#: The hard times: midnight and just before it, where clocks jump over a date; half past two, where most jump.
RHYTHMS = ("daily 00:00", "daily 02:30", "daily 23:59", "mon 09:00", "sun 00:30", "sun 02:00", "sat 23:30")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Clocks:
    """The offsets of a zone between two instants."""

    changes: tuple[datetime, ...]  #: the instants, naive UTC, from which on the next offset holds
    offsets: tuple[timedelta, ...]  #: one more than changes
    near: frozenset[date]  #: dates around changes, on which the clocks need a closer look

    def at(self, instant: datetime) -> timedelta:
        """The offset at a naive UTC instant."""
        return self.offsets[bisect_right(self.changes, instant)]

    def shows(self, wall: datetime) -> list[datetime]:
        """The naive UTC instants at which the clocks show a wall time: one; none in a gap; two in a fold."""
        near = {self.at(wall - 26 * HOUR), self.at(wall), self.at(wall + 26 * HOUR)}
        return sorted(wall - offset for offset in near if self.at(wall - offset) == offset)

    def slot(self, day: date, at: time) -> Slot | None:
        """What the slot of a date is to be."""
        wall = datetime.combine(day, at)
        if day not in self.near:
            return Slot(day, datetime.combine(day, at, UTC) - self.at(wall), "")
        shown = self.shows(wall)
        if shown:
            return Slot(day, shown[0].replace(tzinfo=UTC), "fold" if len(shown) > 1 else "")
        if not self.has(day):
            return None
        change = next(c for c in self.changes if c + self.at(c - HOUR) <= wall < c + self.at(c))
        return Slot(day, (wall - self.at(change - HOUR)).replace(tzinfo=UTC), "gap")

    def has(self, day: date) -> bool:
        """Whether the clocks show a minute of the date."""
        midnight = datetime.combine(day, time())
        return any(self.shows(midnight + n * timedelta(minutes=1)) for n in range(24 * 60))


def clocks(zone: ZoneInfo, begin: datetime, end: datetime) -> Clocks:
    """By looking at them twice a day."""
    changes: list[datetime] = []
    offsets = [_offset(zone, begin)]
    now = begin
    while now < end:
        later = now + HALF_A_DAY
        if _offset(zone, later) != offsets[-1]:
            changes.append(_change(zone, now, later))
            offsets.append(_offset(zone, later))
        now = later
    near = frozenset(change.date() + n * DAY for change in changes for n in range(-3, 4))
    return Clocks(tuple(changes), tuple(offsets), near)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    return after.replace(microsecond=0)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def run(rhythm: Rhythm, zone: ZoneInfo, begin: datetime, end: datetime, chance: random.Random) -> list[Slot]:
    """What somebody decides who looks now and then, sometimes with a clock that was set back."""
    table: dict[date, Slot] = {}
    last, now = begin, begin
    while now < end:
        for slot in rhythm.occurrences(zone, last, now):
            assert slot.local_date not in table, (zone.key, slot)
            table[slot.local_date] = slot
            last = slot.due_at
        now += chance.choice((timedelta(minutes=30), DAY, 9 * DAY, 40 * DAY, -HOUR))
    for slot in rhythm.occurrences(zone, last, end):
        assert slot.local_date not in table, (zone.key, slot)
        table[slot.local_date] = slot
    return list(table.values())


@dataclass
class Met:
    """What was met in all zones."""

    zones: int = 0
    slots: int = 0
    gaps: Counter[str] = field(default_factory=Counter)  #: by how far the clocks jump
    folds: Counter[str] = field(default_factory=Counter)
    in_zones: dict[str, set[str]] = field(default_factory=dict)  #: by note, the zones
    without: set[tuple[str, date]] = field(default_factory=set)  #: zone and date
    wrong: list[str] = field(default_factory=list)


def simulate(first_year: int = FIRST_YEAR, years: int = YEARS, *, every_name: bool = True) -> Met:
    """Every zone, every rhythm. Without `every_name` only one of the zones whose clocks show the same."""
    met = Met()
    begin, end = (_new_year(year) for year in (first_year, first_year + years))
    seen: set[Clocks] = set()
    for name in sorted(available_timezones()):
        known = clocks(ZoneInfo(name), begin - 5 * DAY, end + 5 * DAY)
        if every_name or known not in seen:
            _zone(name, known, met, begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
        met.zones += 1
        seen.add(known)
    return met


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def _zone(name: str, known: Clocks, met: Met, begin: datetime, end: datetime) -> None:
    chance = random.Random(name)
    for text in RHYTHMS:
        rhythm = parse(text)
        got = run(rhythm, ZoneInfo(name), begin, end, chance)
        expected = []
        for day in _dates(begin.date() - DAY, end.date() + DAY, rhythm):
            slot = known.slot(day, rhythm.at)
            if slot is None:
                met.without.add((name, day))
            elif begin < slot.due_at <= end:
                expected.append(slot)
        if got != expected:
            met.wrong.append(f"{name} {text}: {sorted(map(str, set(got) ^ set(expected)))[:4] or 'order'}")
        _count(met, name, known, got)


def _dates(first: date, last: date, rhythm: Rhythm) -> Iterator[date]:
    while first <= last:
        if first.weekday() in rhythm.days:
            yield first
        first += DAY


def _count(met: Met, name: str, known: Clocks, slots: list[Slot]) -> None:
    met.slots += len(slots)
    for slot in slots:
        if slot.note:
            due = slot.due_at.replace(tzinfo=None)
            jump = abs(known.at(due + 2 * DAY) - known.at(due - 2 * DAY))
            (met.gaps if slot.note == "gap" else met.folds)[str(jump)[:-3].rjust(5, "0")] += 1
            met.in_zones.setdefault(slot.note, set()).add(name)


def report(met: Met, first_year: int, years: int) -> Iterator[str]:
    """The table, as lines."""
    yield f"{first_year} to {first_year + years - 1}, {len(RHYTHMS)} schedules: {', '.join(RHYTHMS)}"
    yield f"zones   {met.zones:>12,}"
    yield f"slots   {met.slots:>12,}   each local date once: {'yes' if not met.wrong else 'NO'}"
    for title, note, counted in (("gaps", "gap", met.gaps), ("folds", "fold", met.folds)):
        sizes = ", ".join(f"{size} h {n:,}" for size, n in sorted(counted.items()))
        zones = len(met.in_zones.get(note, ()))
        yield f"{title:8}{sum(counted.values()):>12,}   in {zones} zones; by {sizes}"
    yield f"no slot {len(met.without):>12,}   dates that the zone's calendar has not:"
    for name, day in sorted(met.without, key=lambda pair: (pair[1], pair[0])):
        yield f"        {day}  {name}"
    yield from (f"WRONG   {line}" for line in met.wrong)


if __name__ == "__main__":
    first = int(sys.argv[1]) if len(sys.argv) > 1 else FIRST_YEAR
    all_met = simulate(first)
    for line in report(all_met, first, YEARS):
        print(line)
    sys.exit(bool(all_met.wrong))
