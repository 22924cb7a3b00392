"""Some weeks of the year whose table docs/scheduling.md quotes: `python3 -m tests.schedule.ledger_year`."""

import os

import pytest

from tests.schedule.ledger_year import year


@pytest.mark.slow
def test_in_weeks_of_changes_nothing_is_lost_or_comes_twice_and_every_pair_has_one_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    days = int(os.environ.get("LEDGER_DAYS", "35"))
    found = year(seed=7, days=days)
    with capsys.disabled():
        print("\n" + "\n".join(found.table))

    assert found.days >= days
    assert found.pairs["reader and article"] > 100
    assert found.changes.keys() == {"readers", "editor", "operator", "clock"}
    assert {"sent", "left out"} <= {end for end, _ in found.became}
