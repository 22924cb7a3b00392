"""``python -m benchmarks [NAME] [--json]``."""

import importlib
import sys
from pathlib import Path

from benchmarks.row import Row, tell

NAMES = sorted(p.stem.removeprefix("bench_") for p in Path(__file__).parent.glob("bench_*.py"))


def main() -> int:
    """Run one benchmark, or all."""
    words = [word for word in sys.argv[1:] if word != "--json"]
    unknown = [word for word in words if word not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in words or NAMES:
        rows += importlib.import_module(f"benchmarks.bench_{name}").rows()
    return tell(rows, as_json="--json" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
