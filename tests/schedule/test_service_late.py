"""What becomes of a slot that is noticed late, on a holiday, in quiet hours, in a pause. Nothing is lost."""

from pathlib import Path

import pytest

from newsletter.schedule import pausing
from newsletter.service.foreseen import plan
from newsletter.store.database import Database
from tests.schedule.desk import DAY, HOUR, MINUTE, Desk, oslo

MONDAY, ID = oslo("2026-11-23 09:00"), "weekly-2026-11-23"
BEGIN = oslo("2026-11-20 12:00")


def desk(folder: Path, database: Database, keys: str = 'schedule = "mon 09:00"') -> Desk:
    """It has a reader, and an article that nobody was sent."""
    made = Desk(folder, database, keys)
    made.reader()
    assert made.round(BEGIN) == []
    made.write("tide", "2026-11-21")
    return made


# ── late ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("late", "hours", "told"),
    [
        ("send", 1, [ID]),
        ("send", 30, [ID]),
        ("send", 31, ["31 h too late"]),
        ("skip", 3, [ID]),
        ("skip", 4, ["4 h too late"]),
        ("ask", 3, [ID]),
        ("ask", 4, ["4 h late"]),
        ("ask", 31, ["31 h late"]),
    ],
)
def test_a_late_slot_goes_as_it_is_said(
    tmp_path: Path, database: Database, late: str, hours: int, told: list[str]
) -> None:
    keys = f'schedule = "mon 09:00"\nlate = "{late}"\nlate_after = "3h"\nstale_after = "30h"'
    room = desk(tmp_path, database, keys)
    assert room.round(MONDAY + hours * HOUR) == told
    assert room.round(MONDAY + hours * HOUR + MINUTE) == []
    assert (room.due(ID) != {}) == (told == [ID])


def test_what_was_asked_for_goes_when_somebody_says_so_however_late(
    tmp_path: Path, database: Database
) -> None:
    room = desk(tmp_path, database, 'schedule = "mon 09:00"\nlate = "ask"\nlate_after = "1h"')
    noticed = MONDAY + 5 * DAY
    assert room.round(noticed) == ["5 d late"]
    room.approve(ID, noticed + DAY)
    assert room.round(noticed + DAY) == [ID]
    assert room.send(noticed + DAY) == 1


def test_of_several_that_passed_the_newest_goes_and_the_others_say_so(
    tmp_path: Path, database: Database
) -> None:
    room = desk(tmp_path, database, 'schedule = "daily 09:00"')
    assert room.round(MONDAY + HOUR)[-1] == ID
    missed = "missed: the slot of 2026-11-23 was due too when it was noticed, and brings its articles"
    assert room.slots() == {"2026-11-21": missed, "2026-11-22": missed, "2026-11-23": ID}


def test_where_the_newest_is_too_late_no_other_says_that_it_brings_its_articles(
    tmp_path: Path, database: Database
) -> None:
    room = desk(tmp_path, database, 'schedule = "daily 09:00"\nlate = "skip"')
    room.round(MONDAY + 3 * HOUR)
    assert list(room.slots().values()) == ["51 h too late", "27 h too late", "3 h too late"]
    assert room.round(MONDAY + DAY) == ["weekly-2026-11-24"]
    assert room.articles("weekly-2026-11-24") == ["tide"]


# ── holidays ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("holiday", ["2026-11-23", "11-23"])
def test_a_holiday_has_no_issue_and_its_articles_are_in_the_next(
    tmp_path: Path, database: Database, holiday: str
) -> None:
    room = desk(tmp_path, database, f'schedule = "mon 09:00"\nholidays = ["{holiday}"]')
    assert room.round(MONDAY) == ["holiday"]
    assert room.round(MONDAY + 7 * DAY) == ["weekly-2026-11-30"]
    assert room.articles("weekly-2026-11-30") == ["tide"]


def test_a_holiday_does_not_stand_for_the_slots_before_it(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, 'schedule = "daily 09:00"\nholidays = ["11-23"]\nstale_after = "36h"')
    told = room.round(MONDAY + HOUR)
    missed = "missed: the slot of 2026-11-22 was due too when it was noticed, and brings its articles"
    assert told == [missed, "weekly-2026-11-22", "holiday"]


