"""When an issue is over: never while something of it should be tried again."""

from datetime import timedelta

import pytest

from newsletter.model import Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, recovery
from newsletter.outbox.claim import Result
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue, publish, subscribe

ISSUE = "weekly-2026-11-23"
SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
TOO_BIG = Outcome(Verdict.FAILED, Fault.US, 552, "MAIL: 5.3.4 too big")
NOBODY = Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "RCPT: 5.1.1 no such user")
DOUBT = Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "connection lost after the final dot")


def state(database: Database) -> str:
    with database.read() as connection:
        row = operate.issue(connection, ISSUE)
    assert row is not None
    return row.state


def send(database: Database, *outcomes: Outcome) -> tuple[int, ...]:
    """Each subscriber's message, with that outcome."""
    subscribe(database, len(outcomes))
    publish(database, issue())
    taken = database.write(lambda c: claim.take(c, owner="a", limit=100, now=NOW))
    results = [Result(each, outcome) for each, outcome in zip(taken, outcomes, strict=True)]
    database.write(lambda c: claim.record(c, results, NOW))
    database.write(recovery.finish)
    return tuple(each.id for each in taken)


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((SENT, SENT), "finished"),
        ((SENT, NOBODY), "finished"),
        ((SENT, DOUBT), "finished"),
        ((TOO_BIG, TOO_BIG), "paused"),
        ((TOO_BIG, SENT), "paused"),
        ((TOO_BIG, DOUBT), "paused"),
    ],
)
def test_an_issue_that_the_server_refused_stays_paused_until_a_person_has_looked(
    database: Database, outcomes: tuple[Outcome, ...], expected: str
) -> None:
    send(database, *outcomes)

    assert state(database) == expected


def test_what_failed_because_of_us_is_tried_again_once_it_is_mended(database: Database) -> None:
    ids = send(database, TOO_BIG, TOO_BIG)

    assert database.write(lambda c: operate.decide(c, ids, "again", NOW).done) == 2
    assert database.write(lambda c: claim.take(c, owner="a", limit=9, now=NOW)) == ()  # nobody has resumed it
    assert database.write(lambda c: operate.resume(c, ISSUE))
    taken = database.write(lambda c: claim.take(c, owner="a", limit=9, now=NOW))
    database.write(lambda c: claim.record(c, [Result(each, SENT) for each in taken], NOW))
    database.write(recovery.finish)

    assert [each.id for each in taken] == list(ids)
    assert state(database) == "finished"


@pytest.mark.parametrize("first", ["retry", "resume"])
def test_retry_and_resume_may_come_in_either_order(database: Database, first: str) -> None:
    ids = send(database, TOO_BIG)
    steps = {
        "retry": lambda c: operate.decide(c, ids, "again", NOW).done,
        "resume": lambda c: operate.resume(c, ISSUE),
    }
    for step in sorted(steps, key=lambda name: name != first):
        assert database.write(steps[step])
        database.write(lambda c: recovery.wake(c, NOW))

    assert state(database) == "open"
    with database.read() as connection:
        assert operate.counts(connection).by_state == {State.QUEUED: 1}


def test_one_that_stayed_paused_is_over_when_it_is_too_late_for_it(database: Database) -> None:
    send(database, TOO_BIG)

    database.write(lambda c: recovery.wake(c, NOW + timedelta(hours=23)))
    assert state(database) == "paused"
    database.write(lambda c: recovery.wake(c, NOW + timedelta(hours=24)))
    assert state(database) == "finished"
