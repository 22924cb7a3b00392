"""One sender, and the rows whose intent it holds."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection as Transaction

from newsletter.delivery.line import Drained, Line
from newsletter.errors import StoreError
from newsletter.model import Delivery, Fault, Message, Outcome, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.senders import Sender
from newsletter.store.writer import Priority

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Outcomes wait at most this long for others to be committed with.
GROUP_SECONDS = 0.050
#: A window that was granted longer ago is given back: somebody may have taken us for dead
#: (stopped, suspended). The other half of the lease is for the message under way.
USABLE = claim.LEASE / 2
#: A database that is locked or full is asked again so often, once a second.
PATIENCE = 20


class Connection:
    """One connection of a drain; `work` is its whole life."""

    def __init__(self, line: Line, reached: threading.Event) -> None:
        self._line = line
        self._reached = reached  #: some connection of this drain has had an answer about a message
        self._relay_faults = 0  #: one after the other
        self._results: list[Result] = []  #: not yet committed
        self._recorded_at = time.monotonic()
        self._outcomes: Counter[Verdict] = Counter()
        self._unreachable = ""

    def work(self) -> Drained:
        """Take, send and record until nothing is due, the relay is gone, or we are to stop."""
        sender = self._line.open_sender()
        try:
            while not self._line.stop.is_set() and not self._unreachable:
                granted_at = self._line.clock()
                window = self._take(granted_at)
                if not window:
                    break
                self._send(sender, window, granted_at)
            self._record()
        finally:
            sender.close()
        return Drained(self._outcomes, self._unreachable)

    def _take(self, now: datetime) -> tuple[Delivery, ...]:
        """Commit outcomes and the next intents in one transaction: no intent without an outcome before it."""
        line, results = self._line, tuple(self._results)

        def write(transaction: Transaction) -> tuple[Delivery, ...]:
            claim.record(transaction, results, now)
            return claim.take(transaction, owner=line.owner, limit=line.window, now=now, only=line.only)

        window = self._commit(write)
        del self._results[: len(results)]
        return window

    def _record(self) -> None:
        results = tuple(self._results)
        if results:
            now = self._line.clock()
            self._commit(lambda transaction: claim.record(transaction, results, now))
            del self._results[: len(results)]
        self._recorded_at = time.monotonic()

    def _commit(self, call: Callable[[Transaction], T]) -> T:
        """Write, however long it takes within reason: an outcome that is known must not become a doubt."""
        for _ in range(PATIENCE):
            try:
                return self._line.database.write(call, Priority.OUTCOMES)
            except StoreError as error:
                log.warning("%s; trying again", error)
                self._line.stop.wait(1)
        return self._line.database.write(call, Priority.OUTCOMES)

    def _send(self, sender: Sender, window: Sequence[Delivery], granted_at: datetime) -> None:
        paused: set[str] = set()
        waiting = list(window)
        try:
            while waiting and self._may_go_on(granted_at):
                delivery = waiting[0]
                if delivery.issue_id in paused:
                    self._results.append(Result(waiting.pop(0), None))
                    continue
                message = self._line.compose(delivery)
                outcome = _attempt(sender, message)
                waiting.pop(0)
                self._note(delivery, outcome)
                if outcome.fault is Fault.US:
                    paused.add(delivery.issue_id)
                if time.monotonic() - self._recorded_at > GROUP_SECONDS:
                    self._record()
        finally:
            # Whatever ended the loop: these were never written, and go back as they were.
            self._results += [Result(delivery, None) for delivery in waiting]
            if waiting:
                self._record()

    def _may_go_on(self, granted_at: datetime) -> bool:
        in_time = self._line.clock() - granted_at < USABLE
        return in_time and not self._line.stop.is_set() and not self._unreachable

    def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        if outcome.fault is Fault.RELAY:
            self._relay_faults += 1
            if self._relay_faults > 1:
                self._unreachable = outcome.text
        else:
            self._relay_faults = 0
            self._reached.set()
        # A relay that answers nobody is no fault of this message: it must not pay with an attempt.
        # What may have been accepted is another matter, and always recorded.
        blameless = (
            outcome.verdict is Verdict.DEFERRED
            and outcome.fault is Fault.RELAY
            and not self._reached.is_set()
        )
        self._results.append(Result(delivery, None if blameless else outcome))
        self._outcomes[outcome.verdict] += 1
        self._line.on_outcome(delivery, outcome)


def _attempt(sender: Sender, message: Message) -> Outcome:
    """One try. A plug-in that raises anything at all may have sent: nobody can know."""
    try:
        return sender.send(message.envelope, message.data)
    except BaseException as error:
        log.exception("the sender raised an exception; the message is in doubt")
        return Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, f"the sender failed: {type(error).__name__}")
