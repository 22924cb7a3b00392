"""Ten years in every time zone: the simulation whose table docs/scheduling.md quotes."""

from datetime import date

import pytest

from tests.schedule.every_zone import simulate


@pytest.mark.slow
def test_in_every_zone_each_local_date_comes_once_for_ten_years() -> None:
    met = simulate(every_name=False)

    assert met.wrong == []
    assert {day for _, day in met.without} == {date(2011, 12, 30)}
    # Whatever the edition of the tz database, these were met, or nothing was tried.
    assert met.zones > 400
    assert {"00:30", "01:00"} <= met.gaps.keys()
    assert {"00:30", "01:00"} <= met.folds.keys()
