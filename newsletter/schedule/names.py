"""`mon`, `monday`, `mon,thu`, `fri-mon` -> numbers; the same for months. Pure."""

from __future__ import annotations

from collections.abc import Sequence

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
#: Which of a month's such days; -1 counts from its end.
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


def places(word: str, names: Sequence[str]) -> frozenset[int]:
    """The places, from 0, of the names in a list with commas and dashes; a range may run over the end.

    ValueError is the part that is no such name.
    """
    found: set[int] = set()
    for part in word.split(","):
        first, dash, last = part.partition("-")
        begin = _place(first, names)
        end = _place(last, names) if dash else begin
        found |= {at % len(names) for at in range(begin, end + 1 + len(names) * (end < begin))}
    return frozenset(found)


def short(name: str) -> str:
    """`Mon` -> the form in which schedules are written."""
    return name[:3].lower()


def both(names: Sequence[str]) -> str:
    """`Monday, Thursday and Friday`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _place(word: str, names: Sequence[str]) -> int:
    for at, name in enumerate(names):
        if word in (name, name[:3]):
            return at
    raise ValueError(word)
