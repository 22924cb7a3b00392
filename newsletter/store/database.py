"""Path -> Database: opened, migrated, checked, with one writer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from newsletter.errors import StoreError
from newsletter.store import dialect, migrate, sound
from newsletter.store.writer import Priority, Writer

T = TypeVar("T")

#: No transaction touches more rows than this one by one (what the database makes by itself may be more), and
#: a pause follows it: otherwise another process that wants to write waits for seconds.
CHUNK = 1000
PAUSE_SECONDS = 0.003


class Database:
    """The one database of a project. Use as a context manager, or call `close`."""

    def __init__(self, path: Path, reader: Engine, writer_engine: Engine) -> None:
        self.path = path
        self._reader = reader
        self._writer_engine = writer_engine
        self._writer = Writer(writer_engine)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the data; writing through it is a bug. :class:`StoreError` for damage."""
        try:
            with self._reader.connect() as connection:
                yield connection
        except DatabaseError as error:
            told = failure(self.path, error)
            if told is None or may_pass(error):
                raise
            raise told from error

    def write(self, call: Callable[[Connection], T], priority: Priority = Priority.BULK) -> T:
        """Run `call` in one transaction of the writer thread; return its result once committed.

        :class:`StoreError` when the database is locked for too long, full or damaged: nothing was written.
        """
        try:
            return self._writer.submit(call, priority).result()
        except DatabaseError as error:
            told = failure(self.path, error)
            if told is None:
                raise
            raise told from error

    def submit(self, call: Callable[[Connection], T], priority: Priority) -> Future[T]:
        """As :meth:`write`, without waiting; the future raises what the database raised."""
        return self._writer.submit(call, priority)

    def write_in_chunks(self, step: Callable[[Connection], bool]) -> None:
        """Repeat `step`, one transaction each, until it returns False; others may write in between."""
        while self.write(step):
            time.sleep(PAUSE_SECONDS)

    def compact(self) -> None:
        """Write the file anew, so that nothing that was deleted stands in it or its log; takes about a second
        for a hundred megabytes. :class:`StoreError` when others use it all the time."""
        connection = self._writer_engine.raw_connection()
        try:
            cursor = connection.cursor()
            for statement in dialect.COMPACT:
                cursor.execute(statement)
            if (answer := cursor.fetchone()) and answer[0]:
                raise StoreError(f"{self.path}: its log is in use; try again")
        except self._writer_engine.dialect.loaded_dbapi.OperationalError as error:
            raise StoreError(f"{self.path}: {error}") from error
        finally:
            connection.close()

    def compact_later(self) -> None:
        """Note that it is to be done, which :meth:`compact_if_noted` does: whoever asks need not wait."""
        self._noted.touch()

    def compact_if_noted(self) -> bool:
        """Whether there was a note, and it was done. :class:`StoreError` as in :meth:`compact`: the note
        stays."""
        if not self._noted.exists():
            return False
        self.compact()
        self._noted.unlink(missing_ok=True)
        return True

    @property
    def _noted(self) -> Path:
        """A file: a row that says so would be one more place to look at."""
        return self.path.with_name(f"{self.path.name}.compact")

    def close(self) -> None:
        self._writer.close()
        self._reader.dispose()
        self._writer_engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(path: Path) -> Database:
    """Open the database, creating or migrating it first. :class:`StoreError` says why it cannot be used:
    it is not ours, damaged, or lacks what was committed."""
    reader, writer = _engine(path, dialect.BEGIN_READ), _engine(path, dialect.BEGIN_WRITE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # addresses are nobody else's business; SQLite's other files follow this one
        crashed = sound.has_log(path)
        sound.require_whole_log(path)
        migrate.to_head(reader, writer, path)
        sound.require_sound(reader, path, crashed=crashed)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error
    except DatabaseError as error:
        raise StoreError(f"{path}: cannot be used as the database: {error.orig}") from error
    return Database(path, reader, writer)


def failure(path: Path, error: DatabaseError) -> StoreError | None:
    """What a person is told of it, and what to do; None for a mistake in a statement, which is a bug."""
    if may_pass(error):
        return StoreError(f"{path}: {error.orig}")
    if type(error) is not DatabaseError:
        return None
    return StoreError(
        f"{path}: is damaged ({error.orig}). Stop what uses it, keep a copy of it and of its -wal file, and "
        "restore a backup. What was on the wire may have been accepted: look into your mail server's log "
        "before you send again"
    )


def may_pass(error: DatabaseError) -> bool:
    """Whether trying again may help: the database is locked, its disk full or not to be read just now."""
    return isinstance(error, OperationalError)


def _engine(path: Path, begin: str) -> Engine:
    engine = create_engine(f"sqlite+pysqlite:///{path}")
    room = (dialect.ROOM_TO_WRITE,) if begin == dialect.BEGIN_WRITE else ()

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late
        cursor = connection.cursor()
        for statement in (*dialect.PRAGMAS, *room):
            cursor.execute(statement)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        dialect.begin(connection.connection.dbapi_connection, begin)

    return engine
