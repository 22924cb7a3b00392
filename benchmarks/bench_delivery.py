"""Delivery beside Postfix's own load generator, in one run: one sink, in each round the reference, then ours.

The reference writes one constant message over eight connections (``smtp-source -s 8 -d``); ours writes a
personal one to each. Rates are divided within a round; the median of the rounds is told.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from benchmarks import delivery_limits, delivery_others, delivery_outbox
from benchmarks.child import ours
from benchmarks.oracles import AbsentError
from benchmarks.row import Row, median, spread
from benchmarks.sink import constant, reference, sink

ROUNDS = 5
MESSAGES = 6000
SIZES = {"5": (4_850, ">= 1.3", "2"), "30": (29_400, ">= 1.0", "1.5")}  #: KB: octets, must, aim


def _with_a_sink(part: Callable[[int, Path], list[Row]]) -> Callable[[], list[Row]]:
    """What measures with Postfix's tools in a folder of its own; without them it says so."""

    def measured() -> list[Row]:
        try:
            with tempfile.TemporaryDirectory() as there, sink() as port:
                return part(port, Path(there))
        except AbsentError as why:
            print(f"rows are left out: {why}", file=sys.stderr)
            return []

    return measured


# ── beside smtp-source ──────────────────────────────────────────────────────


def _wire(size: str) -> Callable[[int, Path], list[Row]]:
    octets, must, aim = SIZES[size]

    def measured(port: int, there: Path) -> list[Row]:
        message = constant(there, octets)
        pairs = []
        for _ in range(ROUNDS):
            wall, _cpu = reference(port, message, MESSAGES)
            pairs.append((wall, ours("wire", port, MESSAGES, octets)["seconds"]))
        return [_ratio(f"smtp_{size}_kb_over_smtp_source", pairs, must, aim)]

    return measured


def _whole(port: int, there: Path) -> list[Row]:
    message = constant(there, 40_000)
    rounds = [(reference(port, message, MESSAGES), ours("whole", port, MESSAGES)) for _ in range(ROUNDS)]
    assert {round(own["sent"]) for _, own in rounds} == {MESSAGES}
    costs = [own["cpu"] / cpu for (_, cpu), own in rounds]
    each = f"{1e6 * median([own['cpu'] for _, own in rounds]) / MESSAGES:.0f} us a message"
    detail = f"{each}; {spread(costs)}; {_loop()}"
    return [
        _ratio(
            "whole_path_over_smtp_source",
            [(wall, own["seconds"]) for (wall, _), own in rounds],
            ">= 0.8",
            "1.0",
        ),
        Row("whole_path_cpu_over_smtp_source", median(costs), "<= 2.2", "1.6", detail),
    ]


def _ratio(name: str, pairs: list[tuple[float, float]], must: str, aim: str) -> Row:
    values = [theirs / own for theirs, own in pairs]
    rate = MESSAGES / median([own for _, own in pairs])
    detail = f"{rate:,.0f} messages a second; {spread(values)}; load {os.getloadavg()[0]:.1f}"
    return Row(name, median(values), must, aim, detail)


def _loop() -> str:
    try:
        import uvloop
    except ImportError:
        return "asyncio's own loop"
    return f"uvloop {uvloop.__version__}"


# ── writing messages ────────────────────────────────────────────────────────


def _assembly() -> list[Row]:
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
    return [Row("assembly_over_jinja_and_emailmessage", median(values), ">= 100", "250", spread(values))]


def _jinja(jinja2: object, text: str) -> object:
    import re

    source = re.sub(r"%%(\w+)%%", r"{{ \1 }}", text)
    return jinja2.Environment(autoescape=True).from_string(source)  # type: ignore[attr-defined]


#: The names of rows -> what measures them.
PARTS: dict[tuple[str, ...], Callable[[], list[Row]]] = {
    **{(f"smtp_{size}_kb_over_smtp_source",): _with_a_sink(_wire(size)) for size in SIZES},
    ("whole_path_over_smtp_source", "whole_path_cpu_over_smtp_source"): _with_a_sink(_whole),
    ("assembly_over_jinja_and_emailmessage",): _assembly,
    ("queue_a_million_seconds",): delivery_outbox.plain,
    ("queue_with_suppression_over_insert_select",): delivery_outbox.suppressed,
    ("another_write_while_queueing_p99_ms",): delivery_outbox.beside_queueing,
    ("claim_cpu_at_a_million_over_a_tenth",): delivery_outbox.claim,
    ("another_write_while_sending_p99_ms",): _with_a_sink(delivery_limits.beside_sending),
    ("rate_achieved_over_configured_lowest", "rate_achieved_over_configured_highest"): _with_a_sink(
        delivery_limits.rate
    ),
    ("memory_at_a_million_over_10000", "memory_growth_megabytes"): _with_a_sink(delivery_limits.memory),
    delivery_others.NAMES: _with_a_sink(delivery_others.rows),
}
