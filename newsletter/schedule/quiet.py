"""Hours and dates on which nothing begins -> the next instant at which something may. Pure.

Both go by the wall clock of a zone: through a change of the clocks, nothing begins while it
shows a time of the quiet hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.wall import DAY, reached

_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_DATE = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", re.ASCII)
#: What is a date in every year's list has 29 February, which most years have not.
_LEAP = 2024
#: A year of holidays: nobody means that, and the search for a day must end.
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day in which nothing begins; `end` is not one of them. Over midnight when `end` is the
    earlier."""

    begin: time
    end: time

    def contains(self, at: time) -> bool:
        """Whether a wall time lies in them."""
        if self.begin < self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def parse_quiet(text: str) -> Quiet | None:
    """`22:00-07:00` -> Quiet; empty -> None. ValueError says what to write instead."""
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if found is None:
        raise ValueError(f'quiet hours are written like "22:00-07:00", midnight is 00:00, got {text!r}')
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise ValueError(
            f"{text!r} is a whole day or none: write two times; days without mail are `holidays`"
        )
    return Quiet(begin, end)


def parse_holiday(value: object) -> str:
    """`2026-12-25`, or `12-25` for every year, or a TOML date -> the same as text. ValueError says what to
    write instead."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f'a holiday is written like "2026-12-25", or "12-25" for every year, got {value!r}')
    year, month, day = found[1], int(found[2]), int(found[3])
    try:
        date(int(year or _LEAP), month, day)
    except ValueError:
        turned = f': the month stands first, write "{day:02}-{month:02}"' if month > 12 >= day else ""
        raise ValueError(f"there is no {value!r}{turned}") from None
    return str(value)


def is_holiday(day: date, holidays: Iterable[str]) -> bool:
    """Whether a local date is one of them, as `parse_holiday` writes them."""
    return any(one in (day.isoformat(), day.isoformat()[5:]) for one in holidays)


def quiet_mistake(at: time, quiet: Quiet | None) -> str:
    """What to tell somebody whose schedule falls into their quiet hours; empty when it does not."""
    if quiet is None or not quiet.contains(at):
        return ""
    return f"{at:%H:%M} lies in the quiet hours {quiet}: take another time, or other hours"


def after_quiet(instant: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """The instant itself or, in quiet hours, the first after it at which the wall clock of `zone` shows none
    of them (UTC)."""
    instant = instant.astimezone(UTC)
    while quiet is not None and quiet.contains((local := instant.astimezone(zone)).time()):
        day = local.date() + (DAY if local.time() >= quiet.begin > quiet.end else timedelta(0))
        instant = min(one for one in _reached(datetime.combine(day, quiet.end), zone) if one > instant)
    return instant


def next_open(instant: datetime, quiet: Quiet | None, holidays: tuple[str, ...], zone: ZoneInfo) -> datetime:
    """The first instant (UTC) that is neither in quiet hours nor on a holiday of `zone`."""
    for _ in range(2 * MOST_DAYS):
        instant = after_quiet(instant, quiet, zone)
        local = instant.astimezone(zone)
        if not is_holiday(local.date(), holidays):
            break
        instant = reached(datetime.combine(local.date() + DAY, time()), zone)
    return instant


def _reached(wall: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When the clocks show a time or pass it: the first time, the second, and on the day after for a zone
    that has not the date."""
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return reached(wall, zone), second, reached(wall + DAY, zone)
