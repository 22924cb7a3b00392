"""Failures that may pass: how many, within what time, for how long; come back, or refused at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from newsletter.audience import suppression
from newsletter.audience.blocking import block
from newsletter.audience.bounces import read
from newsletter.audience.suppression import SOFT, Soft
from newsletter.delivery.bounced import Effect, record
from newsletter.delivery.failing import rest
from newsletter.model import Outcome
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.senders.smtp_replies import Reply
from newsletter.senders.smtp_verdict import Stage, judge
from newsletter.store.database import Database
from tests.inbox.returned import TOKENS, address, dsn
from tests.inbox.test_bounce_recording import reasons, sent
from tests.outbox.publishing import NOW, issue, publish, subscribe

TWO = Soft(2, timedelta(days=10), timedelta(days=3))
FULL = {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 over quota"}


def refused(database: Database, number: int, code: int, words: str, stage: Stage = Stage.RCPT) -> None:
    """Issue `number` to reader 1, who is refused; the second reader gets it."""
    due = NOW + timedelta(days=number)
    publish(database, issue(f"weekly-{number}", due=due), due)
    taken = database.write(lambda c: claim.take(c, owner="a", limit=2, now=due, only=f"weekly-{number}"))
    outcome: Outcome = judge(stage, Reply(code, (words,)))
    results = [Result(each, outcome) for each in taken if each.subscriber_id == 1]
    database.write(lambda c: claim.record(c, results, due))


def rested(database: Database, soft: Soft = TWO, now: datetime = NOW + timedelta(days=5)) -> tuple[str, ...]:
    return database.write(lambda c: rest(c, soft, now))


@pytest.fixture(autouse=True)
def readers(database: Database) -> None:
    subscribe(database, 2)


@pytest.mark.parametrize("words", ["5.1.1 user unknown", "5.1.10 no such recipient", "5.2.1 disabled"])
def test_a_dead_address_that_is_refused_at_once_gets_nothing_any_more(database: Database, words: str) -> None:
    refused(database, 1, 550, words)
    assert reasons(database, 1) == [("*", "hard bounce")]


@pytest.mark.parametrize(
    ("code", "words"),
    [(550, "no such user here"), (554, "5.5.0 mailbox unavailable"), (550, "5.4.1 denied")],
)
def test_other_refusals_at_once_are_counted_and_let_the_address_rest(
    database: Database, code: int, words: str
) -> None:
    refused(database, 1, code, words)
    assert rested(database) == ()
    refused(database, 2, code, words)

    assert rested(database) == ("r1@example.org",)
    assert rested(database) == ()
    with database.read() as connection:
        (one,) = suppression.reasons(connection, "r1@example.org")
    assert (one.reason, one.until) == ("soft bounces", NOW + timedelta(days=8))
    assert one.note.startswith("RCPT: ")
    assert reasons(database, 2) == []


@pytest.mark.parametrize(
    ("code", "words", "stage"),
    [
        (550, "5.7.1 we do not like you", Stage.RCPT),
        (550, "5.7.26 no SPF", Stage.RCPT),
        (554, "5.6.0 we do not like that", Stage.DOT),
        (450, "4.7.1 greylisted", Stage.RCPT),
    ],
)
def test_what_is_about_us_lets_nobody_rest(database: Database, code: int, words: str, stage: Stage) -> None:
    for number in (1, 2, 3):
        refused(database, number, code, words, stage)
    assert rested(database) == ()


def test_what_came_back_and_what_was_refused_at_once_add_up(database: Database) -> None:
    refused(database, 1, 554, "5.5.0 mailbox unavailable")
    sent(database, name="weekly-2")
    (notice,) = read(dsn(address(3), **FULL), TOKENS).notices

    recorded = database.write(lambda c: record(c, notice, NOW + timedelta(days=3), TWO))

    assert (recorded.effect, recorded.failures) == (Effect.SUPPRESSED, 2)
    assert reasons(database, 1) == [("*", "soft bounces")]


def test_failures_that_lie_too_far_apart_do_not_add_up(database: Database) -> None:
    refused(database, 1, 554, "5.5.0 mailbox unavailable")
    refused(database, 14, 554, "5.5.0 mailbox unavailable")
    assert rested(database, now=NOW + timedelta(days=14)) == ()


@pytest.mark.parametrize("failures", [1, 2, 5])
def test_how_many_are_too_many_is_configurable(database: Database, failures: int) -> None:
    soft = Soft(failures, timedelta(days=30), timedelta(days=1))
    effects = []
    for number in range(1, failures + 1):
        sent(database, name=f"weekly-{number}")
        (notice,) = read(dsn(address(2 * number - 1), **FULL), TOKENS).notices
        effects.append(database.write(lambda c, n=notice: record(c, n, NOW, soft).effect))  # type: ignore[misc]

    assert effects == [Effect.COUNTED] * (failures - 1) + [Effect.SUPPRESSED]
    with database.read() as connection:
        (one,) = suppression.reasons(connection, "r1@example.org")
    assert one.until == NOW + timedelta(days=1)


def test_without_a_word_it_is_five_within_thirty_days_for_thirty() -> None:
    assert Soft(5, timedelta(days=30), timedelta(days=30)) == SOFT


@pytest.mark.parametrize("what", ["@*.example.net", "@.example.net", "*.example.net"])
def test_a_block_is_of_one_domain_and_never_of_a_pattern(database: Database, what: str) -> None:
    with pytest.raises(ValueError):
        block(database, what, "*", NOW)


def test_a_blocked_domain_leaves_those_below_it_alone(database: Database) -> None:
    block(database, "@example.org", "*", NOW)
    with database.read() as connection:
        told = {
            key: suppression.is_suppressed(connection, key, "weekly", NOW)
            for key in ("a@example.org", "a@mail.example.org", "a@badexample.org", "a@org")
        }
    assert told == {
        "a@example.org": True,
        "a@mail.example.org": False,
        "a@badexample.org": False,
        "a@org": False,
    }
