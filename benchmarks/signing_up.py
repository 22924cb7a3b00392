"""Another process that signs people up, by the real code, while something else keeps the database busy.

python -m benchmarks.signing_up DATABASE    until its standard input ends; prints the seconds of each
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from newsletter.audience import subscribers
from newsletter.store.database import open_database

#: Seconds between two: far more often than anybody's form is used.
PAUSE = 0.01


def sign_up(path: Path, enough: threading.Event) -> list[float]:
    """People are added to another newsletter until it is enough; how many seconds each took."""
    took = []
    with open_database(path) as database:
        for number in itertools.count():
            began = time.perf_counter()
            subscribers.add(
                database, f"new{number}@example.org", newsletters=("letters",), now=datetime.now(UTC)
            )
            took.append(time.perf_counter() - began)
            if enough.wait(PAUSE):
                return took
    raise AssertionError


@contextmanager
def signing_up(path: Path) -> Iterator[list[float]]:
    """In a process beside this one; the seconds are in the list afterwards, in ascending order."""
    words = [sys.executable, "-m", "benchmarks.signing_up", str(path)]
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(words, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    took: list[float] = []
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        yield took
    finally:
        out, _ = process.communicate(timeout=120)
    took.extend(sorted(json.loads(out)))


def p99(seconds: list[float]) -> float:
    """What one in a hundred takes longer than; `seconds` in ascending order."""
    return seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]


def main() -> None:
    enough = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        enough.set()

    threading.Thread(target=wait, daemon=True).start()
    print("begun", flush=True)
    print(json.dumps(sign_up(Path(sys.argv[1]), enough)))


if __name__ == "__main__":
    main()
