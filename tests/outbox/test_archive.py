"""What is packed stays known, one by one and to the second, and is in exactly one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from newsletter.model import State
from newsletter.outbox import archive, operate
from newsletter.outbox.archive import ArchivedRow
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.outbox.archiving import NAME, OLD, ended, newer_issues, old_issue
from tests.outbox.publishing import NOW, subscribe


@pytest.fixture
def old(database: Database) -> Database:
    """Ten readers' deliveries of an old issue, not packed yet."""
    subscribe(database, 10)
    old_issue(database)
    newer_issues(database)
    return database


def pack(database: Database, rows: int = archive.ROWS) -> None:
    """All that is due, so many rows in each transaction."""
    with database.read() as connection:
        due = archive.due_for_packing(connection, NOW - archive.KEPT)
    assert not archive.pack(database, due, NOW, rows=rows)


def packed(database: Database, name: str = NAME) -> list[ArchivedRow]:
    with database.read() as connection:
        return list(archive.of_issue(connection, name))


def rows(database: Database, name: str = NAME) -> list[int]:
    """Who still has a row of the issue."""
    d = t.delivery.c
    query = select(d.subscriber_id).where(d.issue_id == name).order_by(d.id)
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def change(database: Database, reader: int, **values: object) -> None:
    d = t.delivery.c
    row = update(t.delivery).where(d.issue_id == NAME, d.subscriber_id == reader)
    database.write(lambda c: c.execute(row.values(values)).rowcount)


def test_who_got_what_when_and_how_it_ended_is_remembered(old: Database) -> None:
    pack(old)

    assert packed(old) == ended()
    assert rows(old) == []


def test_counts_of_an_issue_are_what_they_were(old: Database) -> None:
    with old.read() as connection:
        before = operate.issue(connection, NAME), operate.counts(connection)

    pack(old)

    with old.read() as connection:
        assert (operate.issue(connection, NAME), operate.counts(connection)) == before
        assert archive.counts(connection, NAME) == {
            State.SENT: 5, State.FAILED: 2, State.SUPPRESSED: 1, State.CANCELLED: 1, State.PASSED: 1
        }  # fmt: skip


def test_one_reader_is_found_in_every_issue_and_in_some(old: Database) -> None:
    old_issue(old, name="weekly-older", due=OLD - timedelta(days=7))
    pack(old)

    with old.read() as connection:
        both = archive.of_person(connection, 2)
        one = archive.of_person(connection, 2, (NAME, "weekly-unknown"))
        many = {row.subscriber_id for row in archive.of_people(connection, (9, 2, 77), (NAME,))}

    assert [row.issue_id for row in both] == ["weekly-older", NAME]
    assert one == (ended()[1],)
    assert many == {2, 9}


def test_who_is_nowhere_is_not_found(old: Database) -> None:
    pack(old)

    with old.read() as connection:
        assert archive.of_person(connection, 11) == archive.of_person(connection, 0) == ()
        assert archive.of_number(connection, 999) is None
        assert list(archive.of_people(connection, (), (NAME,))) == []


def test_a_second_time_changes_nothing(old: Database) -> None:
    pack(old)
    pack(old)

    assert packed(old) == ended()
    with old.read() as connection:
        assert archive.due_for_packing(connection, NOW) == ()


def test_what_came_back_keeps_its_row(old: Database) -> None:
    news = {"delivery_id": 4, "at": NOW, "action": "failed", "status": "5.2.2", "text": "full"}
    old.write(lambda c: c.execute(insert(t.bounce).values(news)).rowcount)

    pack(old)

    assert rows(old) == [4]
    assert [row.subscriber_id for row in packed(old)] == [1, 2, 3, 5, 6, 7, 8, 9, 10]
    with old.read() as connection:
        assert operate.counts(connection, NAME).recipients == 9  # and one for whom there was nothing


@pytest.mark.parametrize("state", [State.QUEUED, State.SENDING, State.DEFERRED, State.IN_DOUBT])
def test_an_issue_in_which_anything_is_open_keeps_all_rows(old: Database, state: State) -> None:
    change(old, 6, state=state)

    pack(old)

    assert packed(old) == []
    assert len(rows(old)) == 10


def test_only_what_is_old_enough_and_ended_is_packed(database: Database) -> None:
    subscribe(database, 10)
    old_issue(database, name="weekly-young", due=NOW - timedelta(days=59))
    old_issue(database)
    old_issue(database, name="weekly-open", due=OLD - timedelta(days=1))
    newer_issues(database)
    i = t.issue.c
    database.write(
        lambda c: c.execute(update(t.issue).where(i.id == "weekly-open").values(state="paused")).rowcount
    )

    pack(database)

    assert (packed(database, "weekly-young"), packed(database, "weekly-open")) == ([], [])
    assert len(packed(database)) == 10


