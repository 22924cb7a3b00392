"""Who gets which articles, a million times; what the ledger of it takes; and the plan of eight weeks.

Each run is in a process of its own, on a fresh copy of a file that was laid once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import schedule_plan
from benchmarks.child import ours
from benchmarks.row import Row, median, spread

PEOPLE = int(os.environ.get("NEWSLETTER_BENCH_SUBSCRIBERS", "1000000"))
ROUNDS = 3
#: Seconds, and times the CPU seconds of the hand-written SQL: either is enough.
SECONDS, TIMES = 5.0, 3.0


@contextmanager
def _laid(people: int) -> Iterator[Callable[[str], dict[str, float]]]:
    """What runs a part on a fresh copy of a file with so many readers and two earlier issues."""
    with tempfile.TemporaryDirectory() as folder:
        made, path = Path(folder) / "made.db", Path(folder) / "newsletter.db"
        ours("lay", made, people, module="schedule_run")

        def run(part: str) -> dict[str, float]:
            for ending in ("-wal", "-shm"):
                Path(f"{path}{ending}").unlink(missing_ok=True)
            shutil.copy(made, path)
            return ours(part, path, module="schedule_run")

        yield run


def decided() -> list[Row]:
    """An issue with fifty new articles decided for everybody, beside the simple case by hand."""
    with _laid(PEOPLE // 10) as run:
        few = run("decide")
        aged = [(run("decide"), run("years")) for _ in range(ROUNDS)]
    with _laid(PEOPLE) as run:
        rounds = [(run("simple"), run("decide")) for _ in range(ROUNDS)]
        ledger = run("pack")
    own = [each["seconds"] for _, each in rounds]
    ratios = [each["cpu"] / by_hand["cpu"] for by_hand, each in rounds]
    one = rounds[0][1]
    assert {each["rows"] for _, each in rounds} == {PEOPLE}
    how = (
        f"{median(own):.2f} s ({min(own):.2f} to {max(own):.2f}) with the pauses for others, "
        f"CPU {median(ratios):.2f} times that of the hand-written SQL that gives all the same "
        f"({median([by_hand['seconds'] for by_hand, _ in rounds]):.2f} s), n={ROUNDS}; "
        f"{one['variants']:.0f} variants, {one['dues']:.0f} due times; load {os.getloadavg()[0]:.1f}"
    )
    either = min(median(own) / SECONDS, median(ratios) / TIMES)
    peak = median([each["megabytes"] for _, each in rounds])
    older = [late["seconds"] / early["seconds"] for early, late in aged]
    behind = (
        f"{median([late['seconds'] for _, late in aged]):.2f} s for a tenth of the readers, "
        f"{min(older):.2f} to {max(older):.2f} times, n={ROUNDS}"
    )
    peaks = f"{peak:.1f} MB, {few['megabytes']:.1f} MB for a tenth of the readers"
    return [
        Row("decide_a_million_over_5_seconds_or_3_times_sql", either, "<= 1", "0.5", how),
        Row("memory_deciding_a_million_over_a_tenth", peak / few["megabytes"], "<= 1.1", "1.0", peaks),
        Row("decide_behind_five_years_of_issues_over_two", median(older), "<= 2", "1.2", behind),
        *_ledger(ledger),
    ]


def _ledger(found: dict[str, float]) -> list[Row]:
    before, after = found["before"], found["after"]
    assert found["found"] == found["asked"]
    sizes = f"table and indexes, whole pages; {before:.0f} as rows"
    rate = found["rows"] / found["seconds"]
    packing = (
        f"{found['rows']:,.0f} in {found['seconds']:.1f} s, {rate:,.0f} a second; one reader is found in "
        f"{1000 * found['lookup']:.1f} ms; the longest transaction {1000 * found['longest']:.0f} ms"
    )
    return [
        Row("ledger_bytes_a_reader_and_issue", before, "<= 250", "100", "table and indexes, whole pages"),
        Row("ledger_bytes_a_reader_and_issue_packed", after, "<= 4", "2", sizes),
        Row("packing_transaction_p99_ms", 1000 * found["p99"], "<= 100", "50", packing),
    ]


def planned() -> list[Row]:
    """`newsletter plan --weeks 8` of ten newsletters, the program's start included."""
    walls = schedule_plan.seconds(5)
    detail = f"a program each, its start included; {spread(walls)}"
    return [Row("plan_8_weeks_of_ten_newsletters_seconds", median(walls), "<= 1", "0.5", detail)]


#: The names of rows -> what measures them.
PARTS: dict[tuple[str, ...], Callable[[], list[Row]]] = {
    (
        "decide_a_million_over_5_seconds_or_3_times_sql",
        "memory_deciding_a_million_over_a_tenth",
        "decide_behind_five_years_of_issues_over_two",
        "ledger_bytes_a_reader_and_issue",
        "ledger_bytes_a_reader_and_issue_packed",
        "packing_transaction_p99_ms",
    ): decided,
    ("plan_8_weeks_of_ten_newsletters_seconds",): planned,
}
