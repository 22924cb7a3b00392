"""An issue in a real database, drained by the real engine -> what is then written there of each delivery."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import exists, select

from newsletter.audience.tokens import Tokens
from newsletter.delivery.compose import Composer
from newsletter.delivery.deliver import deliver
from newsletter.delivery.line import Drained, Limits, Line, Route
from newsletter.model import Delivery, Message, State
from newsletter.outbox import operate
from newsletter.senders import Sender
from newsletter.senders.smtp import SmtpSender
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from tests.faults.report import MEMORY
from tests.outbox.publishing import NOW, issue, publish, subscribe

ISSUE = "weekly-2026-11-23"
#: Seconds that nothing here should ever need, however busy the machine is.
PATIENT = 20.0
_numbers = itertools.count(1)
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the database says of one delivery and of its issue."""

    address: str
    state: State
    attempts: int
    doubt: int
    deferred: bool  #: it has a time at which it is tried again
    issue: str
    suppressed: bool

    @property
    def verdict(self) -> str:
        """In the words of the table; what does not belong together is said as it is."""
        word = self._word()
        if self.suppressed:
            word += ", suppressed"
        fit = _ATTEMPTS.get(self.state, (0,))
        return word if self.attempts in fit and not self.doubt else f"{word}, {self}"

    def _word(self) -> str:
        match self.state:
            case State.QUEUED if self.issue == "paused":
                return "paused"
            case State.QUEUED:
                return "deferred (relay)"
            case State.DEFERRED if not self.deferred:
                return "deferred without a time"
            case State.FAILED if self.issue == "paused":
                return "failed, paused"
        return self.state.value.replace("_", " ")


_ATTEMPTS = {
    State.QUEUED: (0, 1),  # 0 where its turn never came, or nobody was reached
    State.SENT: (1,),
    State.FAILED: (1,),
    State.DEFERRED: (1,),
    State.IN_DOUBT: (1,),
}


@dataclass(slots=True)
class Outbox:
    """A database with one published issue for ``r1@example.org``, ``r2@example.org`` …"""

    database: Database
    now: datetime = NOW
    owner: str = "me"
    window: int = 4
    connections: int = 1
    limits: Limits = field(default_factory=Limits)
    padding: bytes = b""  #: added to every message
    stop: threading.Event = field(default_factory=threading.Event)
    abandon: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], datetime] | None = None  #: instead of `now`
    in_between: Callable[[int], object] = lambda count: None  #: called with the number of each outcome

    def send(self, open_sender: Callable[[], Sender]) -> Drained:
        """Recover, then send what is due, with the program's own engine."""
        compose = Composer(self.database, Tokens(("k" * 32,)))
        outcomes = itertools.count(1)

        def written(delivery: Delivery) -> Message:
            message = compose(delivery)
            if not self.padding:
                return message
            return Message(message.envelope, message.data + self.padding, message.dotless)

        return deliver(
            Line(
                database=self.database,
                owner=self.owner,
                compose=written,
                routes=(Route(open_sender, self.connections),),
                clock=self.clock or (lambda: self.now),
                window=self.window,
                only="",
                stop=self.stop,
                on_outcome=lambda delivery, outcome: self.in_between(next(outcomes)),
                limits=self.limits,
                abandon=self.abandon,
            )
        )

    def seen(self) -> tuple[Seen, ...]:
        """Every delivery, in the order of the addresses' numbers."""
        d = t.delivery.c
        hit = exists().where(t.suppression.c.address_key == t.subscriber.c.address_key)
        query = (
            select(t.subscriber.c.address, d.state, d.attempts, d.doubt, d.next_at, t.issue.c.state, hit)
            .join_from(t.delivery, t.issue, t.issue.c.id == d.issue_id)
            .join(t.subscriber, t.subscriber.c.id == d.subscriber_id)
            .order_by(t.subscriber.c.id)
        )
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Seen(r[0], State(r[1]), r[2], r[3], r[4] is not None, r[5], bool(r[6])) for r in rows)

    def counts(self) -> Counter[State]:
        return Counter(each.state for each in self.seen())

    def resume(self) -> None:
        self.database.write(lambda c: operate.resume(c, ISSUE))

    def later(self, delay: timedelta = timedelta(minutes=10)) -> None:
        self.now += delay


@contextmanager
def outbox(folder: Path, people: int, policy: str = "hold") -> Iterator[Outbox]:
    """A fresh one in `folder`."""
    with open_database(laid_out(folder, people, policy)) as database:
        yield Outbox(database)


def laid_out(folder: Path, people: int, policy: str = "hold") -> Path:
    """Its file, closed; nothing has been sent."""
    path = folder / f"{next(_numbers)}.db"
    with _making:  # Alembic keeps its state in globals
        made = _published(people, policy)
    shutil.copy(made, path)
    return path


@cache
def _published(people: int, policy: str) -> Path:
    """Made once: migrating and queueing take longer than most faults."""
    folder = tempfile.TemporaryDirectory(dir=MEMORY)
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "published.db"
    with open_database(path) as database:
        subscribe(database, people)
        publish(database, issue(policy=policy))
    return path


def smtp(port: int, *, timeout: float = PATIENT, dot_timeout: float = PATIENT) -> Callable[[], SmtpSender]:
    """Connections to a server on this computer, in clear."""
    return lambda: SmtpSender("127.0.0.1", port, "none", timeout=timeout, dot_timeout=dot_timeout)


def contradictions(seen: tuple[Seen, ...], accepted: Counter[str]) -> str:
    """Where the database says what the server's log forbids; empty when nowhere."""
    found = []
    for each in seen:
        taken = accepted[each.address]
        if taken > 1 + each.doubt:
            found.append(f"{each.address} doubled")
        if taken and each.state not in (State.SENT, State.IN_DOUBT) and not each.doubt:
            found.append(f"{each.address} accepted but {each.state}")
        if not taken and each.state is State.SENT:
            found.append(f"{each.address} sent but not accepted")
    return ", ".join(found)
