"""``python -m tests.faults [WORD …] [--json]``: the fault report, or the faults with a word in the name.

``--kills N`` and ``--stops N`` instead: so many processes that send, killed or stopped at random moments.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import sys

from tests.faults import kills
from tests.faults.every import every_fault
from tests.faults.report import tell


def main() -> int:
    logging.disable(logging.CRITICAL)  # the program tells of every fault: here the rows do
    asked = _asked()
    if asked.kills or asked.stops:
        print(f"seed {asked.seed}", flush=True)
        bad = kills.kills(asked.kills, asked.seed) if asked.kills else 0
        return (kills.stops(asked.stops, asked.seed) if asked.stops else 0) or bad
    words = [word.lower() for word in asked.words]
    chosen = [f for f in every_fault() if not words or any(word in f.name.lower() for word in words)]
    if not chosen:
        print(f"no fault has any of these words in its name: {' '.join(words)}", file=sys.stderr)
        return 2
    return tell(chosen, as_json=asked.json)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "faults", description="Every fault, the verdict required, the one given."
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="only faults with such a word in the name")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--kills", type=int, default=0, metavar="N", help="N random kill -9 of real processes"
    )
    parser.add_argument("--stops", type=int, default=0, metavar="N", help="N random SIGTERM")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the random moments")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
