"""What another process, an editor or a full disk does in the middle of a round: nothing is lost by it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError

from newsletter.model import State
from newsletter.outbox import barring, claim, operate, queueing
from newsletter.outbox.resolving import Decided, LeftOut
from newsletter.pipeline import Built, build, by_hand, learn, look, publish, publishing, queue
from newsletter.schedule import pausing
from newsletter.service import due, holding
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from tests.schedule.desk import DAY, HOUR, LONG_AGO, MINUTE, Desk, oslo, utc
from tests.schedule.ledger_world import nothing_is_rendered

APPROVAL = 'approval = true\napprovers = ["ida@slowpost.example"]\n'
BEGUN = oslo("2026-11-19 09:00")
MONDAY, ID = oslo("2026-11-23 09:00"), "weekly-2026-11-23"


@pytest.fixture
def make(tmp_path: Path, database: Database) -> Any:
    """A publication whose schedule has begun, with one reader; nothing of it is rendered."""

    def made(keys: str, begun: datetime = BEGUN) -> Desk:
        desk = Desk(tmp_path, database, keys)
        desk.reader()
        desk.round(begun)
        return desk

    with nothing_is_rendered():
        yield made


Make = Callable[..., Desk]


def sends_by_hand(desk: Desk, now: datetime) -> str:
    """Another process does."""
    with open_database(desk.database.path) as other:
        learn(desk.config, other, look(desk.config, now), now)
        made = build(desk.config, "weekly", other, by_hand(desk.config, "weekly", now))
        assert isinstance(made, Built)
        return publish(desk.config, other, made, now=now, mark="m")


def has(desk: Desk, issue: str, reader: int, state: State, at: datetime) -> None:
    d = t.delivery.c
    mine = update(t.delivery).where(d.issue_id == issue, d.subscriber_id == reader)
    desk.database.write(lambda c: c.execute(mine.values(state=state, state_at=at)))


def test_a_held_issue_stays_that_cannot_be_made_anew_at_this_moment(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, now = make(f'schedule = "mon 09:00"\n{APPROVAL}'), oslo("2026-11-22 10:00")
    desk.write("alpha", "2026-11-20")
    desk.round(now - HOUR)
    desk.write("alpha", "2026-11-20", text="Mended.")

    def beaten(*given: Any, **more: Any) -> str:
        sends_by_hand(desk, now)
        return publish(*given, **more)

    monkeypatch.setattr(holding, "publish", beaten)
    assert desk.round(now) == []
    monkeypatch.undo()
    assert [one.id for one in desk.held()] == [ID]


def test_a_file_that_comes_while_issues_are_made_waits_for_the_next_round(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make('schedule = "mon 09:00"')
    desk.write("alpha", "2026-11-20")

    def saved(*given: Any, **more: Any) -> Any:
        desk.write("beta", "2026-11-21")
        return build(*given, **more)

    monkeypatch.setattr(due, "build", saved)
    assert desk.round(MONDAY) == []
    monkeypatch.undo()
    assert desk.round(MONDAY + MINUTE) == [ID]
    assert desk.articles(ID) == ["beta", "alpha"]


def test_no_slot_is_decided_before_an_older_one(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make(
        f'schedule = "daily 09:00"\ncut_off = "30h"\nlate = "ask"\n{APPROVAL}', oslo("2026-11-18 01:00")
    )
    now, left = oslo("2026-11-20 08:00"), [1]
    desk.write("alpha", "2026-11-19")

    def beaten(*given: Any, **more: Any) -> str:
        if left.pop() if left else 0:
            sends_by_hand(desk, now)
            desk.write("beta", "2026-11-19")
        return publish(*given, **more)

    monkeypatch.setattr(due, "publish", beaten)
    desk.round(now)
    monkeypatch.undo()
    desk.round(now + MINUTE)
    days = sorted(desk.slots())
    assert [day for day in days if day >= "2026-11-20"][:1] == ["2026-11-20"]
    assert "2026-11-21" not in days or "2026-11-20" in days


def test_a_full_disk_in_the_middle_of_queueing_changes_nobodys_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make('schedule = "daily 09:00"\nlocal_time = true')
    west = desk.reader(zone="America/New_York")
    desk.write("alpha", "2026-11-20")
    real, left = queueing._suppress, [1]

    def full(*given: Any) -> None:
        if left.pop() if left else 0:
            raise OperationalError("insert", {}, sqlite3.OperationalError("database or disk is full"))
        real(*given)

    monkeypatch.setattr(queueing, "_suppress", full)
    desk.round(oslo("2026-11-21 09:00"))
    queue(desk.config, desk.database, "weekly-2026-11-21", oslo("2026-11-21 09:01"))
    assert desk.due("weekly-2026-11-21")[west] == utc("2026-11-21T14:00")


def test_a_newsletter_that_is_paused_while_its_issue_is_queued_rests(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make('schedule = "mon 09:00"')
    desk.write("alpha", "2026-11-20")

    def rests(config: Any, database: Database, id: str, now: datetime) -> None:
        database.write(lambda c: pausing.pause(c, "weekly", now, reason="the summer"))
        queue(config, database, id, now)

    monkeypatch.setattr(publishing, "queue", rests)
    assert desk.round(MONDAY) == [ID]
    assert not desk.database.write(lambda c: claim.take(c, owner="a", limit=10, now=MONDAY + MINUTE))
    desk.database.write(lambda c: pausing.resume(c, "weekly"))
    assert len(desk.database.write(lambda c: claim.take(c, owner="a", limit=10, now=MONDAY + MINUTE))) == 1


def test_what_another_process_has_let_go_is_not_given_up(make: Make) -> None:
    desk = make(f'schedule = "mon 09:00"\n{APPROVAL}')
    desk.write("alpha", "2026-11-20")
    desk.round(oslo("2026-11-22 09:00"))
    (one,) = desk.held()
    desk.approve(one.id, oslo("2026-11-22 10:00"))
    assert desk.round(MONDAY) == [ID]
    assert [*holding._give_up(desk.database, one, "nothing of it is left", MONDAY)] == []
    assert desk.slots()["2026-11-23"] == ID


def test_a_suppression_list_of_full_chunks_is_in_order(database: Database) -> None:
    def write(connection: Connection) -> None:
        for id in (1, 2, 3, 4):
            key = f"r{id}@example.org"
            person = {"id": id, "address": key, "address_key": key, "name": "", "language": ""}
            connection.execute(t.subscriber.insert().values(**person, created_at=LONG_AGO))
        for id in (4, 3, 2, 1):
            one = {"address_key": f"r{id}@example.org", "scope": "*", "reason": "complaint"}
            connection.execute(t.suppression.insert().values(**one, since=LONG_AGO, note=""))

    database.write(write)
    found = barring.Barred("x", "weekly")
    with database.read() as connection:
        while found.read_on(connection, 2, MONDAY):
            pass
    assert [*found.subscribers] == [1, 2, 3, 4]


# ── who is due what ─────────────────────────────────────────────────────────


@contextmanager
def taken_out(file: Path) -> Iterator[None]:
    """For a while it is not in the folder."""
    away = file.rename(file.with_suffix(".away"))
    yield
    away.rename(file)


def late_issue(make: Make) -> tuple[Desk, int, Path]:
    """An issue that is late waits for somebody's word, and the first reader is away for a while; the second
    is there. And the article that it brings."""
    desk = make('schedule = "mon 09:00"\nlate = "ask"\nlate_after = "2h"', oslo("2026-11-16 12:00"))
    there = desk.reader()
    alpha = desk.write("alpha", "2026-11-20")
    assert desk.round(MONDAY + 3 * HOUR) == ["3 h late"]
    s = t.subscription.c
    away = update(t.subscription).where(s.subscriber_id == 1).values(paused_until=oslo("2026-11-27 00:00"))
    desk.database.write(lambda c: c.execute(away))
    desk.write("beta", "2026-11-24")
    return desk, there, alpha


def test_what_readers_missed_while_an_issue_was_held_comes_after_it(make: Make) -> None:
    desk, there, alpha = late_issue(make)
    with taken_out(alpha):
        assert desk.brings(sends_by_hand(desk, MONDAY + 2 * DAY), there) == ["beta"]
    desk.approve(ID, MONDAY + 5 * DAY)
    assert desk.round(MONDAY + 5 * DAY + HOUR) == [ID]
    desk.write("gamma", "2026-11-30T06:00:00")
    (second,) = desk.round(MONDAY + 7 * DAY)
    assert (desk.brings(ID, 1), desk.brings(second, 1)) == (["alpha"], ["gamma", "beta"])
    assert (desk.brings(ID, there), desk.brings(second, there)) == (["alpha"], ["gamma"])


def test_a_held_issue_whose_articles_came_meanwhile_is_given_up_and_who_missed_them_gets_them(
    make: Make,
) -> None:
    desk, there, _ = late_issue(make)
    assert desk.brings(sends_by_hand(desk, MONDAY + 2 * DAY), there) == ["beta", "alpha"]
    desk.approve(ID, MONDAY + 5 * DAY)
    assert desk.round(MONDAY + 5 * DAY + HOUR) == ["nothing new"]
    desk.write("gamma", "2026-11-30T06:00:00")
    (second,) = desk.round(MONDAY + 7 * DAY)
    assert desk.brings(second, 1) == ["gamma", "beta", "alpha"]
    assert desk.brings(second, there) == ["gamma"]


def test_a_held_issue_of_which_some_came_meanwhile_is_made_anew_of_the_rest(make: Make) -> None:
    desk, made = make(f'schedule = "mon 09:00"\n{APPROVAL}'), MONDAY - DAY
    desk.write("alpha", "2026-11-20")
    beta = desk.write("beta", "2026-11-21")
    assert desk.round(made) == ["waits for approval"]
    with taken_out(beta):
        assert desk.brings(sends_by_hand(desk, made + HOUR), 1) == ["alpha"]
    desk.approve(ID, made + HOUR)
    assert desk.round(MONDAY) == []  # it is another one by now
    desk.approve(ID, MONDAY + MINUTE)
    assert desk.round(MONDAY + 2 * MINUTE) == [ID]
    assert desk.brings(ID, 1) == ["beta"]


def test_what_failed_is_not_sent_again_once_another_issue_brings_it(make: Make) -> None:
    desk = make('schedule = "daily 18:00"\nstale_after = "3d"', oslo("2026-11-16 09:00"))
    away, first, second = desk.reader(), "weekly-2026-11-17", "weekly-2026-11-18"
    desk.write("alpha", "2026-11-17")
    desk.round(oslo("2026-11-16 18:00"))
    assert desk.round(oslo("2026-11-17 18:00")) == [first]
    desk.send(oslo("2026-11-17 18:01"))
    has(desk, first, 1, State.FAILED, oslo("2026-11-17 18:02"))
    has(desk, first, away, State.FAILED, oslo("2026-11-17 18:02"))
    (one, other) = desk.database.write(lambda c: operate.ids(c, first, State.FAILED))

    def again(word: str, *ids: int) -> Decided:
        return desk.database.write(lambda c: operate.decide(c, ids, word, oslo("2026-11-18 19:00")))

    assert again("again", one) == Decided(1, ())
    desk.write("beta", "2026-11-18")
    assert desk.round(oslo("2026-11-18 18:00")) == [second]
    assert (desk.brings(second, 1), desk.brings(second, away)) == (["beta"], ["beta", "alpha"])
    why = f"{second} brings its articles: they would come twice"
    assert again("again", other) == Decided(0, (LeftOut(other, why),))
    # Where that has failed as well, one of the two may go.
    has(desk, second, away, State.FAILED, oslo("2026-11-18 18:02"))
    (later,) = desk.database.write(lambda c: operate.ids(c, second, State.FAILED))
    why = f"{first} brings its articles: they would come twice"
    assert again("again", other, later) == Decided(1, (LeftOut(later, why),))
    assert again("again", later) == Decided(0, (LeftOut(later, why),))


@pytest.mark.usefixtures("make")
def test_the_back_catalogue_stays_old_though_its_issue_is_cancelled_once_the_next_was_made(
    tmp_path: Path, database: Database
) -> None:
    desk = Desk(tmp_path, database, 'schedule = "daily 18:00"\nmax_items = 1\noverflow = "carry"')
    reader = desk.reader()
    for name, day in (("oldest", 1), ("older", 2), ("old", 3)):
        desk.write(name, f"2026-11-0{day}")
    desk.round(oslo("2026-11-16 09:00"))
    first, second, third = (f"weekly-2026-11-{day}" for day in (16, 17, 18))
    assert desk.round(oslo("2026-11-16 18:00")) == [first]
    desk.write("alpha", "2026-11-17")
    assert desk.round(oslo("2026-11-17 18:00")) == [second]
    desk.database.write(lambda c: operate.cancel(c, first, oslo("2026-11-17 18:01")))
    assert (desk.brings(first, reader), desk.brings(second, reader)) == (["old"], ["alpha"])
    assert desk.round(oslo("2026-11-18 18:00")) == [third]
    assert desk.brings(third, reader) == ["old"]
    assert desk.round(oslo("2026-11-19 18:00")) == ["nothing new"]


def test_a_first_issue_that_failed_once_the_next_was_made_comes_again(make: Make) -> None:
    desk = make('schedule = "daily 18:00"\nstale_after = "3d"', oslo("2026-11-16 09:00"))
    desk.write("alpha", "2026-11-17")
    desk.round(oslo("2026-11-17 10:00"))
    new = desk.reader(since=oslo("2026-11-17 12:00"))
    assert desk.round(oslo("2026-11-17 18:00")) == ["weekly-2026-11-17"]
    has(desk, "weekly-2026-11-17", new, State.IN_DOUBT, oslo("2026-11-17 18:01"))
    desk.send(oslo("2026-11-17 18:02"))
    desk.write("beta", "2026-11-18")
    desk.round(oslo("2026-11-18 18:00"))
    desk.send(oslo("2026-11-18 18:01"))
    has(desk, "weekly-2026-11-17", new, State.FAILED, oslo("2026-11-18 20:00"))
    desk.write("gamma", "2026-11-19")
    desk.round(oslo("2026-11-19 18:00"))
    assert desk.brings("weekly-2026-11-19", new) == ["gamma", "alpha"]


def test_no_post_that_was_there_before_goes_out_with_one_that_goes_by_itself(
    tmp_path: Path, database: Database
) -> None:
    for_each = '[newsletters.weekly.cadences]\neach = true\nweekly = "mon 09:00"'
    desk = Desk(tmp_path, database, f'default_cadence = "weekly"\n{for_each}')
    began = oslo("2026-11-19 12:00")  # with an import, readers are there as soon as what they see
    desk.reader(since=began)
    soon = desk.reader(since=began, frequency="each")
    desk.write("old", "2026-10-01")
    desk.write("older", "2026-10-02")
    desk.round(began)
    desk.round(MONDAY)
    desk.send(MONDAY + HOUR)
    desk.write("post", "2026-11-25")
    desk.round(oslo("2026-11-25 09:00"))
    (each,) = desk.round(oslo("2026-11-25 09:20"))
    assert desk.brings(each, soon) == ["post"]


def test_in_quiet_hours_who_says_no_zone_waits_as_who_says_the_same(make: Make) -> None:
    quiet = 'schedule = "sun 02:30"\nquiet_hours = "03:00-07:00"\nlocal_time = true'
    desk = make(quiet, oslo("2026-03-20 09:00"))
    said = desk.reader(zone="Europe/Oslo")
    desk.write("alpha", "2026-03-21")
    desk.round(oslo("2026-03-29 02:59:59"))
    (issue,) = desk.round(oslo("2026-03-29 07:00")) or ["weekly-2026-03-29"]
    assert desk.due(issue) == dict.fromkeys((1, said), oslo("2026-03-29 07:00"))
