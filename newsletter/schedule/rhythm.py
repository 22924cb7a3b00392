"""The days and the time of day of a schedule -> its slots, in a time zone. Pure.

Local wall time counts: nine o'clock stays nine o'clock when the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.names import DAYS, MONTHS, ORDINALS, both
from newsletter.schedule.wall import DAY, Slot, slot_on

WEEKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
#: The longest wait between two slots of any rhythm, and then some.
LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The days and the time of day of a schedule."""

    days: frozenset[int]  #: 0 is Monday
    ordinal: int  #: 0 every such day; 1 the first of a month …, -1 the last
    at: time
    dates: frozenset[int] = frozenset()  #: days of the month; empty is all
    months: frozenset[int] = frozenset()  #: 1 is January; empty is all

    @property
    def cadence(self) -> str:
        """A short name: daily, weekdays, weekly, monthly."""
        if self.ordinal or self.dates:
            return "monthly"
        return {EVERY_DAY: "daily", WEEKDAYS: "weekdays"}.get(self.days, "weekly")

    @property
    def is_uneven(self) -> bool:
        """Whether no plain word such as weekly or monthly says how often it comes."""
        return bool(self.months) or len(self.dates) > 1

    def in_words(self) -> str:
        """`every Monday at 09:00`."""
        months = [MONTHS[month - 1].capitalize() for month in sorted(self.months)]
        return f"{self._days_in_words()} at {self.at:%H:%M}{f', in {both(months)}' if months else ''}"

    def occurrences(self, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Slot]:
        """The slots after `after`, up to and with `until`, in order."""
        # A day before: what a gap pushes over midnight still belongs to its own date.
        day = after.astimezone(zone).date() - DAY
        last = until.astimezone(zone).date()
        while day <= last:
            if self.falls_on(day):
                slot = slot_on(day, self.at, zone)
                if slot is not None and after < slot.due_at <= until:
                    yield slot
            day += DAY

    def newest(self, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Slot]:
        """The same from the newest back: who wants but some of many years need not wait for all."""
        day = until.astimezone(zone).date()
        first = after.astimezone(zone).date() - DAY
        while day >= first:
            if self.falls_on(day):
                slot = slot_on(day, self.at, zone)
                if slot is not None and after < slot.due_at <= until:
                    yield slot
            day -= DAY

    def falls_on(self, day: date) -> bool:
        """Whether the local date has a slot, if the zone has the date."""
        if day.weekday() not in self.days or (self.months and day.month not in self.months):
            return False
        if self.dates:
            return day.day in self.dates
        if self.ordinal > 0:
            return (day.day - 1) // 7 + 1 == self.ordinal
        return self.ordinal == 0 or (day + 7 * DAY).month != day.month

    def _days_in_words(self) -> str:
        names = [DAYS[day].capitalize() for day in sorted(self.days)]
        if self.dates:
            return f"the {both([_numbered(day) for day in sorted(self.dates)])} of the month"
        if self.ordinal:
            which = next(word for word, number in ORDINALS.items() if number == self.ordinal)
            return f"the {which} {names[0]} of the month"
        if self.cadence in ("daily", "weekdays"):
            return f"every {'day' if self.cadence == 'daily' else 'weekday'}"
        return f"every {both(names)}"


def latest(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> Slot | None:
    """The newest slot that is due by `now`."""
    return next(rhythm.newest(zone, now - LOOK_BACK, now), None)


def _numbered(day: int) -> str:
    """`1st`, `22nd`, `13th`."""
    ending = "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"
