"""Text with ``%%SLOTS%%`` in it -> text with their values; and what keeps outside text from being one.

A slot is ``%%NAME%%``, NAME being A-Z, 0-9 and underscore. Templates write them; articles, lists and
configuration never can, because of two rules that hold together:

1. Every ``%`` of outside text goes through the templates as one noncharacter, :data:`HIDDEN`
   (:func:`guard`): no filter, escaping, MJML or inliner makes a slot of it. At the end :func:`reveal` puts
   ``%`` back, or, where it would stand beside another ``%``, the slot ``%%PERCENT%%``.
2. Slots are filled in one pass (:func:`segments` is that pass, :func:`fill` its plain use): a value is never
   looked at again, and ``%%PERCENT%%`` always means ``%``.

So whoever writes a message must go through :func:`segments` or :func:`fill`, and never ``str.replace``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Final, TypeVar

from newsletter.issue.variant import variant_slots

__all__ = [
    "BLOCKS",
    "HIDDEN",
    "HIDDEN_IN_URL",
    "RECIPIENT_SLOTS",
    "SLOT",
    "SUBJECT",
    "fill",
    "fill_html",
    "guard",
    "guarded",
    "literal",
    "names",
    "reveal",
    "segments",
    "variant_slots",
]

SLOT: Final = re.compile(r"%%([A-Z0-9_]+)%%")
BLOCKS: Final = "%%BLOCKS%%"  #: in a frame, where the blocks of the variant go
SUBJECT: Final = "%%SUBJECT%%"  #: what a variant is about: the title of its first card, unless somebody said
PERCENT: Final = "PERCENT"  #: the slot whose value is always ``%``
HIDDEN: Final = "\ufdd1"  #: a Unicode noncharacter: "intended for process-internal uses"

#: What an address makes of it: libxml2 percent-encodes what is not ASCII in href and src.
HIDDEN_IN_URL: Final = "".join(f"%{byte:02X}" for byte in HIDDEN.encode())

#: Slots that the message of each recipient fills.
RECIPIENT_SLOTS: Final = frozenset({"UNSUBSCRIBE_URL", "PREFERENCES_URL", "ADDRESS", "NAME"})

# What neither XML nor HTML may carry: C0 and C1 controls but tab and newline, surrogates, noncharacters.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_RUN = re.compile(f"[%{HIDDEN}]*{HIDDEN}[%{HIDDEN}]*")

T = TypeVar("T")


def guard(text: str) -> str:
    """Outside text, safe to put into a template; :func:`reveal` undoes it. Unprintable characters go."""
    if not (text.isascii() and text.isprintable()):
        text = _UNFIT.sub("", text)
    return text.replace("%", HIDDEN)


def guarded(value: T) -> T:
    """The same value (a string, or a tuple or frozen dataclass of such) with every string guarded."""
    made: Any = value
    if isinstance(value, str):
        made = guard(value)
    elif isinstance(value, tuple):
        made = tuple(guarded(item) for item in value)
    elif names := _fields(type(value)):  # type: ignore[arg-type]  # mypy: a class has no hash
        given = {name: getattr(value, name) for name in names}
        found = {name: guarded(one) for name, one in given.items() if one}
        changed = {name: one for name, one in found.items() if one is not given[name]}
        made = replace(made, **changed) if changed else value
    return made  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _fields(kind: Hashable) -> tuple[str, ...]:
    """The names in a dataclass; of anything else none."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def reveal(text: str) -> str:
    """Finished HTML or text in which outside ``%`` is back, and cannot be mistaken for part of a slot."""
    hidden = text.replace(HIDDEN_IN_URL, HIDDEN)
    return _RUN.sub(_reveal_run, hidden) if HIDDEN in hidden else hidden


def _reveal_run(match: re.Match[str]) -> str:
    run = match[0]
    return "%" if run == HIDDEN else run.replace(HIDDEN, f"%%{PERCENT}%%")


@lru_cache(maxsize=16)
def segments(template: str) -> tuple[str, ...]:
    """Literal, slot name, literal, ... literal: odd places are names. ``%%PERCENT%%`` is resolved."""
    parts = SLOT.split(template)
    made = [parts[0]]
    for name, literal in zip(parts[1::2], parts[2::2], strict=True):
        if name == PERCENT:
            made[-1] += "%" + literal
        else:
            made += [name, literal]
    return tuple(made)


def names(template: str) -> frozenset[str]:
    """The slots that wait for a value."""
    return frozenset(segments(template)[1::2])


def fill(template: str, values: Mapping[str, str]) -> str:
    """Every slot replaced by its value, in one pass. A slot without a value is a KeyError."""
    parts = segments(template)
    return "".join(values[part] if place % 2 else part for place, part in enumerate(parts))


def fill_html(template: str, values: Mapping[str, str]) -> str:
    """As :func:`fill`, with each value escaped for HTML text and attributes."""
    return fill(template, {name: html.escape(value) for name, value in values.items()})


def literal(text: str) -> str:
    """Text that :func:`fill` gives back exactly as it is."""
    return reveal(text.replace("%", HIDDEN))
