"""The whole path beside other mailers: the same personal mail, the same sink, eight connections, one run."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.child import ours
from benchmarks.delivery_run import rendered
from benchmarks.others import others
from benchmarks.row import Row, median, spread

ROUNDS = 5
#: About three seconds, as long as each of the others takes: who has just begun is slower.
MESSAGES = 20_000
MUST = {"nodemailer": ">= 8", "aiosmtplib": ">= 4", "django-post_office": ">= 10"}
NAMES = tuple(f"whole_path_over_{name.replace('-', '_')}" for name in MUST)


def rows(port: int, there: Path) -> list[Row]:
    """Our rate over that of each, divided within a round."""
    block = rendered().blocks[0]
    content = there / "content.json"
    content.write_text(json.dumps({"subject": "A snail, timed", "html": block.html, "text": block.text}))
    ratios: dict[str, list[float]] = {}
    rates: dict[str, list[float]] = {}
    with others() as (found, absent):
        for why in absent:
            print(f"rows are left out: {why}", file=sys.stderr)
        for _ in range(ROUNDS):
            own = MESSAGES / ours("whole", port, MESSAGES)["seconds"]
            for other in found:
                rate = other.rate(content, port)
                ratios.setdefault(other.name, []).append(own / rate)
                rates.setdefault(other.name, []).append(rate)
    return [_row(name, values, rates[name]) for name, values in ratios.items()]


def _row(name: str, values: list[float], rates: list[float]) -> Row:
    detail = f"it sends {median(rates):,.0f} a second; {spread(values)}; load {os.getloadavg()[0]:.1f}"
    return Row(f"whole_path_over_{name.replace('-', '_')}", median(values), MUST[name], "more", detail)
