"""Brings a database to the newest shape with Alembic, and refuses what is not ours."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect

from newsletter.errors import StoreError
from newsletter.store import dialect

if TYPE_CHECKING:
    from alembic.config import Config

#: The newest revision; a test holds it equal to Alembic's own answer, so that
#: opening a database that is up to date need not import Alembic.
HEAD = "0012"
SCRIPTS = Path(__file__).parent / "migrations"
#: Alembic keeps what it works on in a global of its own: two threads of a process must not meet there.
_ONE_AT_A_TIME = threading.Lock()


def to_head(reader: Engine, writer: Engine, path: Path) -> None:
    """Create or upgrade the tables. :class:`StoreError` for a foreign file or one from a newer version."""
    with reader.connect() as connection:
        if revision(connection, path) == HEAD:
            return
    # The write lock is taken before Alembic looks: of two processes that meet on
    # an empty file, the second finds the work done.
    with writer.begin() as connection:
        if revision(connection, path) != HEAD:
            _upgrade(connection, path)


def revision(connection: Connection, path: Path) -> str | None:
    """The revision that the file has; None when it is new."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    ours = dialect.pragma(connection, "application_id") == dialect.APPLICATION_ID
    if not ours or "alembic_version" not in tables:
        raise StoreError(f"{path}: is a database, but not a newsletter's; name another one in [store] path")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def _upgrade(connection: Connection, path: Path) -> None:
    from alembic import command
    from alembic.util import CommandError

    connection.exec_driver_sql(f"PRAGMA application_id = {dialect.APPLICATION_ID}")
    try:
        with _ONE_AT_A_TIME:
            command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise StoreError(f"{path}: was made by a newer version of newsletter ({error})") from error


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for one open connection; the migrations run in its transaction."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
