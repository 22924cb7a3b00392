"""Message -> what SpamAssassin thinks of it, where it is installed. Its network tests stay off."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache

PATIENCE = 60  #: seconds
_RULE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9_]+)\s", re.MULTILINE)
_TOTAL = re.compile(r"^X-Spam-Status:.*?score=(-?\d+\.\d+)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that matched."""

    points: float
    name: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The sum, and the rules that it is the sum of."""

    points: float
    rules: tuple[Rule, ...]


@lru_cache(4)
def verdict(message: bytes) -> Verdict | None:
    """What it says; None when it is not installed or does not answer within a minute.

    It runs with a home of its own: nothing is learnt, nothing of the user's is read.
    """
    program = shutil.which("spamassassin")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [program, "-L", "-t"],
                input=message,
                capture_output=True,
                timeout=PATIENCE,
                env={"HOME": home, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return read(done.stdout.decode("utf-8", "replace"))


def read(answer: str) -> Verdict | None:
    """The verdict in the report that ``spamassassin -t`` writes around a message; None when there is none."""
    total = _TOTAL.search(answer)
    if not total:
        return None
    report = answer.rpartition("Content analysis details:")[2]
    rules = tuple(Rule(float(points), name) for points, name in _RULE.findall(report))
    return Verdict(float(total[1]), rules)
