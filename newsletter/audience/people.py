"""Cells -> Person: what may stand in the fields of a person."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache

from newsletter.audience.addresses import Address
from newsletter.audience.attributes import Value
from newsletter.audience.subscriptions import ACTIVE, Wish
from newsletter.audience.suppression import Suppression

LONGEST_NAME = 200
LONGEST_TAG = 100
MOST_TAGS = 100

#: RFC 5646 2.1, the shape only; no language of more than three letters was ever registered.
_LANGUAGE = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3})(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?P<rest>(?:-[a-z0-9]{5,8}|-[0-9][a-z0-9]{3})*"
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.IGNORECASE,
)
#: A spreadsheet takes a cell that begins so for a formula, in ASCII or full width.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_SEPARATORS = frozenset({"Zl", "Zp", "Cs"})
#: Overrides and isolates: they make the rest of a line read backwards.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Person:
    """What a row, or an operator, says about a person."""

    line: int  #: 0 when it comes from no file
    address: Address
    name: str
    tags: tuple[str, ...]
    zone: str  #: IANA; empty when not said
    language: str  #: BCP 47; empty when not said
    notes: tuple[str, ...] = ()  #: what was read differently from how it was written
    attributes: Mapping[str, Value] = field(default_factory=dict)
    wish: Wish | None = None  #: how they want the newsletters; None when not said
    status: str = ACTIVE  #: or ``pending``, or ``unsubscribed``
    #: Why they get nothing, where whoever brings them knows it. An empty scope: the newsletters asked for.
    barred: tuple[Suppression, ...] = ()
    created: datetime | None = None  #: when whoever brings them met them first
    since: datetime | None = None  #: when the subscription began to stand as it does
    proof: str = ""  #: when and from where they agreed, for the consent log


def clean(text: str, what: str) -> str:
    """The text without blanks around it. ValueError when it could forge a header or a report line."""
    text = text.strip(" \t\xa0")
    if text.isascii() and text.isprintable():
        return text
    for sign in text:
        if sign == "\0":
            raise ValueError(f"the {what} has a NUL byte")
        if sign in "\r\n":
            raise ValueError(f"the {what} has a line break")
        if unicodedata.category(sign) == "Cc" or unicodedata.category(sign) in _SEPARATORS:
            raise ValueError(f"the {what} has a control character")
        if sign == "�":
            raise ValueError(f"the {what} has bytes that are neither UTF-8 nor Windows-1252")
    return text


def person_name(text: str) -> str:
    """A display name that may stand in a header. ValueError when it may not."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the name is longer than {LONGEST_NAME} characters")
    if "=?" in name:
        raise ValueError("the name looks like an encoded word, which can hide a header")
    if not _TURNS.isdisjoint(name):
        raise ValueError("the name turns the direction of writing")
    return name


def guarded(text: str) -> str:
    """The cell with ``'`` before what a spreadsheet would run as a formula."""
    return f"'{text}" if text.lstrip("'")[:1] in _FORMULA else text


def unguarded(text: str) -> str:
    """The cell as it was before :func:`guarded`."""
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in _FORMULA else text


def tag_names(given: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: once each, as given. ValueError says what is wrong with them."""
    tags = (" ".join(unicodedata.normalize("NFC", tag).split()) for tag in given)
    unique = tuple(dict.fromkeys(tag for tag in tags if tag))
    if len(unique) > MOST_TAGS:
        raise ValueError(f"there are more than {MOST_TAGS} tags")
    if any(len(tag) > LONGEST_TAG for tag in unique):
        raise ValueError(f"a tag is longer than {LONGEST_TAG} characters")
    return unique


def zone_name(text: str) -> str:
    """The IANA zone that is meant. ValueError when there is none of that name."""
    if name := _zones().get(text.casefold(), ""):
        return name
    near = difflib.get_close_matches(text.casefold(), _zones(), n=1)
    hint = f", did you mean {_zones()[near[0]]}?" if near else ""
    raise ValueError(f"unknown time zone {text[:60]}{hint}")


def language_tag(text: str) -> str:
    """A BCP 47 tag in its usual spelling. ValueError when it has not the shape of one."""
    tag, wrong = language(text)
    if wrong or not tag:
        raise ValueError(f"{text[:60]!r} is not a language tag such as en or pt-BR")
    return tag


@lru_cache(maxsize=1024)
def zone(text: str) -> tuple[str, str]:
    """The IANA zone that is meant, and what a report says when there is none."""
    name = _zones().get(text.casefold(), "") if text else ""
    return name, f"unknown time zone {text[:60]}: left out" if text and not name else ""


@cache
def _zones() -> dict[str, str]:
    from zoneinfo import available_timezones

    return {name.casefold(): name for name in available_timezones()}


@lru_cache(maxsize=1024)
def language(text: str) -> tuple[str, str]:
    """A BCP 47 tag in its usual spelling, and what a report says when it is none."""
    found = _LANGUAGE.fullmatch(text.replace("_", "-")) if text else None
    if not found:
        return "", f"{text[:60]} is not a language tag: left out" if text else ""
    script, region = found["script"] or "", found["region"] or ""
    parts = (found["language"].lower(), script.title(), region.upper())
    return "-".join(part for part in parts if part) + (found["rest"] or "").lower(), ""
