"""With local_time, one issue: made when the first zone of its readers is due, due in each at its own nine."""

from pathlib import Path

import pytest

from newsletter.store.database import Database
from tests.schedule.desk import DAY, HOUR, MINUTE, Desk, oslo, utc

KEYS = 'schedule = "mon 09:00"\nlocal_time = true'
ID = "weekly-2026-11-23"
#: Nine o'clock on Monday 23 November 2026, in UTC.
NINE = {
    "": "2026-11-23 08:00",  # the newsletter's: Oslo
    "Pacific/Kiritimati": "2026-11-22 19:00",
    "Pacific/Chatham": "2026-11-22 19:15",
    "Asia/Kathmandu": "2026-11-23 03:15",
    "Asia/Kolkata": "2026-11-23 03:30",
    "Europe/Oslo": "2026-11-23 08:00",
    "America/New_York": "2026-11-23 14:00",
    "Pacific/Pago_Pago": "2026-11-23 20:00",
}
FIRST = utc(NINE["Pacific/Kiritimati"])


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """A reader in each of these zones, in their order, and an article."""
    made = Desk(tmp_path, database, KEYS)
    for zone in NINE:
        made.reader(zone)
    assert made.round(oslo("2026-11-20 12:00")) == []
    made.write("tide", "2026-11-21")
    return made


def test_each_is_due_at_their_own_nine_to_the_minute(desk: Desk) -> None:
    assert desk.round(FIRST - MINUTE) == []
    assert desk.wakes(FIRST - HOUR) == FIRST
    assert desk.round(FIRST) == [ID]
    assert list(desk.due(ID).values()) == [utc(at) for at in NINE.values()]


def test_it_is_one_issue_as_the_folder_was_when_the_first_was_due(desk: Desk) -> None:
    desk.write("late", f"{FIRST + MINUTE:%Y-%m-%dT%H:%M:%SZ}")
    assert desk.round(FIRST) == [ID]
    for hours in range(1, 26):
        assert desk.round(FIRST + hours * HOUR) == []
    assert desk.articles(ID) == ["tide"]


def test_each_is_sent_when_they_are_due_and_the_service_wakes_for_it(desk: Desk) -> None:
    desk.round(FIRST)
    sent, at = [], FIRST
    for _ in range(7):
        sent.append(desk.send(at))
        at = desk.wakes(at) or at
    assert sent == [1, 1, 1, 1, 2, 1, 1]
    assert desk.send(FIRST + 26 * HOUR) == 0


def test_who_moves_after_it_was_made_gets_it_once_at_the_time_that_it_was_made_for(desk: Desk) -> None:
    desk.round(FIRST)
    before = desk.due(ID)
    desk.moves(2, "Pacific/Pago_Pago")
    desk.moves(8, "Pacific/Kiritimati")
    desk.round(FIRST + HOUR)
    assert desk.due(ID) == before
    assert desk.send(FIRST + 26 * HOUR) == len(NINE)


def test_when_the_clocks_change_nine_is_nine(tmp_path: Path, database: Database) -> None:
    room = Desk(tmp_path, database, KEYS.replace("mon", "daily"))
    places = [room.reader(zone) for zone in ("America/New_York", "Europe/Oslo", "Asia/Kolkata")]
    room.round(utc("2026-10-29 12:00"))
    due = []
    for day in range(30, 34):
        room.write(f"post{day}", "2026-10-29")
        first = utc("2026-10-01 03:30") + (day - 1) * DAY  # Kolkata has no summer time
        (made,) = room.round(first)
        due.append([f"{room.due(made)[one]:%H:%M}" for one in places])
    # Oslo went back on 25 October, New York does on 1 November.
    assert due == [
        ["13:00", "08:00", "03:30"],
        ["13:00", "08:00", "03:30"],
        ["14:00", "08:00", "03:30"],
        ["14:00", "08:00", "03:30"],
    ]


def test_who_should_have_it_by_now_does_not_get_it_in_their_night(tmp_path: Path, database: Database) -> None:
    room = Desk(tmp_path, database, KEYS + '\nquiet_hours = "22:00-07:00"')
    places = [room.reader(zone) for zone in ("Asia/Kolkata", "", "America/New_York")]
    room.round(oslo("2026-11-20 12:00"))
    room.write("tide", "2026-11-21")
    noticed = utc("2026-11-23 18:00")  # 23:30 in Kolkata, 19:00 in Oslo, 13:00 in New York
    assert room.round(noticed) == [ID]
    due = room.due(ID)
    kolkata, oslo_nine, york = (due[one] for one in places)
    assert kolkata == utc("2026-11-24 01:30")  # 07:00 there
    assert (oslo_nine, york) == (utc("2026-11-23 08:00"), utc("2026-11-23 14:00"))
    assert room.send(noticed) == 2


def test_what_is_approved_late_spares_their_nights_too(tmp_path: Path, database: Database) -> None:
    room = Desk(tmp_path, database, KEYS + '\nquiet_hours = "22:00-07:00"\napproval = true\ncut_off = "2h"')
    places = [room.reader(zone) for zone in ("Asia/Kolkata", "")]
    room.round(oslo("2026-11-20 12:00"))
    room.write("tide", "2026-11-21")
    assert room.round(utc("2026-11-23 01:30")) == ["waits for approval"]
    room.approve(ID, utc("2026-11-23 17:00"))
    assert room.round(utc("2026-11-23 18:00")) == [ID]
    assert [room.due(ID)[one] for one in places] == [utc("2026-11-24 01:30"), utc("2026-11-23 08:00")]


def test_posts_of_their_own_spare_each_readers_night(tmp_path: Path, database: Database) -> None:
    keys = 'local_time = true\nquiet_hours = "22:00-07:00"\n[newsletters.weekly.cadences]\neach = true'
    room = Desk(tmp_path, database, keys)
    places = [room.reader(zone) for zone in ("Asia/Kolkata", "", "America/New_York")]
    room.round(oslo("2026-11-20 12:00"))
    at = utc("2026-11-23 21:00")  # 02:30 in Kolkata, 22:00 in Oslo, 16:00 in New York
    room.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    room.round(at)
    assert room.round(at + 15 * MINUTE) == ["weekly-each-tide"]
    due = room.due("weekly-each-tide")
    assert [due[one] for one in places] == [
        utc("2026-11-24 01:30"),
        utc("2026-11-24 06:00"),
        at + 15 * MINUTE,
    ]