# ── quiet hours ─────────────────────────────────────────────────────────────

QUIET = 'schedule = "mon 09:00"\nquiet_hours = "22:00-07:00"'


def test_what_is_noticed_in_quiet_hours_begins_at_their_end(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, QUIET)
    at_night, morning = oslo("2026-11-23 23:30"), oslo("2026-11-24 07:00")
    assert room.round(at_night) == []
    assert room.slots() == {}
    assert room.wakes(at_night) == morning
    assert room.round(morning - MINUTE) == []
    assert room.round(morning) == [ID]


def test_in_quiet_hours_no_older_slot_is_lost_behind_a_newer_one(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, QUIET.replace("mon", "daily") + '\nholidays = ["11-23"]')
    assert room.round(oslo("2026-11-23 02:00")) == []
    told = room.round(oslo("2026-11-23 07:00"))
    missed = "missed: the slot of 2026-11-22 was due too when it was noticed, and brings its articles"
    assert told == [missed, "weekly-2026-11-22"]


def test_what_is_approved_in_quiet_hours_goes_at_their_end(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, QUIET + '\napproval = true\ncut_off = "2h"')
    assert room.round(oslo("2026-11-23 07:00")) == ["waits for approval"]
    at_night = oslo("2026-11-23 22:30")
    room.approve(ID, at_night)
    assert room.round(at_night) == []
    assert room.round(oslo("2026-11-24 07:00")) == [ID]


def test_what_must_be_approved_is_made_in_quiet_hours(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, QUIET + '\napproval = true\ncut_off = "10h"')
    assert room.round(oslo("2026-11-22 23:00")) == ["waits for approval"]


# ── pauses ──────────────────────────────────────────────────────────────────


def test_a_pause_skips_its_slots_and_loses_nothing(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database)
    database.write(lambda c: pausing.pause(c, "weekly", BEGIN, reason="moving house"))
    assert room.round(MONDAY) == ["paused: moving house"]
    room.write("moon", "2026-11-25")
    database.write(lambda c: pausing.resume(c, "weekly"))
    assert room.round(MONDAY + 7 * DAY) == ["weekly-2026-11-30"]
    assert room.articles("weekly-2026-11-30") == ["moon", "tide"]


def test_a_pause_until_some_day_ends_by_itself(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, 'schedule = "daily 09:00"')
    until = oslo("2026-11-22 00:00")
    database.write(lambda c: pausing.pause(c, "weekly", BEGIN, until=until))
    assert room.round(oslo("2026-11-21 09:00")) == ["paused until 2026-11-22"]
    assert room.round(oslo("2026-11-22 09:00")) == ["weekly-2026-11-22"]


def test_what_waits_in_a_pause_goes_on_after_it(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database)
    assert room.round(MONDAY) == [ID]
    assert database.write(lambda c: pausing.pause(c, "weekly", MONDAY, until=MONDAY + DAY)) == 1
    room.round(MONDAY + HOUR)
    with database.read() as connection:
        assert pausing.paused(connection, "weekly", MONDAY + HOUR)
    room.round(MONDAY + DAY)
    with database.read() as connection:
        assert not pausing.paused(connection, "weekly", MONDAY + DAY)
    assert room.send(MONDAY + DAY) == 1


# ── clocks that were wrong ──────────────────────────────────────────────────


def test_a_clock_that_ran_ahead_is_told_and_its_cadence_rests(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, 'schedule = "daily 09:00"')
    assert room.round(oslo("2026-11-25 09:00"))[-1] == "weekly-2026-11-25"
    room.write("moon", "2026-11-21")
    (told,) = room.round(oslo("2026-11-21 09:01"))
    assert told == "the issue of 2026-11-25 09:00 was sent before it, by a clock that ran ahead"
    with database.read() as connection:
        (note,) = plan(room.config, connection, oslo("2026-11-21 10:00"), 1).notes
    assert note.startswith("weekly, daily: nothing is due before 2026-11-25 09:00: ")
    room.round(oslo("2026-11-25 08:00"))
    assert room.round(oslo("2026-11-25 09:00")) == []
    assert room.round(oslo("2026-11-26 09:00")) == ["weekly-2026-11-26"]
    assert room.articles("weekly-2026-11-26") == ["moon"]