def test_the_newest_issues_of_a_cadence_keep_their_rows_however_old(database: Database) -> None:
    subscribe(database, 10)
    for weeks in (0, 1, 2):
        old_issue(database, name=f"weekly-{weeks}", due=OLD - weeks * timedelta(days=7))

    pack(database)

    counts = [len(packed(database, f"weekly-{weeks}")) for weeks in (0, 1, 2)]
    assert counts == [0, 0, 10]


def test_many_blocks_are_read_as_one(database: Database) -> None:
    subscribe(database, 50)
    old_issue(database, readers=50)
    newer_issues(database)

    pack(database, rows=7)

    assert packed(database) == ended(50)
    with database.read() as connection:
        blocks = connection.exec_driver_sql("SELECT count(*) FROM archive").scalar()
        assert blocks == 8
        for row in ended(50):
            assert archive.of_person(connection, row.subscriber_id) == (row,)
            assert archive.of_number(connection, row.delivery_id) == row


def test_it_stops_when_it_was_told_to_and_goes_on_later(database: Database) -> None:
    subscribe(database, 10)
    old_issue(database)
    newer_issues(database)

    more = archive.pack(database, (NAME,), NOW, most=1, rows=4)
    half = [row.subscriber_id for row in packed(database)], rows(database)
    pack(database)

    assert more
    assert half == ([1, 2, 3, 4], [5, 6, 7, 8, 9, 10])
    assert packed(database) == ended()


def test_one_that_is_brought_back_is_a_row_again_and_counted_once(old: Database) -> None:
    with old.read() as connection:
        before = operate.counts(connection, NAME)
    pack(old)

    assert old.write(lambda c: archive.bring_back(c, 2))

    assert rows(old) == [2]
    assert packed(old) == [row for row in ended() if row.subscriber_id != 2]
    with old.read() as connection:
        (row,) = operate.deliveries(connection, issue_id=NAME)
        assert (row.state, row.code, row.attempts) == (State.FAILED, 550, 1)
        assert operate.counts(connection, NAME) == before
    assert not old.write(lambda c: archive.bring_back(c, 2))


def test_the_last_of_a_block_can_be_brought_back(old: Database) -> None:
    pack(old)

    for number in (10, 1, 5):
        assert old.write(lambda c, number=number: archive.bring_back(c, number))  # type: ignore[misc]

    assert packed(old) == [row for row in ended() if row.subscriber_id not in (10, 1, 5)]
    with old.read() as connection:
        assert archive.of_person(connection, 9) == (ended()[8],)
        assert archive.of_person(connection, 10) == ()


def test_nothing_may_be_said_of_an_archived_delivery(old: Database) -> None:
    pack(old)

    decided = old.write(lambda c: operate.decide(c, (8, 999), "sent", NOW))

    assert [(each.id, each.why) for each in decided.left_out] == [
        (8, "is in the archive: its issue ended long ago"),
        (999, "there is no such delivery"),
    ]


def test_a_cancelled_issue_that_reached_somebody_still_counts(old: Database) -> None:
    from newsletter.outbox.ledger import counted

    def counts(connection: Connection) -> list[str]:
        return list(connection.execute(select(t.issue.c.id).where(counted("weekly"))).scalars())

    cancelled = update(t.issue).where(t.issue.c.id == NAME).values(state="cancelled")
    old.write(lambda c: c.execute(cancelled).rowcount)
    pack(old)

    with old.read() as connection:
        assert NAME in counts(connection)


def test_a_changed_due_time_of_one_reader_is_remembered(old: Database) -> None:
    change(old, 4, due_at=OLD + timedelta(hours=5), state_at=OLD + timedelta(hours=5, seconds=1))

    pack(old)

    expected = replace(ended()[3], due_at=OLD + timedelta(hours=5), at=OLD + timedelta(hours=5, seconds=1))
    assert packed(old)[3] == expected


def test_what_a_reader_had_is_read_from_rows_and_archive_alike(old: Database) -> None:
    from newsletter.issue.portion import Rules
    from newsletter.outbox.histories import Histories
    from newsletter.outbox.sharing import Sharing
    from newsletter.store.tables import milliseconds

    first = Rules(min_items=1, max_items=9, carries=True, first_issue="newest")
    asked = Sharing((), first, (), recent=(NAME, "weekly-new0"))
    people = dict.fromkeys((2, 3, 4, 99), milliseconds(NOW) + 1)
    with old.read() as connection:
        before = Histories(connection, asked).rows(people)

    pack(old)

    with old.read() as connection:
        assert Histories(connection, asked).rows(people) == before
    assert [row.counts for row in before[4]] == [True, True]
    assert [row.counts for row in before[2]] == [False, True]
