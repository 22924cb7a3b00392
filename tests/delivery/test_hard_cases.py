"""What an attacker of the guarantee would try."""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from newsletter.delivery.channel import USABLE
from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Drained, Route
from newsletter.model import Envelope, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate
from newsletter.outbox.states import is_hard_bounce
from newsletter.senders import Sender
from newsletter.senders.memory import MemorySender
from newsletter.senders.smtp import SmtpSender
from newsletter.store.database import Database
from newsletter.store.writer import Priority
from tests.delivery.lines import line
from tests.outbox.publishing import NOW, issue, publish, subscribe
from tests.senders.fault_server import Act, FaultServer, Then

ISSUE = "weekly-2026-11-23"
OK = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
T = TypeVar("T")


def send(
    database: Database,
    open_sender: Callable[[], Sender],
    *,
    clock: Callable[[], datetime] = lambda: NOW,
    connections: int = 1,
) -> Drained:
    return deliver(line(database, Route(open_sender, connections), window=10, clock=clock))


def states(database: Database) -> dict[State, int]:
    with database.read() as connection:
        return dict(operate.counts(connection).by_state)


class Answering:
    """A sender whose answers a test decides."""

    def __init__(self, answer: Callable[[Envelope], Outcome]) -> None:
        self.answer = answer
        self.addresses: list[str] = []

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        self.addresses.append(envelope.rcpt_to)
        return self.answer(envelope)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("connections", [1, 3])
def test_a_server_that_takes_a_message_and_hangs_up_leaves_it_in_doubt_also_as_the_first(
    database: Database, connections: int
) -> None:
    subscribe(database, 6)
    publish(database, issue())
    with FaultServer({"dot": Act(b"", Then.HANG_UP, takes=True)}) as server:
        for _ in range(3):
            send(
                database,
                lambda: SmtpSender(
                    host="127.0.0.1", port=server.port, security="none", timeout=5, dot_timeout=5
                ),
                connections=connections,
            )
        accepted = len(server.accepted)

    assert accepted == states(database)[State.IN_DOUBT]
    assert states(database)[State.IN_DOUBT] + states(database).get(State.QUEUED, 0) == 6


def test_a_process_that_was_stopped_longer_than_its_lease_gives_its_window_back(database: Database) -> None:
    subscribe(database, 5)
    publish(database, issue())
    now = [NOW]

    def answer(envelope: Envelope) -> Outcome:
        now[0] += USABLE  # the machine slept while this message was on its way
        return OK

    sender = Answering(answer)
    send(database, lambda: sender, clock=lambda: now[0])

    assert len(sender.addresses) == len(set(sender.addresses)) == 5
    assert states(database) == {State.SENT: 5}


def test_a_window_that_another_took_over_is_not_sent_by_its_first_owner(database: Database) -> None:
    subscribe(database, 5)
    publish(database, issue())
    now, other = [NOW], MemorySender()
    sender = Answering(lambda envelope: OK)

    def answer(envelope: Envelope) -> Outcome:
        if len(sender.addresses) == 1:
            now[0] += claim.LEASE
            ids = tuple(range(1, 6))
            send(database, lambda: other, clock=lambda: now[0])  # recovers: five in doubt
            database.write(lambda c: operate.decide(c, ids, "retry", now[0]).done)
            send(database, lambda: other, clock=lambda: now[0])
        return OK

    sender.answer = answer
    send(database, lambda: sender, clock=lambda: now[0])

    assert len(sender.addresses) == 1
    assert len(other.messages) == 5


def test_whatever_a_plug_in_raises_is_a_doubt(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    import asyncio

    subscribe(database, 3)
    publish(database, issue())

    def answer(envelope: Envelope) -> Outcome:
        if envelope.rcpt_to == "r2@example.org":
            raise asyncio.CancelledError
        return OK

    sender = Answering(answer)
    send(database, lambda: sender)
    send(database, lambda: sender)

    assert states(database) == {State.SENT: 2, State.IN_DOUBT: 1}
    assert sender.addresses.count("r2@example.org") == 1


def test_what_was_being_sent_when_its_issue_was_cancelled_ends_cancelled_or_sent(database: Database) -> None:
    subscribe(database, 4)
    publish(database, issue())
    stop = Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 452, "4.2.2 later")

    def answer(envelope: Envelope) -> Outcome:
        if envelope.rcpt_to == "r1@example.org":
            database.write(lambda c: operate.cancel(c, ISSUE, NOW))
            return OK
        return stop

    sender = Answering(answer)
    send(database, lambda: sender)

    assert states(database) == {State.SENT: 1, State.CANCELLED: 3}
    failed = tuple(range(1, 5))
    assert database.write(lambda c: operate.decide(c, failed, "again", NOW).done) == 0


class Locked:
    """A database that cannot be written for the first few times."""

    def __init__(self, database: Database, times: int) -> None:
        self._database = database
        self.times = times
        self.path = database.path
        self.read = database.read
        self.write = database.write
        self.write_in_chunks = database.write_in_chunks

    def submit(self, call: Callable[[Connection], T], priority: Priority) -> Future[T]:
        if not self.times:
            return self._database.submit(call, priority)
        self.times -= 1
        refused: Future[T] = Future()
        refused.set_exception(OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked")))
        return refused


def test_a_known_outcome_waits_for_a_locked_database(database: Database) -> None:
    subscribe(database, 2)
    publish(database, issue())
    locked = Locked(database, 0)
    sender = Answering(lambda envelope: OK)

    def answer(envelope: Envelope) -> Outcome:
        locked.times = 1
        return OK

    sender.answer = answer
    send(locked, lambda: sender)  # type: ignore[arg-type]

    assert states(database) == {State.SENT: 2}


@pytest.mark.parametrize(
    ("text", "hard"),
    [
        ("RCPT: 5.1.1 no such user", True),
        ("5.1.1 no such user", True),
        ("RCPT: #5.1.1 no such user", True),
        ("final dot: 5.1.1 no such user", True),
        ("RCPT: 5.1.10 null MX", True),
        ("RCPT: Access denied: your host 10.5.1.1 is listed", False),
        ("RCPT: blocked, see version 5.1.10", False),
        ("RCPT: 5.1.1.7 is not a code", False),
        ("RCPT: 5.7.1 poor reputation", False),
        ("RCPT: no code at all", False),
    ],
)
def test_a_hard_bounce_is_read_from_the_head_of_the_reply_only(text: str, hard: bool) -> None:
    assert is_hard_bounce(Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, text)) is hard


def test_time_enough_is_left_for_the_message_under_way() -> None:
    assert timedelta(minutes=10) <= claim.LEASE - USABLE  # RFC 5321 4.5.3.2.6
