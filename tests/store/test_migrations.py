"""A database of an older version keeps what it holds."""

import json
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from newsletter.store import migrate
from newsletter.store.database import open_database

ISSUE = "weekly-2026-11-23"


def _old(path: Path, revision: str) -> sqlite3.Connection:
    """A file as that revision left it."""
    from alembic import command

    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {migrate.dialect.APPLICATION_ID}")
        command.upgrade(migrate.alembic_config(connection), revision)
    engine.dispose()
    return sqlite3.connect(path)


@pytest.fixture
def queued(tmp_path: Path) -> Path:
    """Revision 0003 with two subscribers' deliveries, a test's, and a bounce of the second."""
    path = tmp_path / "old.db"
    old = _old(path, "0003")
    old.execute(
        "INSERT INTO issue VALUES"
        " (?, 'issue', 'weekly', '', 1, 1, 'open', '', 2, 's', 'h', x'00', 'hold', 9, '{}')",
        (ISSUE,),
    )
    old.execute("INSERT INTO variant VALUES (1, ?, '[]', '{}')", (ISSUE,))
    old.executemany(
        "INSERT INTO delivery (id, kind, dedupe_key, issue_id, subscriber_id, variant_id, priority, due_at,"
        " state, state_at) VALUES (?, 'issue', ?, ?, ?, 1, 5, 1, ?, 1)",
        [
            (1, f"{ISSUE}:7", ISSUE, 7, "queued"),
            (2, f"{ISSUE}:8", ISSUE, 8, "sent"),
            (3, f"{ISSUE}:test", ISSUE, None, "sent"),
        ],
    )
    old.execute("INSERT INTO bounce VALUES (1, 2, 5, 'failed', '5.1.1', 'no such user')")
    old.commit()
    old.close()
    return path


def test_deliveries_and_their_bounces_are_there_after_an_upgrade(queued: Path) -> None:
    with open_database(queued) as database, database.read() as connection:
        kept = connection.exec_driver_sql(
            "SELECT id, dedupe_key, issue_id, subscriber_id, state FROM delivery"
        ).all()
        bounces = connection.exec_driver_sql("SELECT * FROM bounce").all()
        indexes = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE state = ''queued''%'"
        ).all()

    assert kept == [
        (1, None, ISSUE, 7, "queued"),
        (2, None, ISSUE, 8, "sent"),
        (3, f"{ISSUE}:test", ISSUE, None, "sent"),
    ]
    assert bounces == [(1, 2, 5, "failed", "5.1.1", "no such user")]
    assert indexes == [("ix_delivery_claim",)]


def test_a_bounce_still_goes_with_its_delivery(queued: Path) -> None:
    with open_database(queued) as database:
        database.write(lambda c: c.exec_driver_sql("DELETE FROM delivery WHERE id = 2") and None)
        with database.read() as connection:
            bounces = connection.exec_driver_sql("SELECT count(*) FROM bounce").scalar()

    assert bounces == 0


def test_the_way_back_leads_where_it_came_from(queued: Path) -> None:
    from alembic import command

    with sqlite3.connect(queued) as connection:
        before = _tables(connection)
    open_database(queued).close()
    engine = create_engine(f"sqlite:///{queued}")
    with engine.begin() as bound:
        command.downgrade(migrate.alembic_config(bound), "0003")
    engine.dispose()

    with sqlite3.connect(queued) as connection:
        assert _tables(connection) == before
    connection.close()


@pytest.fixture
def chosen(tmp_path: Path) -> Path:
    """Revision 0009; readers who had `each` by default, by choice, and by choice of another newsletter."""
    path = tmp_path / "old.db"
    old = _old(path, "0009")
    people = [(id, f"{id}@x.example", f"{id}@x.example", "", "", 1) for id in (1, 2, 3, 4)]
    old.executemany(
        "INSERT INTO subscriber (id, address, address_key, name, language, created_at) VALUES (?,?,?,?,?,?)",
        people,
    )
    old.executemany(
        "INSERT INTO subscription VALUES (?, ?, 'active', 5, NULL, ?, '[\"dogs\"]')",
        [(1, "weekly", "each"), (2, "weekly", "each"), (3, "weekly", "each"), (4, "weekly", "daily")],
    )
    log = [
        (1, "weekly", "added", "each"),
        (1, "weekly", "changed", "each"),  # about what
        (2, "weekly", "changed", "weekly"),
        (2, "weekly", "changed", "each"),
        (3, "blog", "changed", "weekly"),
        (3, "weekly", "changed", "each"),
    ]
    for entry, (id, newsletter, action, frequency) in enumerate(log, 1):
        said = {"address": "x", "action": action, "frequency": frequency, "newsletter": newsletter}
        old.execute("INSERT INTO consent VALUES (?, 1, ?, x'00', x'00')", (entry, id))
        text = json.dumps(said, separators=(",", ":"))
        old.execute("INSERT INTO consent_detail VALUES (?, x'00', ?)", (entry, text))
    old.commit()
    old.close()
    return path


def test_who_chose_no_frequency_has_none_after_an_upgrade(chosen: Path) -> None:
    with open_database(chosen) as database, database.read() as connection:
        kept = connection.exec_driver_sql("SELECT subscriber_id, frequency FROM subscription").all()
        others = connection.exec_driver_sql(
            "SELECT DISTINCT newsletter, status, since, paused_until, topics FROM subscription"
        ).all()
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT subscriber_id, topics, since FROM subscription "
            "WHERE newsletter = 'weekly' AND status = 'active' AND paused_until IS NULL AND frequency IN ('')"
        ).all()

    assert kept == [(1, ""), (2, "each"), (3, ""), (4, "daily")]
    assert others == [("weekly", "active", 5, None, '["dogs"]')]
    assert [row[-1] for row in plan] == [
        "SEARCH subscription USING COVERING INDEX ix_subscription_audience (newsletter=? AND status=?)"
    ]


def test_the_way_back_gives_each_to_who_chose_none(chosen: Path) -> None:
    from alembic import command

    open_database(chosen).close()
    engine = create_engine(f"sqlite:///{chosen}")
    with engine.begin() as bound:
        command.downgrade(migrate.alembic_config(bound), "0009")
    engine.dispose()

    with sqlite3.connect(chosen) as connection:
        kept = connection.execute("SELECT frequency FROM subscription ORDER BY subscriber_id").fetchall()
        ((table,),) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'subscription'"
        ).fetchall()
    connection.close()
    assert kept == [("each",), ("each",), ("each",), ("daily",)]
    assert table.rstrip().endswith("WITHOUT ROWID") and "DEFAULT 'each'" in table


def _tables(connection: sqlite3.Connection) -> tuple[list[object], ...]:
    """What the deliveries are, and what is in them."""
    return (
        connection.execute("PRAGMA foreign_key_list(delivery)").fetchall(),
        sorted(connection.execute("SELECT name FROM pragma_index_list('delivery')").fetchall()),
        connection.execute("SELECT id, dedupe_key, subscriber_id, state FROM delivery").fetchall(),
        connection.execute("SELECT * FROM bounce").fetchall(),
    )
