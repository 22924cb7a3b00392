"""What happens to a sending process: signals, limits, a second one beside it. And to its clock."""

from __future__ import annotations

import os
import resource
import signal
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from newsletter.delivery.halt import TOGETHER_SECONDS
from newsletter.outbox import claim
from newsletter.store.database import open_database
from tests.faults.real_line import Outbox, contradictions, laid_out, outbox, smtp
from tests.faults.report import Fault
from tests.faults.sending_child import Order, ended, start
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer, Script, Then

PEOPLE, WINDOW = 12, 4
OK = USUAL["dot"]
LIMIT = resource.RLIMIT_FSIZE


def faults() -> list[Fault]:
    return [
        Fault("SIGTERM in DATA", "exit code 130 · nothing in doubt · 12 sent", _sigterm),
        Fault("Ctrl-C twice at once", "exit code 130 · nothing in doubt · 12 sent", _twice),
        Fault("Ctrl-C again, for it takes too long", "exit code 130 · 1 in doubt · 11 sent", _again),
        Fault("SIGSTOP longer than the lease", "exit code 0 · at most 4 in doubt · none doubled", _stopped),
        Fault("two processes on one database", "exit code 0 · 12 sent", _two),
        Fault(
            "no octet can be written at the intent", "exit code 3 · nothing said · 12 sent", _eio_at_intent
        ),
        Fault("no octet can be written at the outcome", "exit code 3 · at most 4 in doubt", _eio_at_outcome),
        Fault("no octet can be written for a while", "exit code 0 · 12 sent", _eio_for_a_while),
        Fault("out of descriptors", "exit code 0 · nothing in doubt · 12 sent", _descriptors),
        Fault("the clock is an hour ahead", "12 sent", lambda folder: _stepped(folder, timedelta(hours=1))),
        Fault("the clock is an hour back", "12 sent", lambda folder: _stepped(folder, timedelta(hours=-1))),
        Fault("the clock is a year back", "12 sent", lambda folder: _stepped(folder, timedelta(days=-365))),
        Fault("the clock is a year ahead", "expired, never sent twice", _a_year_ahead),
    ]


class Running:
    """A process and the server that it sends to; `do` is called in the middle of its third message."""

    def __init__(
        self,
        folder: Path,
        stage: str,
        do: Callable[[int], object],
        then: Then = Then.GO_ON,
        **order: object,
    ) -> None:
        self.path = laid_out(folder, PEOPLE)
        self._done = threading.Event()

        def once() -> None:
            if not self._done.is_set():
                self._done.set()
                do(self.pid)

        usual = USUAL.get(stage, Act())
        say = b"" if then is Then.SAY_NOTHING else usual.say
        act = Act(say, then, do=once, takes=True if stage == "dot" else None)
        script: Script = {"ehlo": PIPELINING, stage: (usual, usual, act, usual)}
        with FaultServer(script) as self.server:
            self.server.held.clear()
            self.process = start(Order(self.path, self.server.port, WINDOW, **order))  # type: ignore[arg-type]
            self.pid = self.process.pid or 0
            self.server.held.set()
            ended(self.process)

    @property
    def end(self) -> str:
        return f"exit code {self.process.exitcode}"

    def told(self) -> tuple[Counter[str], str]:
        """How many are in doubt, and what the database says once the rest has been sent elsewhere."""
        with open_database(self.path) as database, FaultServer({"ehlo": PIPELINING}) as well:
            box = Outbox(database)
            box.send(smtp(well.port))
            seen = box.seen()
        accepted = Counter(self.server.recipients + well.recipients)
        found = Counter(each.state.value.replace("_", " ") for each in seen)
        wrong = contradictions(seen, accepted)
        return found, f" BUT {wrong}" if wrong else ""


def _sigterm(folder: Path) -> Sequence[str]:
    return [
        _graceful(folder, stage, lambda pid: os.kill(pid, signal.SIGTERM))
        for stage in ("mail", "data", "middle", "dot")
    ]


def _twice(folder: Path) -> Sequence[str]:
    def interrupt(pid: int) -> None:
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGINT)

    return [_graceful(folder, stage, interrupt) for stage in ("data", "dot")]


def _again(folder: Path) -> Sequence[str]:
    """The server has taken the message and says nothing: the answer could be awaited for ten minutes."""

    def interrupt(pid: int) -> None:
        os.kill(pid, signal.SIGINT)
        threading.Event().wait(2 * TOGETHER_SECONDS)
        os.kill(pid, signal.SIGINT)

    return [_graceful(folder, "dot", interrupt, Then.SAY_NOTHING)]


def _graceful(folder: Path, stage: str, do: Callable[[int], object], then: Then = Then.GO_ON) -> str:
    running = Running(folder, stage, do, then)
    found, wrong = running.told()
    doubt = f"{found['in doubt']} in doubt" if found["in doubt"] else "nothing in doubt"
    return f"{running.end} · {doubt} · {found['sent']} sent{wrong}"


