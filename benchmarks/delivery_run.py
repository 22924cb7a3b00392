"""One measured run of the line, in a process of its own, so that its CPU seconds and its memory are its own.

    python -m benchmarks.delivery_run whole  PORT MESSAGES   the whole path: claim, write, send, record
    python -m benchmarks.delivery_run wire   PORT MESSAGES OCTETS   the SMTP layer alone, one message always
    python -m benchmarks.delivery_run walk   PEOPLE          claim and record, without a server
    python -m benchmarks.delivery_run lay    FILE PEOPLE     a database with an issue queued for so many
    python -m benchmarks.delivery_run send   FILE PORT [MOST [RATE]]   the whole path, from a file laid before

Prints one JSON document: seconds, CPU seconds, how many were sent, and memory in MB: the most there was, and
what there was when the first message had been written.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from newsletter.audience.tokens import Tokens
from newsletter.delivery.compose import Composer
from newsletter.delivery.engine import drain, loop_factory
from newsletter.delivery.line import Limits, Line, Route
from newsletter.model import Delivery, Envelope, Fault, Message, Outcome, Rendered, RenderedBlock, Verdict
from newsletter.outbox import claim, frozen, queueing
from newsletter.outbox.claim import Result
from newsletter.senders.smtp import SmtpSender
from newsletter.senders.smtp_async import serve
from newsletter.senders.smtp_dialogue import Job
from newsletter.store import tables as t
from newsletter.store.database import CHUNK, Database, open_database
from tests.outbox.publishing import issue

CONNECTIONS, WINDOW = 8, 16
_LINE = "<p>A paragraph, number {n}, of words that say a little and take about their usual room.</p>\n"


def rendered() -> Rendered:
    """A personal mail of about 40 KB on the wire: a name in each twentieth paragraph, two links besides."""
    page = "".join(_LINE.format(n=f"{n}, for %%NAME%%" if n % 20 == 0 else n) for n in range(290))
    page = f'<html><body>{page}<a href="%%UNSUBSCRIBE_URL%%">Leave</a></body></html>'
    text = "".join(f"Paragraph {n} says about as much as it does in the other part.\n" for n in range(115))
    block = RenderedBlock("card:0:lead", page, text + "%%NAME%% %%UNSUBSCRIBE_URL%%\n")
    return Rendered("en", "A snail, timed", "%%BLOCKS%%", "%%BLOCKS%%", (block,), "", "0" * 64)


def people(database: Database, number: int, now: datetime) -> None:
    """So many subscribers of the newsletter."""

    def write(connection: Connection) -> None:
        for start in range(1, number + 1, 50 * CHUNK):
            some = range(start, min(start + 50 * CHUNK, number + 1))
            connection.execute(insert(t.subscriber), [_person(n, now) for n in some])
            rows = [
                {"subscriber_id": n, "newsletter": "weekly", "status": "active", "since": now} for n in some
            ]
            connection.execute(insert(t.subscription), rows)

    database.write(write)


def _person(n: int, now: datetime) -> dict[str, Any]:
    address = f"reader{n}@example.org"
    return {"id": n, "address": address, "address_key": address, "name": f"Reader {n}", "language": "",
            "created_at": now}  # fmt: skip


def publish(database: Database, count: int, now: datetime) -> None:
    """So many people, and an issue queued for them."""
    people(database, count, now)
    made = replace(issue(due=now), rendered=rendered())
    database.write(lambda c: frozen.put(c, made, now))
    while database.write(lambda c: queueing.queue_chunk(c, made.id, now)):
        pass


@contextmanager
def published(count: int) -> Iterator[tuple[Database, datetime]]:
    """A database with an issue queued for so many."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "newsletter.db") as database:
        publish(database, count, now)
        yield database, now


def whole(port: str, count: str) -> dict[str, float]:
    with published(int(count)) as (database, _):
        return _sent(database, int(port))


def lay(file: str, count: str) -> dict[str, float]:
    with open_database(Path(file)) as database:
        publish(database, int(count), datetime.now(UTC))
    return {}


def send(file: str, port: str, most: str = "0", rate: str = "0") -> dict[str, float]:
    with open_database(Path(file)) as database:
        return _sent(database, int(port), most=int(most), rate=float(rate))


