"""What is packed of a person is shown to them, found when mail comes back, and goes when they are erased."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from newsletter.audience.bounces import Action, Notice
from newsletter.audience.consent import Evidence
from newsletter.audience.dossier import dossier
from newsletter.audience.erasing import erase
from newsletter.delivery.bounced import Effect, record
from newsletter.delivery.named import named
from newsletter.message.write import message_id
from newsletter.model import State
from newsletter.outbox import archive, operate
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.outbox.archiving import NAME, OLD, ended, newer_issues, old_issue
from tests.outbox.publishing import NOW, subscribe


@pytest.fixture
def packed(database: Database) -> Database:
    """Ten readers' deliveries of an old issue, packed."""
    subscribe(database, 10)
    old_issue(database)
    newer_issues(database)
    archive.pack(database, (NAME,), NOW, rows=4)
    return database


def inside(database: Database, words: bytes) -> bool:
    """Whether these stand anywhere in the database's files, packed or not."""
    with database.read() as connection:
        rows = [row.reply.encode() for row in archive.of_issue(connection, NAME)]
    files = [file.read_bytes() for file in database.path.parent.glob(f"{database.path.name}*")]
    return any(words in each for each in (*files, *rows))


def test_the_dossier_has_what_is_packed(packed: Database) -> None:
    old, *others = dossier(packed, "r2@example.org").deliveries

    assert (old.issue, old.state, old.attempts) == (NAME, "failed", 1)
    assert old.at == OLD + timedelta(seconds=2)
    assert "unknown" in old.reply
    assert [each.issue for each in others] == ["weekly-new0", "weekly-new1"]


def test_after_erasing_the_bare_number_is_left(packed: Database) -> None:
    before = operate_counts(packed)

    told = erase(packed, "r2@example.org", Evidence(NOW, "operator"))
    packed.compact()

    assert told.deliveries == 3
    assert not inside(packed, b"r2@example.org")
    with packed.read() as connection:
        (row,) = archive.of_person(connection, 2)
        others = [each for each in archive.of_issue(connection, NAME) if each.subscriber_id != 2]
    assert (row.state, row.code, row.reply) == (State.FAILED, 550, "")
    assert others == [each for each in ended() if each.subscriber_id != 2]
    assert operate_counts(packed) == before


def test_erasing_one_leaves_what_was_said_of_another(packed: Database) -> None:
    erase(packed, "r5@example.org", Evidence(NOW, "operator"))

    with packed.read() as connection:
        (row,) = archive.of_person(connection, 2)
    assert row == ended()[1]


def test_a_complaint_about_an_old_mail_is_taken(packed: Database) -> None:
    notice = Notice(Action.COMPLAINT, "", "", "", delivery_id=6, subscriber_id=0, message_id="")

    first = packed.write(lambda c: record(c, notice, NOW))
    again = packed.write(lambda c: record(c, notice, NOW))

    assert (first.effect, first.delivery_id, first.address) == (Effect.SUPPRESSED, 6, "r6@example.org")
    assert again.effect is Effect.KNOWN
    with packed.read() as connection:
        assert archive.of_person(connection, 6) == ()
        assert operate.counts(connection, NAME)[State.SENT] == 5


def test_a_notice_that_shows_the_message_id_finds_its_delivery(packed: Database) -> None:
    own = update(t.issue).where(t.issue.c.id == NAME).values(message_key=b"o" * 32)
    packed.write(lambda c: c.execute(own).rowcount)
    shown = message_id(b"o" * 32, "6", "slowpost.example")
    notice = Notice(Action.FAILED, "r6@example.org", "5.1.1", "gone", 0, 0, shown)

    with packed.read() as connection:
        assert named(connection, notice) == 6


def operate_counts(database: Database) -> operate.Counts:
    with database.read() as connection:
        return operate.counts(connection, NAME)
