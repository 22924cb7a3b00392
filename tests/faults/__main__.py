"""``python -m tests.faults [WORD …] [--json]``: the fault report, or the faults with a word in the name."""

from __future__ import annotations

import logging
import sys

from tests.faults.every import every_fault
from tests.faults.report import tell


def main() -> int:
    logging.disable(logging.CRITICAL)  # the program tells of every fault: here the rows do
    words = [word.lower() for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [f for f in every_fault() if not words or any(word in f.name.lower() for word in words)]
    if not chosen:
        print(f"no fault has any of these words in its name: {' '.join(words)}", file=sys.stderr)
        return 2
    return tell(chosen, as_json="--json" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
