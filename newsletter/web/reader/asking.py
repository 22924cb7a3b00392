"""Request -> what was asked for: a form, or a JSON object.

Whatever else comes is refused with a 4xx that says what is wrong; nothing that a stranger sends is a bug.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from newsletter.web.bodies import Refused, bounded

#: Bytes of a form; the largest that our own pages send has a tenth.
LARGEST: Final = 65_536
MOST_FIELDS: Final = 600
_URLENCODED: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, in order."""

    fields: tuple[tuple[str, str], ...] = ()

    def one(self, name: str) -> str:
        """The value of a field that comes once; empty when it is not there."""
        found = self.all(name)
        if len(found) > 1:
            raise Refused(400, f"the field {name} came {len(found)} times")
        return found[0] if found else ""

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a field that may come several times."""
        return tuple(value for key, value in self.fields if key == name)

    def has(self, name: str) -> bool:
        """Whether there is such a field."""
        return any(key == name for key, _ in self.fields)


async def form(request: Request) -> Form:
    """The urlencoded form in the body."""
    if _media_type(request) != _URLENCODED:
        raise Refused(415, f"a form comes as {_URLENCODED}")
    body = await bounded(request, LARGEST)
    try:
        fields = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=False,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refused(400, "the form is not well-formed UTF-8, or has too many fields") from None
    _plain(text for pair in fields for text in pair)
    return Form(tuple(fields))


async def json_object(request: Request) -> Mapping[str, Any]:
    """The JSON object in the body."""
    if _media_type(request) != "application/json":
        raise Refused(415, "the body comes as application/json")
    body = await bounded(request, LARGEST)
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not a JSON object with each key once") from None
    if not isinstance(found, dict):
        raise Refused(400, "the body is JSON, but no object")
    return found


def texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A text, or a list of texts, of a JSON object; empty when it is not there."""
    found = given.get(name, ())
    listed = (found,) if isinstance(found, str) else found
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise Refused(400, f"{name} is a text, or a list of texts")
    _plain(listed)
    return tuple(listed)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _plain(every: Iterable[str]) -> None:
    for text in every:
        if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
            raise Refused(400, "a field has a NUL or half a character")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key came twice")
    return made
