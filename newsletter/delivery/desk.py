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
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Transaction
from sqlalchemy.exc import DatabaseError

from newsletter.delivery.channel import Channel
from newsletter.delivery.line import Line
from newsletter.delivery.pace import Pace
from newsletter.model import Delivery, Fault, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.outbox.passing import Passing
from newsletter.store.database import failure, may_pass
from newsletter.store.writer import Priority

log = logging.getLogger(__name__)

#: Outcomes are committed together: so many, or what has come in so many seconds.
GROUP = 100
GROUP_SECONDS = 0.050
#: While messages wait in windows, it is looked at least so often whether they still may go.
LOOK_SECONDS = 0.250
#: A database that is locked or full is asked again so often, once a second.
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction gave."""

    live: frozenset[str]  #: issues of which something may go
    barred: frozenset[int]  #: deliveries in windows whose readers have left since
    window: tuple[Delivery, ...]


class Desk:
    """Shared by the connections of one drain; all its methods belong to the loop's thread."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.outcomes: Counter[Verdict] = Counter()
        self.pace = Pace(line.limits)
        self.window = self.pace.window(line.window)  #: of one connection
        self.reached = False  #: some connection has had an answer about a message
        self.bug: BaseException | None = None
        self.closing = False  #: nothing more is granted
        self._live: frozenset[str] = frozenset()
        self._refused: set[str] = set()  # issues that the server refused, which is not yet written down
        self._passing = Passing(self.pace.limited)
        self._channels: list[Channel] = []
        self._results: list[tuple[Channel, Result]] = []
        self._group = 1  # so many results are a group
        self._called = asyncio.Event()  # something should be written down now
        self._looked_at = 0.0
        self._asked_at = 0.0  # whether those in windows are still to get anything
        self._barred: frozenset[int] = frozenset()  # of them, who is not

    def channel(self, route: int = 0) -> Channel:
        """A place for one more connection, which is of that route."""
        made = Channel(self, route)
        self._channels.append(made)
        return made

    def may_go(self, delivery: Delivery) -> bool:
        """Whether it was to be sent when we last looked: its issue may have been stopped, its reader gone."""
        if delivery.id in self._barred:
            return False
        return delivery.issue_id in self._live and delivery.issue_id not in self._refused

    # ── what connections say ────────────────────────────────────────────────

    def note(self, channel: Channel, result: Result) -> None:
        self._results.append((channel, result))
        outcome = result.outcome
        if outcome is not None and outcome.fault is Fault.US:
            self._refused.add(result.delivery.issue_id)
        if len(self._results) >= self._group:
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
            later = self._passing.waits and any(channel.open for channel in self._channels)
            if not (granted or later or self._under_way()):
                break
            if not (self._passing.has_more and self._room(())):
                await self._until_called()
        self.close()

    async def finish(self, ending: asyncio.Future[list[BaseException | None]]) -> None:
        """Write down what is left, until every connection has ended: that may take minutes, and what was
        given back must not wait for it."""
        while not ending.done() or self._results:
            if self._results:
                await self._commit()
            await asyncio.wait([ending], timeout=GROUP_SECONDS)
        why = self._refusal()
        if why:
            await self._written((), 0, self.line.clock(), refusal=why)

    async def _until_called(self) -> None:
        """Until a group is full, a connection has nothing left, or the oldest outcome has waited enough."""
        while not self._called.is_set():
            try:
                async with asyncio.timeout(GROUP_SECONDS):
                    await self._called.wait()
            except TimeoutError:
                if self.line.stop.is_set():
                    self.close()
                if self._results or self._should_look():
                    break
        self._called.clear()

    def _should_look(self) -> bool:
        """Whether rows of a limited domain may have got room, or somebody else may have stopped an issue."""
        if self._passing.waits:
            self._passing.room = self.pace.room()
            if self._passing.has_more:
                return True
        idle = time.monotonic() - self._looked_at >= LOOK_SECONDS
        return idle and any(channel.ready for channel in self._channels)

    async def _commit(self) -> int:
        """One transaction: the outcomes so far, then new intents for the room there is. How many."""
        noted = tuple(self._results)
        room = 0 if self.closing else self._room(noted)
        if not noted and not room and not self._should_look():
            return 0
        now = self.line.clock()
        written = await self._written(tuple(result for _, result in noted), room, now)
        del self._results[: len(noted)]
        for channel, _ in noted:
            channel.owed -= 1
        stopped, self._live = self._live - written.live, written.live
        self._called.clear()
        if self._refused:  # what stands in the database by now, `live` says
            left = (result for _, result in self._results if result.outcome)
            self._refused = {r.delivery.issue_id for r in left if r.outcome and r.outcome.fault is Fault.US}
        self._barred = written.barred
        if stopped or written.barred:
            for channel in self._channels:
                channel.sift()
        self._hand_out(written.window, now)
        return len(written.window)

    async def _written(
        self, results: Sequence[Result], room: int, now: datetime, refusal: str = ""
    ) -> Written:
        """However long it takes within reason: an outcome that is known must not become a doubt."""
        line, passing = self.line, self._passing
        passing.room = self.pace.room()
        held = self._held()

        def write(transaction: Transaction) -> Written:
            if results:
                claim.record(transaction, results, now)
            live = claim.live_issues(transaction, now, line.only)
            barred = claim.barred(transaction, held, now)
            window: tuple[Delivery, ...] = ()
            if room and not line.stop.is_set():
                window = claim.take(
                    transaction, owner=line.owner, limit=room, now=now, passing=passing, live=live
                )
            if refusal:
                claim.pause_waiting(transaction, [id for id, _ in live], refusal)
            return Written(frozenset(id for id, _ in live), barred, window)

        for attempt in range(PATIENCE + 1):
            try:
                written = await asyncio.wrap_future(line.database.submit(write, Priority.OUTCOMES))
                self._looked_at = time.monotonic()
                self._asked_at = self._looked_at if held else self._asked_at
                return written
            except DatabaseError as error:
                passing.forget()
                told = failure(line.database.path, error)
                if told is None:
                    raise
                if attempt == PATIENCE or not may_pass(error) or line.abandon.is_set():
                    raise told from error
                log.warning("%s; trying again", told)
                await asyncio.sleep(1)
        raise AssertionError("unreachable")

    def _held(self) -> tuple[int, ...]:
        """The deliveries that wait in windows, now and then: windows of a fast server do not grow old."""
        if time.monotonic() - self._asked_at < LOOK_SECONDS:
            return ()
        return tuple(delivery.id for channel in self._channels for delivery, _ in channel.ready)

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
        live = 0
        for channel in self._channels:
            if not channel.open:
                channel.give_back()
                continue
            live += 1
            if channel.ready:
                channel.wake.set()
            elif self._results:  # it could have more once they are written down
                self._called.set()
        # Or most of what can be under way at all: waiting for more would idle every window.
        self._group = max(1, min(GROUP, live * self.window * 3 // 4))
        if self.closing:  # it came while the transaction was under way
            self.close()

    def _under_way(self) -> bool:
        return bool(self._results) or any(channel.owed for channel in self._channels)

    def _refusal(self) -> str:
        """What the servers say where each of them refuses us; else nothing: another may still be of use."""
        refused = {channel.route: channel.unreachable for channel in self._channels if channel.refused_us}
        return next(iter(refused.values())) if {c.route for c in self._channels} == set(refused) else ""
