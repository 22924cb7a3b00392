"""SQL that differs between databases. The only such place: SQLite now, PostgreSQL beside it later."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.dml import Insert

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
