"""The consent log: only added to, verifiable, and what is personal in it can go."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import IntegrityError

from newsletter.audience import consent, subscribers
from newsletter.audience.consent import Action, Evidence, Form, Said
from newsletter.audience.subscriptions import Asked
from newsletter.store import tables as t
from newsletter.store.database import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FORM = Form("de", "Ja, schickt mir den Wochenbrief.\nIch kann jederzeit gehen.")


def said(id: int, action: Action = Action.CONFIRMED, **more: Any) -> Said:
    return Said(id, f"r{id}@x.example", "weekly", action, "active", **more)


def write(database: Database, call: Callable[[Connection], Any]) -> Any:
    return database.write(call)


@pytest.fixture
def log(database: Database) -> Database:
    """Four entries about three people."""
    evidence = Evidence(NOW, "form", "192.0.2.0/24", FORM)
    write(database, lambda c: consent.append(c, [said(1), said(2), said(3)], evidence))
    write(database, lambda c: consent.append(c, [said(1, Action.LEFT)], Evidence(NOW, "one-click")))
    return database


def verified(database: Database, known: str = "") -> consent.Verified:
    with database.read() as connection:
        return consent.verify(connection, known)


def tampered(database: Database, *statements: str) -> None:
    """Somebody with the file, and without our triggers."""
    with sqlite3.connect(database.path) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
    raw.close()


def test_what_was_agreed_can_be_read_back(log: Database) -> None:
    with log.read() as connection:
        first, second = consent.entries(connection, 1)

    assert first.said == {
        "address": "r1@x.example",
        "action": "confirmed",
        "at": "2026-11-22T09:00:00.000Z",
        "form": FORM.sha256,
        "frequency": "",
        "newsletter": "weekly",
        "note": "",
        "paused_until": None,
        "source": "192.0.2.0/24",
        "status": "active",
        "through": "form",
        "topics": [],
    }
    assert (first.form, second.form, second.said["action"]) == (FORM, None, "left")


def test_a_whole_chain_holds(log: Database) -> None:
    found = verified(log)
    assert (found.entries, found.erased, found.broken, found.why) == (4, 0, 0, "")
    assert len(bytes.fromhex(found.head)) == 32


@pytest.mark.parametrize("table", [t.consent, t.consent_form], ids=str)
def test_nothing_is_changed_or_deleted(log: Database, table: Any) -> None:
    column = next(iter(table.c))
    for statement in (update(table).values({column: column}), delete(table)):
        with pytest.raises(IntegrityError, match="is only added to"):
            write(log, lambda c, s=statement: c.execute(s) and None)
    assert verified(log).entries == 4


def test_what_was_said_is_not_changed(log: Database) -> None:
    with pytest.raises(IntegrityError, match="only added to and erased"):
        write(log, lambda c: c.execute(update(t.consent_detail).values(said="{}")) and None)


def test_an_entry_is_not_replaced_or_put_between(log: Database) -> None:
    row = {"at": NOW, "subscriber_id": 9, "commitment": b"", "link": b""}
    for id in (2, 6):
        with pytest.raises(IntegrityError, match="only added to"):
            write(
                log,
                lambda c, id=id: c.execute(insert(t.consent).prefix_with("OR REPLACE").values(id=id, **row)),
            )
    assert verified(log).broken == 0


@pytest.mark.parametrize(
    ("statement", "broken", "why"),
    [
        (
            "UPDATE consent_detail SET said = replace(said, 'r2@', 'r9@') WHERE consent_id = 2",
            2,
            "was changed",
        ),
        ("UPDATE consent_detail SET salt = zeroblob(16) WHERE consent_id = 3", 3, "was changed"),
        ("UPDATE consent SET at = at + 1 WHERE id = 2", 2, "does not follow"),
        ("UPDATE consent SET subscriber_id = 7 WHERE id = 4", 4, "does not follow"),
        ("UPDATE consent SET link = zeroblob(32) WHERE id = 1", 1, "does not follow"),
        ("DELETE FROM consent WHERE id = 3", 4, "entry 3 is missing"),
        ("DELETE FROM consent WHERE id = 1", 2, "entry 1 is missing"),
        ("DELETE FROM consent_detail WHERE consent_id = 3", 3, "nobody erased the person"),
    ],
)
def test_the_first_broken_link_is_named(log: Database, statement: str, broken: int, why: str) -> None:
    tampered(log, statement)
    found = verified(log)
    assert found.broken == broken
    assert why in found.why


def test_an_end_that_was_cut_off_is_told_by_who_noted_the_head(log: Database) -> None:
    noted = verified(log).head
    write(log, lambda c: consent.append(c, [said(5)], Evidence(NOW, "form")))
    assert verified(log, noted).broken == 0
    tampered(log, "DELETE FROM consent_detail WHERE consent_id >= 4", "DELETE FROM consent WHERE id >= 4")
    assert verified(log).broken == 0
    assert (verified(log, noted).broken, "was taken away" in verified(log, noted).why) == (4, True)


def test_the_chain_holds_when_a_person_was_forgotten(log: Database) -> None:
    head = verified(log).head
    write(log, lambda c: consent.forget(c, 1, Action.ERASED, Evidence(NOW, "operator")))
    found = verified(log, head)
    assert (found.entries, found.erased, found.broken) == (5, 2, 0)
    with log.read() as connection:
        kept = connection.exec_driver_sql("SELECT group_concat(said) FROM consent_detail").scalar()
        assert [entry.said.get("action") for entry in consent.entries(connection, 1)] == [
            None,
            None,
            "erased",
        ]
    assert kept is not None and "r1@x.example" not in kept and "r2@x.example" in kept


def test_the_same_words_never_have_the_same_commitment(database: Database) -> None:
    write(database, lambda c: consent.append(c, [said(1), said(1)], Evidence(NOW, "form")))
    with database.read() as connection:
        one, two = connection.exec_driver_sql("SELECT commitment FROM consent").scalars()
    assert one != two


def test_what_a_person_types_stays_inside_its_quotes(database: Database) -> None:
    odd = '"action":"erased" \\ ü \u2028'
    write(database, lambda c: consent.append(c, [said(1, note=odd, topics=(odd,))], Evidence(NOW, odd, odd)))
    with database.read() as connection:
        (entry,) = consent.entries(connection, 1)
        raw = connection.exec_driver_sql("SELECT said FROM consent_detail").scalar()
    assert (entry.said["note"], entry.said["topics"], entry.said["source"]) == (odd, [odd], odd)
    assert '"action":"erased"' not in str(raw) and json.loads(str(raw)) == entry.said


def test_every_change_of_a_subscription_is_in_the_log(database: Database) -> None:
    id = subscribers.add(database, "Ann@x.example", newsletters=("weekly", "daily"), now=NOW).subscriber_id
    until = NOW + timedelta(days=30)
    asked = Asked("weekly", ("cats", "dogs"), until)
    assert subscribers.adjust(database, id, ("weekly",), asked, Evidence(NOW, "preferences")) == ("weekly",)
    assert subscribers.adjust(database, id, ("weekly",), asked, Evidence(NOW, "preferences")) == ()
    subscribers.unsubscribe(database, id, "*", NOW)

    with database.read() as connection:
        told = [
            (e.said["newsletter"], e.said["action"], e.said["status"], e.said["frequency"], e.said["through"])
            for e in consent.entries(connection, id)
        ]
    assert told == [
        ("weekly", "added", "active", "", "operator"),
        ("daily", "added", "active", "", "operator"),
        ("weekly", "changed", "active", "weekly", "preferences"),
        ("daily", "left", "unsubscribed", "", "link"),
        ("weekly", "left", "unsubscribed", "weekly", "link"),
    ]
