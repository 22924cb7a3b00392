"""What a database on one machine may do to us: be locked, be full, be somebody else's."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from newsletter.delivery import desk
from newsletter.errors import StoreError
from newsletter.store import sound
from newsletter.store.database import Database
from newsletter.store.writer import Priority
from tests.faults.real_line import Outbox, contradictions, outbox, smtp
from tests.faults.report import Fault
from tests.faults.smtp_faults import PEOPLE, aftermath
from tests.senders.fault_server import PIPELINING, Act, FaultServer, Script

T = TypeVar("T")
#: Octets that make every row that is touched longer, so that pages split.
LONG = 400
MANY = 40  #: what the server says of them needs several pages


def faults() -> list[Fault]:
    return [
        Fault("locked at the intent", "nothing before the intent · 8 sent", _locked_at_intent),
        Fault("locked at the outcome", "8 sent", _locked_at_outcome),
        Fault("another process commits in between", "8 sent", _written_in_between),
        Fault("full at the intent", "stopped, exit code 3 · nothing said · 8 sent", _full_at_intent),
        Fault("full at the outcome, then not", "40 sent", _full_at_outcome),
        Fault(
            "full at the outcome to the end", "stopped, exit code 3 · 20 in doubt · 20 sent", _full_to_the_end
        ),
        Fault("hardly any room on the disk", "stopped, exit code 3 · nothing said · 8 sent", _low_disk),
    ]


def _well(box: Outbox, *servers: FaultServer) -> str:
    """How many are in which state, and what the servers say against it."""
    wrong = contradictions(box.seen(), sum((Counter(server.recipients) for server in servers), Counter()))
    told = " · ".join(f"{n} {state.value.replace('_', ' ')}" for state, n in sorted(box.counts().items()))
    return told + (f" BUT {wrong}" if wrong else "")


@contextmanager
def _writing_elsewhere(path: Path) -> Iterator[sqlite3.Connection]:
    """As another process would."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    try:
        yield other
    finally:
        other.close()


