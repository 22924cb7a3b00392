"""One measured part of the ledger, in a process of its own, so that its seconds and its memory are its own.

    python -m benchmarks.schedule_run lay    FILE PEOPLE   readers, two earlier issues, one to be decided
    python -m benchmarks.schedule_run decide FILE          who gets which articles of it
    python -m benchmarks.schedule_run years  FILE          the same behind five years of packed issues
    python -m benchmarks.schedule_run simple FILE          the hand-written SQL: everybody gets the same
    python -m benchmarks.schedule_run pack   FILE          all of it goes out, and the oldest is packed

Prints one JSON document.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.delivery_run import memory
from benchmarks.schedule_people import (
    EARLIER,
    NOW,
    YEARS,
    arrived,
    articles,
    older,
    people,
    publishing,
    queued,
    sent,
    straggle,
)
from benchmarks.signing_up import p99
from newsletter.outbox import archive
from newsletter.store.database import PAUSE_SECONDS, Database, open_database

LATER: Final = NOW + timedelta(days=100)
#: One statement, one transaction, into the same table with the same indexes.
SIMPLE: Final = (
    "INSERT INTO delivery"
    " (kind, issue_id, subscriber_id, variant_id, priority, due_at, state, reply, state_at)"
    " SELECT 'issue', 'simple', subscriber_id, 1, 5, 1795424400000, 'queued', '', 1795424400000"
    " FROM subscription WHERE newsletter = 'weekly' AND status = 'active'"
)
_LEDGER: Final = ("delivery", "archive")


def lay(file: str, count: str) -> dict[str, float]:
    with open_database(Path(file)) as database:
        people(database, int(count))
        articles(database)
        for number in (0, 1):
            if number:
                straggle(database, 0)
            id = publishing(database, number)
            queued(database, id, NOW - timedelta(days=7 * (2 - number)))
            sent(database, id)
        straggle(database, 1)
        publishing(database, 2)
    return {}


def decide(file: str) -> dict[str, float]:
    with open_database(Path(file)) as database:
        began, cpu = time.perf_counter(), time.process_time()
        queued(database, "measured")
        figures = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}
        with database.read() as connection:
            found = connection.exec_driver_sql(
                "SELECT count(*) AS rows, count(DISTINCT variant_id) AS variants,"
                " count(DISTINCT due_at) AS dues, sum(state = 'passed') AS passed"
                " FROM delivery WHERE issue_id = 'measured'"
            ).one()
    return figures | {"megabytes": memory("VmHWM")} | dict(found._mapping)


def years(file: str) -> dict[str, float]:
    with open_database(Path(file)) as database:
        arrived(database, EARLIER[0])
        _pack(database)
        older(database, YEARS)
    return decide(file)


def simple(file: str) -> dict[str, float]:
    with open_database(Path(file)) as database:
        began, cpu = time.perf_counter(), time.process_time()
        rows = database.write(lambda c: c.exec_driver_sql(SIMPLE).rowcount)
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": took, "cpu": cpu, "rows": rows}


def pack(file: str) -> dict[str, float]:
    """What the ledger takes when all has gone out; then the oldest of three issues is packed."""
    with open_database(Path(file)) as database:
        rows, variants = _rows(database), _size(file, "variant")
        sent(database, "measured")
        before = _size(file, *_LEDGER)
        began = time.perf_counter()
        each = _pack(database)
        took = time.perf_counter() - began
        packed = rows - _rows(database)
        began = time.perf_counter()
        asked = range(1, packed, max(1, packed // 100))
        found = sum(_found(database, id) for id in asked)
        lookup = (time.perf_counter() - began) / len(asked)
    return {
        "rows": packed,
        "before": before / rows,
        "after": _size(file, "archive") / packed,
        "variants": variants,
        "seconds": took,
        "p99": p99(sorted(each)),
        "longest": max(each),
        "asked": len(asked),
        "found": found,
        "lookup": lookup,
    }


def _pack(database: Database) -> list[float]:
    """The seconds of each transaction."""
    each, more = list[float](), True
    while more:
        at = time.perf_counter()
        more = database.write(partial(archive.pack_chunk, issue_id=EARLIER[0], now=LATER))
        each.append(time.perf_counter() - at)
        time.sleep(PAUSE_SECONDS)
    return each


def _found(database: Database, id: int) -> int:
    with database.read() as connection:
        return len(archive.of_person(connection, id))


def _rows(database: Database) -> int:
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM delivery").scalar_one())


def _size(file: str, *tables: str) -> int:
    """Octets of tables and their indexes, whole pages."""
    query = (
        "SELECT coalesce(sum(s.pgsize), 0) FROM dbstat s JOIN sqlite_master m ON m.name = s.name"
        " WHERE s.aggregate = 1 AND m.tbl_name IN (SELECT value FROM json_each(?))"
    )
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(query, (json.dumps(tables),)).fetchone()[0])
    finally:
        connection.close()


if __name__ == "__main__":
    runs: dict[str, Callable[..., dict[str, float]]]
    runs = {"lay": lay, "decide": decide, "years": years, "simple": simple, "pack": pack}
    print(json.dumps(runs[sys.argv[1]](*sys.argv[2:])))
