"""The outbox at a million: how long queueing takes, who waits for it, and what a claim costs."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.child import ours
from benchmarks.delivery_run import people, rendered
from benchmarks.row import Row, median, spread
from benchmarks.signing_up import p99, signing_up
from newsletter.outbox import frozen, queueing
from newsletter.store.database import Database, open_database
from tests.outbox.publishing import issue

MILLION = 1_000_000
ROUNDS = 3
_ZONES = "INSERT INTO zone (name) VALUES ('Europe/Berlin'), ('Asia/Tokyo'), ('America/Lima')"
_VARIED = "UPDATE subscriber SET language = CASE WHEN id % 2 THEN 'de' ELSE 'en' END, zone_id = 1 + id % 3"
_BARRED = (
    "INSERT INTO suppression (address_key, scope, reason, since, note)"
    " SELECT address_key, '*', 'complaint', 1, '' FROM subscriber WHERE id % 100 = 0"
)
_TABLE = "CREATE TABLE plain AS SELECT * FROM delivery WHERE 0"
_PLAIN = (
    "INSERT INTO plain"
    " (kind, issue_id, subscriber_id, variant_id, priority, due_at, state, reply, state_at)"
    " SELECT 'issue', 'weekly-2026-11-23', subscriber_id, 1, 5, 1795424400000, 'queued', '', 1795424400000"
    " FROM subscription WHERE newsletter = 'weekly' AND status = 'active'"
)


def _lists(*also: str) -> Iterator[Database]:
    """A million subscribers, changed by these statements; made once, a fresh file for each round."""
    with tempfile.TemporaryDirectory() as folder:
        made, path = Path(folder) / "made.db", Path(folder) / "newsletter.db"
        with open_database(made) as database:
            people(database, MILLION, datetime.now(UTC))
            for statement in also:
                database.write(lambda c, s=statement: c.exec_driver_sql(s) and None)  # type: ignore[misc]
        for _ in range(ROUNDS):
            for ending in ("-wal", "-shm"):
                Path(f"{path}{ending}").unlink(missing_ok=True)
            shutil.copy(made, path)
            with open_database(path) as database:
                yield database


def _queued(database: Database) -> float:
    """Seconds in which an issue is queued for everybody, with the pauses for others between."""
    now = datetime.now(UTC)
    made = replace(issue(due=now), rendered=rendered())
    database.write(lambda c: frozen.put(c, made, now))
    began = time.perf_counter()
    database.write_in_chunks(lambda c: queueing.queue_chunk(c, made.id, now))
    return time.perf_counter() - began


def _floor(database: Database) -> float:
    """Seconds of the plain INSERT … SELECT: the same rows and values, without an index."""
    database.write(lambda c: c.exec_driver_sql(_TABLE) and None)
    began = time.perf_counter()
    database.write(lambda c: c.exec_driver_sql(_PLAIN) and None)
    return time.perf_counter() - began


def plain() -> list[Row]:
    """An issue queued for a million."""
    walls = [_queued(database) for database in _lists()]
    detail = f"with the pauses for others; {spread(walls)}; load {os.getloadavg()[0]:.1f}"
    return [Row("queue_a_million_seconds", median(walls), "<= 2", "0.7", detail)]


def suppressed() -> list[Row]:
    """The same with one in a hundred suppressed, beside a plain INSERT … SELECT in the same round."""
    pairs = [(_floor(database), _queued(database)) for database in _lists(_ZONES, _VARIED, _BARRED)]
    floors, walls = zip(*pairs, strict=True)
    values = [wall / floor for floor, wall in pairs]
    detail = (
        f"{median(walls):.2f} s, plain {median(floors):.2f} s; {spread(values)}; "
        "two languages and three zones on the list, one variant in the issue"
    )
    return [Row("queue_with_suppression_over_insert_select", median(values), "<= 6", "4", detail)]


def beside_queueing() -> list[Row]:
    """Sign-ups by another process while an issue is queued for a million."""
    every: list[float] = []
    for database in _lists():
        with signing_up(database.path) as took:
            _queued(database)
        every += took
    every.sort()
    detail = f"{len(every)} sign-ups, median {1000 * median(every):.0f} ms, slowest {1000 * every[-1]:.0f} ms"
    return [Row("another_write_while_queueing_p99_ms", 1000 * p99(every), "<= 100", "25", detail)]


def claim() -> list[Row]:
    """Claim and record of 20,000 rows, of which a million wait, against a tenth of that."""
    values = [ours("walk", MILLION)["cpu"] / ours("walk", MILLION // 10)["cpu"] for _ in range(ROUNDS)]
    return [Row("claim_cpu_at_a_million_over_a_tenth", median(values), "<= 1.2", "1.0", spread(values))]