def _stopped(folder: Path) -> Sequence[str]:
    """It stands still with a window granted; meanwhile its lease runs out and another process takes over."""
    given = []
    for stage in ("data", "dot"):
        clock = folder / f"{stage}.clock"
        clock.write_text("0")
        others: list[str] = []

        def take_over(pid: int, clock: Path = clock, others: list[str] = others) -> None:
            os.kill(pid, signal.SIGSTOP)
            clock.write_text(str(claim.LEASE.total_seconds() + 1))
            (path,) = folder.glob(f"{_latest(folder)}.db")
            with open_database(path) as database, FaultServer({"ehlo": PIPELINING}) as other:
                box = Outbox(database, owner="other")
                box.later(claim.LEASE + timedelta(seconds=1))
                box.send(smtp(other.port))
                others += other.recipients
            os.kill(pid, signal.SIGCONT)

        running = Running(folder, stage, take_over, clock=clock)
        running.server.recipients += others
        found, wrong = running.told()
        bound = f"at most {WINDOW}" if found["in doubt"] <= WINDOW else str(found["in doubt"])
        told = "none doubled" if others else "nobody took over"
        given.append(f"{running.end} · {bound} in doubt · {told}{wrong}")
    return given


def _latest(folder: Path) -> int:
    return max(int(path.stem) for path in folder.glob("*.db"))


def _two(folder: Path) -> Sequence[str]:
    path = laid_out(folder, PEOPLE)
    with FaultServer({"ehlo": PIPELINING}) as server:
        both = [start(Order(path, server.port, window=2)) for _ in range(2)]
        for process in both:
            ended(process)
    with open_database(path) as database:
        seen = Outbox(database).seen()
    wrong = contradictions(seen, Counter(server.recipients))
    codes = sorted({process.exitcode for process in both}, key=str)
    sent = sum(each.verdict == "sent" for each in seen)
    return [
        f"exit code {codes[0]} · {sent} sent" + (f" BUT {wrong} {codes[1:]}" if wrong or codes[1:] else "")
    ]


# ── limits ──────────────────────────────────────────────────────────────────


def _starve(pid: int) -> None:
    """From now on none of its files may grow, not by an octet: writing gives EFBIG, as EIO would."""
    resource.prlimit(pid, LIMIT, (0, resource.RLIM_INFINITY))


def _feed(pid: int) -> None:
    resource.prlimit(pid, LIMIT, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def _eio_at_intent(folder: Path) -> Sequence[str]:
    path = laid_out(folder, PEOPLE)
    with FaultServer() as server:
        process = start(Order(path, server.port, WINDOW, patience=1, starved=True))
        ended(process)
        said = f"{server.connections} connections" if server.connections else "nothing said"
        with open_database(path) as database:
            box = Outbox(database)
            box.send(smtp(server.port))
            seen = box.seen()
        wrong = contradictions(seen, Counter(server.recipients))
    sent = sum(each.verdict == "sent" for each in seen)
    return [f"exit code {process.exitcode} · {said} · {sent} sent" + (f" BUT {wrong}" if wrong else "")]


def _eio_at_outcome(folder: Path) -> Sequence[str]:
    running = Running(folder, "dot", _starve, patience=1)
    found, wrong = running.told()
    bound = f"at most {WINDOW}" if 0 < found["in doubt"] <= WINDOW else str(found["in doubt"])
    return [f"{running.end} · {bound} in doubt{wrong}"]


def _eio_for_a_while(folder: Path) -> Sequence[str]:
    """Until the process has said that it could not write."""
    log = folder / "log"
    os.mkfifo(log)  # no file: it could not be written either
    victim: list[int] = []

    def listen() -> None:
        with log.open() as lines:
            for line in lines:
                if "trying again" in line:
                    _feed(victim[0])

    def starve(pid: int) -> None:
        victim.append(pid)
        _starve(pid)

    listening = threading.Thread(target=listen)
    listening.start()
    running = Running(folder, "dot", starve, told=log)
    listening.join(10)
    found, wrong = running.told()
    return [f"{running.end} · {found['sent']} sent{wrong}"]


def _descriptors(folder: Path) -> Sequence[str]:
    """Not one more file or socket from the third message on, and then the server hangs up."""

    def limit(pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, 4096))

    return [_graceful(folder, stage, limit, Then.HANG_UP) for stage in ("mail", "dot")]


# ── the clock ───────────────────────────────────────────────────────────────


def _stepped(folder: Path, step: timedelta) -> Sequence[str]:
    """It steps in mid-send; and after a while somebody puts it right."""
    given = []
    for moment in (1, 5):
        with outbox(folder, PEOPLE) as box, FaultServer({"ehlo": PIPELINING}) as server:
            start_of_it = box.now
            box.in_between = lambda count, b=box, m=moment: count == m and b.later(step)  # type: ignore[misc]
            box.send(smtp(server.port))
            box.in_between = lambda count: None
            for now in (start_of_it + step, start_of_it, start_of_it + timedelta(minutes=30)):
                box.now = now
                box.send(smtp(server.port))
            wrong = contradictions(box.seen(), Counter(server.recipients))
            sent = sum(each.verdict == "sent" for each in box.seen())
        given.append(f"{sent} sent" + (f" BUT {wrong}" if wrong else ""))
    return given


def _a_year_ahead(folder: Path) -> Sequence[str]:
    """What was not under way has expired, and stays so when the clock is put right."""
    with outbox(folder, PEOPLE) as box, FaultServer({"ehlo": PIPELINING}) as server:
        right = box.now
        box.in_between = lambda count: count == 2 and box.later(timedelta(days=365))
        box.send(smtp(server.port))
        box.in_between = lambda count: None
        box.send(smtp(server.port))
        box.now = right
        box.send(smtp(server.port))
        seen = box.seen()
        wrong = contradictions(seen, Counter(server.recipients))
    found = Counter(each.state.value for each in seen)
    told = "expired, never sent twice" if found["failed"] and set(found) == {"sent", "failed"} else str(found)
    return [told + (f" BUT {wrong}" if wrong else "")]
