"""A piece of template code -> what its tag is given: ``name="value"``, ``name: "value"``, bare strings.

Authors put quotation marks inside quotation marks without escaping them. So a mark ends a
string only where something that may follow a string stands behind it: the next argument,
or the end of the tag.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

# All repetitions are bounded, or begin at the start of a word: time stays linear in the piece.
_OPENING = re.compile(
    r"(?:(?<![\w-])([\w-]{1,40})\s*[=:]\s*)?([\"'])|(?<![\w-])([\w-]{1,40})\s*=\s*([^\s\"',>%}]+)"
)
_END = re.compile(
    r"(?<!\\)[\"'](?=(?:\s{1,9},?|,)\s{0,9}(?:[\"']|[\w-]{1,40}\s{0,9}[=:])|[\w\s-]{0,60}(?:[-/]?[%>]?\}|/?>|\||$))"
)
_WORD = re.compile(r"([\"'])((?:[^\"'\\\s]|\\.)*)\1")
_ESCAPED = re.compile(r"\\([\"'\\])")


def arguments(piece: str) -> Iterator[tuple[str, str]]:
    """(name, value) of each argument in its order; the name is lower-case, and empty where none is said."""
    ends: dict[str, list[int]] = {'"': [], "'": []}
    for mark in _END.finditer(piece):
        ends[mark[0]].append(mark.start())
    at = 0
    while found := _OPENING.search(piece, at):
        at = found.end()
        if found[3]:
            yield found[3].lower(), found[4]
            continue
        close = _close(piece, at - 1, ends[found[2]])
        if close > 0:
            yield (found[1] or "").lower(), _ESCAPED.sub(r"\1", piece[at:close])
            at = close + 1


def _close(piece: str, opening: int, ends: list[int]) -> int:
    """Where the string that begins at `opening` ends; -1 when nowhere."""
    word = _WORD.match(piece, opening)
    if word:
        return word.end() - 1
    at = bisect_left(ends, opening + 1)
    return ends[at] if at < len(ends) else piece.find(piece[opening], opening + 1)
