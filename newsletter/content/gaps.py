"""What was taken out of an article, as ``{{ name }}`` or a link to ``javascript:`` -> Problems.

Site generators run what stands in a text, so that taking it out is right; that nobody is told is not.
Shortcodes, tags and comments are no gaps: they stand for boxes, pictures and videos.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from newsletter.content.fields import Fields
from newsletter.content.template_code import CLOSE, OPEN, Masked
from newsletter.model import Problem

#: How these problems end: the checks have levels of their own for them.
OF_A_TEXT: Final = "is left out: only the site could fill it in"
OF_A_TITLE: Final = "is left out of the title: nobody fills it in"
_LINKS: Final = "a mail links to http, https, mailto and tel only"
_MOST: Final = 20  #: links of one file that are told
_LONGEST: Final = 60  #: characters of a piece that are told

#: Not what stands for an address, as in ``{{ "/a/b.png" | url }}``: nobody would have read it.
_EXPRESSION = re.compile(r"""\{\{(?![<%!#>/*]|-?\s*/\*|-?\s*["'][^"']*/)""")
_IN_A_FIELD = re.compile(r"\{\{[^{}]{0,500}\}\}|\{%[^{}]{0,500}%\}")


def in_body(masked: Masked, path: str, first: int) -> tuple[Problem, ...]:
    """What is missing from a text whose line 1 is line `first` of the file: one problem a kind of thing."""
    return (*_filled_in(masked, path, first), *_unlinked(masked, path, first))


def _filled_in(masked: Masked, path: str, first: int) -> Iterator[Problem]:
    found = [number for number in masked.dropped if _EXPRESSION.match(masked.pieces[number])]
    if found:
        line = first + _lines_before(masked, f"{OPEN}{found[0]}{CLOSE}")
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield Problem(path, line, f"{_shown(masked.pieces[found[0]])}{more} {OF_A_TEXT}")


def _unlinked(masked: Masked, path: str, first: int) -> Iterator[Problem]:
    for target in dict.fromkeys(masked.unlinked[:_MOST]):
        line = first + (_lines_before(masked, target) or _lines_before(masked, unquote(target)))
        yield Problem(path, line, f"the link {_shown(target)} is left out: {_LINKS}")


def _lines_before(masked: Masked, words: str) -> int:
    return masked.text.count("\n", 0, max(masked.text.find(words), 0))


def in_field(fields: Fields, names: tuple[str, ...], told: str) -> tuple[tuple[int, str], ...]:
    """Line and text of the problem of the first of these fields that says something."""
    said, line = fields.raw(names)
    found = _IN_A_FIELD.search(said)
    return ((line, f"{_shown(found[0])} {told}"),) if found else ()


def _shown(piece: str) -> str:
    told = " ".join(piece.split())
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
