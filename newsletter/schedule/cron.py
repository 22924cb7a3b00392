"""`"30 7 * * mon-fri"` -> Rhythm: cron of five fields, as far as it can be read in one way only. Pure.

Cron numbers weekdays differently from place to place, and joins days of the month and of the
week with "or" where people mean "and". What is not taken is refused with what to write instead.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import time

from newsletter.schedule.names import DAYS, MONTHS, ORDINALS, places, short
from newsletter.schedule.rhythm import EVERY_DAY, Rhythm

_CRON = re.compile(r"(@[a-z]+|[0-9*?/,-]+\s+[0-9*?/,-]+(\s+\S+){2,5})", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,2}", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,2})(?:-([0-9]{1,2}))?", re.ASCII)
_WEEKDAY_NUMBERS = re.compile(r"[0-7]([,-][0-7])*", re.ASCII)
_NICKNAMES = {
    "@daily": "daily 00:00",
    "@midnight": "daily 00:00",
    "@weekly": "sun 00:00",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 jan *",
    "@annually": "0 0 1 jan *",
}
#: The days of the month on which the first, second … of a weekday falls.
_WEEKS = {"1-7": "first", "8-14": "second", "15-21": "third", "22-28": "fourth"}
#: A leap year: 29 February is refused by a rule of its own.
_LEAP, _FEBRUARY, _SHORTEST = 2024, 2, 28


def looks_like_cron(text: str) -> bool:
    """Whether somebody who wrote this meant cron."""
    return _CRON.fullmatch(text) is not None


def parse_cron(text: str) -> Rhythm:
    """ValueError says what to write instead."""
    fields = text.split()
    if len(fields) == 1:
        fix = _NICKNAMES.get(text)
        raise _no(text, f'write "{fix}"' if fix else 'write for example "daily 18:00"')
    if len(fields) != 5:
        raise _no(text, 'cron has five fields here: minute hour day month weekday, as in "30 7 * * mon-fri"')
    minute, hour, date, month, weekday = fields
    at = time(_one(text, hour, "hour", 23), _one(text, minute, "minute", 59))
    months = _months(text, month)
    days = _weekdays(text, weekday)
    dates = _dates(text, date, months)
    if dates and days != EVERY_DAY:
        raise _no(text, _either(date, days, at, fields))
    return Rhythm(days, 0, at, dates, months)


def _one(text: str, field: str, name: str, most: int) -> int:
    if re.search(r"[*/?,-]", field):
        rest = text.split()[2:]
        several = field.split(",") if name == "hour" and re.fullmatch(r"[0-9,]+", field) else []
        fix = " and ".join(f'"{" ".join([text.split()[0], hour, *rest])}"' for hour in several)
        raise _no(
            text,
            f'the {name} "{field}" is several times a day, and a newsletter has one slot a day: name one '
            f"{name}; for more make a newsletter or a cadence of each{fix and ', '}{fix}, and for posts as "
            "they appear write `each = true`",
        )
    if not _NUMBER.fullmatch(field) or int(field) > most:
        raise _no(text, f'the {name} must be 0 to {most}, got "{field}"')
    return int(field)


def _months(text: str, field: str) -> frozenset[int]:
    if field == "*":
        return frozenset()
    if "/" in field:
        raise _no(text, f"months have no steps: write them out{_stepped(field)}")
    if field[0].isdigit():
        found = _numbers(text, field, "month", 12)
    else:
        try:
            found = frozenset(month + 1 for month in places(field, MONTHS))
        except ValueError as error:
            raise _no(text, f'there is no month "{error}": write it like jan or 1') from None
    return frozenset() if len(found) == 12 else found


def _stepped(field: str) -> str:
    step = field.partition("/")[2]
    if not field.startswith("*") or not _NUMBER.fullmatch(step) or int(step) == 0:
        return ""
    return f', as "{",".join(str(month) for month in range(1, 13, int(step)))}"'


def _weekdays(text: str, field: str) -> frozenset[int]:
    if field == "*":
        return EVERY_DAY
    if _WEEKDAY_NUMBERS.fullmatch(field):
        named = re.sub("[0-7]", lambda digit: short(DAYS[(int(digit[0]) - 1) % 7]), field)
        raise _no(
            text,
            "programs number weekdays differently (1 is Monday to cron, Tuesday to others): "
            f'name them, as "{" ".join([*text.split()[:4], named])}" if cron\'s are meant',
        )
    if found := re.fullmatch(r"([a-z]+)(?:#([1-5])|l)", field):
        ordinal = next((word for word, number in ORDINALS.items() if str(number) == found[2]), "last")
        raise _no(text, f'write it in words, as "{ordinal} {found[1]} 10:00"')
    try:
        return places(field, DAYS)
    except ValueError as error:
        told = f'there is no day "{error}": write weekdays like mon, mon,thu or mon-fri, or *'
        raise _no(text, told) from None


def _dates(text: str, field: str, months: frozenset[int]) -> frozenset[int]:
    if field == "*":
        return frozenset()
    if "/" in field:
        raise _no(text, "days of the month have no steps, for months are not equally long: write them out")
    found = _numbers(text, field, "day", 31)
    if len(found) == 31:
        return frozenset()
    if any(max(found) > _length(month) for month in months or range(1, 13)):
        names = ",".join(short(name) for at, name in enumerate(MONTHS, 1) if max(found) <= _length(at))
        raise _no(
            text,
            f"not every month has a day {max(found)}, and cron would leave such months out: take a day up to "
            f'{_SHORTEST}, or name the months that are meant, of "{names}"',
        )
    return found


def _length(month: int) -> int:
    return _SHORTEST if month == _FEBRUARY else monthrange(_LEAP, month)[1]


def _numbers(text: str, field: str, name: str, most: int) -> frozenset[int]:
    numbers: set[int] = set()
    for part in field.split(","):
        found = _RANGE.fullmatch(part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last <= most:
            raise _no(
                text,
                f'the {name} must be *, or 1 to {most} in lists and ranges like 1,15 or 1-3, got "{field}"',
            )
        numbers |= set(range(first, last + 1))
    return frozenset(numbers)


def _either(date: str, days: frozenset[int], at: time, fields: list[str]) -> str:
    """What is meant by a day of the month beside a weekday: cron takes either, people mean both."""
    both = "cron takes a day on which either the date or the weekday fits, and most people mean both"
    if len(days) == 1 and date in _WEEKS and fields[3] == "*":
        return f'{both}; write "{_WEEKS[date]} {fields[4]} {at:%H:%M}"'
    by_date = " ".join([*fields[:4], "*"])
    by_day = " ".join([*fields[:2], "*", *fields[3:]])
    return f'{both}; write "{by_date}" or "{by_day}"'


def _no(text: str, why: str) -> ValueError:
    return ValueError(f"{text!r}: {why}")
