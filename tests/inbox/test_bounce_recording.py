"""What follows from a bounce: once, and only for the delivery that it proves to be about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, delete, func, select, update

from newsletter.audience import suppression
from newsletter.audience.bounces import read
from newsletter.delivery.bounced import Effect, Recorded, bounced, record
from newsletter.message.write import message_id
from newsletter.model import Delivery, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, queueing
from newsletter.outbox.claim import Result
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.inbox.returned import OTHERS, TOKENS, address, complaint, dsn, original
from tests.outbox.publishing import NOW, issue, publish, subscribe

SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 queued")
DOUBT = Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, "connection lost after the final dot")


def sent(database: Database, outcome: Outcome = SENT, *, readers: int = 2, name: str = "weekly-1") -> None:
    """An issue to reader 1, 2 …, whose deliveries have these numbers when it is the first."""
    publish(database, issue(name))
    taken = database.write(lambda c: claim.take(c, owner="a", limit=readers, now=NOW, only=name))
    database.write(lambda c: claim.record(c, [Result(each, outcome) for each in taken], NOW))


def came_back(database: Database, octets: bytes, now: datetime = NOW) -> Recorded:
    (notice,) = read(octets, TOKENS).notices
    return database.write(lambda c: record(c, notice, now))


def state(database: Database, id: int) -> State:
    with database.read() as connection:
        return State(connection.execute(select(t.delivery.c.state).where(t.delivery.c.id == id)).scalar_one())


def reasons(database: Database, reader: int) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(r.scope, r.reason) for r in suppression.reasons(connection, f"r{reader}@example.org")]


@pytest.fixture(autouse=True)
def readers(database: Database) -> None:
    subscribe(database, 2)


def test_a_hard_bounce_is_noted_at_its_delivery_and_the_address_gets_nothing_any_more(
    database: Database,
) -> None:
    sent(database)

    recorded = came_back(database, dsn(address(1)))

    assert recorded == Recorded(Effect.SUPPRESSED, 1, "weekly-1", "r1@example.org", failures=1)
    assert (state(database, 1), reasons(database, 1)) == (State.SENT, [("*", "hard bounce")])
    assert (state(database, 2), reasons(database, 2)) == (State.SENT, [])
    with database.read() as connection:
        (row,) = bounced(connection, issue_id="weekly-1")
        assert bounced(connection, issue_id="weekly-2") == ()
    assert (row.delivery_id, row.action, row.status) == (1, "failed", "5.1.1")
    sent(database, name="weekly-2")
    assert (state(database, 3), state(database, 4)) == (State.SUPPRESSED, State.SENT)


def test_the_same_news_twice_has_its_effect_once(database: Database) -> None:
    sent(database)
    came_back(database, dsn(address(1)))
    database.write(lambda c: c.execute(delete(t.suppression)).rowcount)  # the reader has confirmed again

    again = came_back(database, dsn(address(1), message_id="<another@mx.test>"))

    assert again.effect is Effect.KNOWN
    assert reasons(database, 1) == []


def test_a_full_mailbox_is_counted_over_issues_and_forgotten_after_a_while(database: Database) -> None:
    full = {"status": "5.2.2", "diagnostic": "smtp; 552 5.2.2 over quota"}
    for number in (1, 2, 3):
        sent(database, name=f"weekly-{number}")

    came_back(database, dsn(address(2), **full))  # somebody else's
    counted = [
        came_back(database, dsn(address(1), **full)),
        came_back(database, dsn(address(3), **full), NOW + timedelta(days=7)),
        came_back(database, dsn(address(5), **full), NOW + timedelta(days=31)),
    ]

    assert [(each.effect, each.failures) for each in counted] == [(Effect.COUNTED, n) for n in (1, 2, 2)]
    assert reasons(database, 1) == []


def test_a_refusal_of_ourselves_is_held_against_no_reader(database: Database) -> None:
    sent(database)

    recorded = came_back(database, dsn(address(1), status="5.7.26", diagnostic="smtp; 550 5.7.26 no SPF"))

    assert recorded.effect is Effect.ABOUT_US
    assert reasons(database, 1) == []


def test_a_complaint_keeps_every_newsletter_away(database: Database) -> None:
    sent(database)

    recorded = came_back(database, complaint(address(2)))

    assert recorded.effect is Effect.SUPPRESSED
    assert reasons(database, 2) == [("*", "complaint")]


@pytest.mark.parametrize(
    ("octets", "resolved"),
    [
        (dsn(address(1)), State.FAILED),
        (dsn(address(1), status="5.2.2"), State.FAILED),
        (dsn(address(1), action="delayed", status="4.4.1"), State.SENT),
        (complaint(address(1)), State.SENT),
    ],
    ids=["no such user", "full", "they go on trying", "complaint"],
)
def test_what_comes_back_ends_the_doubt(database: Database, octets: bytes, resolved: State) -> None:
    sent(database, DOUBT)

    recorded = came_back(database, octets)

    assert (recorded.resolved, state(database, 1)) == (resolved, resolved)
    assert state(database, 2) is State.IN_DOUBT
    with database.read() as connection:
        counts = operate.counts(connection, "weekly-1")
    assert (counts.recipients, counts[State.IN_DOUBT], counts[resolved]) == (2, 1, 1)


def test_a_late_certain_answer_does_not_overrule_a_bounce(database: Database) -> None:
    publish(database, issue("weekly-1"))
    (first, _) = database.write(lambda c: claim.take(c, owner="a", limit=2, now=NOW))
    database.write(lambda c: claim.record(c, [Result(first, DOUBT)], NOW))
    came_back(database, dsn(address(first.id)))

    assert database.write(lambda c: claim.record(c, [Result(first, SENT)], NOW)) == 0
    assert state(database, first.id) is State.FAILED


def test_what_is_still_being_sent_is_left_to_its_sender(database: Database) -> None:
    publish(database, issue("weekly-1"))
    database.write(lambda c: claim.take(c, owner="a", limit=1, now=NOW))

    recorded = came_back(database, dsn(address(1)))

    assert (recorded.effect, recorded.resolved) == (Effect.SUPPRESSED, "")
    assert state(database, 1) is State.SENDING


def returned_id(reader: int, key: bytes = b"k" * 32) -> str:
    return message_id(key, str(reader), "slowpost.example")


@pytest.mark.parametrize("issues", [1, 3])
def test_without_a_mark_the_returned_message_id_names_the_delivery(database: Database, issues: int) -> None:
    for number in range(1, issues + 1):
        made = issue(f"weekly-{number}")
        publish(database, made)
        database.write(
            lambda c, n=number: (
                c.execute(  # type: ignore[misc]
                    update(t.issue).where(t.issue.c.id == f"weekly-{n}").values(message_key=bytes([n]) * 32)
                ).rowcount
            )
        )

    mail = dsn("ida@slowpost.example", returned=original(returned_id(1, b"\1" * 32)))

    assert came_back(database, mail).delivery_id == 1


def test_a_redacted_complaint_is_known_by_the_link_that_it_returns(database: Database) -> None:
    sent(database)
    head = original(returned_id(2), TOKENS.unsubscribe(2, "weekly"))

    recorded = came_back(database, complaint("feedback@news.test", returned=head))

    assert (recorded.effect, recorded.delivery_id) == (Effect.SUPPRESSED, 2)


@pytest.mark.parametrize(
    "octets",
    [
        dsn(address(1, OTHERS)),
        dsn(address(999)),
        dsn("bounce@bounces.news.test"),
        dsn("bounce@bounces.news.test", returned=original(returned_id(2))),
        dsn("bounce@bounces.news.test", returned=original(returned_id(1, b"x" * 32))),
        dsn("bounce@bounces.news.test", recipient="not an address", returned=original(returned_id(1))),
        complaint("feedback@news.test", returned=original(returned_id(1))),
    ],
    ids=[
        "forged mark",
        "another database",
        "no proof",
        "another's message",
        "forged message",
        "nobody",
        "who?",
    ],
)
def test_who_cannot_prove_it_shuts_nobody_out(database: Database, octets: bytes) -> None:
    sent(database)

    assert came_back(database, octets) == Recorded(Effect.NOT_OURS, 0, "", "")
    assert reasons(database, 1) == reasons(database, 2) == []
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.bounce)).scalar() == 0


def test_a_bounce_of_a_test_or_of_somebody_erased_is_noted_only(database: Database) -> None:
    def erase(connection: Connection) -> None:
        connection.execute(delete(t.subscriber).where(t.subscriber.c.id == 1))
        queueing.queue_test(connection, "weekly-1", ("me@example.org",), NOW)

    sent(database)
    database.write(erase)

    assert came_back(database, dsn(address(1))).effect is Effect.NOTED
    assert came_back(database, dsn(address(3))) == Recorded(
        Effect.NOTED, 3, "weekly-1", "me@example.org", failures=1
    )


def test_each_message_has_its_own_bounce_address_and_the_same_bytes_as_without(database: Database) -> None:
    from newsletter.delivery.compose import Composer

    publish(database, issue("weekly-1"))
    taken: tuple[Delivery, ...] = database.write(lambda c: claim.take(c, owner="a", limit=2, now=NOW))
    with_mark, without = Composer(database, TOKENS, verp=True), Composer(database, TOKENS)

    for each in taken:
        marked, plain = with_mark(each), without(each)
        assert marked.data == plain.data
        assert plain.envelope.mail_from == "ida@slowpost.example"
        assert marked.envelope.mail_from.startswith(f"ida+{each.id}.")
        assert TOKENS.verp().delivery_id(marked.envelope.mail_from) == each.id
        assert with_mark(each) == marked
