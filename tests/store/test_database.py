"""The database: made once, migrated, ours alone, durable."""

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from newsletter.errors import StoreError
from newsletter.store import migrate, tables
from newsletter.store.alive import Presence, is_alive
from newsletter.store.database import Database, open_database
from newsletter.store.writer import Priority


def test_the_migrations_end_where_the_tables_are(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with open_database(tmp_path / "n.db") as database, database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
        scripts = ScriptDirectory.from_config(migrate.alembic_config(connection))

    assert differences == []
    assert scripts.get_current_head() == migrate.HEAD


def test_a_commit_survives_a_power_cut(database: Database) -> None:
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE precious (x)")
    theirs.close()

    with pytest.raises(StoreError, match=r"theirs\.db: is a database, but not a newsletter's"):
        open_database(path)
    with sqlite3.connect(path) as again:
        assert again.execute("SELECT name FROM sqlite_master").fetchall() == [("precious",)]
    again.close()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be read as one" * 20])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "n.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"n\.db: cannot be used as the database: file is not a database"):
        open_database(path)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="file"):
        open_database(tmp_path / "file" / "n.db")


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    open_database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(StoreError, match="newer version"):
        open_database(path)


def test_processes_that_meet_on_an_empty_file_make_it_once(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from newsletter.store.database import open_database\n"
        "open_database(pathlib.Path(sys.argv[1])).close()"
    )
    together = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, str(tmp_path / "n.db")], stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1] for process in together]

    assert errors == [b""] * 4
    assert [process.returncode for process in together] == [0] * 4


def test_times_come_back_aware_and_to_the_millisecond(database: Database) -> None:
    when = datetime(2026, 11, 23, 8, 0, 0, 123_000, tzinfo=UTC)
    database.write(
        lambda c: c.execute(insert(tables.article).values(title="t", path="p", first_seen_at=when)) and None
    )

    with database.read() as connection:
        assert when == connection.execute(select(tables.article.c.first_seen_at)).scalar()


def test_a_failed_transaction_leaves_nothing_and_the_writer_lives_on(database: Database) -> None:
    def fails(connection: object) -> None:
        connection.execute(insert(tables.zone).values(name="UTC"))  # type: ignore[attr-defined]
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        database.write(fails)
    with database.read() as connection:
        assert connection.execute(select(tables.zone)).all() == []
    assert database.write(lambda c: 1) == 1


def test_a_readers_click_goes_before_bulk(database: Database) -> None:
    gate, order = threading.Event(), []
    first = database._writer.submit(lambda _: gate.wait(10), Priority.BULK)
    waiting = [
        database._writer.submit(lambda _, n=name: order.append(n), priority)
        for name, priority in [("bulk", Priority.BULK), ("outcome", Priority.OUTCOMES), ("web", Priority.WEB)]
    ]
    gate.set()
    for future in (first, *waiting):
        future.result(10)

    assert order == ["web", "outcome", "bulk"]


def test_a_process_is_alive_as_long_as_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "n.db"
    script = (
        "import sys, pathlib; from newsletter.store.alive import Presence\n"
        "with Presence(pathlib.Path(sys.argv[1])) as p: print(p.owner, flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    owner = process.stdout.readline().strip()

    assert is_alive(path, owner)
    process.kill()
    process.communicate(timeout=30)
    assert not is_alive(path, owner)
    assert not is_alive(path, owner)


def test_a_process_that_left_is_not_alive(tmp_path: Path) -> None:
    with Presence(tmp_path / "n.db") as presence:
        assert is_alive(tmp_path / "n.db", presence.owner)
    assert not is_alive(tmp_path / "n.db", presence.owner)
