"""What an operator may say of a delivery, and what is never sent again without a word about it."""

from datetime import datetime, timedelta

import pytest

from newsletter.model import Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, recovery
from newsletter.outbox.claim import Result
from newsletter.outbox.resolving import Decided
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue, publish, subscribe

ISSUE = "weekly-2026-11-23"
SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
DOUBT = Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "connection lost after the final dot")
NOBODY = Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "RCPT: 5.7.9 not you")
LATER = Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 450, "RCPT: 4.2.0 later")


def one(database: Database, outcome: Outcome, policy: str = "hold") -> None:
    subscribe(database, 1)
    publish(database, issue(policy=policy))
    attempt(database, outcome)


def attempt(database: Database, outcome: Outcome) -> None:
    (taken,) = database.write(lambda c: claim.take(c, owner="a", limit=1, now=NOW))
    database.write(lambda c: claim.record(c, [Result(taken, outcome)], NOW))


def said(database: Database, word: str, *ids: int, now: datetime = NOW) -> Decided:
    return database.write(lambda c: operate.decide(c, ids or (1,), word, now))


def row(database: Database) -> operate.DeliveryRow:
    with database.read() as connection:
        (found,) = operate.deliveries(connection)
    return found


def test_what_an_operator_left_as_failed_is_sent_again_by_an_explicit_word_only(database: Database) -> None:
    one(database, DOUBT)
    said(database, "failed")

    left = said(database, "again")
    assert (left.done, [each.id for each in left.left_out]) == (0, [1])
    assert left.left_out[0].why.startswith("may have been accepted")
    assert row(database).state is State.FAILED
    assert said(database, "retry").done == 1
    assert (row(database).state, row(database).doubt) == (State.QUEUED, 1)


@pytest.mark.parametrize("last", [NOBODY, LATER], ids=["failed", "deferred"])
def test_what_was_ever_in_doubt_is_never_retried_whatever_came_later(
    database: Database, last: Outcome
) -> None:
    one(database, DOUBT, policy="resend")
    attempt(database, last)

    assert said(database, "again").done == 0
    assert said(database, "retry").done == 1


def test_a_late_refusal_makes_a_doubt_certain_and_it_is_retried(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    (taken,) = database.write(lambda c: claim.take(c, owner="a", limit=1, now=NOW))
    database.write(lambda c: recovery.recover(c, is_alive=lambda _: False, now=NOW))
    database.write(lambda c: claim.record(c, [Result(taken, NOBODY)], NOW))

    assert said(database, "again").done == 1


def test_what_waits_may_be_said_to_be_sent_and_nothing_else(database: Database) -> None:
    subscribe(database, 2)
    publish(database, issue())

    assert [said(database, word).left_out[0].why for word in ("failed", "retry", "again")] == [
        "waits to be sent: nothing of it is in doubt"
    ] * 3
    assert said(database, "sent").done == 1
    with database.read() as connection:
        assert operate.counts(connection).by_state == {State.SENT: 1, State.QUEUED: 1}
    taken = database.write(lambda c: claim.take(c, owner="a", limit=9, now=NOW))
    assert [each.id for each in taken] == [2]


def test_each_number_that_is_left_out_has_a_reason(database: Database) -> None:
    one(database, SENT)

    assert [(each.id, each.why) for each in said(database, "sent", 1, 99).left_out] == [
        (1, "is sent already"),
        (99, "there is no such delivery"),
    ]


@pytest.mark.parametrize(("outcome", "word"), [(DOUBT, "retry"), (NOBODY, "again")])
def test_what_is_too_late_or_cancelled_is_not_queued_only_to_expire(
    database: Database, outcome: Outcome, word: str
) -> None:
    subscribe(database, 2)  # the second still waits: the issue is not finished
    publish(database, issue())
    attempt(database, outcome)

    assert "too late" in said(database, word, now=NOW + timedelta(hours=24)).left_out[0].why
    database.write(lambda c: operate.cancel(c, ISSUE, NOW))
    assert "is cancelled" in said(database, word).left_out[0].why


def test_a_row_in_doubt_shows_its_message_id_and_when_its_attempt_began(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    database.write(lambda c: claim.take(c, owner="dead", limit=1, now=NOW))
    later = NOW + timedelta(hours=3)
    database.write(lambda c: recovery.recover(c, is_alive=lambda _: False, now=later, leases=False))

    assert (row(database).state, row(database).state_at) == (State.IN_DOUBT, NOW)
    assert row(database).message_id.endswith("@slowpost.example>")


def test_looking_touches_no_row_of_a_living_process_not_even_one_whose_lease_ran_out(
    database: Database,
) -> None:
    subscribe(database, 1)
    publish(database, issue())
    database.write(lambda c: claim.take(c, owner="alive", limit=1, now=NOW))
    much_later = NOW + 2 * claim.LEASE

    def look(owner_lives: bool) -> int:
        return database.write(
            lambda c: recovery.recover(c, is_alive=lambda _: owner_lives, now=much_later, leases=False)
        )

    assert [look(True), look(False)] == [0, 1]
