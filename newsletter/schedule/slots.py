"""`"mon 09:00"` -> Rhythm: what may be written for a schedule, and what to write instead. Pure.

What could be read in two ways is refused: a newsletter that goes out on the wrong day has gone out.
"""

from __future__ import annotations

import re
from datetime import time, timedelta

from newsletter.schedule.cron import looks_like_cron, parse_cron
from newsletter.schedule.names import DAYS, ORDINALS, places
from newsletter.schedule.rhythm import EVERY_DAY, WEEKDAYS, Rhythm, latest
from newsletter.schedule.wall import Slot

__all__ = ["EACH", "Rhythm", "Slot", "latest", "parse", "parse_each"]

#: How long a post waits after it appeared before it is mailed by itself, where nobody says.
EACH = timedelta(minutes=15)
LONGEST_EACH = timedelta(days=1)

_TIME = re.compile(r"([0-9]{2}):([0-9]{2})", re.ASCII)
_LOOSE_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?:h|uhr)?([ap])?\.?(?:m\.?)?", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,4})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FILLING = frozenset("every each on at the of month o'clock uhr und and".split())
_SAME = {
    "everyday": "daily",
    "day": "daily",
    "weekday": "weekdays",
    "weekend": "sat,sun",
    "weekends": "sat,sun",
}
_HINT = 'write for example "mon 09:00", "mon,thu 07:30", "weekdays 07:30", "daily 18:00" or "first tue 10:00"'


def parse(text: str) -> Rhythm:
    """A schedule as people write it -> Rhythm. ValueError says what to write instead."""
    words = text.strip().lower().split()
    if looks_like_cron(" ".join(words)):
        return parse_cron(" ".join(words))
    try:
        return _strict(words, text)
    except ValueError as error:
        meant = _meant(words)
        if meant:
            raise ValueError(f"{text!r}: {meant}") from None
        raise error from None


def parse_each(value: object) -> timedelta:
    """`true`, or a span such as `"30m"` -> how long a post waits after it appeared, in which it can be taken
    back or mended. ValueError says what to write instead."""
    if value is True:
        return EACH
    if value is False:
        raise ValueError("leave `each` out where there is none; true is 15 minutes")
    span = value if isinstance(value, timedelta) else _span(value)
    if span is None or span <= timedelta(0):
        raise ValueError(
            f'`each` is true (a post goes out 15 minutes after it appeared) or a span: "30m", got {value!r}'
        )
    if span > LONGEST_EACH:
        raise ValueError(f'a post waits a day at most, got {value!r}; write a cadence such as "daily 18:00"')
    return span


def _span(value: object) -> timedelta | None:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _strict(words: list[str], text: str) -> Rhythm:
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
    try:
        return places(word, DAYS)
    except ValueError as error:
        raise ValueError(f'{text!r}: there is no day "{error}"; {_HINT}') from None


def _meant(words: list[str]) -> str:
    """What somebody meant who wrote it in another way; empty when that cannot be told."""
    if words in (["each"], ["hourly"]):
        return "posts as they appear are a cadence: write `each = true` under [newsletters.NAME.cadences]"
    if any("/" in word for word in words):
        plain = " ".join(word for word in words if "/" not in word)
        told = f'the zone has a key of its own: write "{plain}", and `timezone` beside it'
        return told if _reads(plain) else ""
    times = [word for word in words for word in word.split(",") if re.match("[0-9]", word)]
    days = [word for word in words if not re.match("[0-9]", word) and word not in _FILLING | {"am", "pm"}]
    if len(times) > 1 and all(_TIME.fullmatch(word) for word in times):
        return _several(_begin(days), times)
    if len(times) != 1 or not days:
        return ""
    half = next((word[0] for word in words if word in ("am", "pm")), "")
    at = _loosely(times[0] + half)
    if at is None:
        return ""
    begin = _begin(days)
    if not _reads(f"{begin} {at:%H:%M}"):
        return ""
    is_open = not half and at.hour in range(1, 12) and not re.fullmatch("[0-9]{2}:.*|.*[apm].*", times[0])
    evening = f' (in the evening "{begin} {at.hour + 12}:{at:%M}")' if is_open else ""
    return f'write "{begin} {at:%H:%M}"{evening}'


def _begin(words: list[str]) -> str:
    """`mon, thu` -> `mon,thu`; an ordinal keeps its place before its day."""
    days = [_day_word(word) for word in words]
    return " ".join(days) if days[0] in ORDINALS else ",".join(days)


def _several(days: str, times: list[str]) -> str:
    if not _reads(f"{days} {times[0]}"):
        return ""
    each = " and ".join(f'"{days} {at}"' for at in times)
    return f"a newsletter has one slot a day: make a newsletter or a cadence of each, {each}"


def _loosely(word: str) -> time | None:
    found = _LOOSE_TIME.fullmatch(word)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _day_word(word: str) -> str:
    """`Tuesdays,` -> `tue`; what is no day stays."""
    bare = word.strip(",.")
    if bare in _SAME or bare in ORDINALS:
        return _SAME.get(bare, bare)
    fits = len(bare) > 3 and any(name.startswith(bare.removesuffix("s")) for name in DAYS)
    return bare[:3] if fits else bare


def _reads(text: str) -> bool:
    try:
        _strict(text.split(), text)
    except ValueError:
        return False
    return True
