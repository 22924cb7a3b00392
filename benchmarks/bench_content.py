"""Picking up a content folder: beside the Markdown parser alone, and beside itself when little has changed.

Every run is a process of its own, so that its peak of memory is its own; a run prints its
CPU seconds and its peak in kilobytes. Yardstick and run take turns.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import folder
from benchmarks.row import Row, median, spread

ARTICLES = 10_000
FEW = 1_000
ROUNDS = 3
#: Human summaries of real articles; rows without them are left out.
EXCERPTS = Path(__file__).resolve().parents[2] / "shared" / "eval" / "excerpts-dev.jsonl"

_CODE = """
import sys, time, resource
from pathlib import Path
words = sys.argv[1:]
{}
used = resource.getrusage(resource.RUSAGE_SELF)
print(cpu, used.ru_maxrss)
"""
_PICK_UP = """
from datetime import UTC, datetime
from newsletter.content import FolderSettings, pick_up
began = time.process_time()
found = pick_up(Path(words[0]), FolderSettings(), datetime(2026, 11, 23, tzinfo=UTC), cache=Path(words[1]))
assert found.listings
cpu = time.process_time() - began
"""
_MARKDOWN_IT = """
from markdown_it import MarkdownIt
from benchmarks.folder import body
parser, cpu = MarkdownIt(), 0.0
for path in sorted(Path(words[0]).rglob("*")):
    if path.is_file():
        text = body(path.read_text("utf-8"))
        began = time.process_time()
        parser.parse(text)
        cpu += time.process_time() - began
"""


def rows() -> list[Row]:
    """The rows of a folder of ten thousand articles, and of the excerpts of the evaluation set."""
    with tempfile.TemporaryDirectory() as there:
        return [*_folder_rows(Path(there)), *_excerpt_rows()]


def _folder_rows(there: Path) -> list[Row]:
    many, few = there / "many", there / "few"
    size = folder.make(many, ARTICLES)
    folder.make(few, FEW)
    time.sleep(2.1)  # what was written this moment is read again, and would count as changed
    rounds = [_round(many, few, there / f"cache{n}") for n in range(ROUNDS)]
    what = f"{ARTICLES} files, {size / 1e6:.0f} MB; CPU"

    def row(name: str, figure: Callable[[dict[str, tuple[float, int]]], float], must: str, aim: str) -> Row:
        values = [figure(one) for one in rounds]
        return Row(name, median(values), must, aim, f"{what} {spread(values)}")

    seconds = ", ".join(f"{name} {median([one[name][0] for one in rounds]):.2f} s" for name in rounds[0])
    peaks = ", ".join(f"{name} {rounds[-1][name][1] // 1024} MB" for name in rounds[-1])
    print(f"{seconds}; peak memory: {peaks}", file=sys.stderr)
    return [
        row("cold_over_markdown_it", lambda r: r["cold"][0] / r["markdown_it"][0], "<= 2.0", ""),
        row("warm_over_cold", lambda r: r["warm"][0] / r["cold"][0], "<= 0.03", ""),
        row("one_changed_over_cold", lambda r: r["one_changed"][0] / r["cold"][0], "<= 0.05", ""),
        row("peak_memory_10000_over_1000", lambda r: r["cold"][1] / r["few"][1], "<= 1.3", "1.0"),
    ]


def _round(many: Path, few: Path, cache: Path) -> dict[str, tuple[float, int]]:
    """One of each, in turn."""
    markdown_it = _run(_MARKDOWN_IT, many)
    cold = _run(_PICK_UP, many, cache)
    warm = _run(_PICK_UP, many, cache)
    changed = sorted(many.rglob("*.md"))[ARTICLES // 3]
    changed.write_text(changed.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    one_changed = _run(_PICK_UP, many, cache)
    small = _run(_PICK_UP, few, cache.with_suffix(".few"))
    time.sleep(2.1)
    return {
        "markdown_it": markdown_it,
        "cold": cold,
        "warm": warm,
        "one_changed": one_changed,
        "few": small,
    }


def _run(code: str, *words: Path) -> tuple[float, int]:
    """CPU seconds and peak kilobytes of one process."""
    done = subprocess.run(
        [sys.executable, "-c", _CODE.format(code), *map(str, words)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
    )
    cpu, peak = done.stdout.split()
    return float(cpu), int(peak)


def _excerpt_rows() -> list[Row]:
    if not EXCERPTS.is_file():
        print(f"excerpt_ms_per_article left out: {EXCERPTS} is not there", file=sys.stderr)
        return []
    from benchmarks.excerpt_training import article_of, milliseconds
    from newsletter.excerpt.ranker import ranker

    with EXCERPTS.open(encoding="utf-8") as file:
        articles = [article_of(json.loads(line)) for line in file]
    values = [milliseconds(ranker(), articles) for _ in range(ROUNDS)]
    detail = f"{len(articles)} articles; CPU {spread(values)}"
    return [Row("excerpt_ms_per_article", median(values), "<= 5", "", detail)]
