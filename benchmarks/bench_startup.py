"""How long a person waits for `newsletter --help`, beside a Python that does nothing."""

import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.row import Row, median, spread

RUNS = 10


def rows() -> list[Row]:
    """Ten paired runs, whole processes."""
    help_words = [sys.executable, "-m", "newsletter", "--help"]
    bare_words = [sys.executable, "-c", "pass"]
    pairs = [(_seconds(help_words), _seconds(bare_words)) for _ in range(RUNS + 1)][1:]
    over = [helped - 3 * bare for helped, bare in pairs]
    helped = [pair[0] for pair in pairs]
    return [
        Row("help_seconds_above_3x_bare_python", median(over), "<= 0.15", "0.05", spread(over)),
        Row("help_seconds", median(helped), "<= 0.3", "0.15", spread(helped)),
    ]


def _seconds(words: Sequence[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
