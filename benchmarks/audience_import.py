"""One list, read in by `import`, and the same rows put into the same tables by a bare `executemany`.

Both keep the database's rule of a thousand rows a transaction, each of them on the disk when it ends. The
import runs in a process of its own, so that what it holds in memory is its own.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.child import ROOT
from benchmarks.row import Row, median, spread
from newsletter.store.database import CHUNK, open_database
from newsletter.store.dialect import PRAGMAS

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TABLES = ("subscriber", "subscriber_tag", "subscription", "consent", "consent_detail")
#: A person is a row in each, and has one or two tags.
PEOPLE_AT_ONCE = CHUNK // 4
ROUNDS = 5
SEGMENT = 'tags has "pro" and language in ["de", "en"]'
BY_HAND = """
SELECT count(*) FROM subscription s JOIN subscriber p ON p.id = s.subscriber_id
WHERE s.newsletter = 'weekly' AND s.status = 'active' AND (s.paused_until IS NULL OR s.paused_until <= :now)
  AND (p.language IN ('de', 'en') OR p.language LIKE 'de-%' OR p.language LIKE 'en-%')
  AND EXISTS (SELECT 1 FROM subscriber_tag t WHERE t.subscriber_id = p.id AND t.tag = 'pro')
  AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.address_key = p.address_key
                  AND x.scope IN ('*', 'weekly') AND (x.until IS NULL OR x.until > :now))
  AND NOT EXISTS (SELECT 1 FROM suppression x WHERE x.address_key = substr(p.address_key,
                  instr(p.address_key, '@')) AND x.scope IN ('*', 'weekly'))
"""


def rows(people: int) -> list[Row]:
    """The figures for a list of so many."""
    with TemporaryDirectory() as folder:
        there = Path(folder)
        _list(there / "list.csv", people)
        own = _ours(there)
        assert own["added"] == people, own
        bare = _bare(there)
        own_rate, bare_rate = people / own["seconds"], people / bare
        detail = f"{own_rate:,.0f} people a second, bare {bare_rate:,.0f}; {people:,} people"
        growth = f"from {own['before']:.0f} MB; {people:,} people"
        return [
            Row("import_rate_over_executemany", own_rate / bare_rate, ">= 0.25", "0.4", detail),
            Row("import_memory_growth_megabytes", own["growth"], "<= 25", "10", growth),
            _segment(there / "ours.db", people),
        ]


def _list(path: Path, people: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write("email,name,language,tags\n")
        for n in range(people):
            language, tag = ("de", "en", "fr")[n % 3], ("pro", "works", "pro;works")[n % 7 % 3]
            out.write(f"reader{n}@example{n % 200}.org,Reader {n},{language},{tag}\n")


# ── ours ────────────────────────────────────────────────────────────────────


def _ours(there: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.audience_import", str(there)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _import(there: Path) -> dict[str, float]:
    """What the child measures: first a short list, so that everything is loaded that is needed."""
    from newsletter.audience.importing import import_list

    _list(there / "short.csv", 1000)
    with open_database(there / "short.db") as database:
        import_list(database, there / "short.csv", newsletters=("weekly",), now=NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open_database(there / "ours.db") as database:
        began = time.perf_counter()
        report = import_list(database, there / "list.csv", newsletters=("weekly",), now=NOW)
        took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": took,
        "added": report.added,
        "before": before / 1024,
        "growth": (after - before) / 1024,
    }


# ── beside ──────────────────────────────────────────────────────────────────


def _bare(there: Path) -> float:
    """Seconds that the same rows take, already made, in as many transactions."""
    path = there / "bare.db"
    open_database(path).close()
    source, target = sqlite3.connect(there / "ours.db"), sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        target.execute(pragma)
    for table in ("zone", "import_run"):
        _insert(target, table, source.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608
    took, last = 0.0, 0
    while True:
        made = {table: _some(source, table, last) for table in TABLES}
        if not made["subscriber"]:
            break
        last = made["subscriber"][-1][0]
        began = time.perf_counter()
        target.execute("BEGIN IMMEDIATE")
        for table, some in made.items():
            _insert(target, table, some)
        target.execute("COMMIT")
        took += time.perf_counter() - began
    source.close()
    target.close()
    return took


def _some(source: sqlite3.Connection, table: str, last: int) -> list[tuple[object, ...]]:
    """The rows of the next people: everybody has one subscription, and so one entry in the consent log."""
    number = {"subscriber": "id", "consent": "id", "consent_detail": "consent_id"}.get(table, "subscriber_id")
    query = f"SELECT * FROM {table} WHERE {number} > ? AND {number} <= ? ORDER BY {number}"  # noqa: S608
    return source.execute(query, (last, last + PEOPLE_AT_ONCE)).fetchall()


def _insert(target: sqlite3.Connection, table: str, some: list[tuple[object, ...]]) -> None:
    if some:
        marks = ",".join("?" * len(some[0]))
        target.executemany(f"INSERT INTO {table} VALUES ({marks})", some)  # noqa: S608


def _segment(path: Path, people: int) -> Row:
    from newsletter.audience.subscribers import counts
    from newsletter.store.tables import milliseconds

    ratios, by_hand = [], sqlite3.connect(path)
    with open_database(path) as database:
        for round in range(ROUNDS + 1):
            began = time.perf_counter()
            (found,) = by_hand.execute(BY_HAND, {"now": milliseconds(NOW)}).fetchone()
            between = time.perf_counter()
            counted = counts(database, "weekly", NOW, segment=SEGMENT)
            ended = time.perf_counter()
            assert counted.active == found, (counted, found)
            if round:
                ratios.append((ended - between) / (between - began))
    by_hand.close()
    detail = f"{found:,} of {people:,}; {spread(ratios)}"
    return Row("segment_count_over_sql_by_hand", median(ratios), "<= 3", "1.5", detail)


if __name__ == "__main__":
    print(json.dumps(_import(Path(sys.argv[1]))))
