"""A correction: once, with articles, and to those alone who have had what it corrects."""

from pathlib import Path

import pytest
from sqlalchemy import update

from newsletter.model import State
from newsletter.service.explained import explain
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.schedule.desk import DAY, MINUTE, Desk, oslo

MONDAY, WEEK = oslo("2026-11-23 09:00"), 7 * DAY
FIRST, SECOND, THIRD, FOURTH = (f"weekly-2026-{day}" for day in ("11-23", "11-30", "12-07", "12-14"))
MENDED = 'correction: "It was 1871."'


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """Its first issue has brought `tide` to its one reader; then that was corrected."""
    made = Desk(tmp_path, database, 'schedule = "mon 09:00"')
    made.reader()
    made.round(oslo("2026-11-20 12:00"))
    made.write("tide", "2026-11-21")
    assert made.round(MONDAY) == [FIRST]
    made.send(MONDAY)
    made.write("tide", "2026-11-21", more=MENDED)
    assert made.round(MONDAY + DAY) == []
    return made


def titles(desk: Desk, issue: str, reader: int) -> list[str]:
    """What it brings one reader."""
    with desk.database.read() as connection:
        called = {row.id: row.title for row in connection.execute(t.article.select())}
        d, v = t.delivery.c, t.variant.c
        mine = t.variant.select().join(t.delivery, d.variant_id == v.id)
        row = connection.execute(mine.where(d.issue_id == issue, d.subscriber_id == reader)).one()
    return [called[id] for id in row.articles]


def told(desk: Desk, reader: int, title: str) -> str:
    """Why somebody has an article, or not."""
    with desk.database.read() as connection:
        address = connection.execute(t.subscriber.select().where(t.subscriber.c.id == reader)).one().address
        said = explain(desk.config, connection, address, MONDAY + 3 * WEEK, title)
    (reason,) = said.articles
    return reason.text


def test_it_comes_behind_the_articles_of_the_next_issue_and_never_again(desk: Desk) -> None:
    desk.write("moon", "2026-11-25")
    desk.write("rock", "2026-11-24")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Rock", "Correction: Tide"]
    desk.write("gull", "2026-12-02")
    assert desk.round(MONDAY + 2 * WEEK) == [THIRD]
    assert titles(desk, THIRD, 1) == ["Gull"]


def test_who_never_had_the_article_gets_no_correction(desk: Desk) -> None:
    new = desk.reader(since=MONDAY + DAY)
    desk.write("moon", "2026-11-25")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Correction: Tide"]
    assert titles(desk, SECOND, new) == ["Moon"]
    assert told(desk, new, "Correction: Tide") == "It corrects an article that they have not had."


def test_it_is_no_issue_of_its_own_and_counts_for_none_of_min_items(desk: Desk) -> None:
    told = "nothing new but a correction, which comes with the next article"
    assert desk.round(MONDAY + WEEK) == [told]
    desk.set('schedule = "mon 09:00"\nmin_items = 2')
    desk.write("moon", "2026-12-02")
    assert desk.round(MONDAY + 2 * WEEK) == ["1 new article, an issue needs 2"]
    desk.write("rock", "2026-12-08")
    assert desk.round(MONDAY + 3 * WEEK) == [FOURTH]
    assert titles(desk, FOURTH, 1) == ["Rock", "Moon", "Correction: Tide"]


def test_it_stands_behind_all_that_is_pinned(desk: Desk) -> None:
    for name, day in (("moon", 24), ("rock", 25), ("gull", 26)):
        desk.write(name, f"2026-11-{day}")
    (desk.folder / "issues").mkdir()
    (desk.folder / "issues" / f"{SECOND}.md").write_text("---\npins: [moon.md, rock.md]\n---\n")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Rock", "Gull", "Correction: Tide"]


def test_it_leads_nobodys_mail(desk: Desk) -> None:
    wants_tides = desk.reader()
    desk.database.write(
        lambda c: c.execute(
            update(t.subscription).where(t.subscription.c.subscriber_id == 1).values(topics=["sea"])
        )
    )
    desk.write("tide", "2026-11-21", more=f"{MENDED}\ntags: [sea]")
    desk.write("rock", "2026-11-26")
    desk.write("moon", "2026-11-25", more="tags: [sea]")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Correction: Tide"]
    assert titles(desk, SECOND, wants_tides) == ["Rock", "Moon", "Tide"]


