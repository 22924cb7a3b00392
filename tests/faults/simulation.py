"""A seed -> an outbox with many virtual workers, whose world goes wrong at random. Same seed, same story.

Real database, simulated server, clock and processes. A worker takes windows, sends, records in groups; it
may be stopped for hours, or die with answers unrecorded. Readers leave, bounce and complain; the operator
pauses, resumes and retries; the clock steps both ways. After each step the promise must hold.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, update

from newsletter.audience.suppression import suppress
from newsletter.delivery.channel import USABLE
from newsletter.model import Delivery, Fault, Outcome, State, Verdict
from newsletter.outbox import claim, operate, recovery
from newsletter.outbox.claim import Result
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from tests.faults import report
from tests.faults.real_line import ISSUE, Outbox, Seen, laid_out

PEOPLE, STEPS = 24, 120
HELD = "balanced, nobody twice, nobody lost"
FEW, MANY = 30, 400  #: seeds of the tests, and of the report

OK = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
LOST = Outcome(Verdict.IN_DOUBT, Fault.RELAY, 0, "lost")
REFUSALS = (
    Outcome(Verdict.DEFERRED, Fault.RECIPIENT, 450, "RCPT: 4.2.0 later"),
    Outcome(Verdict.DEFERRED, Fault.RELAY, 421, "MAIL: 4.7.0 rate"),
    Outcome(Verdict.DEFERRED, Fault.US, 550, "MAIL: 5.7.1 not you"),
    Outcome(Verdict.FAILED, Fault.RECIPIENT, 550, "RCPT: 5.1.1 unknown"),
    Outcome(Verdict.FAILED, Fault.US, 552, "MAIL: 5.3.4 too big"),
)


def faults() -> list[report.Fault]:
    made = []
    for policy in ("hold", "resend"):
        few = partial(_all, policy, range(FEW))
        many = partial(_all, policy, range(FEW, FEW + MANY))
        made.append(report.Fault(f"simulation, {policy}, seeds to {FEW}", HELD, few))
        made.append(report.Fault(f"simulation, {policy}, {MANY} more seeds", HELD, many, slow=True))
    return made


def _all(policy: str, seeds: range, folder: Path) -> Sequence[str]:
    return [_told(folder, policy, seed) for seed in seeds]


def _told(folder: Path, policy: str, seed: int) -> str:
    path = laid_out(folder, PEOPLE, policy)
    with open_database(path) as database:
        world = World(database, random.Random(f"{policy} {seed}"))
        broken = world.live()
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    return f"seed {seed}: {broken}" if broken else HELD


@dataclass(slots=True)
class Worker:
    """A virtual process."""

    owner: str
    window: deque[tuple[Delivery, datetime]] = field(default_factory=deque)
    results: list[Result] = field(default_factory=list)
    stopped: bool = False
    dead: bool = False


class World:
    """Everything around one outbox."""

    def __init__(self, database: Database, chance: random.Random) -> None:
        self.box = Outbox(database)
        self._database, self._chance = database, chance
        self._names = itertools.count(1)
        self._workers = [Worker(f"w{next(self._names)}") for _ in range(chance.randint(2, 12))]
        self._dead: set[str] = set()
        self._accepted: Counter[str] = Counter()
        self._gone: set[str] = set()

    def live(self) -> str:
        """What is broken, at the first moment; empty when nothing was."""
        kinds = [self._work] * 12 + [self._die, self._stop, self._go_on, self._recover, self._time_passes]
        kinds += [self._step_back, self._leave, self._bounce, self._pause, self._resume, self._retry]
        for _ in range(STEPS):
            self._chance.choice(kinds)()
            broken = self._broken(self.box.seen())
            if broken:
                return broken
        return self._end()

    # ── workers ─────────────────────────────────────────────────────────────

    def _work(self) -> None:
        worker = self._chance.choice(self._workers)
        if worker.stopped:
            return
        if worker.results and self._chance.random() < 0.4:
            self._record(worker)
        elif worker.window:
            self._send(worker, *worker.window.popleft())
        elif not worker.results:
            self._take(worker)

    def _take(self, worker: Worker) -> None:
        now, limit = self.box.now, self._chance.randint(1, 5)
        taken = self._database.write(lambda c: claim.take(c, owner=worker.owner, limit=limit, now=now))
        assert not {each.address for each in taken} & self._gone, "somebody who had left was taken"
        worker.window.extend((each, now) for each in taken)

    def _send(self, worker: Worker, delivery: Delivery, granted_at: datetime) -> None:
        if self.box.now - granted_at >= USABLE:
            worker.results.append(Result(delivery, None))
            return
        what = self._chance.random()
        if what < 0.6:
            self._accepted[delivery.address] += 1
            outcome = OK
        elif what < 0.75:
            self._accepted[delivery.address] += self._chance.random() < 0.5
            outcome = LOST
        else:
            outcome = self._chance.choice(REFUSALS)
        worker.results.append(Result(delivery, outcome))

    def _record(self, worker: Worker) -> None:
        results, worker.results = worker.results, []
        self._database.write(lambda c: claim.record(c, results, self.box.now))

    def _die(self) -> None:
        """With what it knows, and perhaps in the middle of a message."""
        worker = self._chance.choice(self._workers)
        if worker.window and self._chance.random() < 0.5:
            delivery, granted_at = worker.window.popleft()
            if self.box.now - granted_at < USABLE:
                self._accepted[delivery.address] += 1
        self._dead.add(worker.owner)
        self._workers.remove(worker)
        self._workers.append(Worker(f"w{next(self._names)}"))

    def _stop(self) -> None:
        self._chance.choice(self._workers).stopped = True

    def _go_on(self) -> None:
        for worker in self._workers:
            worker.stopped = False

    # ── everybody else ──────────────────────────────────────────────────────

    def _recover(self) -> None:
        now = self.box.now
        self._database.write(
            lambda c: recovery.recover(c, is_alive=lambda owner: owner not in self._dead, now=now)
        )
        self._database.write(lambda c: recovery.wake(c, now))

    def _time_passes(self) -> None:
        self.box.later(timedelta(minutes=self._chance.choice([1, 6, 25, 90])))

    def _step_back(self) -> None:
        self.box.later(-timedelta(minutes=self._chance.choice([1, 30, 60])))

    def _leave(self) -> None:
        number = self._chance.randint(1, PEOPLE)

        def write(connection: Connection) -> None:
            mine = t.subscription.c.subscriber_id == number
            connection.execute(update(t.subscription).where(mine).values(status="unsubscribed"))

        self._database.write(write)
        self._gone.add(f"r{number}@example.org")

    def _bounce(self) -> None:
        key = f"r{self._chance.randint(1, PEOPLE)}@example.org"
        reason = self._chance.choice(["hard bounce", "complaint"])
        self._database.write(lambda c: suppress(c, key, "*", reason, self.box.now, ""))
        self._gone.add(key)

    def _pause(self) -> None:
        self._database.write(lambda c: operate.pause(c, ISSUE))

    def _resume(self) -> None:
        self._database.write(lambda c: operate.resume(c, ISSUE))

    def _retry(self) -> None:
        """Somebody looked into the log, saw nothing, and is sometimes wrong."""
        with self._database.read() as connection:
            rows = operate.deliveries(connection, state=State.IN_DOUBT)
        some = tuple(row.id for row in rows if self._chance.random() < 0.5)
        self._database.write(lambda c: operate.decide(c, some, "retry", self.box.now).done)

    # ── the promise ─────────────────────────────────────────────────────────

    def _end(self) -> str:
        """The world is well again: after a while nothing waits."""
        for worker in self._workers:
            self._record(worker)
            self._dead.add(worker.owner)
        last = Worker("last")
        for _ in range(60):
            self._resume()
            self._recover()
            self._take(last)
            for delivery, _ in last.window:
                self._accepted[delivery.address] += 1
                last.results.append(Result(delivery, OK))
            last.window.clear()
            self._record(last)
            self.box.later(timedelta(minutes=20))
        seen = self.box.seen()
        waiting = [
            each.address for each in seen if each.state in (State.QUEUED, State.SENDING, State.DEFERRED)
        ]
        return self._broken(seen) or (f"{waiting} wait for ever" if waiting else "")

    def _broken(self, seen: tuple[Seen, ...]) -> str:
        if len(seen) != PEOPLE:
            return f"{len(seen)} deliveries of {PEOPLE}"
        unrecorded = {r.delivery.address for w in self._workers for r in w.results}
        for each in seen:
            times = self._accepted[each.address]
            if times > 1 + each.doubt:
                return f"{each.address} accepted {times} times, doubt {each.doubt}"
            certain = each.state in (State.SENT, State.IN_DOUBT, State.SENDING) or each.doubt
            if times and not certain and each.address not in unrecorded:
                return f"{each.address} accepted, but {each.state}"
            if each.state is State.SENT and not times:
                return f"{each.address} sent, but never accepted"
        return ""
