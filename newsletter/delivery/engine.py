"""The outbox -> a sender, over several connections, until nothing is due.

Each connection is a thread with a sender of its own. It commits the intent for a
window of deliveries, sends them one after the other, and commits the outcomes
together with the next intents. So what a `kill -9` can leave in doubt is at most
connections x window, and every row of it is marked.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from newsletter.model import Delivery, Fault, Message, Outcome, Verdict
from newsletter.outbox import claim, recovery
from newsletter.outbox.claim import Result
from newsletter.senders import Sender
from newsletter.store.database import Database
from newsletter.store.writer import Priority

log = logging.getLogger(__name__)

#: Outcomes wait at most this long for others to be committed with.
GROUP_SECONDS = 0.050


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did."""

    outcomes: Mapping[Verdict, int]
    unreachable: str  #: why the sender could not be used to the end; empty when it could
    recovered: int = 0  #: rows that a dead process had left, now in doubt or queued again

    @property
    def sent(self) -> int:
        return self.outcomes.get(Verdict.SENT, 0)

    @property
    def troubled(self) -> bool:
        """Whether a person should look: something failed, or nobody can know."""
        bad = self.outcomes.get(Verdict.FAILED, 0) + self.outcomes.get(Verdict.IN_DOUBT, 0)
        return bool(bad or self.recovered)


@dataclass(frozen=True, slots=True)
class Line:
    """What every connection of a drain shares."""

    database: Database
    owner: str
    compose: Callable[[Delivery], Message]
    open_sender: Callable[[], Sender]
    clock: Callable[[], datetime]
    window: int
    only: str  #: an issue's id: leave all others alone; empty: whatever is due
    stop: threading.Event  #: set it, and what is on the wire is finished, the rest given back
    on_outcome: Callable[[Delivery, Outcome], None]


def drain(line: Line, connections: int) -> Drained:
    """Send everything that is due now. A bug in one connection gives its rows back, then is raised."""
    with ThreadPoolExecutor(connections, thread_name_prefix="connection") as pool:
        reached = threading.Event()
        futures = [pool.submit(_Connection(line, reached).work) for _ in range(connections)]
        done = [future.result() for future in futures]
    line.database.write(recovery.finish)
    outcomes: Counter[Verdict] = Counter()
    for drained in done:
        outcomes.update(drained.outcomes)
    return Drained(outcomes, next((d.unreachable for d in done if d.unreachable), ""))


class _Connection:
    """One sender and the rows whose intent it holds."""

    def __init__(self, line: Line, reached: threading.Event) -> None:
        self._line = line
        self._reached = reached  #: some connection of this drain has had an answer about a message
        self._relay_faults = 0  #: one after the other
        self._results: list[Result] = []
        self._recorded_at = time.monotonic()
        self._outcomes: Counter[Verdict] = Counter()
        self._unreachable = ""

    def work(self) -> Drained:
        sender = self._line.open_sender()
        try:
            while not self._line.stop.is_set() and not self._unreachable:
                window = self._take()
                if not window:
                    break
                self._send(sender, window)
            self._record()
        finally:
            sender.close()
        return Drained(self._outcomes, self._unreachable)

    def _take(self) -> tuple[Delivery, ...]:
        """Commit outcomes and the next intents in one transaction: no intent without an outcome before it."""
        results, self._results = self._results, []
        now = self._line.clock()
        return self._line.database.write(
            lambda connection: (
                claim.record(connection, results, now),
                claim.take(
                    connection,
                    owner=self._line.owner,
                    limit=self._line.window,
                    now=now,
                    only=self._line.only,
                ),
            )[1],
            Priority.OUTCOMES,
        )

    def _record(self) -> None:
        results, self._results = self._results, []
        now = self._line.clock()
        if results:
            self._line.database.write(lambda c: claim.record(c, results, now), Priority.OUTCOMES)
        self._recorded_at = time.monotonic()

    def _send(self, sender: Sender, window: Sequence[Delivery]) -> None:
        paused: set[str] = set()
        waiting = list(window)
        try:
            while waiting and not self._line.stop.is_set() and not self._unreachable:
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

    def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        if outcome.fault is Fault.RELAY:
            self._relay_faults += 1
            if self._relay_faults > 1:
                self._unreachable = outcome.text
        else:
            self._relay_faults = 0
            self._reached.set()
        # A relay that answers nobody is no fault of this message: it must not pay with an attempt.
        certain = outcome.fault is not Fault.RELAY or self._reached.is_set()
        self._results.append(Result(delivery, outcome if certain else None))
        self._outcomes[outcome.verdict] += 1
        self._line.on_outcome(delivery, outcome)


def _attempt(sender: Sender, message: Message) -> Outcome:
    """One try. A plug-in that raises may have sent: nobody can know."""
    try:
        return sender.send(message.envelope, message.data)
    except Exception as error:
        log.exception("the sender raised an exception; the message is in doubt")
        return Outcome(Verdict.IN_DOUBT, Fault.NONE, 0, f"the sender failed: {type(error).__name__}")
