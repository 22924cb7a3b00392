"""``python -m tests.faults --kills N`` and ``--stops N``: real processes that send, ended at random moments.

A server that writes each message down before it answers is the truth. A second process goes on where the
first one ended; then everybody has got it once, or stands there in doubt.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from newsletter.model import State
from newsletter.store.database import open_database
from tests.faults.real_line import Outbox, Seen, contradictions, laid_out
from tests.faults.report import MEMORY
from tests.faults.sending_child import Order, ended, start
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer

PEOPLE, CONNECTIONS, WINDOW = 300, 4, 8
MOST = CONNECTIONS * WINDOW
#: Of a hundred runs, so many must have hit a process with messages both on the wire and before it.
LANDED_PERCENT = 75


@dataclass(frozen=True, slots=True)
class Run:
    """What one run led to."""

    seed: str
    landed: bool  #: when it was hit, rows were both sending and waiting
    in_doubt: int
    accepted: int  #: of those in doubt, how many the server had really taken
    lost: int  #: not accepted, and not in doubt
    doubled: int
    wrong: str  #: what else does not hold; empty when nothing


def kills(count: int, seed: int) -> int:
    """`count` runs with ``kill -9``; 1 when one of them is not as promised."""
    return _told("kill -9", [run(f"{seed}:{n}", signal.SIGKILL) for n in range(count)], most=MOST)


def stops(count: int, seed: int) -> int:
    """The same with SIGTERM, which leaves nothing in doubt."""
    return _told("SIGTERM", [run(f"{seed}:{n}", signal.SIGTERM) for n in range(count)], most=0)


def _told(name: str, runs: list[Run], *, most: int) -> int:
    bad = [each for each in runs if each.lost or each.doubled or each.wrong or each.in_doubt > most]
    for each in bad:
        print(f"WRONG {each}")
    landed, worst = sum(each.landed for each in runs), max(each.in_doubt for each in runs)
    doubt, accepted = (sum(getattr(each, what) for each in runs) for what in ("in_doubt", "accepted"))
    print(
        f"{name}: {len(runs)} runs of {PEOPLE} messages over {CONNECTIONS} connections, window {WINDOW}; "
        f"{landed} hit while rows were sending and others waited: "
        f"{sum(each.lost for each in runs)} lost, {sum(each.doubled for each in runs)} doubled; "
        f"in doubt at most {worst} in a run ({most} allowed), {doubt} in all, {accepted} of them arrived; "
        f"{len(bad)} runs not as promised",
        flush=True,
    )
    return int(bool(bad) or landed * 100 < LANDED_PERCENT * len(runs))


def run(seed: str, number: signal.Signals) -> Run:
    """One process, hit by a signal at a moment that the seed names, and another one that goes on."""
    moment = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = laid_out(Path(folder), PEOPLE)
        hit = _Hit(moment.randrange(1, PEOPLE - MOST), moment.uniform(0, 0.005), number)
        usual = USUAL["dot"]
        with FaultServer({"ehlo": PIPELINING, "dot": Act(usual.say, do=hit.count)}) as server:
            order = Order(path, server.port, WINDOW, CONNECTIONS)
            first = start(order)
            hit.at(first.pid or 0)
            code = ended(first)
            landed = _landed(path, number)
            again = ended(start(order))
            accepted = Counter(server.recipients)
        with open_database(path) as database:
            seen = Outbox(database).seen()
    wrong = contradictions(seen, accepted)
    expected = -number if number is signal.SIGKILL else 130
    if code not in (0, expected) or again != 0:
        wrong += f" exit codes {code}, {again}"
    return _judged(seed, landed and code == expected, seen, accepted, wrong)


def _landed(path: Path, number: signal.Signals) -> bool:
    """Whether rows waited, and others were on the wire; those a process that may still act has finished."""
    with open_database(path) as database:
        states = Outbox(database).counts()
    return bool(states[State.QUEUED] and (states[State.SENDING] or number is not signal.SIGKILL))


def _judged(seed: str, landed: bool, seen: tuple[Seen, ...], accepted: Counter[str], wrong: str) -> Run:
    doubtful = [each for each in seen if each.state is State.IN_DOUBT]
    names = {each.address for each in doubtful}
    states = Counter(each.state for each in seen)
    if len(seen) != PEOPLE or states[State.SENT] + states[State.IN_DOUBT] != PEOPLE:
        wrong += f" {dict(states)} of {PEOPLE}"
    return Run(
        seed,
        landed,
        in_doubt=len(doubtful),
        accepted=sum(accepted[name] for name in names),
        lost=sum(not accepted[each.address] for each in seen if each.address not in names),
        doubled=sum(times > 1 for times in accepted.values()),
        wrong=wrong,
    )


class _Hit:
    """Sends a signal to a process a moment after the server has taken so many messages."""

    def __init__(self, messages: int, delay: float, number: signal.Signals) -> None:
        self._left, self._delay, self._number = messages, delay, number
        self._lock = threading.Lock()
        self._now = threading.Event()

    def count(self) -> None:
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._now.set()

    def at(self, pid: int) -> None:
        """Returns when it was hit."""
        if self._now.wait(60):
            time.sleep(self._delay)
            with suppress(ProcessLookupError):  # it was faster
                os.kill(pid, self._number)
