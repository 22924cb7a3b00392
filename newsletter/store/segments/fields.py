"""Which fields a segment may ask for, and what may be asked of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from newsletter.store.segments.tree import Value

_SAME: Final = ("==", "!=", "in", "not in")
_ORDER: Final = ("<", "<=", ">", ">=")
_SETS: Final = ("has", "has any", "has all")


@dataclass(frozen=True, slots=True)
class Field:
    """One field."""

    signs: tuple[str, ...]
    meaning: str  #: for people
    values: tuple[str, ...] = ()  #: all that it can be, where they are few
    is_date: bool = False


FIELDS: Final[Mapping[str, Field]] = {
    "email": Field(_SAME, "the address, in small letters"),
    "domain": Field(_SAME, "what stands behind the @"),
    "name": Field(_SAME, "the person's name"),
    "language": Field(_SAME, '"de" also means "de-AT"; empty is the newsletter\'s own'),
    "timezone": Field(_SAME, "an IANA name; empty where it is not known"),
    "tags": Field(_SETS, "the person's tags"),
    "topics": Field(_SETS, "what they chose to read about; who chose nothing has every topic"),
    "frequency": Field(
        _SAME, "how often they want mail; empty where they chose nothing", ("", "each", "daily", "weekly")
    ),
    "since": Field(_ORDER, "since when they have the newsletter", is_date=True),
    "created": Field(_ORDER, "since when they are known", is_date=True),
    "attributes": Field((*_SAME, *_ORDER), "attributes.NAME: whatever else is kept about them"),
}


def fault(name: str, sign: str, values: tuple[Value, ...]) -> str:
    """Why the field cannot be compared so; empty when it can."""
    field = FIELDS[name]
    if sign not in field.signs:
        return f"{name} cannot be asked with {sign}; write {', '.join(field.signs)}"
    return next(filter(None, (_odd_value(name, field, sign, value) for value in values)), "")


def _odd_value(name: str, field: Field, sign: str, value: Value) -> str:
    if name == "attributes":
        wrong = sign in _ORDER and (isinstance(value, str | bool))
        return "only numbers have an order" if wrong else ""
    if not isinstance(value, str):
        return f"{name} is compared with a text, which stands between quotes"
    if field.values and value not in field.values:
        known = ", ".join(each or '""' for each in field.values)
        return f'{name} is one of {known}, never "{value}"'
    return "" if not field.is_date or _date(value) else f'a day is written "2026-11-23", not "{value}"'


def day(value: str) -> datetime:
    """The moment, UTC, at which the day of a date begins."""
    found = _date(value)
    assert found is not None
    return found


def _date(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
