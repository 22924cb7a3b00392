"""Quiet hours and holidays."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.schedule.quiet import (
    Quiet,
    after_quiet,
    is_holiday,
    next_open,
    parse_holiday,
    parse_quiet,
    quiet_mistake,
)

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(7))
MINUTE = timedelta(minutes=1)
#: Zones whose clocks change at odd times, and instants near such changes.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("America/Nuuk", datetime(2024, 3, 31, 1, tzinfo=UTC)),
]
times = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("2026-11-23T21:59", "2026-11-23T21:59"),
        ("2026-11-23T22:00", "2026-11-24T07:00"),
        ("2026-11-24T03:00", "2026-11-24T07:00"),
        ("2026-11-24T06:59", "2026-11-24T07:00"),
        ("2026-11-24T07:00", "2026-11-24T07:00"),
    ],
)
def test_what_would_begin_in_quiet_hours_begins_at_their_end(asked: str, begins: str) -> None:
    got = after_quiet(local(asked), NIGHT, BERLIN)

    assert got == local(begins)
    assert got.tzinfo is UTC


def test_hours_within_a_day_are_quiet_on_that_day() -> None:
    noon = parse_quiet("12:00-14:00")

    assert after_quiet(local("2026-11-23T13:00"), noon, BERLIN) == local("2026-11-23T14:00")
    assert after_quiet(local("2026-11-23T23:00"), noon, BERLIN) == local("2026-11-23T23:00")


def test_without_quiet_hours_everything_begins_at_its_time() -> None:
    assert parse_quiet("") is None
    assert after_quiet(local("2026-11-23T03:00"), None, BERLIN) == local("2026-11-23T03:00")


@given(st.sampled_from(CHANGES), st.integers(-2000, 2000), times, times)
def test_it_is_the_first_minute_that_is_not_quiet_by_the_wall_clock(
    change: tuple[str, datetime], minutes: int, begin: time, end: time
) -> None:
    zone = ZoneInfo(change[0])
    quiet = Quiet(begin, end if end != begin else time(end.hour, (end.minute + 1) % 60))
    asked = change[1] + minutes * MINUTE

    first = asked
    while quiet.contains(first.astimezone(zone).time()):
        first += MINUTE
    assert after_quiet(asked, quiet, zone) == first


def test_a_schedule_within_quiet_hours_is_a_mistake_that_is_named() -> None:
    assert quiet_mistake(time(6, 30), NIGHT).startswith("06:30 lies in the quiet hours 22:00-07:00")
    assert quiet_mistake(time(7), NIGHT) == ""
    assert quiet_mistake(time(6, 30), None) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("22-7", 'like "22:00-07:00"'),
        ("22:00-24:00", "midnight is 00:00"),
        ("9:00-10:00", 'like "22:00-07:00"'),
        ("22:00 - 07:00", 'like "22:00-07:00"'),
        ("07:00-07:00", "a whole day or none"),
    ],
)
def test_quiet_hours_that_could_be_misread_are_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_quiet(text)


@pytest.mark.parametrize("value", ["2026-12-25", "12-25", "02-29", "2028-02-29"])
def test_a_holiday_is_a_date_or_one_of_every_year(value: str) -> None:
    assert parse_holiday(value) == value


def test_a_date_of_toml_is_a_holiday() -> None:
    assert parse_holiday(date(2026, 12, 25)) == "2026-12-25"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("25-12", 'the month stands first, write "12-25"'),
        ("2026-02-29", "there is no '2026-02-29'"),
        ("02-30", "there is no '02-30'"),
        ("25.12.", 'like "2026-12-25"'),
        ("christmas", 'like "2026-12-25"'),
        ("1-1", 'like "2026-12-25"'),
        (1225, 'like "2026-12-25"'),
        (datetime(2026, 12, 25, tzinfo=UTC), 'like "2026-12-25"'),
    ],
)
def test_what_is_no_date_is_refused_with_what_to_write(value: object, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        parse_holiday(value)


def test_a_holiday_of_every_year_comes_every_year() -> None:
    holidays = ("2026-12-24", "12-25", "02-29")

    assert [year for year in (2026, 2027) if is_holiday(date(year, 12, 25), holidays)] == [2026, 2027]
    assert [year for year in (2026, 2027) if is_holiday(date(year, 12, 24), holidays)] == [2026]
    assert [year for year in (2027, 2028) if is_holiday(date(year, 3, 1) - timedelta(days=1), holidays)] == [
        2028
    ]


def test_what_would_begin_on_holidays_begins_after_the_last_of_them() -> None:
    holidays = ("12-25", "12-26")

    assert next_open(local("2026-12-25T10:00"), NIGHT, holidays, BERLIN) == local("2026-12-27T07:00")
    assert next_open(local("2026-12-25T10:00"), None, holidays, BERLIN) == local("2026-12-27T00:00")
    assert next_open(local("2026-12-24T23:00"), NIGHT, holidays, BERLIN) == local("2026-12-27T07:00")
    assert next_open(local("2026-12-24T21:00"), NIGHT, holidays, BERLIN) == local("2026-12-24T21:00")


def test_a_year_of_holidays_ends_the_search() -> None:
    every = tuple((date(2028, 1, 1) + timedelta(days=n)).isoformat()[5:] for n in range(366))

    assert next_open(local("2026-12-25T10:00"), NIGHT, every, BERLIN) > local("2027-12-25T10:00")
