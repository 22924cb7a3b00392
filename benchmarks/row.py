"""One line of a benchmark's table."""

from __future__ import annotations

import json
import operator
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and what it must be."""

    name: str
    figure: float
    must: str  #: ``<= 2.0`` or ``>= 0.8``
    aim: str
    detail: str  #: how it was got: medians, counts, spread

    @property
    def ok(self) -> bool:
        sign, bound = self.must.split()
        return bool({"<=": operator.le, ">=": operator.ge}[sign](self.figure, float(bound)))


def _form(row: Row) -> str:
    """Counts whole; else three digits, or four beside a bound of two: 97.26 must not look like 97."""
    if row.figure == int(row.figure) or row.figure >= 1000:
        return ",.0f"
    return ".4g" if float(row.must.split()[1]) >= 10 else ".3g"


def median(values: Sequence[float]) -> float:
    """The middle of the values: what is quoted."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """`median 0.41 (0.39 to 0.52, n=7)`."""
    return f"median {median(values):.3g} ({min(values):.3g} to {max(values):.3g}, n={len(values)})"


def tell(rows: Iterable[Row], *, as_json: bool) -> int:
    """Print the rows; 1 when one of them misses what it must be."""
    told = list(rows)
    if as_json:
        print(json.dumps([asdict(row) | {"ok": row.ok} for row in told], indent=2))
    else:
        for row in told:
            mark = "ok  " if row.ok else "MISS"
            bounds = f"must {row.must}, aim {row.aim or '-'}"
            print(f"{mark} {row.name}: {row.figure:{_form(row)}} ({bounds}) · {row.detail}")
    sys.stdout.flush()
    return int(not all(row.ok for row in told))