def _sent(database: Database, port: int, *, most: int = 0, rate: float = 0.0) -> dict[str, float]:
    """Send everything, or stop after `most` outcomes."""
    compose, stop, outcomes = (
        _First(Composer(database, Tokens(("k" * 32,)))),
        threading.Event(),
        itertools.count(1),
    )

    def seen(delivery: Delivery, outcome: Outcome) -> None:
        if next(outcomes) == most:
            stop.set()

    line = Line(
        database=database,
        owner="bench",
        compose=compose,
        routes=(Route(lambda: SmtpSender("127.0.0.1", port, "none"), CONNECTIONS),),
        clock=lambda: datetime.now(UTC),
        window=WINDOW,
        only="",
        stop=stop,
        on_outcome=seen,
        limits=Limits(rate=rate),
    )
    with _measured() as figures:
        drained = drain(line)
    return figures | {"sent": drained.sent, "first_megabytes": compose.megabytes}


class _First:
    """Writes messages, and notes the memory in use when the first one was there."""

    def __init__(self, compose: Composer) -> None:
        self._compose = compose
        self.megabytes = 0.0

    def __call__(self, delivery: Delivery) -> Message:
        message = self._compose(delivery)
        if not self.megabytes:
            self.megabytes = memory("VmRSS")
        return message


def memory(field: str) -> float:
    """MB of this process, as Linux counts them: VmRSS now, VmHWM the most there was."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


class _Same:
    """One message, as often as wanted, shared by all connections."""

    def __init__(self, octets: int, count: int) -> None:
        line = b"A line of text that a newsletter might hold, and nothing in it that matters.\r\n"
        head = (
            b"From: a@news.example\r\nTo: b@reader.example\r\nSubject: s\r\nMessage-ID: <1@x.example>\r\n\r\n"
        )
        data = head + line * ((octets - len(head)) // len(line))
        message = Message(Envelope("bounce@news.example", "reader@example.org"), data, dotless=True)
        self._job = Job(message, None)
        self.left, self.under_way, self.sent = count, 0, 0
        self._wakes: list[asyncio.Event] = []

    @property
    def closing(self) -> bool:
        return not self.left and not self.under_way

    def tell(self, wake: asyncio.Event) -> None:
        self._wakes.append(wake)

    def next(self) -> Job | None:
        if not self.left:
            return None
        self.left, self.under_way = self.left - 1, self.under_way + 1
        return self._job

    def done(self, job: Job, outcome: Outcome | None) -> None:
        self.under_way -= 1
        self.sent += outcome is not None and outcome.verdict is Verdict.SENT
        if self.closing:
            for wake in self._wakes:
                wake.set()


def wire(port: str, count: str, octets: str) -> dict[str, float]:
    jobs = _Same(int(octets), int(count))
    server = SmtpSender("127.0.0.1", int(port), "none").server

    async def all_connections() -> None:
        await asyncio.gather(*(serve(server, jobs) for _ in range(CONNECTIONS)))

    with _measured() as figures, asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(all_connections())
    return figures | {"sent": jobs.sent}


def walk(count: str) -> dict[str, float]:
    sent = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")

    def turn(connection: Connection, before: tuple[Result, ...]) -> tuple[Result, ...]:
        claim.record(connection, before, now)
        window = claim.take(connection, owner="bench", limit=100, now=now)
        return tuple(Result(delivery, sent) for delivery in window)

    with published(int(count)) as (database, now):
        done: tuple[Result, ...] = ()
        with _measured() as figures:
            for _ in range(20_000 // 100):
                done = database.write(lambda connection, before=done: turn(connection, before))
        return figures


@contextmanager
def _measured() -> Iterator[dict[str, float]]:
    figures: dict[str, float] = {}
    began, cpu = time.perf_counter(), time.process_time()
    yield figures
    figures["seconds"] = time.perf_counter() - began
    figures["cpu"] = time.process_time() - cpu
    figures["megabytes"] = memory("VmHWM")


if __name__ == "__main__":
    runs: dict[str, Callable[..., dict[str, float]]]
    runs = {"whole": whole, "wire": wire, "walk": walk, "lay": lay, "send": send}
    print(json.dumps(runs[sys.argv[1]](*sys.argv[2:])))
