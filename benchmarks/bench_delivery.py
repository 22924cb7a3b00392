"""Delivery beside Postfix's own load generator, in one run: one sink, in each round the reference, then ours.

The reference writes one constant message over eight connections (``smtp-source -s 8 -d``); ours writes a
personal one to each. Rates are divided within a round; the median of the rounds is told.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from benchmarks.row import Row, median, spread

ROUNDS = 5
MESSAGES = 6000
SIZES = {"5": 4_850, "30": 29_400}  #: KB of a message, octets
MILLION = 1_000_000


def rows() -> list[Row]:
    """The rows of the issue's table that this machine can tell."""
    return [*_speed(), _assembly(), *_queue(), _claim(), *_memory()]


# ── beside smtp-source ──────────────────────────────────────────────────────


def _speed() -> list[Row]:
    if not shutil.which("smtp-source"):
        print(
            "the rates are left out: smtp-source and smtp-sink are not here (Debian: postfix)",
            file=sys.stderr,
        )
        return []
    found = []
    with tempfile.TemporaryDirectory() as there, _sink() as port:
        for size, octets in SIZES.items():
            message = _file(Path(there), octets)
            rounds = [
                (_reference(port, message), _ours("wire", port, MESSAGES, octets)) for _ in range(ROUNDS)
            ]
            must, aim = (">= 1.3", "2") if size == "5" else (">= 1.0", "1.5")
            found.append(
                _ratio(
                    f"smtp_{size}_kb_over_smtp_source", [(r[0], o["seconds"]) for r, o in rounds], must, aim
                )
            )
        message = _file(Path(there), 40_000)
        rounds = [(_reference(port, message), _ours("whole", port, MESSAGES)) for _ in range(ROUNDS)]
    assert {round(ours["sent"]) for _, ours in rounds} == {MESSAGES}
    pairs = [(reference[0], ours["seconds"]) for reference, ours in rounds]
    costs = [ours["cpu"] / reference[1] for reference, ours in rounds]
    each = f"{1e6 * median([ours['cpu'] for _, ours in rounds]) / MESSAGES:.0f} us a message"
    return [
        *found,
        _ratio("whole_path_over_smtp_source", pairs, ">= 0.8", "1.0"),
        Row(
            "whole_path_cpu_over_smtp_source",
            median(costs),
            "<= 2.2",
            "1.6",
            f"{each}; {spread(costs)}; {_loop()}",
        ),
    ]


def _ratio(name: str, pairs: list[tuple[float, float]], must: str, aim: str) -> Row:
    values = [reference / ours for reference, ours in pairs]
    rate = MESSAGES / median([ours for _, ours in pairs])
    detail = f"{rate:,.0f} messages a second; {spread(values)}; load {os.getloadavg()[0]:.1f}"
    return Row(name, median(values), must, aim, detail)


