"""SQL that differs between databases. The only such place: SQLite now, PostgreSQL beside it later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.dml import Insert, Update

#: Marks a file as ours (``PRAGMA application_id``): "NWSL".
APPLICATION_ID = 0x4E57534C

BEGIN_READ = "BEGIN"
#: A transaction that reads and then writes must own the write lock from its start:
#: upgrading later fails at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.
BEGIN_WRITE = "BEGIN IMMEDIATE"

#: FULL: a committed intent must survive a power cut, else a mail could go out twice.
PRAGMAS = (
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def insert_new(table: Table) -> Insert:
    """INSERT that leaves an existing row with the same key alone."""
    return insert(table).on_conflict_do_nothing()


def pragma(connection: Connection, name: str) -> Any:
    """The value of a SQLite pragma."""
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


class Hot:
    """A statement that runs once a message: compiled once, and given to the driver as it is.

    `names` are its bound parameters, in the order in which rows bring their values; the values must be what
    the driver takes, for no type of ours is asked.
    """

    def __init__(self, statement: Update, *names: str) -> None:
        compiled: Any = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))
        self._sql = str(compiled)
        fixed = compiled.params
        places = {name: place for place, name in enumerate(names)}
        missing = [name for name in compiled.positiontup if name not in places and fixed[name] is None]
        if missing:
            raise ValueError(f"no value for {missing}")
        self._order = tuple((places.get(name, -1), fixed.get(name)) for name in compiled.positiontup)

    def many(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Run it for each row; how many rows of the database that touched."""
        if not rows:
            return 0
        values = [tuple(row[n] if n >= 0 else fixed for n, fixed in self._order) for row in rows]
        return connection.exec_driver_sql(self._sql, values if len(values) > 1 else values[0]).rowcount
