"""What was read of a content folder, in one SQLite file that may be deleted at any time.

A file is never written where others read it: whoever has something new writes a copy
and puts it in the place of the old one in one step. So there are no locks, two
processes may use it at once, and each keeps what it opened until it closes it. A file
that is damaged, foreign or of another version is done without: every mistake of SQLite
and every row that does not read is :class:`Unusable`.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

#: Nanoseconds within which a file may be written twice and look the same.
GRANULARITY = 2_000_000_000
_ENOUGH = 64  # rows that wait to be written
_OUTCOMES = 4  # settings whose outcome is kept
_LEFTOVER = 3600  # seconds after which an unfinished copy is nobody's
_PREFIX = ".content-cache-"
_PACKAGES = (
    "markdown-it-py",
    "mdit-py-plugins",
    "mdurl",
    "nh3",
    "pyyaml",
    "lxml",
    "charset-normalizer",
    "pillow",
)
_TABLES = """
create table about (version text);
create table file (path text primary key, signature text, facts blob, made blob) without rowid;
create table body (path text primary key, article blob);
create table line (path text, above integer, text blob);
create index line_path on line (path);
create table probe (place text primary key, signature text) without rowid;
create table outcome (settings text primary key, files text, since text, until text, head blob, used real);
create table listed (settings text, number integer, row blob, primary key (settings, number)) without rowid;
"""


class Unusable(Exception):
    """The cache cannot be used; nothing is lost."""


@contextmanager
def sound() -> Iterator[None]:
    """What goes wrong inside is the cache's fault."""
    try:
        yield
    except (sqlite3.Error, OSError, OverflowError) as wrong:
        raise Unusable(str(wrong)) from wrong


@contextmanager
def readable() -> Iterator[None]:
    """A row that does not read inside is the cache's fault."""
    try:
        yield
    except (ValueError, TypeError, LookupError, RecursionError) as wrong:
        raise Unusable(str(wrong)) from wrong


@cache
def version() -> str:
    """Changes with this package, with those that read files, with Python, and with the user."""
    seen = hashlib.sha256()
    ours = Path(__file__).parent
    for source in (*sorted(ours.glob("*.py")), ours.parent / "model.py"):
        seen.update(source.read_bytes())
    for name in _PACKAGES:
        seen.update(metadata.version(name).encode())
    seen.update(f"{sys.version} {os.geteuid()}".encode())
    return seen.hexdigest()


