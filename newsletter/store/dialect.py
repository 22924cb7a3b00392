"""SQL that differs between databases. The only such place: SQLite now, PostgreSQL beside it later."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    String,
    Subquery,
    Table,
    bindparam,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql.dml import Insert, Update

#: Marks a file as ours (``PRAGMA application_id``): "NWSL".
APPLICATION_ID = 0x4E57534C

BEGIN_READ = "BEGIN"
#: A transaction that reads and then writes must own the write lock from its start:
#: upgrading later fails at once with SQLITE_BUSY_SNAPSHOT, whatever the busy timeout.
BEGIN_WRITE = "BEGIN IMMEDIATE"

#: Seconds that a lock of another process is waited for.
PATIENCE = 30
_WAIT = f"PRAGMA busy_timeout = {1000 * PATIENCE}"

#: FULL: a committed intent must survive a power cut, else a mail could go out twice.
PRAGMAS = (
    _WAIT,
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
#: Of who writes: the pages that one part of an issue touches, four megabytes of them, stay at hand. With half
#: of that some are written and read again before its transaction ends, which costs a tenth of the whole.
ROOM_TO_WRITE = "PRAGMA cache_size = -4000"


#: Outside a transaction: after these nothing that was deleted stands in the file or in its log.
COMPACT = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")


def wipe_what_is_freed(connection: Connection) -> None:
    """From now on this connection writes zeros over what it deletes."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON")


def begin(connection: Any, statement: str) -> None:
    """Begin a transaction. A writer asks for the lock every other millisecond, as long as it has patience.

    SQLite by itself asks ever more seldom, in the end ten times a second: beside somebody who writes all the
    time, with pauses of a few milliseconds, that would hit none of them for long.
    """
    if statement != BEGIN_WRITE:
        connection.execute(statement)
        return
    deadline = time.monotonic() + PATIENCE
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _began(connection, statement, deadline):
            time.sleep(0.002)
    finally:
        connection.execute(_WAIT)


def _began(connection: Any, statement: str, deadline: float) -> bool:
    try:
        connection.execute(statement)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
            raise
        return False
    return True


def insert_new(table: Table) -> Insert:
    """INSERT that leaves an existing row with the same key alone."""
    return insert(table).on_conflict_do_nothing()


def insert_or_change(table: Table, changes: Callable[[Any], Mapping[str, Any]]) -> Insert:
    """INSERT that changes a row with the same primary key; `changes` is told the columns of the new row."""
    made = insert(table)
    return made.on_conflict_do_update(index_elements=table.primary_key.columns, set_=changes(made.excluded))


def domain_of(address_key: ColumnElement[str]) -> ColumnElement[str]:
    """``@`` and what stands behind it."""
    return func.substr(address_key, func.instr(address_key, "@"))


def json_value(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
    """What a JSON object has under `name`, as a plain value; NULL for nothing."""
    return func.json_extract(column, _path(name))


def json_kind(column: ColumnElement[Any], name: str) -> ColumnElement[str]:
    """Of what kind that is: ``text``, ``integer``, ``real``, ``true``, ``false`` …; NULL for nothing."""
    return func.json_type(column, _path(name))


def json_has(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Whether one of `values` stands in a JSON array."""
    each = func.json_each(column).table_valued("value")
    return exists(select(each.c.value).where(each.c.value.in_(values)))


def json_empty(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether nothing stands in a JSON array."""
    return func.json_array_length(column) == 0


def _path(name: str) -> str:
    """SQLite takes what stands between the quotes as it is, so that none may stand in it."""
    if '"' in name or "\\" in name:
        raise ValueError(f"{name!r} cannot be asked for")
    return f'$."{name}"'


def pragma(connection: Connection, name: str) -> Any:
    """The value of a SQLite pragma."""
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def given(parameter: str, *columns: str) -> Subquery:
    """The rows of a JSON array of arrays that is bound as `parameter`."""
    each = func.json_each(bindparam(parameter, type_=String)).table_valued("value").alias(f"each_{parameter}")
    return select(
        *(func.json_extract(each.c.value, f"$[{n}]").label(name) for n, name in enumerate(columns))
    ).subquery(f"given_{parameter}")


def lookup(parameter: str, **columns: Any) -> CTE:
    """The same as :func:`given`, read once: for a join with many rows, each of which finds its own in it.

    Each column says its type: without one SQLite would not look it up by that column.
    """
    rows = given(parameter, *columns)
    typed = (cast(rows.c[name], type_).label(name) for name, type_ in columns.items())
    return select(*typed).cte(f"lookup_{parameter}").prefix_with("MATERIALIZED")


def numbers(parameter: str) -> Select[Any]:
    """The numbers, or texts, of a JSON array that is bound as `parameter`."""
    return select(func.json_each(bindparam(parameter, type_=String)).table_valued("value").c.value)


def as_json(rows: Select[Any]) -> Select[Any]:
    """All of `rows`, in their order, as one JSON array of arrays."""
    inner = rows.subquery("inner_rows")
    return select(func.json_group_array(func.json_array(*inner.c)))


class Bulk:
    """An INSERT of many rows: compiled once, its rows given to the driver as they are.

    Each row is a tuple of what the driver takes, in the order of `columns`; no type of ours is asked, which
    would cost more than the database takes.
    """

    def __init__(self, statement: Insert, *columns: str) -> None:
        compiled: Any = statement.compile(
            dialect=sqlite.dialect(paramstyle="qmark"), column_keys=list(columns)
        )
        self._sql = str(compiled)
        assert sorted(compiled.positiontup) == sorted(columns)
        self._order = tuple(columns.index(name) for name in compiled.positiontup)
        self._is_sorted = self._order == tuple(range(len(columns)))

    def __call__(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert them, in order."""
        if not rows:
            return
        pick = self._order
        given = list(rows) if self._is_sorted else [tuple(row[n] for n in pick) for row in rows]
        connection.exec_driver_sql(self._sql, given)


class Hot:
    """A statement that runs once a window: compiled once, and given to the driver as it is.

    Values must be what the driver takes, for no type of ours is asked. Many rows go in and come out as one
    JSON text: the driver lets another thread run at each row, and to get its turn back costs more than that.
    """

    def __init__(self, statement: Select[Any] | Update | Insert) -> None:
        compiled: Any = statement.compile(
            dialect=sqlite.dialect(paramstyle="qmark"), compile_kwargs={"render_postcompile": True}
        )
        self._sql = str(compiled)
        self._names: tuple[str, ...] = tuple(compiled.positiontup)
        self._fixed: dict[str, Any] = {k: v for k, v in compiled.params.items() if v is not None}

    @property
    def sql(self) -> str:
        return self._sql

    def __call__(self, connection: Connection, **values: Any) -> CursorResult[Any]:
        """Run it. A KeyError for a value that is missing."""
        fixed = self._fixed
        bound = tuple(values[name] if name in values else fixed[name] for name in self._names)
        return connection.exec_driver_sql(self._sql, bound)
