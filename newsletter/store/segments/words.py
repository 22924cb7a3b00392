"""str -> Word, Word …: a segment as it is cut up. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

#: Characters of a segment; nobody can read a longer one.
LONGEST: Final = 2000

Kind = Literal["name", "text", "number", "sign", "end"]
_WORD: Final = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<text>"(?:[^"\\\n]|\\["\\])*")"""
    r"""|(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![0-9A-Za-z_.]))|(?P<sign>==|!=|<=|>=|[<>()\[\],.])|(?P<end>$))"""
)


class SegmentError(ValueError):
    """What is wrong with a segment, and where."""

    def __init__(self, at: int, text: str) -> None:
        super().__init__(f"at character {at}: {text}")
        self.at = at  #: from 1


@dataclass(frozen=True, slots=True)
class Word:
    """The smallest part that means something."""

    kind: Kind
    text: str  #: of a text what stands between the quotes, unescaped
    at: int  #: where it begins, from 1

    @property
    def shown(self) -> str:
        return {"end": "the end", "text": f'"{self.text}"'}.get(self.kind, self.text)


def words(text: str) -> tuple[Word, ...]:
    """The words of `text`, an ``end`` after them. :class:`SegmentError` for what is none."""
    if len(text) > LONGEST:
        raise SegmentError(LONGEST + 1, f"a segment has at most {LONGEST} characters")
    found: list[Word] = []
    place = 0
    while not found or found[-1].kind != "end":
        match = _WORD.match(text, place)
        if match is None:
            raise _unreadable(text, place)
        found.append(_word(match))
        place = match.end()
    return tuple(found)


def _word(match: re.Match[str]) -> Word:
    kind: Any = match.lastgroup
    text = match[kind]
    if kind == "text":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return Word(kind, text, match.start(kind) + 1)


def _unreadable(text: str, place: int) -> SegmentError:
    place += len(text[place:]) - len(text[place:].lstrip())
    if text[place] == '"':
        return SegmentError(place + 1, 'a text that is not closed: write "…", and \\" for a quote in it')
    if text[place] == "'":
        return SegmentError(place + 1, 'a text stands between double quotes: "…"')
    if text[place] == "=":
        return SegmentError(place + 1, "write == to compare")
    return SegmentError(place + 1, f"{text[place]} means nothing here")
