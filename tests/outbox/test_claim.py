"""Intents, outcomes, recovery: what is committed, what is fenced, what always adds up."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from newsletter.audience.suppression import suppress
from newsletter.model import Delivery, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, frozen, hot, operate, queueing, recovery, states
from newsletter.outbox.claim import Result
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from newsletter.store.dialect import Hot
from tests.outbox.publishing import NOW, issue, publish, subscribe

SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 queued")
GONE = Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "5.1.1 no such user")
LATER = Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 452, "4.2.2 over quota")
REFUSED = Outcome(Verdict.DEFERRED, Fault.US, 550, "5.7.1 you are on a list")
DOWN = Outcome(Verdict.DEFERRED, Fault.RELAY, 0, "connection refused")
DOUBT = Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "connection lost after the final dot")


def take(database: Database, limit: int = 10, owner: str = "a", now=NOW) -> tuple[Delivery, ...]:  # type: ignore[no-untyped-def]
    return database.write(lambda c: claim.take(c, owner=owner, limit=limit, now=now))


def record(database: Database, *results: Result, now=NOW) -> int:  # type: ignore[no-untyped-def]
    return database.write(lambda c: claim.record(c, results, now))


def counts(database: Database) -> operate.Counts:
    with database.read() as connection:
        return operate.counts(connection)


def state(database: Database, id: str = "weekly-2026-11-23") -> str:
    with database.read() as connection:
        return str(connection.execute(select(t.issue.c.state).where(t.issue.c.id == id)).scalar())


def _leave(connection: Connection, reader: int) -> None:
    mine = t.subscription.c.subscriber_id == reader
    connection.execute(update(t.subscription).where(mine).values(status="unsubscribed"))


def test_publishing_queues_everybody_once_however_often_it_is_repeated(database: Database) -> None:
    subscribe(database, 25)
    publish(database, issue())
    database.write(lambda c: c.execute(update(t.issue).values(state="publishing", queued_to=0)) and None)
    database.write_in_chunks(lambda c: queueing.queue_chunk(c, "weekly-2026-11-23", NOW, rows=10))

    assert counts(database).by_state == {State.QUEUED: 25}
    assert state(database) == "open"


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3])
def test_queueing_goes_on_where_a_process_ended(database: Database, killed_after: int) -> None:
    subscribe(database, 25)
    barred = [(f"r{number}@example.org", "weekly") for number in (1, 10, 11, 25)]
    for key, scope in (*barred, ("r2@example.org", "another"), ("nobody@example.org", "*")):
        database.write(lambda c, k=key, s=scope: suppress(c, k, s, "operator", NOW))  # type: ignore[misc]
    made = issue()
    database.write(lambda c: frozen.put(c, made, NOW))
    for _ in range(killed_after):
        assert database.write(lambda c: queueing.queue_chunk(c, made.id, NOW, rows=10))
    with open_database(database.path) as again:
        again.write_in_chunks(lambda c: queueing.queue_chunk(c, made.id, NOW, rows=10))

    suppressed = select(t.delivery.c.subscriber_id).where(t.delivery.c.state == State.SUPPRESSED.value)
    with database.read() as connection:
        found = connection.execute(suppressed.order_by(t.delivery.c.subscriber_id)).scalars().all()
    assert counts(database).by_state == {State.QUEUED: 21, State.SUPPRESSED: 4}
    assert found == [1, 10, 11, 25]


def test_an_unfinished_issue_cannot_be_claimed(database: Database) -> None:
    subscribe(database, 3)
    publish(database, issue())
    database.write(lambda c: c.execute(update(t.issue).values(state="publishing")) and None)

    assert take(database) == ()


def test_nothing_is_claimed_before_it_is_due(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())

    assert take(database, now=NOW - timedelta(seconds=1)) == ()
    assert len(take(database)) == 1


def test_an_unsubscribe_that_was_committed_before_the_intent_wins(database: Database) -> None:
    subscribe(database, 4)
    publish(database, issue())
    database.write(lambda c: _leave(c, 1))
    database.write(lambda c: suppress(c, "r2@example.org", "*", "complaint", NOW, ""))
    database.write(lambda c: suppress(c, "r3@example.org", "other", "unsubscribed", NOW, ""))

    assert [d.subscriber_id for d in take(database)] == [3, 4]
    assert counts(database)[State.SUPPRESSED] == 2


def test_the_suppressed_are_counted_and_never_queued(database: Database) -> None:
    subscribe(database, 2)
    database.write(lambda c: suppress(c, "r1@example.org", "weekly", "unsubscribed", NOW, ""))
    publish(database, issue())

    assert counts(database).by_state == {State.QUEUED: 1, State.SUPPRESSED: 1}


@pytest.mark.parametrize(
    ("outcome", "policy", "expected", "issue_state"),
    [
        pytest.param(SENT, "hold", State.SENT, "finished", id="sent"),
        pytest.param(GONE, "hold", State.FAILED, "finished", id="no such user"),
        pytest.param(LATER, "hold", State.DEFERRED, "open", id="later"),
        pytest.param(REFUSED, "hold", State.QUEUED, "paused", id="they refuse us"),
        pytest.param(DOWN, "hold", State.QUEUED, "open", id="relay down"),
        pytest.param(DOUBT, "hold", State.IN_DOUBT, "finished", id="in doubt, held"),
        pytest.param(DOUBT, "resend", State.QUEUED, "open", id="in doubt, resent"),
        pytest.param(None, "hold", State.QUEUED, "open", id="its turn never came"),
    ],
)
def test_where_an_outcome_leads(
    database: Database, outcome: Outcome | None, policy: str, expected: State, issue_state: str
) -> None:
    subscribe(database, 1)
    publish(database, issue(policy=policy))
    (delivery,) = take(database)
    record(database, Result(delivery, outcome))
    database.write(recovery.finish)

    assert counts(database).by_state == {expected: 1}
    assert state(database) == issue_state


def test_a_hard_bounce_suppresses_the_address_everywhere(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    record(database, Result(take(database)[0], GONE))

    with database.read() as connection:
        (row,) = connection.execute(select(t.suppression)).all()
    assert (row.address_key, row.scope, row.reason) == ("r1@example.org", "*", "hard bounce")


def test_being_refused_ourselves_suppresses_nobody(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    record(database, Result(take(database)[0], REFUSED))

    with database.read() as connection:
        assert connection.execute(select(t.suppression)).all() == []


def test_a_deferred_delivery_wakes_in_its_time_and_expires_with_its_issue(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    record(database, Result(take(database)[0], LATER))

    database.write(lambda c: recovery.wake(c, NOW + states.FIRST_DELAY - timedelta(seconds=1)))
    assert counts(database)[State.DEFERRED] == 1
    database.write(lambda c: recovery.wake(c, NOW + states.FIRST_DELAY))
    assert counts(database)[State.QUEUED] == 1
    database.write(lambda c: recovery.wake(c, NOW + timedelta(hours=24)))
    assert counts(database).by_state == {State.FAILED: 1}
    assert state(database) == "finished"


def test_a_message_on_which_the_connection_breaks_again_and_again_steps_aside(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    for _ in range(states.RELAY_ATTEMPTS):
        record(database, Result(take(database)[0], DOWN))

    assert counts(database).by_state == {State.DEFERRED: 1}


def test_delays_grow_to_a_limit() -> None:
    minutes = [states.delay(n).total_seconds() / 60 for n in (1, 2, 3, 6, 7, 50)]

    assert minutes == [5, 10, 20, 160, 240, 240]


def test_what_a_dead_process_was_sending_is_in_doubt_and_what_it_was_not_is_free(database: Database) -> None:
    subscribe(database, 5)
    publish(database, issue())
    take(database, 2, owner="dead")
    take(database, 1, owner="alive")

    lost = database.write(lambda c: recovery.recover(c, is_alive=lambda owner: owner == "alive", now=NOW))

    assert lost == 2
    assert counts(database).by_state == {State.IN_DOUBT: 2, State.SENDING: 1, State.QUEUED: 2}


def test_a_lease_that_ran_out_is_recovered_though_its_process_lives(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    take(database)

    assert database.write(lambda c: recovery.recover(c, is_alive=lambda _: True, now=NOW)) == 0
    assert database.write(lambda c: recovery.recover(c, is_alive=lambda _: True, now=NOW + claim.LEASE)) == 1


def test_a_late_certain_answer_settles_the_doubt(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    (delivery,) = take(database)
    database.write(lambda c: recovery.recover(c, is_alive=lambda _: False, now=NOW))

    assert record(database, Result(delivery, SENT)) == 1
    assert counts(database).by_state == {State.SENT: 1}


def test_a_zombie_cannot_record_over_a_newer_attempt(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue(policy="resend"))
    (zombie,) = take(database)
    database.write(lambda c: recovery.recover(c, is_alive=lambda _: False, now=NOW))
    (newer,) = take(database)

    assert record(database, Result(zombie, LATER)) == 0
    assert record(database, Result(newer, SENT)) == 1
    assert counts(database).by_state == {State.SENT: 1}


def test_claiming_walks_over_nothing_that_was_sent(database: Database) -> None:
    # An ORDER BY that does not match the partial index makes SQLite scan all rows ever sent.
    for statement, place in (
        (hot.due(), "(priority,due_at)>(?,?)"),
        (hot.beside(), "priority=? AND due_at=? AND id>?"),
    ):
        plan = explained(database, statement)
        assert f"delivery USING INDEX ix_delivery_claim (issue_id=? AND {place})" in plan
        assert "SCAN delivery" not in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("statement", [hot.named, hot.intend, hot.sent])
def test_rows_that_are_named_are_looked_up_by_their_number(
    database: Database, statement: Callable[[], Hot]
) -> None:
    plan = explained(database, statement())
    assert re.search(r"SEARCH delivery USING [^·]*rowid=\?\)", plan)
    assert "SCAN delivery" not in plan


def explained(database: Database, statement: Hot) -> str:
    with database.read() as connection:
        unbound = re.sub(r"\?", "NULL", statement.sql)
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {unbound}").all()
    return " · ".join(row[3] for row in rows)


def test_a_test_mail_goes_first_and_needs_no_consent(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    test = issue("weekly-2026-11-23-t1")

    def put(connection) -> None:  # type: ignore[no-untyped-def]
        from dataclasses import replace

        from newsletter.outbox import frozen

        frozen.put(connection, replace(test, kind="test"), NOW)
        queueing.queue_test(connection, test.id, ("me@example.org",), NOW)

    database.write(put)

    assert [d.address for d in take(database)] == ["me@example.org", "r1@example.org"]


@pytest.mark.parametrize(
    ("word", "expected"), [("sent", State.SENT), ("failed", State.FAILED), ("retry", State.QUEUED)]
)
def test_an_operator_decides_a_row_in_doubt(database: Database, word: str, expected: State) -> None:
    subscribe(database, 1)
    publish(database, issue())
    (delivery,) = take(database)
    record(database, Result(delivery, DOUBT))
    database.write(recovery.finish)

    assert database.write(lambda c: operate.decide(c, (delivery.id,), word, NOW).done) == 1
    assert counts(database).by_state == {expected: 1}
    assert state(database) == ("open" if word == "retry" else "finished")


def test_only_rows_in_doubt_are_resolved_and_only_certain_ones_retried(database: Database) -> None:
    subscribe(database, 2)
    publish(database, issue())
    first, second = take(database)
    record(database, Result(first, DOUBT), Result(second, SENT))

    assert database.write(lambda c: operate.decide(c, (second.id,), "retry", NOW).done) == 0
    assert database.write(lambda c: operate.decide(c, (first.id, second.id), "again", NOW).done) == 0


def test_pause_resume_cancel_lose_nothing(database: Database) -> None:
    subscribe(database, 3)
    publish(database, issue())
    (sending,) = take(database, 1)

    assert database.write(lambda c: operate.pause(c, "weekly-2026-11-23"))
    assert take(database) == ()
    assert database.write(lambda c: operate.resume(c, "weekly-2026-11-23"))
    assert database.write(lambda c: operate.cancel(c, "weekly-2026-11-23", NOW)) == 2
    record(database, Result(sending, SENT))
    assert counts(database).by_state == {State.SENT: 1, State.CANCELLED: 2}
    assert counts(database).recipients == 3
