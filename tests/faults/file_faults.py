"""A database file that must not be worked with: refused at the start, with a message that names it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from newsletter.errors import StoreError
from newsletter.store.database import open_database
from tests.faults.real_line import laid_out
from tests.faults.report import Fault

REFUSED = "refused, exit code 3"
NOBODY = 65534


def faults() -> list[Fault]:
    return [
        Fault("read-only file", REFUSED, _read_only_file),
        Fault("read-only folder", REFUSED, _read_only_folder),
        Fault("a folder that cannot be made", REFUSED, _no_folder),
        Fault("damaged pages", REFUSED, _damaged_pages),
        Fault("the log was cut", REFUSED, _cut_log),
        Fault("the log was taken away", REFUSED, _missing_log),
        Fault("the log of another database", REFUSED, _other_log),
        Fault("somebody else's file", REFUSED, _foreign),
        Fault("a log that a killed process left", "taken up", _left_log),
    ]


def _opened(path: Path) -> str:
    try:
        open_database(path).close()
    except StoreError as error:
        if path.name not in str(error) or "\n" in str(error):
            return f"refused without saying what: {error}"
        return f"refused, exit code {error.exit_code}"
    return "taken up"


# ── who may write ───────────────────────────────────────────────────────────

SCRIPT = """
import os, pathlib, sys
from newsletter.errors import StoreError
from newsletter.store.database import open_database
from tests.faults import file_faults
if os.getuid() == 0:
    os.setgid(file_faults.NOBODY), os.setuid(file_faults.NOBODY)
sys.stdout.write(file_faults._opened(pathlib.Path(sys.argv[1])))
"""


def _opened_by_anybody(path: Path) -> str:
    """By a process that is not root: root may write everything."""
    words = [sys.executable, "-c", SCRIPT, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout or done.stderr[-500:]


def _with_modes(file: int, folder: int) -> str:
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        path = laid_out(place, 1)
        path.chmod(file)
        place.chmod(folder)
        return _opened_by_anybody(path)
    finally:
        place.chmod(0o700)
        shutil.rmtree(place)


def _read_only_file(folder: Path) -> Sequence[str]:
    return [_with_modes(0o444, 0o777)]


def _read_only_folder(folder: Path) -> Sequence[str]:
    return [_with_modes(0o666, 0o555)]


def _no_folder(folder: Path) -> Sequence[str]:
    (folder / "file").touch()
    return [_opened(folder / "file" / "n.db"), _opened(folder / "file" / "deeper" / "n.db")]


# ── what is in it ───────────────────────────────────────────────────────────


def _damaged_pages(folder: Path) -> Sequence[str]:
    """Each page but the first is overwritten in turn; also the head of the file."""
    given = []
    pages = laid_out(folder, 8).stat().st_size // 4096
    for page in (0, *range(1, pages, max(1, pages // 12))):
        path = laid_out(folder, 8)
        used = _is_used(path, page)
        with path.open("r+b") as file:
            file.seek(page * 4096)
            file.write(b"\xff" * 200 if page else b"\0" * 60)
        if used:
            given.append(_opened(path))
    return given


def _is_used(path: Path, page: int) -> bool:
    """A page that is free holds nothing that could be lost."""
    with sqlite3.connect(path) as connection:
        count = connection.execute("PRAGMA freelist_count").fetchone()[0]
    connection.close()
    return not count or page == 0


def _crashed(folder: Path) -> Path:
    """A database with what a killed process leaves: the log and its index."""
    path = laid_out(folder, 8)
    live = sqlite3.connect(path)
    for _ in range(5):
        live.execute("UPDATE delivery SET state = 'sent'")
        live.commit()
    copy = path.with_name("crashed-" + path.name)
    for ending in ("", "-wal", "-shm"):
        shutil.copy(f"{path}{ending}", f"{copy}{ending}")
    live.close()
    return copy


def _with_log(folder: Path, change: Callable[[Path], object]) -> str:
    path = _crashed(folder)
    change(path.with_name(path.name + "-wal"))
    return _opened(path)


def _cut_log(folder: Path) -> Sequence[str]:
    lengths: list[Callable[[int], int]] = [lambda n: 0, lambda n: 16, lambda n: n // 2, lambda n: n - 1]
    return [
        _with_log(folder, lambda log, cut=cut: os.truncate(log, cut(log.stat().st_size)))  # type: ignore[misc]
        for cut in lengths
    ]


def _missing_log(folder: Path) -> Sequence[str]:
    return [_with_log(folder, Path.unlink)]


def _other_log(folder: Path) -> Sequence[str]:
    other = _crashed(folder)
    return [_with_log(folder, lambda log: shutil.copy(f"{other}-wal", log))]


def _left_log(folder: Path) -> Sequence[str]:
    path = _crashed(folder)
    told = _opened(path)
    with sqlite3.connect(path) as connection:
        states = {row[0] for row in connection.execute("SELECT state FROM delivery")}
    connection.close()
    return [told if states == {"sent"} else f"{told}, and what was committed is gone"]


def _foreign(folder: Path) -> Sequence[str]:
    theirs, text, newer = folder / "theirs.db", folder / "text.db", laid_out(folder, 1)
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    text.write_text("not a database at all, but long enough to be taken for one\n" * 100)
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    return [_opened(path) for path in (theirs, text, newer)]
