"""Outside text -> lines of at most 76 columns, guarded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining, east_asian_width

from newsletter.issue.slots import SLOT, guard

WIDTH: Final = 76  #: columns; RFC 5322 2.1.1 asks for at most 78 characters
#: What is never broken: a slot, a run of ASCII, a character with its marks.
_ATOM = re.compile(r"%%[A-Z0-9_]+%%|[!-$&-~]+|.[\u0300-\u036f\u3099\u309a\ufe0f]*", re.DOTALL)
_NOT_FIRST: Final = frozenset(
    "、。，．・：；！？…‥ー々ゝゞ」』）】〉》〕］｝ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
_NOT_LAST: Final = frozenset("「『（【〈《〔［｛")
_FILLED: Final = "x" * 28  #: in place of a slot, whose value nobody knows yet


def wrapped(text: str, first: str = "", rest: str = "") -> Iterator[str]:
    """Lines of outside text, guarded, `first` in front of the first and `rest` in front of the others.

    Text without spaces, as Japanese has it, breaks anywhere; an address is never broken.
    """
    width = WIDTH - max(columns(first), columns(rest))
    for place, line in enumerate(lines_of(guard(text), width)):
        yield (rest if place else first) + line


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in text)


def lines_of(text: str, width: int = WIDTH) -> Iterator[str]:
    """Lines of a text that is guarded already and may have slots; they count as 28 columns."""
    line, taken = "", 0
    measure = len if text.isascii() and "%%" not in text else _filled
    for word in text.split():
        joined, own = f"{line} {word}" if line else word, measure(word)
        if (both := taken + bool(line) + own) <= width:
            line, taken = joined, both
        elif (own <= width and not _wide(word)) or "://" in word:
            if line:
                yield line
            line, taken = word, own
        else:
            *whole, line = _broken(joined, width)
            taken = _filled(line)
            yield from whole
    if line:
        yield line


def _wide(word: str) -> bool:
    return not word.isascii() and any(east_asian_width(character) in "WF" for character in word)


def _filled(text: str) -> int:
    return columns(SLOT.sub(_FILLED, text) if "%%" in text else text)


def _broken(text: str, width: int) -> Iterator[str]:
    line: list[str] = []
    for atom in _atoms(text, width):
        if line and _filled("".join((*line, atom))) > width:
            end = _end(line, atom)
            yield "".join(line[:end]).rstrip(" ")
            line = line[end:]
        if line or atom != " ":
            line.append(atom)
    yield "".join(line)


def _end(line: list[str], after: str) -> int:
    """How many atoms stay on the line: a comma takes the one before it down with it."""
    end, following = len(line), [*line, after]
    while end > 1 and (following[end][0] in _NOT_FIRST or line[end - 1] in _NOT_LAST):
        end -= 1
    return end


def _atoms(text: str, width: int) -> Iterator[str]:
    for atom in _ATOM.findall(text):
        if columns(atom) <= width or SLOT.fullmatch(atom):
            yield atom
        else:
            yield from atom
