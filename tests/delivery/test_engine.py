"""Draining the outbox: everything once, whatever the sender does."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Drained, Route
from newsletter.model import Delivery, Envelope, Fault, Kind, Message, Outcome, State, Verdict
from newsletter.outbox import operate
from newsletter.senders import Sender
from newsletter.senders.memory import MemorySender
from newsletter.store.database import Database
from tests.delivery.lines import composer, line
from tests.outbox.publishing import issue, publish, subscribe

ISSUE = "weekly-2026-11-23"


def send(
    database: Database,
    open_sender: Callable[[], Sender],
    *,
    compose: Callable[[Delivery], Message] | None = None,
    connections: int = 3,
    window: int = 4,
    stop: threading.Event | None = None,
    only: str = "",
) -> Drained:
    return deliver(
        line(database, Route(open_sender, connections), compose=compose, window=window, stop=stop, only=only)
    )


def counts(database: Database) -> operate.Counts:
    with database.read() as connection:
        return operate.counts(connection)


def state(database: Database) -> str:
    with database.read() as connection:
        row = operate.issue(connection, ISSUE)
    assert row is not None
    return row.state


class Scripted:
    """A sender whose answers a test decides; it belongs to all connections."""

    def __init__(self, answer: Callable[[str, int], Outcome]) -> None:
        self.answer = answer
        self.attempts: Counter[str] = Counter()
        self.total = 0
        self._lock = threading.Lock()

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        with self._lock:
            self.attempts[envelope.rcpt_to] += 1
            self.total += 1
            total = self.total
        return self.answer(envelope.rcpt_to, total)

    def close(self) -> None:
        pass


OK = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
DOWN = Outcome(Verdict.DEFERRED, Fault.RELAY, 0, "connection refused")
REFUSED = Outcome(Verdict.DEFERRED, Fault.US, 550, "5.7.1 blocked")


def test_everybody_gets_one_message_and_the_issue_is_finished(database: Database) -> None:
    subscribe(database, 50)
    publish(database, issue())
    sender = MemorySender()

    drained = send(database, lambda: sender)

    got = Counter(message.envelope.rcpt_to for message in sender.messages)
    assert got == Counter(f"r{number}@example.org" for number in range(1, 51))
    assert drained.sent == 50
    assert state(database) == "finished"
    assert send(database, lambda: sender).sent == 0


def test_a_relay_that_is_not_there_costs_nothing_but_time(database: Database) -> None:
    subscribe(database, 50)
    publish(database, issue())

    drained = send(database, lambda: Scripted(lambda to, n: DOWN))

    assert drained.unreachable == "connection refused"
    assert counts(database).by_state == {State.QUEUED: 50}
    with database.read() as connection:
        assert {row.attempts for row in operate.deliveries(connection)} == {0}
    sender = MemorySender()
    assert send(database, lambda: sender).sent == 50


def test_a_server_that_hangs_up_now_and_then_slows_nothing_down(database: Database) -> None:
    subscribe(database, 40)
    publish(database, issue())
    sender = Scripted(lambda to, n: DOWN if n % 7 == 0 else OK)

    drained = send(database, lambda: sender, connections=1)

    assert drained.unreachable == ""
    assert counts(database).by_state == {State.SENT: 40}


def test_when_the_server_refuses_us_the_issue_pauses_and_nobody_is_lost(database: Database) -> None:
    subscribe(database, 50)
    publish(database, issue())
    sender = Scripted(lambda to, n: REFUSED if n == 10 else OK)

    send(database, lambda: sender, connections=1)

    assert state(database) == "paused"
    assert counts(database).by_state == {State.SENT: 9, State.QUEUED: 41}
    database.write(lambda c: operate.resume(c, ISSUE))
    send(database, lambda: sender)
    assert counts(database).by_state == {State.SENT: 50}
    assert max(sender.attempts.values()) == 2


def test_a_plug_in_that_raises_leaves_its_message_in_doubt_and_the_rest_goes_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    subscribe(database, 10)
    publish(database, issue())

    def answer(to: str, n: int) -> Outcome:
        if to == "r3@example.org":
            raise OSError("secret-password")
        return OK

    sender = Scripted(answer)
    send(database, lambda: sender)

    assert counts(database).by_state == {State.SENT: 9, State.IN_DOUBT: 1}


def test_a_stop_finishes_what_is_on_the_wire_and_leaves_nothing_in_doubt(database: Database) -> None:
    subscribe(database, 50)
    publish(database, issue())
    stop = threading.Event()

    def answer(to: str, n: int) -> Outcome:
        if n == 7:
            stop.set()
        return OK

    sender = Scripted(answer)
    send(database, lambda: sender, stop=stop)

    after = counts(database)
    assert after[State.SENT] == sender.total < 50
    assert after.by_state == {State.SENT: sender.total, State.QUEUED: 50 - sender.total}


def test_a_bug_is_raised_and_its_rows_go_back(database: Database) -> None:
    subscribe(database, 10)
    publish(database, issue())

    def broken(delivery: Delivery) -> Message:
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        send(database, MemorySender, compose=broken)
    assert counts(database).by_state == {State.QUEUED: 10}


def test_sending_one_issue_leaves_the_others_alone(database: Database) -> None:
    subscribe(database, 2)
    publish(database, issue())
    publish(database, issue("weekly-2026-11-23-m1"))
    sender = MemorySender()

    send(database, lambda: sender, only="weekly-2026-11-23-m1")

    assert len(sender.messages) == 2
    assert counts(database).by_state == {State.SENT: 2, State.QUEUED: 2}


def test_two_processes_on_one_database_do_no_harm(database: Database) -> None:
    subscribe(database, 60)
    publish(database, issue())
    sender = MemorySender()
    together = [threading.Thread(target=send, args=(database, lambda: sender)) for _ in range(3)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join(60)

    assert Counter(m.envelope.rcpt_to for m in sender.messages) == {
        f"r{number}@example.org": 1 for number in range(1, 61)
    }


def test_the_same_delivery_gives_the_same_bytes(database: Database) -> None:
    subscribe(database, 1)
    publish(database, issue())
    first, second = MemorySender(), Scripted(lambda to, n: DOWN)
    send(database, lambda: second, connections=1)
    send(database, lambda: first, connections=1)
    again = composer(database)
    with database.read() as connection:
        (row,) = operate.deliveries(connection)

    delivery = Delivery(
        row.id, Kind.ISSUE, ISSUE, 1, 1, "r1@example.org", "Reader 1", row.due_at, "other token", 9
    )
    assert again(delivery).data == first.messages[0].data
