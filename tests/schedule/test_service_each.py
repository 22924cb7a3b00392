"""Posts that go out by themselves as they appear, after a rest in which they may be edited or taken back."""

from datetime import datetime
from pathlib import Path

import pytest

from newsletter.store.database import Database
from tests.schedule.desk import DAY, HOUR, MINUTE, Desk, oslo

KEYS = 'quiet_hours = "22:00-07:00"\nholidays = ["12-24"]\n[newsletters.weekly.cadences]\neach = true'
ID = "weekly-each-tide"


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """It has one reader, and an old post that nobody is sent."""
    made = Desk(tmp_path, database, KEYS)
    made.reader()
    made.write("before", "2026-11-01")
    assert made.round(oslo("2026-11-20 12:00")) == []
    return made


def appear(desk: Desk, at: datetime, name: str = "tide") -> None:
    """A round finds a new post."""
    desk.write(name, f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert desk.round(at) == []


def test_a_post_goes_out_a_quarter_of_an_hour_after_it_appeared(desk: Desk) -> None:
    at = oslo("2026-11-23 10:00")
    appear(desk, at)
    assert desk.wakes(at) == at + 15 * MINUTE
    assert desk.round(at + 14 * MINUTE) == []
    assert desk.round(at + 15 * MINUTE) == [ID]
    assert desk.articles(ID) == ["tide"]
    assert desk.round(at + DAY) == []


def test_what_is_edited_while_it_rests_goes_out_as_it_is_then(desk: Desk) -> None:
    at = oslo("2026-11-23 10:00")
    appear(desk, at)
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}", title="The tide, mended", text="Another text altogether.")
    assert desk.round(at + 5 * MINUTE) == []
    assert desk.round(at + 15 * MINUTE) == [ID]
    assert desk.subject(ID) == "The tide, mended"


def test_what_is_taken_back_while_it_rests_does_not_go_out(desk: Desk) -> None:
    at = oslo("2026-11-23 10:00")
    appear(desk, at)
    (desk.folder / "content" / "tide.md").unlink()
    assert desk.round(at + 15 * MINUTE) == []
    assert desk.slots() == {}


def test_what_becomes_a_draft_while_it_rests_waits(desk: Desk) -> None:
    at = oslo("2026-11-23 10:00")
    appear(desk, at)
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}", more="draft: true")
    assert desk.round(at + 15 * MINUTE) == []
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert desk.round(at + HOUR) == [ID]


def test_a_post_of_the_night_waits_for_the_morning(desk: Desk) -> None:
    appear(desk, oslo("2026-11-23 21:50"))
    assert desk.round(oslo("2026-11-23 22:05")) == []
    assert desk.round(oslo("2026-11-24 06:59")) == []
    assert desk.round(oslo("2026-11-24 07:00")) == [ID]


def test_a_post_that_is_noticed_in_the_night_waits_for_the_morning(desk: Desk) -> None:
    appear(desk, oslo("2026-11-23 21:30"))  # it would have gone at 21:45
    assert desk.round(oslo("2026-11-23 23:00")) == []
    assert desk.wakes(oslo("2026-11-23 23:00")) == oslo("2026-11-24 07:00")
    assert desk.round(oslo("2026-11-24 07:00")) == [ID]


def test_a_post_of_a_holiday_waits_for_the_next_day(desk: Desk) -> None:
    appear(desk, oslo("2026-12-24 10:00"))
    assert desk.round(oslo("2026-12-24 12:00")) == []
    assert desk.round(oslo("2026-12-25 06:59")) == []
    assert desk.round(oslo("2026-12-25 07:00")) == [ID]


def test_a_post_that_is_noticed_on_a_holiday_waits_for_the_next_day(desk: Desk) -> None:
    appear(desk, oslo("2026-12-23 21:30"))
    assert desk.round(oslo("2026-12-24 09:00")) == []
    assert desk.round(oslo("2026-12-25 07:00")) == ["33 h too late"]


def test_a_post_with_a_date_to_come_appears_on_it(desk: Desk) -> None:
    now, at = oslo("2026-11-23 10:00"), oslo("2026-11-25 09:30")
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert desk.round(now) == []
    assert desk.wakes(now + HOUR) == at
    assert desk.round(at) == []
    assert desk.round(at + 15 * MINUTE) == [ID]


def test_posts_of_one_time_go_out_each_by_itself(desk: Desk) -> None:
    at = oslo("2026-11-23 10:00")
    appear(desk, at)
    appear(desk, at, "moon")
    assert sorted(desk.round(at + 15 * MINUTE)) == ["weekly-each-moon", ID]


def test_a_post_that_must_be_approved_is_held_at_once(desk: Desk) -> None:
    desk.set('approval = true\napprovers = ["ida@slowpost.example"]\n' + KEYS)
    at = oslo("2026-11-23 10:00")
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    assert desk.round(at) == ["waits for approval"]
    desk.approve(ID, at)
    assert desk.round(at + 14 * MINUTE) == []
    assert desk.round(at + 15 * MINUTE) == [ID]
