"""Wall times as instants: the newsletter's, and each reader's own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.schedule.wall import first_zone, local_due, reached, slot_on

NINE = time(9)
MONDAY = date(2026, 11, 23)
ZONES = sorted(available_timezones())
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Europe/Berlin", "23 08:00"),
        ("UTC", "23 09:00"),
        ("America/St_Johns", "23 12:30"),
        ("Asia/Kolkata", "23 03:30"),
        ("Asia/Kathmandu", "23 03:15"),
        ("Pacific/Chatham", "22 19:15"),
        ("Australia/Eucla", "23 00:15"),
        ("Pacific/Kiritimati", "22 19:00"),
        ("Pacific/Pago_Pago", "23 20:00"),
        ("Etc/GMT+12", "23 21:00"),
    ],
)
def test_a_reader_is_due_at_their_own_nine_to_the_minute(zone: str, due: str) -> None:
    assert local_due(MONDAY, NINE, ZoneInfo(zone)).due_at.strftime("%d %H:%M") == due


def test_an_issue_begins_with_the_first_of_its_readers_zones() -> None:
    zones = [ZoneInfo(name) for name in ("Europe/Berlin", "Pacific/Auckland", "America/New_York")]

    assert first_zone(MONDAY, NINE, zones) == datetime(2026, 11, 22, 20, tzinfo=UTC)


def test_who_lives_where_a_date_never_was_gets_its_issue_as_the_next_begins() -> None:
    apia = ZoneInfo("Pacific/Apia")
    slot = local_due(date(2011, 12, 30), NINE, apia)

    assert slot_on(date(2011, 12, 30), NINE, apia) is None
    assert slot.due_at.astimezone(apia).isoformat() == "2011-12-31T00:00:00+14:00"
    assert slot.due_at < local_due(date(2011, 12, 31), time(), apia).due_at + timedelta(seconds=1)


@given(st.sampled_from(ZONES), st.dates(date(1995, 1, 1), date(2037, 1, 1)), st.times())
def test_a_reader_is_due_on_every_date_and_later_on_the_next(name: str, day: date, at: time) -> None:
    zone, at = ZoneInfo(name), at.replace(microsecond=0)

    assert local_due(day, at, zone).due_at < local_due(day + timedelta(days=1), at, zone).due_at


@pytest.mark.parametrize(
    ("zone", "wall", "first"),
    [
        pytest.param("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00Z", id="the end of a gap"),
        pytest.param("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z", id="just after a gap"),
        pytest.param("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59Z", id="just before a gap"),
        pytest.param("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z", id="the first of two"),
        pytest.param("America/Sao_Paulo", "2018-11-04T00:00", "2018-11-04T03:00Z", id="no midnight"),
        pytest.param("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30Z", id="half an hour"),
        pytest.param("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z", id="a date that never was"),
    ],
)
def test_a_time_is_reached_when_the_clocks_first_show_it_or_jump_over_it(
    zone: str, wall: str, first: str
) -> None:
    got = reached(datetime.fromisoformat(wall), ZoneInfo(zone))

    assert got.strftime("%Y-%m-%dT%H:%MZ") == first
    assert (got.second, got.microsecond) == (0, 0)


@given(st.sampled_from(ZONES), st.dates(date(1995, 1, 1), date(2037, 1, 1)), st.integers(0, 24 * 60 - 1))
def test_before_a_time_is_reached_no_clock_shows_it(name: str, day: date, minute: int) -> None:
    zone, wall = ZoneInfo(name), datetime.combine(day, time(minute // 60, minute % 60))
    got = reached(wall, zone)

    assert got.astimezone(zone).replace(tzinfo=None) >= wall
    assert (got - MINUTE).astimezone(zone).replace(tzinfo=None) < wall
