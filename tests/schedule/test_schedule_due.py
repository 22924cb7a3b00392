"""Which slot is due, and who gets to decide it."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.alarm import Alarm
from newsletter.schedule.due import _begin, claim_slot, due_slots, plan
from newsletter.schedule.slots import Slot, parse
from newsletter.store.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = parse("mon 09:00")
#: Monday, 09:00 in Berlin
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def due(database: Database, now: datetime) -> tuple[Slot, ...]:
    return due_slots(database, "weekly", MONDAY, BERLIN, now)


def decide(database: Database, slot: Slot, now: datetime) -> bool:
    return database.write(
        lambda c: claim_slot(c, "weekly", "weekly", slot, state="issued", reason="", issue_id="i", now=now)
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
    due(database, NINE - timedelta(days=1))
    (slot,) = due(database, NINE)
    decide(database, slot, NINE)

    later = parse("mon 15:00")
    assert due_slots(database, "weekly", later, BERLIN, NINE + timedelta(hours=7)) == ()
    assert len(due_slots(database, "weekly", later, BERLIN, NINE + timedelta(days=7, hours=6))) == 1


def test_a_beginning_that_a_wrong_clock_wrote_holds_nothing_back(database: Database) -> None:
    assert due(database, NINE + timedelta(days=40_000)) == ()

    assert due(database, NINE - timedelta(hours=1)) == ()
    assert len(due(database, NINE)) == 1


def test_of_two_beginnings_the_first_counts(database: Database) -> None:
    database.write(lambda c: _begin(c, "weekly", "weekly", NINE - timedelta(minutes=1)))
    database.write(lambda c: _begin(c, "weekly", "weekly", NINE + timedelta(minutes=1)))

    assert len(due(database, NINE + timedelta(minutes=2))) == 1


def test_of_several_missed_slots_the_newest_stands_for_all(database: Database) -> None:
    due(database, NINE - timedelta(days=1))

    (slot,) = due(database, NINE + timedelta(days=21))
    assert slot.due_at == NINE + timedelta(days=21)


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


def test_a_plan_tells_what_the_clocks_do() -> None:
    slots = plan(parse("sun 02:30"), BERLIN, datetime(2026, 10, 20, tzinfo=UTC), 2)

    assert [slot.local_time.strftime("%d %H:%M %Z") for slot in slots] == ["25 02:30 CEST", "01 02:30 CET"]
    assert [slot.note for slot in slots] == ["the clocks repeat this time", ""]


def test_the_alarm_rings_at_once_and_at_the_time_that_is_due() -> None:
    async def ring() -> int:
        rung = asyncio.Event()
        alarm = Alarm(rung.set, lambda: datetime.now(UTC) + timedelta(milliseconds=200))
        alarm.start()
        try:
            times = 0
            while times < 2:
                await asyncio.wait_for(rung.wait(), 20)
                rung.clear()
                times += 1
            return times
        finally:
            alarm.close()

    assert asyncio.run(ring()) == 2