def test_who_is_due_the_article_gets_that_and_no_correction_of_it(desk: Desk) -> None:
    failed = t.delivery.c.issue_id == FIRST
    desk.database.write(
        lambda c: c.execute(
            update(t.delivery).where(failed).values(state=State.FAILED, state_at=MONDAY + DAY)
        )
    )
    desk.write("moon", "2026-11-25")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Tide"]
    desk.write("rock", "2026-12-02")
    assert desk.round(MONDAY + 2 * WEEK) == [THIRD]
    assert titles(desk, THIRD, 1) == ["Rock"]


def test_what_was_mailed_with_its_correction_needs_none(desk: Desk) -> None:
    desk.write("moon", "2026-11-25", more='correction: "It was the new moon."')
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon", "Correction: Tide"]
    desk.write("rock", "2026-12-02")
    assert desk.round(MONDAY + 2 * WEEK) == [THIRD]
    assert titles(desk, THIRD, 1) == ["Rock"]


def test_one_that_does_not_fit_waits(desk: Desk) -> None:
    desk.set('schedule = "mon 09:00"\nmax_items = 1')
    desk.write("moon", "2026-11-25")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, 1) == ["Moon"]
    desk.set('schedule = "mon 09:00"\nmax_items = 2')
    desk.write("rock", "2026-12-02")
    assert desk.round(MONDAY + 2 * WEEK) == [THIRD]
    assert titles(desk, THIRD, 1) == ["Rock", "Correction: Tide"]


def test_one_of_what_nobody_has_had_is_decided_with_the_next_issue(desk: Desk) -> None:
    new = desk.reader(since=MONDAY + DAY)
    gone = t.subscription.c.subscriber_id == 1
    desk.database.write(lambda c: c.execute(update(t.subscription).where(gone).values(status="left")))
    desk.write("moon", "2026-11-25")
    assert desk.round(MONDAY + WEEK) == [SECOND]
    assert titles(desk, SECOND, new) == ["Moon"]
    a = t.issue_article.c
    with desk.database.read() as connection:
        rows = connection.execute(t.issue_article.select().where(a.issue_id == SECOND, a.fate == "dropped"))
        assert [row.reason for row in rows] == ["nobody has had what it corrects"]
    why = f"It was left out of {SECOND}: nobody has had what it corrects."
    assert told(desk, new, "Correction: Tide") == why


def test_who_takes_another_cadence_by_now_gets_it_with_that(tmp_path: Path, database: Database) -> None:
    table = '[newsletters.weekly.cadences]\nweekly = "mon 09:00"\ndaily = "daily 18:00"'
    desk = Desk(tmp_path, database, table)
    moves, stays = desk.reader(frequency="daily"), desk.reader()
    desk.round(oslo("2026-11-25 12:00"))
    desk.write("tide", "2026-11-25")
    assert desk.round(oslo("2026-11-25 18:00")) == ["weekly-daily-2026-11-25"]
    at = oslo("2026-11-25 20:00")
    desk.write("tide", "2026-11-25", more=MENDED)
    desk.round(at)
    mine = t.subscription.c.subscriber_id == moves
    change = update(t.subscription).where(mine).values(frequency="weekly", chosen_at=at)
    desk.database.write(lambda c: c.execute(change))
    desk.replace('daily = "daily 18:00"', 'daily = "sat 18:00"')
    desk.write("moon", "2026-11-29")
    desk.round(oslo("2026-11-28 18:00"))
    assert desk.round(oslo("2026-11-30 09:00")) == ["weekly-2026-11-30"]
    assert titles(desk, "weekly-2026-11-30", moves) == ["Moon", "Correction: Tide"]
    assert titles(desk, "weekly-2026-11-30", stays) == ["Moon", "Tide"]


def test_it_is_no_post_of_its_own_and_comes_with_the_next_one(tmp_path: Path, database: Database) -> None:
    desk = Desk(tmp_path, database, "[newsletters.weekly.cadences]\neach = true")
    desk.reader()
    at = oslo("2026-11-23 10:00")
    desk.round(at - DAY)
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}")
    desk.round(at)
    assert desk.round(at + MINUTE * 15) == ["weekly-each-tide"]
    desk.write("tide", f"{at:%Y-%m-%dT%H:%M:%SZ}", more=MENDED)
    assert desk.round(at + DAY) == [] == desk.round(at + DAY + MINUTE * 15)
    later = at + 2 * DAY
    desk.write("moon", f"{later:%Y-%m-%dT%H:%M:%SZ}")
    desk.round(later)
    assert desk.round(later + MINUTE * 15) == ["weekly-each-moon"]
    assert titles(desk, "weekly-each-moon", 1) == ["Moon", "Correction: Tide"]
