"""name -> value: whatever else is kept about a person; small, flat and of few kinds, to be asked for."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from newsletter.audience.cells import shown

Value = str | int | float | bool

MOST: Final = 50
LONGEST_TEXT: Final = 1000
#: Octets of all together, as JSON.
LARGEST: Final = 8192
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
#: A leading zero means something else than a number: a post code, a telephone.
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


def checked(given: Mapping[str, Value]) -> dict[str, Value]:
    """The same, when it may be kept. ValueError says what is wrong."""
    if not given:
        return {}
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"an attribute's name is letters, digits, _ and -, at most 64: not {name[:70]!r}"
            )
        if wrong := _fault(value):
            raise ValueError(f"the attribute {name} {wrong}")
    if len(given) > MOST:
        raise ValueError(f"there are more than {MOST} attributes")
    if len(json.dumps(dict(given), ensure_ascii=False).encode()) > LARGEST:
        raise ValueError(f"the attributes are longer than {LARGEST} bytes")
    return dict(given)


def value(text: str) -> Value:
    """What a person means who writes ``7``, ``true`` or ``pro``: a number, a truth, or a text."""
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def name(text: str) -> str:
    """What an attribute is called after a column of that name; empty when nothing is left of it."""
    plain = unicodedata.normalize("NFKD", text.strip()).encode("ascii", "ignore").decode()
    found = re.sub(r"[^A-Za-z0-9-]+", "_", plain).strip("_-").lower()
    return f"_{found}"[:64] if found[:1].isdigit() else found[:64]


def fitting(given: Iterable[tuple[str, object]]) -> tuple[dict[str, Value], tuple[str, ...]]:
    """As much of it as may be kept, in order, and what a report says of the rest. Lists and the like become
    text."""
    kept: dict[str, Value] = {}
    said: list[str] = []
    room = LARGEST - 2
    for called, found in given:
        each, its = _flat(found), called if _NAME.fullmatch(called) else name(called)
        if each is None:
            continue
        size = len(json.dumps({its: each}, ensure_ascii=False).encode())
        wrong = _fault(each) or ("" if its else "has no name")
        if not wrong and (len(kept) == MOST or size > room):
            wrong = "is one too many"
        if wrong:
            said.append(f"the attribute {shown(called)} {wrong}: left out")
            continue
        room -= size
        kept[its] = each
    return kept, tuple(said)


def _flat(found: object) -> Value | None:
    if found is None or isinstance(found, bool | int | float):
        return found
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return text if text.isprintable() else " ".join(text.split())


def _fault(value: object) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return "" if abs(value) < 2**53 else "is larger than 2^53"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "is not a number"
    if not isinstance(value, str):
        return "is neither a text nor a number, true or false"
    if len(value) > LONGEST_TEXT:
        return f"is longer than {LONGEST_TEXT} characters"
    return "" if value.isprintable() else "has a control character"
