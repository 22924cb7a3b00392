"""What a send does not exceed: the rate that was set, memory, and the patience of others who write."""

from __future__ import annotations

from pathlib import Path

from benchmarks.child import begun, finished, ours
from benchmarks.row import Row, median
from benchmarks.signing_up import p99, signing_up

MILLION = 1_000_000
#: Of a million that wait, so many are sent for the memory; `bench million` sends all.
SENT_OF_A_MILLION = 60_000
SATURATED = 30_000
RATES = (50, 500)
SECONDS = 10


def beside_sending(port: int, there: Path) -> list[Row]:
    """Sign-ups by another process while a send goes as fast as it can."""
    path = there / "newsletter.db"
    ours("lay", path, SATURATED)
    with signing_up(path) as took:
        figures = finished(begun("send", path, port))
    assert figures["sent"] == SATURATED
    each_second = SATURATED / figures["seconds"]
    detail = (
        f"{len(took)} sign-ups in {figures['seconds']:.0f} s at {each_second:,.0f} messages a second, "
        f"median {1000 * median(took):.0f} ms, slowest {1000 * took[-1]:.0f} ms"
    )
    return [Row("another_write_while_sending_p99_ms", 1000 * p99(took), "<= 100", "25", detail)]


def rate(port: int, there: Path) -> list[Row]:
    """Messages of ten seconds at a rate, over eight connections."""
    achieved = {}
    for number in RATES:
        path = there / f"{number}.db"
        ours("lay", path, number * SECONDS)
        figures = ours("send", path, port, 0, number)
        achieved[number] = figures["sent"] / figures["seconds"] / number
    detail = ", ".join(f"{value:.3f} at {number}/s" for number, value in achieved.items())
    return [
        Row("rate_achieved_over_configured_lowest", min(achieved.values()), ">= 0.95", "0.99", detail),
        Row("rate_achieved_over_configured_highest", max(achieved.values()), "<= 1.01", "1.00", detail),
    ]


def memory(port: int, there: Path) -> list[Row]:
    """What the sending process takes; the database was made by another."""
    few, many = there / "few.db", there / "many.db"
    ours("lay", few, 10_000)
    ours("lay", many, MILLION)
    small, large = ours("send", few, port), ours("send", many, port, SENT_OF_A_MILLION)
    return memory_rows(small, large, f"{SENT_OF_A_MILLION:,} of a million sent")


def memory_rows(small: dict[str, float], large: dict[str, float], how: str) -> list[Row]:
    """Peak memory against that of 10,000 recipients, and its growth since the first message."""
    peaks = f"{large['megabytes']:.1f} MB, {small['megabytes']:.1f} MB at 10,000; {how}"
    growth = large["megabytes"] - large["first_megabytes"]
    grown = f"{large['first_megabytes']:.1f} MB when the first message was written; {how}"
    ratio = large["megabytes"] / small["megabytes"]
    return [
        Row("memory_at_a_million_over_10000", ratio, "<= 1.1", "1.0", peaks),
        Row("memory_growth_megabytes", growth, "<= 25", "10", grown),
    ]
