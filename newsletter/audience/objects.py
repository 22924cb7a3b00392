"""Octets -> Record, Record …: a list as JSON, one object a person, never more of it in memory than one needs.

An array, an array under ``results``, ``subscribers`` or ``data``, or an object on each line.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from newsletter.audience.cells import Record, Rejected, shown

#: Longer than any honest person's object, in characters.
LONGEST_OBJECT: Final = 64 * 1024
_BLOCK: Final = 64 * 1024
_WRAPPED: Final = re.compile(r'\s*\{[^\[\]{}]{0,2000}"(?:results|subscribers|data)"\s*:\s*\[')
_BETWEEN: Final = re.compile(r"[\s,]*")
_decode: Final = json.JSONDecoder().raw_decode


class Objects:
    """The people of an open JSON file."""

    def __init__(self, raw: BinaryIO) -> None:
        self._file = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace")
        self._text = ""
        self._at = 0
        self._line = 1
        self._first: Record | Rejected | None = None

    def header(self) -> tuple[str, ...]:
        """The names in the first object; empty when there is none. ValueError when it cannot be read."""
        self._open()
        if not self._skip() or self._text[self._at] == "]":
            return ()
        self._first = self._object()
        if isinstance(self._first, Rejected):
            raise ValueError(self._first.reason)
        return self._first.names

    def release(self) -> None:
        """Let go of the file, which stays open for whoever opened it."""
        self._file.detach()

    def __iter__(self) -> Iterator[Record | Rejected]:
        if self._first is None:
            self._open()
        else:
            yield self._first
        while self._skip():
            if self._text[self._at] == "]":
                return
            found = self._object()
            yield found
            if isinstance(found, Rejected):
                return

    def _open(self) -> None:
        self._more()
        start = _WRAPPED.match(self._text)
        if start:
            self._pass(start.end())
        elif self._text.lstrip().startswith("["):
            self._pass(self._text.index("[") + 1)

    def _skip(self) -> bool:
        """Go to where the next object begins; False when there is none."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            assert between is not None
            self._pass(between.end())
            if self._at < len(self._text):
                return True
            if not self._more():
                return False

    def _object(self) -> Record | Rejected:
        while True:
            try:
                found, end = _decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError) as error:
                if len(self._text) - self._at < LONGEST_OBJECT and self._more():
                    continue
                why = getattr(error, "msg", "nested too deep")
                return Rejected(self._line, shown(self._text[self._at : self._at + 80]),
                                f"the JSON is broken here, and what follows is not read: {why}")  # fmt: skip
            line = self._line
            self._pass(end)
            if not isinstance(found, dict):
                return Rejected(line, shown(str(found)), "is not an object; what follows is not read")
            return Record(line, tuple(map(_cell, found.values())), False, tuple(map(str, found)))

    def _pass(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        block = self._file.read(_BLOCK)
        self._text = self._text[self._at :] + block
        self._at = 0
        return bool(block)


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
