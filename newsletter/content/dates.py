"""A date as an author wrote it -> what it says, and the order of day and month by vote.

`read` never guesses: ``03/04/2018`` is kept as both readings until the whole folder
has voted (`order`), because a guesser that is handed one date at a time flips the
order within one folder without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from newsletter.content.months import MONTHS

Order = Literal["dmy", "mdy", ""]

_CLOCK = (
    r"(?:(?:[T,]|\s+|\s*[-–|·•@]\s+)\s*(?:(?:at|um|à|às|a las|alle|kl\.?|klo|om|ore|в|saat)\s+)?"
    r"(?P<clock>\d{1,2}(?:[:.]|\s?h\s?)\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s*(?:[ap]\.?m\.?)?)(?:\s*(?:Uhr|hrs?|h)\b)?"
    r"\s*(?P<zone>Z|[A-Z]{2,5}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\([A-Za-z ]{1,30}\))?)?"
)
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_CLOCK}$", re.I)
_MONTH_ONLY = re.compile(r"(\d{4})[-/](\d{1,2})$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$", re.I)
_NUMBERS = re.compile(rf"(\d{{1,2}})\s?([-/.])\s?(\d{{1,2}})\s?\2\s?(\d{{4}}|\d{{2}})\.?{_CLOCK}$", re.I)
_EAST = re.compile(
    rf"(\d{{4}})\s*[年년]\s*(\d{{1,2}})\s*[月월]\s*(\d{{1,2}})\s*[日일](?:\s*[(（].[)）])?{_CLOCK}$"
)
_HALF = "午前|午後|上午|下午|오전|오후"
_EAST_CLOCK = re.compile(
    rf"\s*({_HALF})?\s*(\d{{1,2}})\s*[時时点點시]\s*(?:(\d{{1,2}})\s*[分분])?$|\s*({_HALF})\s*(\d{{1,2}}):(\d{{2}})$"
)
_KOREAN = re.compile(r"^(\d{4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.(?=\s|$)")
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?"
_NAME = r"([^\s\d.,/:()'-]{2,14})\.?"  # combining marks of Hindi are no letters
_OF = r"(?:\s+(?:de|of|di|du))?"
_DMY = re.compile(
    rf"{_DAY}[\s-]*{_OF}\s*{_NAME}{_OF}(?:\s+del)?[\s,-]*(\d{{4}}|'?\d{{2}})(?:\s*г\.?)?{_CLOCK}$", re.I
)
_MDY = re.compile(rf"{_NAME}\s+{_DAY}(?:,\s*|\s+)(\d{{4}}){_CLOCK}$", re.I)
_YMD = re.compile(rf"(\d{{4}})[\s,-]+{_NAME}[\s-]+{_DAY}{_CLOCK}$", re.I)
_WEEKDAY = re.compile(r"^[^\W\d_]{2,14}(?:-feira)?\.?(?:,\s*|\s+)(?=\d|[^\W\d_]{3,12}\.?\s+\d)")
_ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet", "ut"), 0),
    "bst": 60,
    "cet": 60,
    "west": 60,
    "cest": 120,
    "eet": 120,
    "eest": 180,
    "msk": 180,
    "ist": 330,
    "jst": 540,
    "kst": 540,
    "aest": 600,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it was written; `first` and `second` are day and month in an order not yet known."""

    year: int
    first: int
    second: int
    numeric: bool  #: day and month are both numbers below a four-digit year at the end
    clock: time | None = None
    zone: tzinfo | None = None
    note: str = ""  #: what could not be used, for a person to mend

    @property
    def ambiguous(self) -> bool:
        """Day and month could be exchanged, and it would make a difference."""
        return self.numeric and self.first <= 12 and self.second <= 12 and self.first != self.second

    @property
    def vote(self) -> Order:
        """What this date says about the order in its folder."""
        if not self.numeric or self.first <= 12 >= self.second:
            return ""
        return "dmy" if self.first > 12 else "mdy"

    def day(self, order: Order) -> date | None:
        """The calendar day when ambiguous dates are read in `order`; None when there is no such day."""
        if self.numeric and (self.vote or order) == "mdy":
            month, day = self.first, self.second
        else:
            month, day = self.second, self.first
        try:
            return date(self.year, month, day)
        except ValueError:
            return None


