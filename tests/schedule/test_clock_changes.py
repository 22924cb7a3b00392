"""The days on which clocks change, and the weeks of a plan."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from newsletter.schedule.clocks import ClockChange, clock_changes
from newsletter.schedule.foreseen import Plan, PlannedSlot
from newsletter.schedule.weeks import bounds, label, weeks

HOUR = timedelta(hours=1)
LONDON, NEW_YORK, OSLO = "Europe/London", "America/New_York", "Europe/Oslo"


def test_clocks_that_change_alike_on_one_day_are_told_together() -> None:
    assert clock_changes((OSLO, LONDON, NEW_YORK, "Asia/Tokyo"), date(2026, 10, 1), date(2026, 11, 30)) == (
        ClockChange(date(2026, 10, 25), -HOUR, time(2), time(3), (LONDON, OSLO)),
        ClockChange(date(2026, 11, 1), -HOUR, time(2), time(2), (NEW_YORK,)),
    )


@pytest.mark.parametrize(
    ("zone", "first", "last", "day", "at", "minutes"),
    [
        (OSLO, "2026-03-29", "2026-03-29", "2026-03-29", "02:00", 60),
        ("Australia/Lord_Howe", "2026-10-01", "2026-10-30", "2026-10-04", "02:00", 30),
        ("America/Sao_Paulo", "2018-11-01", "2018-11-30", "2018-11-04", "00:00", 60),
        ("Pacific/Apia", "2011-12-01", "2011-12-31", "2011-12-30", "00:00", 24 * 60),
        ("Asia/Pyongyang", "2018-05-01", "2018-05-31", "2018-05-04", "23:30", 30),
    ],
)
def test_a_change_is_told_by_the_wall_clock_before_it(
    zone: str, first: str, last: str, day: str, at: str, minutes: int
) -> None:
    (change,) = clock_changes((zone,), date.fromisoformat(first), date.fromisoformat(last))
    assert (change.day.isoformat(), f"{change.at:%H:%M}") == (day, at)
    assert change.by == timedelta(minutes=minutes)


def test_no_zone_of_the_world_changes_its_clocks_untold() -> None:
    told = clock_changes(sorted(available_timezones()), date(2026, 1, 1), date(2026, 12, 31))
    named = {zone for change in told for zone in change.zones}
    for zone in available_timezones():
        offsets = {datetime(2026, month, 1, 12, tzinfo=ZoneInfo(zone)).utcoffset() for month in range(1, 13)}
        assert zone in named or len(offsets) == 1, zone


def test_a_place_is_a_zone_a_region_or_a_number() -> None:
    def place(*zones: str) -> str:
        return ClockChange(date(2026, 1, 1), HOUR, time(2), time(2), zones).place

    assert place(OSLO) == OSLO
    assert place(LONDON, OSLO) == "Europe"
    assert place(NEW_YORK, OSLO) == "2 time zones"


def planned(day: str, zone: str = OSLO, *, skipped: str = "") -> PlannedSlot:
    local = datetime.combine(date.fromisoformat(day), time(9), ZoneInfo(zone))
    return PlannedSlot(
        "blog", "weekly", f"blog-{day}", local, local.astimezone(UTC), zone, skipped=skipped
    )  # fmt: skip


def test_weeks_are_whole_and_empty_ones_are_there_too() -> None:
    begins = datetime(2026, 10, 11, 22, tzinfo=UTC)  # Monday in Oslo
    slots = (planned("2026-10-16"), planned("2026-10-23", skipped="nothing new"), planned("2026-10-30"))
    plan = Plan(("blog",), begins, begins + timedelta(weeks=4, hours=1), slots)
    found = weeks(plan, ZoneInfo(OSLO))
    assert [(week.number, len(week.slots), week.going) for week in found] == [
        (42, 1, 1), (43, 1, 0), (44, 1, 1), (45, 0, 0)
    ]  # fmt: skip
    assert {len(week.days) for week in found} == {7}
    assert [change.place for week in found for day in week.days for change in day.changes] == [OSLO]


def test_a_plan_that_begins_in_the_middle_of_a_week_shows_its_monday() -> None:
    noon = datetime(2026, 12, 31, 12, tzinfo=UTC)
    plan = Plan(("blog",), noon, noon + timedelta(days=1), ())
    assert bounds(plan, ZoneInfo(OSLO)) == (date(2026, 12, 28), date(2027, 1, 3))
    assert [week.number for week in weeks(plan, ZoneInfo(OSLO))] == [53]


def test_a_slot_whose_date_is_beyond_the_plans_edge_is_on_its_last_day() -> None:
    begins = datetime(2026, 10, 11, 22, tzinfo=UTC)
    far = planned("2026-10-19", "Pacific/Kiritimati")  # Sunday still, in Oslo
    plan = Plan(("blog",), begins, begins + timedelta(weeks=1), (far,))
    assert weeks(plan, ZoneInfo(OSLO))[0].days[-1].slots == (far,)


def test_a_cadence_is_named_where_the_newsletter_has_cadences() -> None:
    one = planned("2026-10-16")
    assert label(one) == "blog"
    assert label(
        PlannedSlot("blog", "weekly", "blog-weekly-2026-10-16", one.local_time, one.due_at, OSLO)
    ) == ("blog weekly")
