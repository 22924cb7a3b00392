"""Octets -> Record, Record …: a CSV file as it comes, read line by line, each fault kept to its own row.

A row is parsed by itself, so that a quote that is never closed costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

#: Longer than any honest row; what is longer is skipped without being held in memory.
LONGEST_LINE: Final = 64 * 1024
#: Lines that one quoted row may span.
LONGEST_ROW: Final = 20
DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Record:
    """One row, cut into cells."""

    line: int  #: of the file, from 1, where the row begins
    cells: tuple[str, ...]
    legacy: bool  #: it was not UTF-8 and was read as Windows-1252
    names: tuple[str, ...] = ()  #: of the cells, where each row names its own


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not imported."""

    line: int
    address: str  #: or as much of the row as helps to find it: printable, at most 80 characters
    reason: str


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    legacy: bool
    whole: bool


class Rows:
    """The rows of an open file: :meth:`header` first, then iterate."""

    def __init__(self, raw: BinaryIO) -> None:
        self._file = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._number = 0
        self._held: deque[_Line] = deque()
        self._delimiter = ","

    def header(self, score: Callable[[tuple[str, ...]], int]) -> tuple[str, ...]:
        """The cells of the first line that is not blank, cut where `score` is highest, as are all rows from
        now on; empty when there is none. ValueError when the line is too long."""
        while line := self._line():
            if line.text.strip():
                break
        else:
            return ()
        if not line.whole:
            raise ValueError(f"the first line is longer than {LONGEST_LINE} characters")
        self._delimiter = max(DELIMITERS, key=lambda sign: score(_cut(line.text, sign)))
        return _cut(line.text, self._delimiter)

    def release(self) -> None:
        """Let go of the file, which stays open for whoever opened it."""
        self._file.detach()

    def __iter__(self) -> Iterator[Record | Rejected]:
        read, sign = self._file.readline, self._delimiter
        while True:
            if not self._held:
                raw = read(LONGEST_LINE)
                if not raw:
                    return
                self._number += 1
                if raw.isascii() and '"' not in raw and len(raw) < LONGEST_LINE:
                    text = raw.rstrip("\r\n")
                    if text and not text.isspace():
                        yield Record(self._number, tuple(text.split(sign)), False)
                    continue
                self._held.append(self._mended(raw))
            if (found := self._slowly(self._held.popleft())) is not None:
                yield found

    def _slowly(self, line: _Line) -> Record | Rejected | None:
        if not line.whole:
            self._skip_to_line_end()
            why = f"the line is longer than {LONGEST_LINE} characters"
            return Rejected(line.number, shown(line.text), why)
        return self._row(line) if line.text.strip() else None

    def _row(self, first: _Line) -> Record | Rejected:
        used = [first]
        reader = csv.reader(self._lines(used), delimiter=self._delimiter, strict=True)
        try:
            cells = tuple(next(reader))
        except csv.Error:
            self._held.extendleft(reversed(used[1:]))
            return Rejected(first.number, shown(first.text), "a quote is not closed, or text follows one")
        return Record(first.number, cells, any(line.legacy for line in used))

    def _lines(self, used: list[_Line]) -> Iterator[str]:
        """The row's lines as the parser asks for them; `used` keeps what it took, to be given back."""
        yield used[0].text
        while len(used) < LONGEST_ROW and (line := self._line()):
            used.append(line)
            if not line.whole:
                return
            yield line.text

    def _line(self) -> _Line | None:
        if self._held:
            return self._held.popleft()
        raw = self._file.readline(LONGEST_LINE)
        if not raw:
            return None
        self._number += 1
        return self._mended(raw)

    def _mended(self, raw: str) -> _Line:
        text, legacy = _read(raw)
        return _Line(self._number, text, legacy, len(raw) < LONGEST_LINE)

    def _skip_to_line_end(self) -> None:
        while (more := self._file.readline(LONGEST_LINE)) and not more.endswith(("\n", "\r")):
            pass


def shown(text: str) -> str:
    """Text of a file as a report may print it: no control characters, at most 80 characters."""
    short = text.strip()[:80]
    return "".join(sign if sign.isprintable() else "�" for sign in short)


def _cut(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(next(csv.reader([line], delimiter=delimiter), ()))


def _read(raw: str) -> tuple[str, bool]:
    """The line, and whether it had to be read as Windows-1252 (what no code page knows becomes U+FFFD)."""
    if raw.isascii():
        return raw, False
    try:
        raw.encode()
    except UnicodeEncodeError:
        return raw.encode("utf-8", "surrogateescape").decode("cp1252", "replace"), True
    return raw, False
