"""Who is alive: each process that sends holds a locked file, which the kernel unlocks when it dies.

A process id would not do: it may be given to another program, and means nothing
in another container that shares the folder.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path


class Presence:
    """This process's name among those that use the database, for as long as it is held."""

    def __init__(self, database: Path) -> None:
        self._folder = _folder(database)
        self.owner = secrets.token_hex(8)
        self._descriptor = -1

    def __enter__(self) -> Presence:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Locked under a hidden name first: nobody may find the file before it is locked.
        hidden = self._folder / f".{self.owner}"
        self._descriptor = os.open(hidden, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        hidden.rename(self._folder / self.owner)
        return self

    def __exit__(self, *_: object) -> None:
        (self._folder / self.owner).unlink(missing_ok=True)
        os.close(self._descriptor)


def is_alive(database: Path, owner: str) -> bool:
    """Whether the process of that name still runs; False is certain."""
    file = _folder(database) / owner
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        file.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)


def _folder(database: Path) -> Path:
    return database.with_name(database.name + ".owners")
