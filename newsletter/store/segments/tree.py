"""What a segment says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Value = str | bool | int | float
Sign = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "has", "has any", "has all"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison."""

    field: str  #: one of :data:`newsletter.store.segments.fields.FIELDS`
    attribute: str  #: which, where the field is ``attributes``
    sign: Sign
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    part: Node


@dataclass(frozen=True, slots=True)
class All:
    """Parts with ``and`` between them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Parts with ``or`` between them."""

    parts: tuple[Node, ...]


Node = Comparison | Not | All | Any
