"""A domain with a rate of its own does not hold up the others."""

from collections import Counter

import pytest
from sqlalchemy import update

from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Limits, Route
from newsletter.model import Delivery, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, passing
from newsletter.outbox.claim import Result
from newsletter.outbox.passing import Passing
from newsletter.senders.memory import MemorySender
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.delivery.lines import line
from tests.outbox.publishing import NOW, issue, publish, subscribe

ISSUE = "weekly-2026-11-23"
SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")


def readers(database: Database, slow: int, fast: int) -> None:
    """The slow ones stand first in the outbox."""
    subscribe(database, slow + fast)
    moved = t.subscriber.c.address.concat(".slow")
    database.write(
        lambda c: c.execute(update(t.subscriber).where(t.subscriber.c.id <= slow).values(address=moved))
    )
    publish(database, issue())


def is_slow(address: str) -> bool:
    return address.endswith(".slow")


def take(database: Database, limit: int, over: Passing) -> tuple[Delivery, ...]:
    return database.write(lambda c: claim.take(c, owner="a", limit=limit, now=NOW, passing=over))


def walk(database: Database, over: Passing, room: int, limit: int = 16) -> list[tuple[Delivery, ...]]:
    """Windows, one after the other, with so much room for the slow domain in each, until all is sent."""
    windows: list[tuple[Delivery, ...]] = []
    for _ in range(1000):
        over.room = {"example.org.slow": room}
        taken = take(database, limit, over)
        windows.append(taken)
        database.write(lambda c, taken=taken: claim.record(c, [Result(d, SENT) for d in taken], NOW))
        if not taken and not over.waits:
            break
    return windows


@pytest.mark.parametrize("page", [3, 200])
def test_rows_of_a_domain_without_room_are_passed_over_and_come_in_their_order(
    database: Database, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "PAGE", page)
    readers(database, slow=60, fast=100)
    over = Passing(frozenset({"example.org.slow"}))

    windows = walk(database, over, room=2)

    ids = [each.id for window in windows for each in window]
    assert sorted(ids) == sorted(set(ids)) == list(range(1, 161))
    slow = [each.id for window in windows for each in window if is_slow(each.address)]
    assert slow == list(range(1, 61))
    assert max(sum(is_slow(each.address) for each in window) for window in windows) == 2
    last_fast = max(n for n, window in enumerate(windows) if any(not is_slow(d.address) for d in window))
    assert sum(is_slow(each.address) for window in windows[: last_fast + 1] for each in window) < 60


def test_what_is_given_back_behind_us_is_found_again(database: Database) -> None:
    readers(database, slow=4, fast=4)
    over = Passing(frozenset({"example.org.slow"}))
    over.room = {"example.org.slow": 0}
    first = take(database, 2, over)
    database.write(lambda c: claim.record(c, [Result(each, None) for each in first], NOW))

    rest = [each for window in walk(database, over, room=1) for each in window]

    assert sorted(each.id for each in rest) == list(range(1, 9))


def test_what_another_took_or_stopped_meanwhile_is_not_taken_from_memory(database: Database) -> None:
    readers(database, slow=4, fast=1)
    over = Passing(frozenset({"example.org.slow"}))
    over.room = {"example.org.slow": 0}
    assert [each.id for each in take(database, 8, over)] == [5]
    other = database.write(lambda c: claim.take(c, owner="b", limit=2, now=NOW))
    over.room = {"example.org.slow": 8}

    assert [each.id for each in other] == [1, 2]
    assert [each.id for each in take(database, 1, over)] == [3]
    database.write(lambda c: operate.pause(c, ISSUE))
    assert take(database, 8, over) == ()
    assert not over.waits


def test_a_slow_domain_does_not_keep_the_others_waiting(database: Database) -> None:
    readers(database, slow=20, fast=100)
    sender = MemorySender()
    drained = deliver(
        line(database, Route(lambda: sender, 2), window=4, limits=Limits(domains={"example.org.slow": 10.0}))
    )

    order = [message.envelope.rcpt_to for message in sender.messages]
    assert (drained.sent, set(Counter(order).values())) == (120, {1})
    last_fast = max(n for n, address in enumerate(order) if not is_slow(address))
    assert sum(map(is_slow, order[:last_fast])) <= 10
    with database.read() as connection:
        assert operate.counts(connection).by_state == {State.SENT: 120}
