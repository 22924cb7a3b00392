"""Grants and outcomes of all connections of one drain, and the one place that writes them down.

Each connection holds at most a window of deliveries whose intent is committed. What became of them is
committed in groups, and only the transaction that records a connection's outcomes (or a later one) grants it
that many new ones: so what a ``kill -9`` can leave in doubt is at most connections x window.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy.exc import OperationalError

from newsletter.delivery.line import Line
from newsletter.delivery.pace import Pace
from newsletter.errors import StoreError
from newsletter.model import Delivery, Fault, Outcome, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.senders.smtp_dialogue import Job
from newsletter.store.writer import Priority

log = logging.getLogger(__name__)

#: Outcomes are committed together: so many, or what has come in so many seconds.
GROUP = 100
GROUP_SECONDS = 0.050
#: A window that was granted longer ago is given back: somebody may have taken us for dead
#: (stopped, suspended). The other half of the lease is for the message under way.
USABLE = claim.LEASE / 2
#: A database that is locked or full is asked again so often, once a second.
PATIENCE = 20


class Desk:
    """Shared by the connections of one drain; all its methods belong to the loop's thread."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.outcomes: Counter[Verdict] = Counter()
        self.pace = Pace(line.limits)
        self.window = self.pace.window(line.window)  #: of one connection
        self.paused: set[str] = set()  #: issues that the server refused while we had their windows
        self.reached = False  #: some connection has had an answer about a message
        self.bug: BaseException | None = None
        self.closing = False  #: nothing more is granted
        self._channels: list[Channel] = []
        self._results: list[tuple[Channel, Result]] = []
        self._called = asyncio.Event()  #: something should be written down now
        self._recorded_at = time.monotonic()

    def channel(self) -> Channel:
        """A place for one more connection."""
        made = Channel(self)
        self._channels.append(made)
        return made

    # ── what connections say ────────────────────────────────────────────────

    def note(self, channel: Channel, result: Result) -> None:
        self._results.append((channel, result))
        if len(self._results) >= self._group():
            self._called.set()

    def call(self) -> None:
        """Somebody has nothing left to send."""
        self._called.set()

    def crash(self, bug: BaseException) -> None:
        """A bug of ours: everything is given back, then it is raised."""
        self.bug = self.bug or bug
        self.close()

    def close(self) -> None:
        """Grant nothing more; what is on the wire is finished, the rest is given back."""
        self.closing = True
        for channel in self._channels:
            channel.give_back()
            channel.wake.set()
        self._called.set()

    # ── writing down ────────────────────────────────────────────────────────

    async def serve(self) -> None:
        """Commit outcomes and intents until nothing is due, or we are to stop."""
        while not self.closing:
            granted = await self._commit()
            if not granted and not self._under_way():
                break
            await self._until_called()
        self.close()

    async def finish(self) -> None:
        """Write down what is left. Every connection has ended."""
        while self._results:
            await self._commit()

    async def _until_called(self) -> None:
        """Until a group is full, a connection has nothing left, or the oldest outcome has waited enough."""
        while not self._called.is_set():
            try:
                async with asyncio.timeout(GROUP_SECONDS):
                    await self._called.wait()
            except TimeoutError:
                if self.line.stop.is_set():
                    self.close()
                if self._results:
                    break
        self._called.clear()

    async def _commit(self) -> int:
        """One transaction: the outcomes so far, then new intents for the room there is. How many."""
        noted = tuple(self._results)
        room = 0 if self.closing else self._room(noted)
        if not noted and not room:
            return 0
        now = self.line.clock()
        window = await self._written(tuple(result for _, result in noted), room, now)
        del self._results[: len(noted)]
        for channel, _ in noted:
            channel.owed -= 1
        self._hand_out(window, now)
        return len(window)

    async def _written(self, results: Sequence[Result], room: int, now: datetime) -> tuple[Delivery, ...]:
        """However long it takes within reason: an outcome that is known must not become a doubt."""
        line = self.line

        def write(transaction: Transaction) -> tuple[Delivery, ...]:
            claim.record(transaction, results, now)
            if not room or line.stop.is_set():
                return ()
            return claim.take(transaction, owner=line.owner, limit=room, now=now, only=line.only)

        for attempt in range(PATIENCE + 1):
            try:
                return await asyncio.wrap_future(line.database.submit(write, Priority.OUTCOMES))
            except OperationalError as error:
                failure = StoreError(f"{line.database.path}: {error.orig}")
                if attempt == PATIENCE:
                    raise failure from error
                log.warning("%s; trying again", failure)
                await asyncio.sleep(1)
        raise AssertionError("unreachable")

    def _room(self, noted: Sequence[tuple[Channel, Result]]) -> int:
        """How many intents there is room for once `noted` is committed."""
        back = Counter(channel for channel, _ in noted)
        return sum(channel.room + back[channel] for channel in self._channels if channel.open)

    def _hand_out(self, window: Sequence[Delivery], now: datetime) -> None:
        """One after the other, so that every connection has something to do."""
        waiting = deque(window)
        while waiting:
            places = [channel for channel in self._channels if channel.open and channel.room]
            for channel in places or self._channels[:1]:
                if waiting:
                    channel.take(waiting.popleft(), now)
        for channel in self._channels:
            if not channel.open:
                channel.give_back()
            elif channel.ready:
                channel.wake.set()
        if self.closing:  # it came while the transaction was under way
            self.close()

    def _under_way(self) -> bool:
        return bool(self._results) or any(channel.owed for channel in self._channels)

    def _group(self) -> int:
        """A full group, or most of what can be under way at all: waiting for more would idle every window."""
        live = sum(1 for channel in self._channels if channel.open)
        return max(1, min(GROUP, live * self.window * 3 // 4))


class Channel:
    """What one connection has been granted; the sender takes its messages from here."""

    def __init__(self, desk: Desk) -> None:
        self.open = True  #: grants are of use
        self.ready: deque[tuple[Delivery, datetime]] = deque()
        self.owed = 0  #: granted, and no outcome of it is committed
        self.wake = asyncio.Event()
        self.unreachable = ""
        self._desk = desk
        self._relay_faults = 0  #: one after the other

    @property
    def room(self) -> int:
        """How many more it may hold."""
        return self._desk.window - self.owed

    def take(self, delivery: Delivery, now: datetime) -> None:
        self.owed += 1
        self.ready.append((delivery, now))

    def give_back(self) -> None:
        """These were never written: they go back as they were."""
        while self.ready:
            self._return(self.ready.popleft()[0])

    # ── the sender's side ───────────────────────────────────────────────────

    @property
    def closing(self) -> bool:
        return self._desk.closing or not self.open

    def tell(self, wake: asyncio.Event) -> None:
        self.wake = wake
        wake.set()

    def next(self) -> Job | None:
        """The next message that may go now."""
        desk = self._desk
        if desk.line.stop.is_set() and not desk.closing:
            desk.close()
        while self.ready and not self.closing:
            delivery = self._pick()
            if delivery is None:
                return None
            try:
                return Job(desk.line.compose(delivery), delivery)
            except BaseException as bug:
                self._return(delivery)
                desk.crash(bug)
        if not self.closing:
            desk.call()
        return None

    def done(self, job: Job, outcome: Outcome | None) -> None:
        delivery = job.tag
        assert isinstance(delivery, Delivery)
        if outcome is None:
            self._return(delivery)
            return
        desk = self._desk
        desk.outcomes[outcome.verdict] += 1
        desk.note(self, Result(delivery, None if self._is_blameless(outcome) else outcome))
        if outcome.fault is Fault.US:
            desk.paused.add(delivery.issue_id)
        self.faulted(outcome)
        desk.line.on_outcome(delivery, outcome)

    def faulted(self, outcome: Outcome) -> None:
        """Count what says that the relay cannot be used: the second time in a row it is left alone."""
        if outcome.fault is not Fault.RELAY:
            self._relay_faults = 0
            self._desk.reached = True
            return
        self._relay_faults += 1
        if self._relay_faults > 1:
            self.unreachable, self.open = outcome.text, False
            self.give_back()

    def refused(self, outcome: Outcome) -> None:
        """No session could be had. Where that is our own fault, an issue must say so, and it is asked once:
        a password that is wrong does not get better by being repeated."""
        if outcome.fault is not Fault.US:
            self.faulted(outcome)
            return
        if self.ready:
            delivery, _ = self.ready.popleft()
            self.done(Job(self._desk.line.compose(delivery), delivery), outcome)
        self.unreachable, self.open = outcome.text, False
        self.give_back()

    # ── small things ────────────────────────────────────────────────────────

    def _pick(self) -> Delivery | None:
        """The first whose rate allows it; those that must not go any more are given back."""
        desk, now = self._desk, self._desk.line.clock()
        for _ in range(len(self.ready)):
            delivery, granted_at = self.ready.popleft()
            if delivery.issue_id in desk.paused or now - granted_at >= USABLE:
                self._return(delivery)
                continue
            if desk.pace.may_go(delivery.address):
                return delivery
            self.ready.append((delivery, granted_at))
        if self.ready:
            asyncio.get_running_loop().call_later(desk.pace.delay(), self.wake.set)
        else:
            desk.call()
        return None

    def _return(self, delivery: Delivery) -> None:
        self._desk.note(self, Result(delivery, None))

    def _is_blameless(self, outcome: Outcome) -> bool:
        """A relay that answers nobody is no fault of this message: it must not pay with an attempt.
        What may have been accepted is another matter, and always recorded."""
        relay = outcome.verdict is Verdict.DEFERRED and outcome.fault is Fault.RELAY
        return relay and not self._desk.reached