@contextmanager
def _sink() -> Iterator[int]:
    """One smtp-sink for the whole run; the port it listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen(["smtp-sink", *user, "-m", "2048", f"127.0.0.1:{port}", "1024"])
    try:
        _await(port)
        yield port
    finally:
        sink.kill()
        sink.wait()


def _await(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _file(there: Path, octets: int) -> Path:
    """What the reference sends: as many octets, lines of the same length as ours."""
    line = "A line of text that a newsletter might hold, and nothing in it that matters.\n"
    path = there / f"{octets}.eml"
    path.write_text("Subject: s\n\n" + line * (octets // (len(line) + 1)), "ascii")
    return path


def _reference(port: int, message: Path) -> tuple[float, float]:
    """Wall and CPU seconds of smtp-source."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = ["-s", "8", "-m", str(MESSAGES), "-f", "bounce@news.example", "-t", "user@example.org", "-d"]
    subprocess.run(["smtp-source", *words, "-F", str(message), f"127.0.0.1:{port}"], check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _ours(*words: object) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.delivery_run", *map(str, words)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _loop() -> str:
    try:
        import uvloop
    except ImportError:
        return "asyncio's own loop"
    return f"uvloop {uvloop.__version__}"


# ── writing messages ────────────────────────────────────────────────────────


def _assembly() -> Row:
    """One recipient's message, against Jinja2 and the standard library for each."""
    import jinja2

    from benchmarks.delivery_run import rendered
    from newsletter.message.write import Content, Recipient, Writer
    from tests.message.test_compiled import IDENTITY, WHEN

    block = rendered().blocks[0]
    write = Writer(Content("A snail, timed", block.html, block.text, (), {}), IDENTITY)
    page, text = (_jinja(jinja2, each) for each in (block.html, block.text))
    values = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for n in range(2000):
            write(Recipient(f"Reader {n}", f"r{n}@example.org", f"token{n}"), id=f"<{n}@x>", date=WHEN)
        ours = (time.process_time() - began) / 2000
        began = time.process_time()
        for n in range(20):
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = "Ida Vang <ida@x.example>", f"r{n}@example.org", "s"
            who = {"NAME": f"Reader {n}", "UNSUBSCRIBE_URL": f"https://x.example/u/token{n}"}
            mail.set_content(text.render(who))
            mail.add_alternative(page.render(who), subtype="html")
            mail.as_bytes()
        values.append((time.process_time() - began) / 20 / ours)
    return Row("assembly_over_jinja_and_emailmessage", median(values), ">= 100", "250", spread(values))


def _jinja(jinja2: object, text: str) -> object:
    import re

    source = re.sub(r"%%(\w+)%%", r"{{ \1 }}", text)
    return jinja2.Environment(autoescape=True).from_string(source)  # type: ignore[attr-defined]


# ── the outbox at a million ─────────────────────────────────────────────────


def _queue() -> list[Row]:
    """An issue queued for a million, beside a plain INSERT … SELECT of as many rows in the same run."""
    from benchmarks.delivery_run import people, rendered
    from newsletter.outbox import frozen, queueing
    from newsletter.store.database import open_database
    from tests.outbox.publishing import issue

    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as there, open_database(Path(there) / "newsletter.db") as database:
        people(database, MILLION, now)
        plain = "CREATE TABLE plain AS SELECT id, address, 'queued' AS state, 5 AS priority FROM subscriber"
        began = time.perf_counter()
        database.write(lambda c: c.exec_driver_sql(plain))
        floor = time.perf_counter() - began
        from dataclasses import replace

        made = replace(issue(due=now), rendered=rendered())
        database.write(lambda c: frozen.put(c, made, now))
        began, spent = time.perf_counter(), 0.0
        while True:
            step = time.perf_counter()
            more = database.write(lambda c: queueing.queue_chunk(c, made.id, now))
            spent += time.perf_counter() - step
            if not more:
                break
        wall = time.perf_counter() - began
    return [
        Row(
            "queue_a_million_seconds",
            wall,
            "<= 2",
            "0.7",
            f"without the pauses between; {spent:.1f} s in transactions",
        ),
        Row("queue_a_million_over_insert_select", wall / floor, "<= 6", "4", f"plain {floor:.2f} s"),
    ]


def _claim() -> Row:
    """Claim and record of 20,000 rows, of which a million wait, against a tenth of that."""
    values = [_ours("walk", MILLION)["cpu"] / _ours("walk", MILLION // 10)["cpu"] for _ in range(3)]
    return Row("claim_cpu_at_a_million_over_a_tenth", median(values), "<= 1.2", "1.0", spread(values))


def _memory() -> list[Row]:
    if not shutil.which("smtp-sink"):
        return []
    with _sink() as port:
        many, few = (_ours("whole", port, count)["megabytes"] for count in (100_000, 10_000))
    detail = f"{many:.0f} MB at 100,000 recipients, {few:.0f} MB at 10,000; set-up included"
    return [Row("memory_at_100000_over_10000", many / few, "<= 1.1", "1.0", detail)]