class Cache:
    """One file: what is read of it stays as it was when it was opened.

    `path` is None for a temporary one, which goes away with this object; `memory` spares the disk
    too. `folder` tells whose content it holds.
    """

    def __init__(self, path: Path | None, folder: str, *, memory: bool = False) -> None:
        self._path, self._memory = path, memory
        self._version = f"{version()} {folder}"
        self._source = ""
        self._waiting: list[tuple[str, str, bytes, bytes | None]] = []
        self._bodies: list[tuple[str, bytes]] = []
        self._lines: list[tuple[str, int, bytes]] = []
        self._unfinished = ""
        self._rows = self._opened()
        self._began_empty = self._rows is None

    def _opened(self) -> sqlite3.Connection | None:
        """The file as it stands; None when it does not stand, or is none of ours."""
        if self._path is None:
            return None
        rows = None
        try:
            if not _is_whole(self._path):
                return None
            address = f"file:{quote(str(self._path.absolute()))}?mode=ro&immutable=1"
            rows = _connected(address, uri=True)
            if rows.execute("select version from about").fetchall() == [(self._version,)]:
                return rows
        except (sqlite3.Error, OSError):
            pass
        if rows is not None:
            rows.close()
        return None

    # ── reading ─────────────────────────────────────────────────────────────

    def file(self, path: str) -> tuple[str, bytes] | None:
        """Signature and facts of a file, as they were when this was opened."""
        if self._began_empty:
            return None
        found: tuple[str, bytes] | None = self._one("select signature, facts from file where path = ?", path)
        return found

    def article(self, path: str) -> bytes:
        """The article of a file; Unusable when it is not there."""
        found = self._one("select article from body where path = ?", path)
        if found is None:
            raise Unusable(path)
        return bytes(found[0])

    def made(self) -> Iterator[tuple[str, bytes]]:
        """Path and making of every file that was made."""
        return self._all("select path, made from file where made is not null order by path")

    def paths(self) -> Iterator[tuple[str]]:
        """Every file that is known."""
        return self._all("select path from file")

    def probes(self) -> dict[str, str]:
        """The signatures of the places that articles asked for."""
        return dict(self._all("select place, signature from probe"))

    def outcome(self, settings: str) -> tuple[str, str, str, bytes] | None:
        """Files, first and last instant and head of what these settings gave."""
        statement = "select files, since, until, head from outcome where settings = ?"
        found: tuple[str, str, str, bytes] | None = self._one(statement, settings)
        return found

    def listed(self, settings: str) -> Iterator[tuple[bytes]]:
        """The rows of an outcome, in order."""
        return self._all("select row from listed where settings = ? order by number", settings)

    def repeated(self, paths: Iterable[str], least: int, *, above: bool) -> list[str]:
        """The lines that stand in at least so many of these page dumps, above or in and below the prose."""
        self.flush()
        with sound():
            rows = self._writable()
            rows.execute("create temp table if not exists counted (path text primary key) without rowid")
            rows.execute("delete from counted")
            rows.executemany("insert or ignore into counted values (?)", ((path,) for path in paths))
            found = rows.execute(
                "select text from line join counted using (path) where above = ?"
                " group by text having count(*) >= ? order by text",
                (int(above), least),
            )
            return [bytes(text).decode("utf-8", "surrogatepass") for (text,) in found]

    def _one(self, statement: str, *values: object) -> Any:
        if self._rows is None:
            return None
        with sound():
            return self._rows.execute(statement, values).fetchone()

    def _all(self, statement: str, *values: object) -> Iterator[Any]:
        if self._rows is not None:
            with sound():
                for row in self._rows.execute(statement, values):  # noqa: UP028 - would close it after its file
                    yield row

    # ── writing ─────────────────────────────────────────────────────────────

    def keep(
        self, path: str, signature: str, facts: bytes, made: bytes | None, article: bytes | None
    ) -> None:
        """Note what became of a file."""
        self._waiting.append((path, signature, facts, made))
        if article is not None:
            self._bodies.append((path, article))
        if len(self._waiting) >= _ENOUGH:
            self.flush()

    def keep_lines(self, path: str, above: Iterable[str], below: Iterable[str]) -> None:
        """Note the lines of a page dump."""
        with sound():
            self._writable().execute("delete from line where path = ?", (path,))
            for flag, lines in ((1, above), (0, below)):
                rows = ((path, flag, line.encode("utf-8", "surrogatepass")) for line in lines)
                self._writable().executemany("insert into line values (?, ?, ?)", rows)

    def flush(self) -> None:
        """Write what waits."""
        with sound():
            rows = self._writable()
            rows.executemany("insert or replace into file values (?, ?, ?, ?)", self._waiting)
            rows.executemany("insert or replace into body values (?, ?)", self._bodies)
        self._waiting, self._bodies = [], []

    def forget(self, paths: Iterable[str]) -> None:
        """These files are gone."""
        gone = [(path,) for path in paths]
        with sound():
            for table in ("file", "body", "line"):
                self._writable().executemany(f"delete from {table} where path = ?", gone)  # noqa: S608

    def keep_probes(self, probes: Iterable[tuple[str, str]]) -> None:
        """The places that articles ask for, instead of those that were noted."""
        with sound():
            self._writable().execute("delete from probe")
            self._writable().executemany("insert into probe values (?, ?)", probes)

    def forget_outcomes(self) -> None:
        """Articles have changed: whatever the settings were, the outcome is another."""
        with sound():
            self._writable().execute("delete from outcome")
            self._writable().execute("delete from listed")

    def keep_outcome(
        self, settings: str, files: str, since: str, until: str, head: bytes, listed: Iterable[bytes]
    ) -> None:
        """What these settings gave for these files, at any time between two instants."""
        with sound():
            rows = self._writable()
            rows.execute("delete from listed where settings = ?", (settings,))
            values = (settings, files, since, until, head, time.time())
            rows.execute("insert or replace into outcome values (?, ?, ?, ?, ?, ?)", values)
            old = rows.execute(
                "select settings from outcome order by used desc limit -1 offset ?", (_OUTCOMES,)
            )
            for gone in old.fetchall():
                rows.execute("delete from outcome where settings = ?", gone)
                rows.execute("delete from listed where settings = ?", gone)
            numbered = ((settings, number, row) for number, row in enumerate(listed))
            rows.executemany("insert into listed values (?, ?, ?)", numbered)

    def publish(self) -> None:
        """Put what was written in the place of the old file, where there is room and leave to."""
        if self._source != "copy":
            return
        with sound():
            self._writable().commit()
        if self._unfinished and self._path is not None and Path(self._unfinished).parent == self._path.parent:
            with suppress(OSError):
                Path(self._unfinished).replace(self._path)
                self._unfinished = ""
        self.discard()

    def discard(self) -> None:
        """Take away the copy that was not published; what is open stays readable."""
        if self._unfinished:
            with suppress(OSError):
                Path(self._unfinished).unlink()
            self._unfinished = ""

    def close(self) -> None:
        """Nothing can be read any more."""
        self.discard()
        if self._rows is not None:
            self._rows.close()
            self._rows = None

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    def _writable(self) -> sqlite3.Connection:
        """A copy of the file, or a new one, that nobody else knows."""
        if self._rows is not None and self._source == "copy":
            return self._rows
        old, self._rows = self._rows, None
        self._unfinished = "" if self._memory else self._new_file()
        self._rows = _connected(self._unfinished or ":memory:")
        self._source = "copy"
        if old is None:
            self._rows.executescript(_TABLES)
            self._rows.execute("insert into about values (?)", (self._version,))
        else:
            # Out of what we have open: another process may have replaced the file since.
            old.backup(self._rows)
            old.close()
        return self._rows

    def _new_file(self) -> str:
        """The name of a new file beside the cache, or else among the temporary ones."""
        if self._path is not None:
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                _sweep(self._path.parent)
                return _made_in(self._path.parent)
        return _made_in(None)


def _made_in(folder: Path | None) -> str:
    descriptor, name = tempfile.mkstemp(prefix=_PREFIX, dir=folder)
    os.close(descriptor)
    return name


def _connected(address: str, *, uri: bool = False) -> sqlite3.Connection:
    rows = sqlite3.connect(address, uri=uri, check_same_thread=False)
    if not uri:
        for pragma in ("journal_mode=off", "synchronous=off", "locking_mode=exclusive", "page_size=8192"):
            rows.execute(f"pragma {pragma}").fetchall()
    return rows


def _is_whole(path: Path) -> bool:
    """Whether a file is an SQLite database of the size that it names."""
    with path.open("rb") as file:
        head = file.read(100)
        size = os.fstat(file.fileno()).st_size
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    return head[:16] == b"SQLite format 3\0" and size == page * int.from_bytes(head[28:32], "big")


def _sweep(folder: Path) -> None:
    """Take away copies that were never finished."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFTOVER:
                left.unlink()
