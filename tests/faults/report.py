"""A fault and what it must lead to -> a row of the report, with what it did lead to."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

#: Thousands of commits: in memory where there is such a folder.
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong, and what must be found in the database afterwards."""

    name: str
    required: str
    given: Callable[[Path], Sequence[str]]  #: causes it in an empty folder, in each way; what each led to
    slow: bool = False  #: takes more than a few seconds: the report runs it, the tests when asked for


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the fault report."""

    fault: str
    required: str
    given: str  #: what was read; where ways differ, all that there was
    cases: int

    @property
    def ok(self) -> bool:
        return self.required == self.given and self.cases > 0


def row(fault: Fault) -> Row:
    """Cause the fault in every way, in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        given = list(fault.given(Path(folder)))
    return Row(fault.name, fault.required, " | ".join(sorted(set(given))), len(given))


def at_once(ways: Sequence[Callable[[], str]]) -> list[str]:
    """What each leads to, in their order. They mostly wait: for a commit, for a silence."""
    with ThreadPoolExecutor(4) as threads:
        return [each.result() for each in [threads.submit(way) for way in ways]]


def tell(faults: Iterable[Fault], *, as_json: bool) -> int:
    """Print a row for each; 1 when what was given is not what is required."""
    rows = []
    for fault in faults:
        rows.append(_row_or_why_not(fault))
        if not as_json:
            print(_line(rows[-1]), flush=True)
    cases, wrong = sum(each.cases for each in rows), sum(not each.ok for each in rows)
    if as_json:
        print(json.dumps([_document(each) for each in rows], indent=2), flush=True)
    print(f"{len(rows)} faults, {cases} cases, {wrong} not as required", file=sys.stderr)
    return int(bool(wrong))


def _row_or_why_not(fault: Fault) -> Row:
    try:
        return row(fault)
    except Exception as error:
        traceback.print_exc()
        return Row(fault.name, fault.required, f"the case itself broke: {type(error).__name__}: {error}", 0)


def _line(row: Row) -> str:
    mark = "ok   " if row.ok else "WRONG"
    given = row.given if row.ok else f"{row.required!r} required, {row.given!r} given"
    return f"{mark} {row.fault}: {given} ({row.cases} cases)"


def _document(row: Row) -> dict[str, object]:
    return {
        "fault": row.fault,
        "required": row.required,
        "given": row.given,
        "cases": row.cases,
        "ok": row.ok,
    }
