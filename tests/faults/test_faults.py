"""Every fault of the report gives what is required. How many cases there were is told at the end."""

from __future__ import annotations

import pytest

from tests.faults.every import every_fault
from tests.faults.report import Fault, row
from tests.faults.smtp_table import ROWS

FAULTS = [
    pytest.param(fault, id=fault.name, marks=[pytest.mark.slow] if fault.slow else [])
    for fault in every_fault()
]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_required_is_what_stands_in_the_database(
    fault: Fault, request: pytest.FixtureRequest, fault_cases: list[int]
) -> None:
    if fault.slow and "slow" not in (request.config.getoption("-m") or ""):
        pytest.skip("slow: `python3 dev.py faults` runs it")
    came = row(fault)
    fault_cases.append(came.cases)
    assert came.given == fault.required
    assert came.cases > 0


def test_the_table_has_all_its_rows_and_no_name_twice() -> None:
    names = [fault.name for fault in every_fault()]
    assert len(ROWS) == 33
    assert len(names) == len(set(names))
