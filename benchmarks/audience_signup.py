"""Signing up: from the call behind the form to the confirmation that stands in the outbox.

The yardstick is a loop that inserts one row and commits it, with the same settings of the database (each
commit is on the disk). Ours commits each sign-up before it answers, too, and does the rest as the service
does: in a thread beside. The HTTP request around it is not counted, nor is the sending of the mail.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.row import Row, median, spread
from benchmarks.signing_up import p99
from newsletter.audience import subscribers
from newsletter.audience.consent import Form
from newsletter.config import load
from newsletter.signup.answering import answer, whenever
from newsletter.signup.letters import Office
from newsletter.signup.limits import Limits
from newsletter.signup.wishes import Wish, ask
from newsletter.store.database import Database, open_database
from newsletter.store.dialect import PRAGMAS

PEOPLE = 2000
ROUNDS = 5
#: Raised so that they never hold, and still counted.
LIMITS = Limits(1_000_000, 1_000_000, 1_000_000)
FORM = Form("en", "Yes, send me The Slow Post every Monday.")
CONFIG = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
[web]
public_url = "https://news.slowpost.example"
"""


def rows() -> Iterator[Row]:
    """The row of the table, and what it stands for by day."""
    rates, waits, bare_waits = [], [], []
    for _ in range(ROUNDS):
        bare, bare_seconds = _bare()
        ours, our_seconds = _ours()
        rates.append(ours / bare)
        waits.append(1000 * p99(our_seconds))
        bare_waits.append(1000 * p99(bare_seconds))
        last = f"{ours:,.0f}/s beside {bare:,.0f}/s"
    detail = (
        f"{spread(rates)} of the bare loop; {PEOPLE:,} people to the queued confirmation; last: {last}; "
        f"p99 {median(waits):.2g} ms (bare {median(bare_waits):.2g} ms)"
    )
    yield Row("sign-up", median(rates), ">= 0.3", "", detail)
    yield _told_by_the_clock()


def _told_by_the_clock() -> Row:
    """Whether the time of an answer tells who is a reader: known and new addresses by turns."""
    took: dict[str, list[float]] = {"known": [], "new": []}
    with TemporaryDirectory() as folder, open_database(Path(folder, "a.db")) as database:
        for number in range(PEOPLE):
            address, now = f"known{number}@example.org", datetime.now(UTC)
            subscribers.add(database, address, newsletters=("weekly",), now=now)
        for number in range(PEOPLE):
            for who in sorted(took, reverse=bool(number % 2)):
                began = time.perf_counter()
                _ask(database, f"{who}{number}@example.org")
                took[who].append(time.perf_counter() - began)
    known, new = median(took["known"]), median(took["new"])
    detail = f"medians {1000 * known:.3f} ms and {1000 * new:.3f} ms, n={PEOPLE:,} each"
    return Row("sign-up_answer_of_known_and_new_apart", max(known / new, new / known), "<= 1.1", "", detail)


def _ours() -> tuple[float, list[float]]:
    """People a second, and how many seconds each waited for the answer, in ascending order."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        file.write_text(CONFIG)
        config = load(file, {})
        with open_database(config.store_path) as database:
            office = Office(config)
            _ask(database, "warm@example.org")
            answer(database, office, datetime.now(UTC))  # the letter is rendered once a day
            took: list[float] = []
            began = time.perf_counter()
            _run(database, office, took)
            rate = PEOPLE / (time.perf_counter() - began)
            with database.read() as connection:
                queued = connection.exec_driver_sql("SELECT count(*) FROM delivery WHERE state = 'queued'")
                assert queued.scalar() == PEOPLE + 1
    return rate, sorted(took)


def _run(database: Database, office: Office, took: list[float]) -> None:
    """One after the other signs up; a thread answers whenever it is woken, as in the service."""
    asked, over = threading.Event(), threading.Event()

    def once() -> None:
        answer(database, office, datetime.now(UTC))

    beside = threading.Thread(target=whenever, args=(asked, over, once))
    beside.start()
    for number in range(PEOPLE):
        began = time.perf_counter()
        _ask(database, f"r{number}@d{number % 50}.example")
        took.append(time.perf_counter() - began)
        asked.set()
    over.set()
    asked.set()
    beside.join()
    once()


def _ask(database: Database, address: str) -> None:
    wish = Wish(address, ("weekly",), "en", "203.0.113.0/24", FORM)
    assert ask(database, wish, LIMITS, datetime.now(UTC)).taken


def _bare() -> tuple[float, list[float]]:
    """The same of one INSERT and COMMIT each, into one table with one index."""
    with TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder, "bare.db"), isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, address TEXT UNIQUE, at INTEGER)")
        took = []
        began = time.perf_counter()
        for number in range(PEOPLE):
            one = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            row = f"r{number}@d{number % 50}.example", time.time_ns()
            connection.execute("INSERT INTO person (address, at) VALUES (?, ?)", row)
            connection.execute("COMMIT")
            took.append(time.perf_counter() - one)
        rate = PEOPLE / (time.perf_counter() - began)
        connection.close()
    return rate, sorted(took)
