"""The slots to come, and what the clocks do to them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.coming import coming, next_begin
from newsletter.schedule.slots import Slot, parse

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = timedelta(weeks=1)


def test_a_plan_tells_what_the_clocks_do() -> None:
    begin = datetime(2026, 10, 20, tzinfo=UTC)
    slots = list(coming(parse("sun 02:30"), BERLIN, begin, begin + 2 * WEEK))

    assert [slot.local_time.strftime("%d %H:%M %Z") for slot in slots] == ["25 02:30 CEST", "01 02:30 CET"]
    assert [slot.note for slot in slots] == ["the clocks repeat this time", ""]
    assert [slot.offset_change for slot in slots] == [timedelta(0), timedelta(hours=-1)]
    assert [slot.clocks for slot in slots] == ["", "-1:00"]


def test_a_plan_tells_of_clocks_that_were_set_between_two_slots() -> None:
    begin = datetime(2026, 3, 20, tzinfo=UTC)
    slots = list(coming(parse("mon 09:00"), BERLIN, begin, begin + 3 * WEEK))

    assert [slot.due_at.strftime("%d %H:%M") for slot in slots] == ["23 08:00", "30 07:00", "06 07:00"]
    assert [slot.clocks for slot in slots] == ["", "+1:00", ""]


def test_clocks_set_by_half_an_hour_are_told_in_minutes() -> None:
    begin = datetime(2026, 4, 1, tzinfo=UTC)
    slots = coming(parse("mon 09:00"), ZoneInfo("Australia/Lord_Howe"), begin, begin + WEEK)

    assert [slot.clocks for slot in slots] == ["-0:30"]


def test_a_plan_made_between_the_change_and_the_slot_tells_of_it_too() -> None:
    sunday = datetime(2026, 3, 29, 20, tzinfo=UTC)
    (slot,) = coming(parse("mon 09:00"), BERLIN, sunday, sunday + timedelta(days=1))

    assert slot.clocks == "+1:00"


def test_the_next_instant_is_the_next_slot() -> None:
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)

    assert next_begin(parse("mon 09:00"), BERLIN, nine - timedelta(seconds=1)) == nine
    assert next_begin(parse("mon 09:00"), BERLIN, nine) == nine + WEEK
    assert next_begin(parse("0 9 1 dec *"), BERLIN, nine + 2 * WEEK) == datetime(2027, 12, 1, 8, tzinfo=UTC)


def test_what_is_made_ahead_is_next_when_its_making_is() -> None:
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)
    day = timedelta(days=1)

    def begins(slot: Slot) -> datetime:
        return slot.due_at - day

    def next_after(now: datetime) -> datetime | None:
        return next_begin(parse("mon 09:00"), BERLIN, now, begins=begins, ahead=day)

    assert next_after(nine - 2 * day) == nine - day
    assert next_after(nine - timedelta(hours=3)) == nine + WEEK - day
