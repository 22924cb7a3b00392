"""Which slots are to be decided, and who gets to decide them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.due import (
    MOST,
    begin,
    begun_at,
    claim_slot,
    held_by,
    missed,
    undecided,
)
from newsletter.schedule.slots import Slot, parse
from newsletter.store.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = parse("mon 09:00")
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
#: Monday, 09:00 in Berlin
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def due(database: Database, now: datetime, schedule: str = "mon 09:00") -> tuple[Slot, ...]:
    return undecided(database, "weekly", "weekly", parse(schedule), BERLIN, now)


def decide(database: Database, slot: Slot, now: datetime, *, state: str = "issued") -> bool:
    return database.write(
        lambda c: claim_slot(c, "weekly", "weekly", slot, state=state, reason="", issue_id="i", now=now)
    )


def test_a_schedule_begins_when_it_is_first_seen_and_sends_nothing_of_the_past(database: Database) -> None:
    assert due(database, NINE - timedelta(days=2)) == ()
    assert due(database, NINE - timedelta(seconds=1)) == ()
    (slot,) = due(database, NINE + timedelta(minutes=1))
    assert slot.due_at == NINE


def test_a_schedule_that_begins_on_its_own_day_still_has_that_slot(database: Database) -> None:
    assert due(database, NINE - timedelta(hours=2)) == ()
    assert len(due(database, NINE)) == 1


def test_a_slot_is_decided_once_for_ever(database: Database) -> None:
    due(database, NINE - timedelta(days=1))
    (slot,) = due(database, NINE)

    assert decide(database, slot, NINE)
    assert not decide(database, slot, NINE)
    assert due(database, NINE + timedelta(days=1)) == ()
    assert len(due(database, NINE + timedelta(days=7))) == 1


def test_a_clock_that_steps_back_repeats_nothing(database: Database) -> None:
    due(database, NINE - timedelta(days=1))
    (slot,) = due(database, NINE)
    decide(database, slot, NINE)

    assert due(database, NINE - timedelta(days=7)) == ()
    assert due(database, NINE) == ()


def test_a_schedule_that_moves_to_a_later_hour_has_no_second_slot_that_day(database: Database) -> None:
    due(database, NINE - DAY)
    (slot,) = due(database, NINE)
    decide(database, slot, NINE)

    assert due(database, NINE + timedelta(hours=7), "mon 15:00") == ()
    assert len(due(database, NINE + timedelta(days=7, hours=6), "mon 15:00")) == 1


def test_a_beginning_that_a_wrong_clock_wrote_holds_nothing_back(database: Database) -> None:
    assert due(database, NINE + timedelta(days=40_000)) == ()

    assert due(database, NINE - timedelta(hours=1)) == ()
    assert len(due(database, NINE)) == 1


def test_a_beginning_by_a_clock_some_minutes_ahead_holds_nothing_back(database: Database) -> None:
    due(database, NINE + timedelta(minutes=10))

    due(database, NINE - timedelta(minutes=10))
    assert len(due(database, NINE)) == 1


def test_of_two_beginnings_the_first_counts(database: Database) -> None:
    database.write(lambda c: begin(c, "weekly", "weekly", NINE - timedelta(minutes=1)))
    database.write(lambda c: begin(c, "weekly", "weekly", NINE + timedelta(minutes=1)))

    assert len(due(database, NINE + timedelta(minutes=2))) == 1


def test_nobody_knows_a_cadence_before_it_was_looked_at(database: Database) -> None:
    assert begun_at(database, "weekly", "weekly", NINE) is None
    due(database, NINE)
    assert begun_at(database, "weekly", "weekly", NINE) == NINE
    assert begun_at(database, "weekly", "daily", NINE) is None


def test_slots_that_were_missed_come_oldest_first_and_the_newest_stands_for_them(database: Database) -> None:
    due(database, NINE - DAY)

    slots = due(database, NINE + 3 * WEEK)
    assert [slot.due_at for slot in slots] == [NINE, NINE + WEEK, NINE + 2 * WEEK, NINE + 3 * WEEK]
    assert missed(slots, NINE + 3 * WEEK) == slots[:3]


def test_a_crash_between_missed_slots_loses_none(database: Database) -> None:
    due(database, NINE - DAY)
    slots = due(database, NINE + 3 * WEEK)
    decide(database, slots[0], NINE + 3 * WEEK, state="skipped")

    assert due(database, NINE + 3 * WEEK) == slots[1:]


def test_after_years_off_there_is_an_end_to_what_is_decided(database: Database) -> None:
    due(database, NINE - DAY, "daily 09:00")
    back = NINE + timedelta(days=2000)

    slots = due(database, back, "daily 09:00")
    assert len(slots) == MOST
    assert slots[-1].due_at == datetime(2032, 5, 15, 7, tzinfo=UTC)
    for slot in slots:
        assert decide(database, slot, back, state="skipped")
    assert due(database, back, "daily 09:00") == ()


def test_what_is_made_ahead_is_decided_ahead_and_missed_by_nobody(database: Database) -> None:
    def ahead(now: datetime) -> tuple[Slot, ...]:
        return undecided(
            database,
            "weekly",
            "weekly",
            MONDAY,
            BERLIN,
            now,
            begins=lambda slot: slot.due_at - DAY,
            ahead=DAY,
        )

    assert ahead(NINE - 3 * DAY) == ()
    assert ahead(NINE - DAY - timedelta(seconds=1)) == ()
    (slot,) = ahead(NINE - DAY)
    assert slot.due_at == NINE
    assert missed((slot,), NINE - DAY) == ()
    decide(database, slot, NINE - DAY)
    assert held_by(database, "weekly", "weekly", NINE - DAY, ahead=DAY) is None
    assert ahead(NINE) == ()
    assert [slot.due_at for slot in ahead(NINE + WEEK)] == [NINE + WEEK]


def test_a_slot_that_a_clock_which_ran_ahead_skipped_still_comes(database: Database) -> None:
    due(database, NINE - DAY)
    for slot in due(database, NINE + 3 * WEEK):
        decide(database, slot, NINE + 3 * WEEK, state="skipped")

    (slot,) = due(database, NINE)
    assert slot.due_at == NINE
    assert decide(database, slot, NINE)
    assert not decide(database, slot, NINE)
    assert [slot.due_at for slot in due(database, NINE + WEEK)] == [NINE + WEEK]


def test_a_skipped_slot_stays_decided_when_the_clock_is_set_back_by_minutes(database: Database) -> None:
    due(database, NINE - DAY)
    (slot,) = due(database, NINE)
    decide(database, slot, NINE + timedelta(minutes=20), state="skipped")

    assert due(database, NINE) == ()
    assert not decide(database, slot, NINE)


def test_an_issue_that_a_clock_which_ran_ahead_sent_holds_until_its_time_has_passed(
    database: Database,
) -> None:
    due(database, NINE - DAY)
    slots = due(database, NINE + 2 * WEEK)
    for slot in slots:
        decide(database, slot, NINE + 2 * WEEK, state="issued" if slot == slots[-1] else "skipped")

    assert held_by(database, "weekly", "weekly", NINE) == NINE + 2 * WEEK
    assert due(database, NINE) == ()
    assert due(database, NINE + WEEK) == ()
    assert held_by(database, "weekly", "weekly", NINE + 2 * WEEK) is None
    assert [slot.due_at for slot in due(database, NINE + 3 * WEEK)] == [NINE + 3 * WEEK]


def test_of_processes_that_meet_at_a_slot_one_wins(database: Database) -> None:
    script = """
import sys, pathlib, datetime as d
from newsletter.schedule.due import claim_slot
from newsletter.schedule.slots import Slot
from newsletter.store.database import open_database
day = d.date(2026, 1, 1)
with open_database(pathlib.Path(sys.argv[1])) as database:
    print("ready", flush=True)
    sys.stdin.readline()
    for n in range(40):
        slot = Slot(day + d.timedelta(days=n), d.datetime(2026, 1, 1, tzinfo=d.UTC), "")
        if database.write(lambda c: claim_slot(
            c, "w", "daily", slot, state="issued", reason="", issue_id=None, now=slot.due_at)):
            print(n)
"""
    together = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(database.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in together:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in together:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    won = [int(n) for process in together for n in process.communicate(timeout=60)[0].split()]

    assert sorted(won) == list(range(40))
