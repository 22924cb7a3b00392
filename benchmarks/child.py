"""Measured runs in processes of their own: ``benchmarks.delivery_run``, or another module of runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def ours(*words: object, module: str = "delivery_run") -> dict[str, float]:
    """The figures of one run."""
    return finished(begun(*words, module=module))


def begun(*words: object, module: str = "delivery_run") -> subprocess.Popen[str]:
    """One that runs while something else is done; :func:`finished` waits for it."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finished(run: subprocess.Popen[str]) -> dict[str, float]:
    """Its figures, once it has ended."""
    out, _ = run.communicate()
    if run.returncode:
        raise RuntimeError(f"the run ended with {run.returncode}")
    figures: dict[str, float] = json.loads(out)
    return figures
