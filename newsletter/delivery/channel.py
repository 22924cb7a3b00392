"""What one connection has been granted: its sender takes messages from here and says what became of them."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING

from newsletter.model import Delivery, Fault, Outcome, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.senders.smtp_dialogue import Job

if TYPE_CHECKING:
    from newsletter.delivery.desk import Desk

#: A window that was granted longer ago is given back: somebody may have taken us for dead
#: (stopped, suspended). The other half of the lease is for the message under way.
USABLE = claim.LEASE / 2


class Channel:
    """The window of one connection. It belongs to the loop's thread."""

    def __init__(self, desk: Desk, route: int) -> None:
        self.route = route  #: which way out it is of
        self.open = True  #: grants are of use
        self.ready: deque[tuple[Delivery, datetime]] = deque()
        self.owed = 0  #: granted, and no outcome of it is committed
        self.wake = asyncio.Event()
        self.unreachable = ""
        self.refused_us = False  #: no session could be had, and that is our own fault
        self._desk = desk
        self._relay_faults = 0  #: one after the other

    @property
    def room(self) -> int:
        """How many more it may hold."""
        return self._desk.window - self.owed

    def take(self, delivery: Delivery, now: datetime) -> None:
        """One more, whose intent is committed."""
        self.owed += 1
        self._desk.pace.wait_for(delivery.address)
        self.ready.append((delivery, now))

    def give_back(self) -> None:
        """These were never written: they go back as they were."""
        while self.ready:
            self._return(self._pop()[0])

    def sift(self) -> None:
        """Give back what must not go any more."""
        for _ in range(len(self.ready)):
            delivery, granted_at = self._pop()
            if self._desk.may_go(delivery):
                self._desk.pace.wait_for(delivery.address)
                self.ready.append((delivery, granted_at))
            else:
                self._return(delivery)

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
            self.leave(outcome.text)

    def refused(self, outcome: Outcome) -> None:
        """No session could be had. Where that is our own fault, it is asked once: a password that is wrong
        does not get better by being repeated."""
        if outcome.fault is Fault.US:
            self.refused_us = True
            self.leave(outcome.text)
        else:
            self.faulted(outcome)

    def leave(self, why: str) -> None:
        """This way out is of no use now; what it has goes to the others."""
        self.unreachable, self.open = why, False
        self.give_back()

    # ── small things ────────────────────────────────────────────────────────

    def _pick(self) -> Delivery | None:
        """The first whose rate allows it; those that must not go any more are given back."""
        desk, now = self._desk, self._desk.line.clock()
        for _ in range(len(self.ready)):
            delivery, granted_at = self._pop()
            if now - granted_at >= USABLE or not desk.may_go(delivery):
                self._return(delivery)
                continue
            if desk.pace.may_go(delivery.address):
                return delivery
            desk.pace.wait_for(delivery.address)
            self.ready.append((delivery, granted_at))
        if self.ready:
            asyncio.get_running_loop().call_later(desk.pace.delay(), self.wake.set)
        else:
            desk.call()
        return None

    def _pop(self) -> tuple[Delivery, datetime]:
        first = self.ready.popleft()
        self._desk.pace.waits_no_more(first[0].address)
        return first

    def _return(self, delivery: Delivery) -> None:
        self._desk.note(self, Result(delivery, None))

    def _is_blameless(self, outcome: Outcome) -> bool:
        """A relay that answers nobody is no fault of this message: it must not pay with an attempt.
        What may have been accepted is another matter, and always recorded."""
        relay = outcome.verdict is Verdict.DEFERRED and outcome.fault is Fault.RELAY
        return relay and not self._desk.reached