def _locked_at_intent(folder: Path) -> Sequence[str]:
    with (
        outbox(folder, PEOPLE) as box,
        FaultServer({"ehlo": PIPELINING}) as server,
        _writing_elsewhere(box.database.path) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        sending = threading.Thread(target=box.send, args=(smtp(server.port),))
        sending.start()
        sending.join(0.5)
        early = server.connections
        other.execute("ROLLBACK")
        sending.join(60)
        told = "nothing before the intent" if not early else f"{early} connections before the intent"
        return [f"{told} · {_well(box, server)}"]


def _locked_at_outcome(folder: Path) -> Sequence[str]:
    """From the first dot on, for half a second: the answers are known long before they can be written."""
    given = []
    for connections in (1, 3):
        with outbox(folder, PEOPLE) as box, _writing_elsewhere(box.database.path) as other:

            def lock(other: sqlite3.Connection = other) -> None:
                other.execute("BEGIN IMMEDIATE")
                threading.Timer(0.5, other.execute, ("ROLLBACK",)).start()

            box.connections = connections
            dot = Act(b"250 2.0.0 ok\r\n")
            once = (Act(b"250 2.0.0 ok\r\n", do=lock, takes=True), dot)
            with FaultServer({"ehlo": PIPELINING, "dot": once}, {"ehlo": PIPELINING}) as server:
                box.send(smtp(server.port))
                given.append(_well(box, server))
    return given


def _written_in_between(folder: Path) -> Sequence[str]:
    """A transaction that had read before would fail at once, however long it may wait for the lock."""
    with outbox(folder, PEOPLE) as box, _writing_elsewhere(box.database.path) as other:

        def write() -> None:
            other.execute("UPDATE subscriber SET name = name || '!' WHERE id = 1")

        script: Script = {"ehlo": PIPELINING, "dot": Act(b"250 2.0.0 ok\r\n", do=write)}
        with FaultServer(script) as server:
            box.send(smtp(server.port))
            return [_well(box, server)]


# ── no room ─────────────────────────────────────────────────────────────────


def _fill(connection: Connection) -> None:
    """From now on the file may not grow, and every free page is taken."""
    connection.exec_driver_sql("PRAGMA max_page_count = 1")


def _empty(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA max_page_count = 1000000")


def _tight(database: Database) -> None:
    """Fill the pages that deliveries stand on, so that a longer row needs another page."""

    def fill(connection: Connection) -> None:
        free, page = (
            "PRAGMA freelist_count",
            "UPDATE issue SET state_reason = state_reason || hex(zeroblob(64))",
        )
        for _ in range(200):
            connection.exec_driver_sql(page)
            if connection.exec_driver_sql(free).scalar() == 0:
                return

    database.write(fill)


@contextmanager
def _impatient(seconds: int) -> Iterator[None]:
    """So long the line waits for a database; in earnest it is longer."""
    usual = desk.PATIENCE
    desk.PATIENCE = seconds
    try:
        yield
    finally:
        desk.PATIENCE = usual


def _stopped(send: Callable[[], object]) -> str:
    try:
        send()
    except StoreError as error:
        return f"stopped, exit code {error.exit_code}"
    return "not stopped"


def _full_at_intent(folder: Path) -> Sequence[str]:
    with outbox(folder, PEOPLE) as box, FaultServer() as server, _impatient(1):
        _tight(box.database)
        box.owner = "o" * 4000
        box.database.write(_fill)
        stopped = _stopped(lambda: box.send(smtp(server.port)))
        said = f"{server.connections} connections" if server.connections else "nothing said"
        box.database.write(_empty)
        box.send(smtp(server.port))
        return [f"{stopped} · {said} · {_well(box, server)}"]


class _Relenting:
    """A writer whose disk gets room again once a transaction has failed for want of it."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self.failures = 0
        self.close = writer.close

    def submit(self, call: Callable[[Connection], T], priority: Priority) -> Future[T]:
        made: Future[T] = self._writer.submit(call, priority)
        made.add_done_callback(self._ended)
        return made

    def _ended(self, made: Future[Any]) -> None:
        if made.exception() is not None:
            self.failures += 1
            self._writer.submit(_empty, Priority.WEB)


WORDY = b"250 2.0.0 " + b"w" * LONG + b"\r\n"


def _filling(box: Outbox) -> Script:
    """The disk is full when the first dot has been taken; what the server says is long."""

    def fill() -> None:
        _tight(box.database)
        box.database.write(_fill, Priority.WEB)

    return {"ehlo": PIPELINING, "dot": (Act(WORDY, do=fill), Act(WORDY))}


def _full_at_outcome(folder: Path) -> Sequence[str]:
    with outbox(folder, MANY) as box:
        box.window = MANY // 2
        box.database._writer = writer = _Relenting(box.database._writer)  # type: ignore[assignment]
        with FaultServer(_filling(box)) as server:
            box.send(smtp(server.port))
            told = _well(box, server)
        return [told if writer.failures else f"{told}, though it was never full"]


def _full_to_the_end(folder: Path) -> Sequence[str]:
    with outbox(folder, MANY) as box, _impatient(1):
        box.window = MANY // 2
        with FaultServer(_filling(box)) as server, FaultServer() as well:
            stopped = _stopped(lambda: box.send(smtp(server.port)))
            box.database.write(_empty)
            box.send(smtp(well.port))
            return [f"{stopped} · {_well(box, server, well)}"]


def _low_disk(folder: Path) -> Sequence[str]:
    usual = sound.LEAST_FREE
    with outbox(folder, PEOPLE) as box, FaultServer() as server:
        sound.LEAST_FREE = 1 << 62  # type: ignore[misc]
        try:
            stopped = _stopped(lambda: box.send(smtp(server.port)))
        finally:
            sound.LEAST_FREE = usual  # type: ignore[misc]
        said = f"{server.connections} connections" if server.connections else "nothing said"
        wrong = aftermath(box, server, smtp)
        return [f"{stopped} · {said} · {_well(box, server) if wrong else f'{PEOPLE} sent'}"]
