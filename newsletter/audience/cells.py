"""Path -> Record, Record …: a CSV file as it comes, read line by line, each fault kept to its own row.

A row is parsed by itself, so that a quote that is never closed costs one row and not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import TextIO

from newsletter.errors import SubscribersError

#: Longer than any honest row; what is longer is skipped without being held in memory.
LONGEST_LINE = 64 * 1024
#: Lines that one quoted row may span.
LONGEST_ROW = 20
DELIMITERS = (",", ";", "\t")

_UNUSABLE = {
    b"PK\x03\x04": "is a zip archive; unpack it and import the CSV file inside",
    b"\xff\xfe": "is UTF-16; save it as CSV in UTF-8",
    b"\xfe\xff": "is UTF-16; save it as CSV in UTF-8",
    b"SQLite format 3": "is a database, not a CSV file",
}


@dataclass(frozen=True, slots=True)
class Record:
    """One row, cut into cells."""

    line: int  #: of the file, from 1, where the row begins
    cells: tuple[str, ...]
    legacy: bool  #: it was not UTF-8 and was read as Windows-1252


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


def fingerprint(path: Path) -> str:
    """The SHA-256 of the file. :class:`SubscribersError` when it is missing or cannot hold text."""
    try:
        if path.exists() and not path.is_file():
            raise SubscribersError(f"{path}: is not a file")
        with path.open("rb") as file:
            start = file.read(4096)
            file.seek(0)
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SubscribersError(f"{path}: {error.strerror or error}") from None
    for magic, why in _UNUSABLE.items():
        if start.startswith(magic):
            raise SubscribersError(f"{path}: {why}")
    if b"\0" in start.lstrip().partition(b"\n")[0]:
        raise SubscribersError(f"{path}: is not a text file")
    return digest


class Rows:
    """The rows of an open file: :meth:`header` first, then iterate."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._number = 0
        self._held: deque[_Line] = deque()
        self._delimiter = ","

    def header(self) -> str:
        """The first line that is not blank, as it stands; empty when there is none."""
        while line := self._line():
            if line.text.strip():
                return line.text if line.whole else ""
        return ""

    def cut(self, header: str, delimiter: str) -> tuple[str, ...]:
        """The header's cells under a delimiter, which also holds for all rows read from now on."""
        self._delimiter = delimiter
        return tuple(next(csv.reader([header], delimiter=delimiter), ()))

    def __iter__(self) -> Iterator[Record | Rejected]:
        while line := self._line():
            if not line.whole:
                self._skip_to_line_end()
                yield Rejected(
                    line.number, shown(line.text), f"the line is longer than {LONGEST_LINE} characters"
                )
            elif line.text.strip():
                yield self._row(line)

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
        text, legacy = _mended(raw)
        return _Line(self._number, text, legacy, len(raw) < LONGEST_LINE)

    def _skip_to_line_end(self) -> None:
        while (more := self._file.readline(LONGEST_LINE)) and not more.endswith(("\n", "\r")):
            pass


@contextmanager
def opened(path: Path) -> Iterator[Rows]:
    """The rows of a file; bytes that are no UTF-8 are mended line by line."""
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
        yield Rows(text)


def shown(text: str) -> str:
    """Text of a file as a report may print it: no control characters, at most 80 characters."""
    short = text.strip()[:80]
    return "".join(sign if sign.isprintable() else "�" for sign in short)


def _mended(raw: str) -> tuple[str, bool]:
    """The line, and whether it had to be read as Windows-1252 (what no code page knows becomes U+FFFD)."""
    if raw.isascii():
        return raw, False
    try:
        raw.encode()
    except UnicodeEncodeError:
        return raw.encode("utf-8", "surrogateescape").decode("cp1252", "replace"), True
    return raw, False
