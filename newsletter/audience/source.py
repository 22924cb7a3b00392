"""Path -> Source: what a file holds, by its first octets and not its name; and whether it stays the same.

A zip is read where it stands. Nothing is unpacked to disk, and no file is held in memory.
"""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Literal, cast

from newsletter.errors import SubscribersError

#: No list is larger, unpacked, in octets; a hundred times as large as packed is normal, a thousand is not.
LARGEST: Final = 8 * 1024**3
_DENSEST: Final = 400
_HARMLESS: Final = 10 * 1024**2
#: Files in one zip.
MOST_PARTS: Final = 100
_ZIP: Final = b"PK\x03\x04"
_LISTS: Final = (".csv", ".tsv", ".txt", ".json", ".jsonl")
_UNREADABLE: Final = (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError)
_UNUSABLE: Final = {
    b"\xff\xfe": "is UTF-16; save it as CSV in UTF-8",
    b"\xfe\xff": "is UTF-16; save it as CSV in UTF-8",
    b"SQLite format 3": "is a database, not a CSV file",
    b"PK\x05\x06": "is an empty zip",
    b"\x1f\x8b": "is a gzip archive; unpack it and import the file inside",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One list in the file."""

    name: str  #: its own, without folders
    kind: Literal["csv", "json"]
    member: str  #: of the zip; empty: the file itself
    octets: int


@dataclass(frozen=True, slots=True)
class Source:
    """A file, as it was when it was looked at."""

    path: Path
    sha256: str
    stamp: str  #: of its size, time and place: it changes when the file does
    parts: tuple[Part, ...]
    left_out: tuple[str, ...]  #: files in the zip that are no lists

    @contextlib.contextmanager
    def opened(self, part: Part) -> Iterator[BinaryIO]:
        """The octets of a list, from the start. :class:`SubscribersError` when they cannot be read."""
        try:
            if not part.member:
                with self.path.open("rb") as file:
                    yield file
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(part.member) as member:
                yield cast(BinaryIO, member)
        except _UNREADABLE as error:
            raise SubscribersError(f"{self.path}: {_why(error)}") from error

    def is_unchanged(self) -> bool:
        """Whether the file is still as it was."""
        try:
            return stamp(self.path) == self.stamp
        except SubscribersError:
            return False


def stamp(path: Path) -> str:
    """What changes when the file does, at the cost of a stat. :class:`SubscribersError` when it is gone."""
    try:
        found = path.stat()
    except OSError as error:
        raise SubscribersError(f"{path}: {error.strerror or error}") from None
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


def look(path: Path) -> Source:
    """The lists in a file. :class:`SubscribersError` when it is missing or can hold none."""
    before = stamp(path)
    if not path.is_file():
        raise SubscribersError(f"{path}: is not a file")
    try:
        with path.open("rb") as file:
            start = file.read(4096)
            file.seek(0)
            digest = file_digest(file, "sha256").hexdigest()
        if start.startswith(_ZIP):
            parts, left_out = _zipped(path)
            return Source(path, digest, before, parts, left_out)
    except _UNREADABLE as error:
        raise SubscribersError(f"{path}: {_why(error)}") from error
    if why := _unusable(start):
        raise SubscribersError(f"{path}: {why}")
    return Source(path, digest, before, (Part(path.name, _kind(start), "", path.stat().st_size),), ())


def _zipped(path: Path) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    with zipfile.ZipFile(path) as archive:
        files = [one for one in archive.infolist() if not one.is_dir() and not _is_chaff(one.filename)]
        _check_size(path, files)
        parts, left_out = [], []
        for one in files:
            name = PurePosixPath(one.filename.replace("\\", "/")).name
            if one.flag_bits & 1:
                raise SubscribersError(
                    f"{path}: {name} needs a password; unpack it and import what is inside"
                )
            start = _start(archive, one)
            if not name.casefold().endswith(_LISTS) or _unusable(start) or start.startswith(_ZIP):
                left_out.append(name)
                continue
            parts.append(Part(name, _kind(start), one.filename, one.file_size))
        if broken := archive.testzip():
            raise SubscribersError(f"{path}: {PurePosixPath(broken).name} is damaged")
    if not parts:
        raise SubscribersError(
            f"{path}: no list is in the zip (found: {', '.join(left_out[:5]) or 'nothing'})"
        )
    return tuple(parts), tuple(left_out)


def _check_size(path: Path, files: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(one.file_size for one in files)
    if len(files) > MOST_PARTS:
        raise SubscribersError(f"{path}: {len(files)} files are in the zip; at most {MOST_PARTS} are read")
    dense = unpacked > _DENSEST * max(path.stat().st_size, 1)
    if unpacked > LARGEST or (dense and unpacked > _HARMLESS):
        raise SubscribersError(f"{path}: would be {unpacked:,} bytes unpacked, which no list is")


def _start(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    with archive.open(one) as member:
        return member.read(4096)


def _why(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else f"is damaged: {error}"


def _is_chaff(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name.startswith(".")


def _unusable(start: bytes) -> str:
    for magic, why in _UNUSABLE.items():
        if start.startswith(magic):
            return why
    return "is not a text file" if b"\0" in start.lstrip().partition(b"\n")[0] else ""


def _kind(start: bytes) -> Literal["csv", "json"]:
    return "json" if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{") else "csv"
