"""The database file -> whether it is whole, ours, writable, private, and has room to grow."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning
from newsletter.store import dialect

#: An issue for a million people takes about half of it, with the write-ahead log.
ROOMY = 1_000_000_000
LEAST = 100_000_000
_BUSY_SECONDS = 5.0


def look(path: Path) -> Iterator[Diagnosis]:
    """The lines about the database at `path`."""
    folder = _existing(path.parent)
    if not path.exists():
        if os.access(folder, os.W_OK):
            yield ok("database", f"{path} is not there yet; the first command that needs it makes it")
        else:
            yield failure("database", f"{folder} cannot be written", f"sudo chown $USER {folder}")
    else:
        yield _whole(path)
        yield _writable(path)
        yield _private(path)
    yield _room(folder)


def _existing(folder: Path) -> Path:
    return folder if folder.exists() or folder.parent == folder else _existing(folder.parent)


def _whole(path: Path) -> Diagnosis:
    topic, restore = "database", f"restore {path} from your last backup, then `newsletter tick --adopt`"
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            if connection.execute("PRAGMA application_id").fetchone()[0] != dialect.APPLICATION_ID:
                return failure(topic, f"{path} is not a newsletter's", "name another file in [store] path")
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return failure(topic, f"{path}: {error}", restore)
    return ok(topic, f"{path} is whole") if said == "ok" else failure(topic, f"{path}: {said}", restore)


def _writable(path: Path) -> Diagnosis:
    topic = "database writes"
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as connection:
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return warning(topic, "another program holds the lock for seconds", f"see who: fuser -v {path}")
        return failure(topic, f"{path}: {error}", f"sudo chown $USER {path.parent} {path}*")
    except sqlite3.Error as error:
        return failure(topic, f"{path}: {error}", "see the line about the database")
    return ok(topic, "can be written")


def _private(path: Path) -> Diagnosis:
    topic = "database privacy"
    files = (path, path.with_name("secret.key"))
    open_ones = [file for file in files if file.exists() and file.stat().st_mode & 0o077]
    if open_ones:
        names = " ".join(map(str, open_ones))
        return warning(topic, "other users of this machine can read addresses or keys", f"chmod 600 {names}")
    return ok(topic, "only you can read it")


def _room(folder: Path) -> Diagnosis:
    topic, free = "disk space", shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free in {folder}"
    if free < LEAST:
        return failure(topic, text, "make room, or name another disk in [store] path")
    return warning(topic, text, "make room before a large issue") if free < ROOMY else ok(topic, text)
