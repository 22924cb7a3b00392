"""``kill -9`` at every commit and every stage of the dialogue, and again at every one of the recovery.

Real processes on a real file. Whatever happens:

    hold      nobody gets it twice, and whoever did not get it stands there in doubt
    resend    everybody gets it, and only as often more than once as `doubt` says
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from newsletter.model import State
from newsletter.store.database import open_database
from tests.faults.real_line import Outbox, Seen, laid_out, smtp
from tests.faults.report import Fault, at_once
from tests.faults.sending_child import Order, ended, start
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer, Script

PEOPLE, WINDOW = 3, 2
#: More commits than any run of so few messages has.
COMMITS = 9
MISSED = "it ended before it came to that point"
STAGES = (
    "greeting",
    "ehlo",
    "mail",
    "rcpt",
    "data",
    "middle",
    "dot refused",
    "dot taken",
    "dot answered",
    "quit",
)
REQUIRED = {
    "hold": "accepted at most once, every miss in doubt",
    "resend": "accepted by everybody, every double counted",
}


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process is killed."""

    stage: str = ""
    message: int = 0  #: from 0
    commit: int = 0  #: from 1; or here
    committed: bool = False


def faults() -> list[Fault]:
    made = [
        Fault(f"kill -9 anywhere, {policy}", REQUIRED[policy], partial(_once, policy)) for policy in REQUIRED
    ]
    for policy in REQUIRED:
        for name, points in _kinds():
            title = f"kill -9 {name}, then anywhere in the recovery, {policy}"
            made.append(Fault(title, REQUIRED[policy], partial(_twice, policy, points), slow=True))
    return made


def _kinds() -> Iterator[tuple[str, list[Point]]]:
    for stage in STAGES:
        messages = (0,) if stage in ("greeting", "ehlo", "quit") else (0, 1)
        yield f"at {stage}", [Point(stage, message) for message in messages]
    yield "before a commit", [Point(commit=number) for number in range(1, COMMITS + 1)]
    yield "after a commit", [Point(commit=number, committed=True) for number in range(1, COMMITS + 1)]


def _points() -> list[Point]:
    return [point for _, points in _kinds() for point in points]


def _once(policy: str, folder: Path) -> Sequence[str]:
    return _landed([partial(_told, folder, policy, (point,)) for point in _points()])


def _twice(policy: str, firsts: list[Point], folder: Path) -> Sequence[str]:
    ways = [(first, second) for first in firsts for second in _points()]
    return _landed([partial(_told, folder, policy, way) for way in ways])


def _landed(ways: Sequence[Callable[[], str]]) -> list[str]:
    """Without those in which the last process ended before it came to its point."""
    return [each for each in at_once(ways) if each != MISSED]


def _told(folder: Path, policy: str, points: tuple[Point, ...]) -> str:
    """Killed at each of the points in turn, then left alone until nothing is due."""
    path = laid_out(folder, PEOPLE, policy)
    accepted: Counter[str] = Counter()
    for point in points:
        exitcode, taken = _killed_at(path, point)
        accepted += taken
        if exitcode == 0 and point is not points[-1]:
            return MISSED
    with open_database(path) as database, FaultServer({"ehlo": PIPELINING}) as well:
        box = Outbox(database)
        box.send(smtp(well.port))
        accepted += Counter(well.recipients)
        seen = box.seen()
    for ending in ("", "-wal", "-shm"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    broken = _judged(policy, seen, accepted, most=len(points) * WINDOW)
    if exitcode not in (0, -signal.SIGKILL):
        broken += f" exit code {exitcode}"
    return broken or (REQUIRED[policy] if exitcode else MISSED)


def _killed_at(path: Path, point: Point) -> tuple[int | None, Counter[str]]:
    """How a process ended that was to be killed there, and what the server took from it."""
    victim: list[int] = []

    def kill() -> None:
        os.kill(victim[0], signal.SIGKILL)

    with FaultServer(_script(point, Act(do=kill))) as server:
        order = Order(path, server.port, WINDOW, commit=point.commit, committed=point.committed)
        server.held.clear()
        process = start(order)
        assert process.pid is not None
        victim.append(process.pid)
        server.held.set()
        return ended(process), Counter(server.recipients)


def _script(point: Point, kill: Act) -> Script:
    script: dict[str, Act | tuple[Act, ...]] = {"ehlo": PIPELINING}
    stage, _, how = point.stage.partition(" ")
    if not stage:
        return script
    usual = PIPELINING if stage == "ehlo" else USUAL.get(stage, Act())
    deadly = {
        "refused": Act(do=kill.do, takes=False),
        "taken": Act(do=kill.do, takes=True),
        "answered": Act(usual.say, afterwards=kill),
    }.get(how, kill)
    script[stage] = (*(usual,) * point.message, deadly)
    return script


def _judged(policy: str, seen: tuple[Seen, ...], accepted: Counter[str], most: int) -> str:
    """What does not hold; empty when all does."""
    broken = []
    for each in seen:
        times = accepted[each.address]
        if policy == "hold" and (times > 1 or (times == 0 and each.state is not State.IN_DOUBT)):
            broken.append(f"{times} times, {each.state}")
        if policy == "resend" and (times < 1 or times > 1 + each.doubt or each.state is not State.SENT):
            broken.append(f"{times} times, {each.state}, doubt {each.doubt}")
        if each.state not in (State.SENT, State.IN_DOUBT):
            broken.append(f"left as {each.state}")
    doubtful = sum(each.state is State.IN_DOUBT for each in seen)
    if doubtful > most:
        broken.append(f"{doubtful} in doubt, more than were under way")
    return ", ".join(broken)