def read(text: str) -> Written | None:
    """What `text` says as a date; None when it is none."""
    text = _tidy(text)
    if not text or len(text) > 80:
        return None
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return _epoch(text)
    for pattern, parts in ((_ISO, (1, 4, 3)), (_EAST, (1, 3, 2))):
        if found := pattern.match(text):
            year, day, month = (int(found[n]) for n in parts)
            return _written(year, day, month, found)
    if found := _COMPACT.match(text):
        return _compact(found)
    if found := _NUMBERS.match(text):
        # Full stops are written in day-first countries only; 04.13.2024 is still a date.
        numeric = found[2] != "." or int(found[3]) > 12
        return _written(_year(found[4]), int(found[1]), int(found[3]), found, numeric=numeric)
    if found := _MONTH_ONLY.match(text):
        return Written(int(found[1]), 1, int(found[2]), numeric=False)
    return _named(text) or _named(_WEEKDAY.sub("", text, count=1))


def _tidy(text: str) -> str:
    """ASCII digits, single spaces, no weekday comma."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text[:200])
        text = re.sub("[\u200e\u200f\u061c]", "", text)
        text = _EAST_CLOCK.sub(_east_clock, text)
    text = _KOREAN.sub(r"\1-\2-\3", " ".join(text[:200].split()))
    return text.strip(" ,;|")


def _east_clock(found: re.Match[str]) -> str:
    half, hour, minute = found[1] or found[4], int(found[2] or found[5]), int(found[3] or found[6] or 0)
    return f" {hour + 12 * (half in ('午後', '下午', '오후') and hour < 12)}:{minute:02}"


def _epoch(text: str) -> Written | None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text[:10]))
    return Written(moment.year, moment.day, moment.month, False, moment.time(), UTC)


def _compact(found: re.Match[str]) -> Written | None:
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not (1900 <= year <= 2199 and 1 <= month <= 12):
        return None
    clock = _clock(f"{found[4]}:{found[5]}:{found[6] or '00'}") if found[4] else None
    return Written(year, day, month, False, clock, _zone(found[7])[0] if found[7] else None)


def _named(text: str) -> Written | None:
    """A date with the month's name in it."""
    for pattern, (y, m, d) in ((_MDY, (3, 1, 2)), (_DMY, (3, 2, 1)), (_YMD, (1, 2, 3))):
        found = pattern.match(text)
        month = MONTHS.get(found[m].casefold()) if found else None
        if found and month:
            return _written(_year(found[y]), int(found[d]), month, found)
    return None


def _written(year: int, day: int, month: int, found: re.Match[str], *, numeric: bool = False) -> Written:
    clock = _clock(found["clock"]) if found["clock"] else None
    zone, note = _zone(found["zone"]) if found["zone"] else (None, "")
    if found["clock"] and clock is None:
        note = f'"{found["clock"]}" is no time of day'
    return Written(year, day, month, numeric, clock, zone, note)


def _year(text: str) -> int:
    year = int(text.lstrip("'"))
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _clock(text: str) -> time | None:
    found = re.match(r"(\d{1,2})(?:[:.]|\s?h\s?)(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([ap])?", text, re.I)
    if not found:
        return None
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        return None


def _zone(text: str) -> tuple[tzinfo | None, str]:
    """An offset, or a well-known abbreviation; what is neither is said."""
    name = text.lower()
    if name in _ZONES:
        return timezone(timedelta(minutes=_ZONES[name])), ""
    found = re.fullmatch(r"(?:utc|gmt)?([+-])(\d{1,2}):?(\d{2})?", name)
    if found:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes)), ""
    return None, f'the time zone "{text}" is not known; write an offset such as +01:00'


def order(found: Iterable[Written], language: str) -> tuple[Order, bool]:
    """How the folder writes its dates, and whether its own dates decided that.

    Without a majority the language decides: American English puts the month first.
    """
    votes = [written.vote for written in found]
    days, months = votes.count("dmy"), votes.count("mdy")
    if days != months:
        return ("dmy" if days > months else "mdy"), True
    return ("mdy" if language.lower() in ("en", "en-us") else "dmy"), False


def written_in(written: Written, order: Order, zone: tzinfo) -> datetime | None:
    """The instant, in the offset as it was written and else in `zone`; None when there is no such day.

    A date without a time is midnight in `zone`.
    """
    day = written.day(order)
    if day is None or not 1000 <= day.year <= 9990:  # room for any offset on both sides
        return None
    local = datetime.combine(day, written.clock or time(), written.zone if written.clock else zone)
    return local if local.tzinfo else local.replace(tzinfo=zone)
