"""``python -m benchmarks [NAME …] [--rows WORD …] [--json]``.

A benchmark is a module ``bench_NAME`` with ``rows()``; one that can measure less than all has ``PARTS``
instead: the names of rows -> what measures them.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

from benchmarks.oracles import AbsentError
from benchmarks.row import Row, tell

NAMES = sorted(p.stem.removeprefix("bench_") for p in Path(__file__).parent.glob("bench_*.py"))
#: They take many minutes: measured when they are named.
LONG = ("million",)


def main() -> int:
    """Run one benchmark, some of its rows, or all."""
    asked = _asked()
    unknown = [name for name in asked.names if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in asked.names or [name for name in NAMES if name not in LONG]:
        try:
            rows += measured(importlib.import_module(f"benchmarks.bench_{name}"), asked.rows)
        except AbsentError as why:
            print(f"{name} is left out: {why}", file=sys.stderr)
    return tell(rows, as_json=asked.json)


def measured(benchmark: ModuleType, words: list[str]) -> list[Row]:
    """The rows with one of `words` in the name; all when there are no words."""

    def wanted(name: str) -> bool:
        return not words or any(word in name for word in words)

    parts: Mapping[tuple[str, ...], Callable[[], list[Row]]] | None = getattr(benchmark, "PARTS", None)
    if parts is None:
        return [row for row in benchmark.rows() if wanted(row.name)]
    made = [row for names, part in parts.items() if any(map(wanted, names)) for row in part()]
    return [row for row in made if wanted(row.name)]


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bench", description="Measurements, as ratios against yardsticks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; else all")
    parser.add_argument("--rows", nargs="+", default=[], metavar="WORD", help="only rows so named")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
