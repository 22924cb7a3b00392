"""Whether this file is the database that sends, or a copy of it: restored, on another machine, or beside it.

The file holds a name and an epoch that grows before and after every sending. The same stands outside of it,
in the state folder of the user, under a name that only this machine gives it. So a copy is found out:

    nothing stands outside         it was used on another machine, or by another user
    the epoch outside is higher    it was restored from a backup: what was sent since is not in it
    another file has the name      it was copied on this machine, and both are there

A copy sends nothing until a person adopts it; moving a database on one machine is none of these.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import uuid
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from newsletter.errors import CopiedDatabase, StoreError
from newsletter.store import tables as t
from newsletter.store.database import Database

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def state_folder(environ: Mapping[str, str]) -> Path:
    """Where this user's programs keep what belongs to the machine (XDG Base Directory)."""
    named = environ.get("XDG_STATE_HOME", "")
    base = Path(named) if named.startswith("/") else Path("~/.local/state").expanduser()
    return base / "newsletter"


def machine() -> str:
    """What tells this machine from others, and stays over restarts; empty where nothing does."""
    for path in _MACHINE_IDS:
        with suppress(OSError):
            if text := path.read_text("ascii", "ignore").strip():
                return text
    node = uuid.getnode()
    return "" if node >> 40 & 1 else f"{node:012x}"  # a made-up one has the multicast bit (RFC 4122 4.5)


@dataclass(frozen=True, slots=True)
class Noted:
    """What stands outside the database."""

    epoch: int
    database: Path


class Instance:
    """One database as this machine and user know it."""

    def __init__(self, database: Database, folder: Path, machine: str) -> None:
        """`folder` as :func:`state_folder` gives it, `machine` as :func:`machine`; nothing is read yet."""
        self._database = database
        self._path = database.path.absolute()
        self._folder = folder
        self._machine = machine

    def copied(self) -> str:
        """Why this is a copy that must not send; empty when it may."""
        # Under the write lock: else another process may note a sending between our two looks.
        return self._database.write(self._copied)

    def advance(self) -> None:
        """Note that a sending begins, or has ended: older copies can be told from now on.

        :class:`CopiedDatabase` when this is a copy itself; :class:`StoreError` when that cannot be noted.
        """
        self._note(*self._database.write(self._advanced))

    def adopt(self) -> None:
        """From now on this is the database that sends, and each other copy on this machine is one that must
        not. StoreError when that cannot be noted."""
        self._note(*self._database.write(self._adopted))

    # ── inside the database ─────────────────────────────────────────────────

    def _copied(self, connection: Connection) -> str:
        row = connection.execute(select(t.instance)).first()
        if row is None:
            return ""
        noted = self._noted(row.name)
        if noted is None:
            return "it was last used on another machine, or by another user of this one"
        if noted.epoch > row.epoch:
            other = f"; {noted.database} is the one that sends" if noted.database != self._path else ""
            return f"it is an older copy, such as one from a backup: it lacks what was sent since then{other}"
        if self._is_elsewhere(row.name, noted.database):
            return f"it is a copy of {noted.database}, which is still there"
        return ""

    def _advanced(self, connection: Connection) -> tuple[str, int]:
        row = connection.execute(select(t.instance)).first()
        if row is None:
            return self._begun(connection)
        if reason := self._copied(connection):
            raise CopiedDatabase(reason)
        return self._grown(connection, row.name, row.epoch + 1)

    def _adopted(self, connection: Connection) -> tuple[str, int]:
        row = connection.execute(select(t.instance)).first()
        if row is None:
            return self._begun(connection)
        noted = self._noted(row.name)
        # The same name, a later epoch: whatever file had it before is the older copy from now on.
        return self._grown(connection, row.name, max(row.epoch, noted.epoch if noted else 0) + 1)

    def _begun(self, connection: Connection) -> tuple[str, int]:
        name = secrets.token_hex(16)
        connection.execute(insert(t.instance).values(id=1, name=name, epoch=1))
        return name, 1

    def _grown(self, connection: Connection, name: str, epoch: int) -> tuple[str, int]:
        connection.execute(update(t.instance).values(epoch=epoch))
        return name, epoch

    # ── outside of it ───────────────────────────────────────────────────────

    def _file(self, name: str) -> Path:
        # Hashed with the name: a machine-id should not be shown (machine-id(5)).
        return self._folder / hashlib.sha256(f"{name} {self._machine}".encode()).hexdigest()[:32]

    def _noted(self, name: str) -> Noted | None:
        try:
            found = json.loads(self._file(name).read_text("utf-8"))
            return Noted(int(found["epoch"]), Path(found["database"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self._file(name)}: cannot be read: {error}") from None

    def _note(self, name: str, epoch: int) -> None:
        """Whole or not at all, and never an older epoch over a newer one that another process noted."""
        file = self._file(name)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self._folder / "lock").open("a") as lock:
                flock(lock, LOCK_EX)
                before = self._noted(name)
                _replace(
                    file, {"epoch": max(epoch, before.epoch if before else 0), "database": str(self._path)}
                )
        except OSError as error:
            text = (
                f"{file}: {error.strerror}; let XDG_STATE_HOME name a folder that can be written and is kept"
            )
            raise StoreError(text) from error

    def _is_elsewhere(self, name: str, path: Path) -> bool:
        """Whether another file at `path` is the same database, and not one that took its place."""
        try:
            return not path.samefile(self._path) and _name_in(path) == name
        except OSError:
            return False


def _replace(file: Path, content: Mapping[str, object]) -> None:
    fresh = file.with_name(f"{file.name}.new")
    with fresh.open("w", encoding="utf-8") as out:
        json.dump(content, out)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _name_in(path: Path) -> str:
    """The name that the database at `path` has; empty when it cannot be asked."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return str(connection.execute("SELECT name FROM instance").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return ""
