"""Who is queued, and who still gets it when their turn comes: pauses, segments, domains, rests."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from newsletter.audience import blocking, subscribers
from newsletter.audience.bounces import Action, Notice
from newsletter.audience.subscribers import Counts
from newsletter.audience.suppression import reasons, suppress
from newsletter.delivery import bounced
from newsletter.outbox import claim
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue, publish, subscribe

LATER = NOW + timedelta(hours=1)
BEFORE = NOW - timedelta(hours=1)


@pytest.fixture
def readers(database: Database) -> Iterator[Database]:
    """Three of them."""
    subscribe(database, 3)
    yield database


def change(database: Database, id: int, **values: Any) -> None:
    def write(connection: Connection) -> None:
        mine = t.subscription.c.subscriber_id == id
        connection.execute(update(t.subscription).where(mine).values(values))

    database.write(write)


def queued(database: Database) -> dict[int, tuple[str, str]]:
    d = t.delivery.c
    with database.read() as connection:
        rows = connection.execute(select(d.subscriber_id, d.state, d.reply)).all()
    return {row.subscriber_id: (row.state, row.reply) for row in rows}


def taken(database: Database) -> set[int]:
    found = database.write(lambda c: claim.take(c, owner="a", limit=9, now=NOW))
    return {delivery.subscriber_id for delivery in found}


def test_who_pauses_is_not_queued_until_it_is_over(readers: Database) -> None:
    change(readers, 1, paused_until=LATER)
    change(readers, 2, paused_until=NOW)
    publish(readers, issue())
    assert set(queued(readers)) == {2, 3}
    assert subscribers.counts(readers, "weekly", NOW) == Counts(2, 0, 0, 0, paused=1)
    assert subscribers.counts(readers, "weekly", LATER) == Counts(3, 0, 0, 0)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (lambda d: change(d, 1, paused_until=LATER), "paused"),
        (lambda d: change(d, 1, status="unsubscribed"), "not subscribed any more"),
        (lambda d: blocking.block(d, "r1@example.org", "*", NOW), "on the suppression list"),
        (
            lambda d: d.write(lambda c: suppress(c, "r1@example.org", "*", "soft bounces", NOW, "", LATER)),
            "on the suppression list",
        ),
    ],
)
def test_what_happens_after_queueing_still_counts(
    readers: Database, happens: Callable[[Database], object], why: str
) -> None:
    publish(readers, issue())
    happens(readers)
    assert taken(readers) == {2, 3}
    assert queued(readers)[1] == ("suppressed", why)


def test_what_is_over_keeps_nothing_away(readers: Database) -> None:
    readers.write(lambda c: suppress(c, "r1@example.org", "*", "soft bounces", BEFORE, "", NOW))
    readers.write(lambda c: suppress(c, "r2@example.org", "*", "soft bounces", BEFORE, "", LATER))
    publish(readers, issue())
    assert {id: state for id, (state, _) in queued(readers).items()} == {
        1: "queued",
        2: "suppressed",
        3: "queued",
    }
    assert taken(readers) == {1, 3}


@pytest.mark.parametrize("is_queued", [True, False])
def test_a_blocked_domain_gets_nothing(readers: Database, is_queued: bool) -> None:
    if is_queued:
        publish(readers, issue())
    blocking.block(readers, "@example.org", "weekly", NOW)
    if not is_queued:
        publish(readers, issue())
        assert {state for state, _ in queued(readers).values()} == {"suppressed"}
    assert taken(readers) == set()
    assert {state for state, _ in queued(readers).values()} == {"suppressed"}


def test_a_domain_blocked_for_another_newsletter_does_not_matter(readers: Database) -> None:
    blocking.block(readers, "@example.org", "daily", NOW)
    publish(readers, issue())
    assert taken(readers) == {1, 2, 3}


def test_only_the_segment_is_queued(readers: Database) -> None:
    change(readers, 2, frequency="weekly")
    change(readers, 3, topics=["dogs"])
    segment = 'frequency == "weekly" or topics has "dogs" and not topics has "cats"'
    publish(readers, replace(issue(), segment=segment))
    assert set(queued(readers)) == {2, 3}
    assert subscribers.counts(readers, "weekly", NOW, segment=segment).active == 2


def test_a_mailbox_that_is_full_five_times_rests_for_a_month(readers: Database) -> None:
    effects = []
    for number in range(5):
        made = replace(issue(), id=f"weekly-{number}")
        publish(readers, made)
        first = readers.write(lambda c, id=made.id: claim.take(c, owner="a", limit=1, now=NOW, only=id))[0]  # type: ignore[misc]
        notice = Notice(Action.FAILED, "", "4.2.2", "full", first.id, 0, "")
        effects.append(readers.write(lambda c, n=notice: bounced.record(c, n, NOW)).effect)  # type: ignore[misc]

    counted, suppressed = bounced.Effect.COUNTED, bounced.Effect.SUPPRESSED
    assert effects == [counted] * 4 + [suppressed]
    with readers.read() as connection:
        (rests,) = reasons(connection, "r1@example.org")
    assert (rests.reason, rests.until) == ("soft bounces", NOW + timedelta(days=30))
    assert subscribers.counts(readers, "weekly", NOW).suppressed == 1
    assert subscribers.counts(readers, "weekly", NOW + timedelta(days=30)).active == 3
