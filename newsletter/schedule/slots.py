"""``"mon 09:00"`` -> the instants at which a newsletter is due, in a time zone. Pure.

Local wall time counts: nine o'clock stays nine o'clock when the clocks change. A
time that a zone skips moves forward by the gap; of a time that it repeats, the
first counts. So there is at most one slot for each local date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
DAY = timedelta(days=1)
#: The longest wait between two slots of any rhythm, and then some.
LOOK_BACK = timedelta(days=40)

_CRON = re.compile(r"[\d*/,-]+(\s+[\w*/,-]+){4}")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})")
_HINT = 'write for example "mon 09:00", "mon,thu 07:30", "weekdays 07:30", "daily 18:00" or "first tue 10:00"'


@dataclass(frozen=True, slots=True)
class Slot:
    """One nominal send time."""

    local_date: date  #: what makes it one: a slot's key is newsletter, cadence and this
    due_at: datetime  #: UTC
    note: Literal["", "gap", "fold"]  #: the clocks changed: the wall time was skipped, or came twice


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The days and the time of day of a schedule."""

    days: frozenset[int]  #: 0 is Monday
    ordinal: int  #: 0 every such day; 1 the first of a month …, -1 the last
    at: time

    @property
    def cadence(self) -> str:
        """A short name: daily, weekdays, weekly, monthly."""
        if self.ordinal:
            return "monthly"
        return {EVERY_DAY: "daily", WEEKDAYS: "weekdays"}.get(self.days, "weekly")

    def in_words(self) -> str:
        """`every Monday at 09:00`."""
        names = [DAYS[day].capitalize() for day in sorted(self.days)]
        if self.ordinal:
            which = next(word for word, number in ORDINALS.items() if number == self.ordinal)
            return f"the {which} {names[0]} of the month at {self.at:%H:%M}"
        if self.cadence in ("daily", "weekdays"):
            return f"every {'day' if self.cadence == 'daily' else 'weekday'} at {self.at:%H:%M}"
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"every {listed} at {self.at:%H:%M}"

    def occurrences(self, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Slot]:
        """The slots after `after`, up to and with `until`, in order."""
        # A day before: what a gap pushes over midnight still belongs to its own date.
        day = after.astimezone(zone).date() - DAY
        while day <= until.astimezone(zone).date():
            if self._falls_on(day):
                slot = _slot(day, self.at, zone)
                if slot is not None and after < slot.due_at <= until:
                    yield slot
            day += DAY

    def _falls_on(self, day: date) -> bool:
        if day.weekday() not in self.days:
            return False
        if self.ordinal > 0:
            return (day.day - 1) // 7 + 1 == self.ordinal
        return self.ordinal == 0 or (day + 7 * DAY).month != day.month


def latest(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> Slot | None:
    """The newest slot that is due by `now`."""
    return max(rhythm.occurrences(zone, now - LOOK_BACK, now), key=lambda slot: slot.due_at, default=None)


def _slot(day: date, at: time, zone: ZoneInfo) -> Slot | None:
    """The slot of a date; None for a date that the zone never had (Apia, 30 December 2011)."""
    local = datetime.combine(day, at, zone)  # fold=0: of a repeated time, the first
    due = local.astimezone(UTC)
    back = due.astimezone(zone)
    moved = back.replace(tzinfo=None) - local.replace(tzinfo=None)
    if moved >= DAY:
        return None
    if moved:
        # PEP 495: with fold=0 a skipped time is read with the offset before the gap, which moves it forward.
        return Slot(day, due, "gap")
    second = local.replace(fold=1).astimezone(UTC)
    return Slot(day, due, "fold" if second != due else "")


def parse(text: str) -> Rhythm:
    """A schedule as people write it -> Rhythm. ValueError says what to write instead."""
    words = text.strip().lower().split()
    if _CRON.fullmatch(" ".join(words)):
        raise ValueError(f"cron numbers days differently from place to place: {_HINT}")
    if not words or len(words) > 3:
        raise ValueError(f"{text!r} is no schedule: {_HINT}")
    at = _time(words[-1], text)
    match words[:-1]:
        case []:
            raise ValueError(f'{text!r} names no day: write "daily {words[-1]}" or "mon {words[-1]}"')
        case ["daily"]:
            return Rhythm(EVERY_DAY, 0, at)
        case ["weekdays"]:
            return Rhythm(WEEKDAYS, 0, at)
        case [days]:
            return Rhythm(_days(days, text), 0, at)
        case [ordinal, day] if ordinal in ORDINALS:
            chosen = _days(day, text)
            if len(chosen) != 1:
                raise ValueError(f'{text!r}: {ordinal} takes one day, such as "{ordinal} tue 10:00"')
            return Rhythm(chosen, ORDINALS[ordinal], at)
    raise ValueError(f"{text!r} is no schedule: {_HINT}")


def _time(word: str, text: str) -> time:
    found = _TIME.fullmatch(word)
    if found is None:
        raise ValueError(f'{text!r}: the time must be like 09:00, got "{word}"; {_HINT}')
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"{text!r}: there is no {word}; midnight is 00:00 of the day that begins")
    return time(hour, minute)


def _days(word: str, text: str) -> frozenset[int]:
    days: set[int] = set()
    for part in word.split(","):
        first, dash, last = part.partition("-")
        begin = _day(first, text)
        end = _day(last, text) if dash else begin
        days |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(days)


def _day(word: str, text: str) -> int:
    for number, name in enumerate(DAYS):
        if word in (name, name[:3]):
            return number
    raise ValueError(f'{text!r}: there is no day "{word}"; {_HINT}')
