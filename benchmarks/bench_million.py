"""A million recipients sent to a sink in one run, and smtp-source with as many beside it. Takes many minutes.

``NEWSLETTER_BENCH_RECIPIENTS`` takes another number than a million, to try it.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.child import ours
from benchmarks.delivery_limits import memory_rows
from benchmarks.row import Row
from benchmarks.sink import constant, reference, sink

RECIPIENTS = int(os.environ.get("NEWSLETTER_BENCH_RECIPIENTS", "1000000"))


def rows() -> list[Row]:
    """Balance, memory and time of the one run. AbsentError without Postfix's tools."""
    with tempfile.TemporaryDirectory() as folder, sink() as port:
        there = Path(folder)
        few, many = there / "few.db", there / "many.db"
        ours("lay", few, 10_000)
        ours("lay", many, RECIPIENTS)
        small = ours("send", few, port)
        theirs, _ = reference(port, constant(there, 40_000), RECIPIENTS)
        figures = ours("send", many, port)
        states = _states(many)
    rate, how = RECIPIENTS / figures["seconds"], f"{RECIPIENTS:,} recipients"
    time = f"{figures['seconds']:,.0f} s, {rate:,.0f} a second; smtp-source {theirs:,.0f} s; {how}"
    told = f"{', '.join(f'{number:,} {state}' for state, number in sorted(states.items()))}; {how}"
    missing = RECIPIENTS - states.get("sent", 0) + abs(sum(states.values()) - RECIPIENTS)
    return [
        Row("million_not_sent_or_unaccounted", missing, "<= 0", "0", told),
        Row("million_rate_over_smtp_source", theirs / figures["seconds"], ">= 0.8", "1.0", time),
        *memory_rows(small, figures, how),
    ]


def _states(path: Path) -> dict[str, int]:
    connection = sqlite3.connect(path)
    states = dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
    connection.close()
    return states
