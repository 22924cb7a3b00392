"""What the issue of a slot brings, as its newsletter and its brief say; what not, comes or is told."""

from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.schedule.desk import DAY, Desk, oslo

MONDAY, ID, NEXT = oslo("2026-11-23 09:00"), "weekly-2026-11-23", "weekly-2026-11-30"


def desk(folder: Path, database: Database, keys: str = "") -> Desk:
    """It has a reader, and its schedule has begun."""
    made = Desk(folder, database, f'schedule = "mon 09:00"\n{keys}')
    made.reader()
    assert made.round(oslo("2026-11-20 12:00")) == []
    return made


def brief(room: Desk, text: str, id: str = ID) -> None:
    (room.folder / "issues").mkdir(exist_ok=True)
    (room.folder / "issues" / f"{id}.md").write_text(text)


def test_too_few_articles_wait_for_the_next_slot(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database, "min_items = 2")
    room.write("tide", "2026-11-21")
    assert room.round(MONDAY) == ["1 new article, an issue needs 2"]
    room.write("moon", "2026-11-28")
    assert room.round(MONDAY + 7 * DAY) == [NEXT]
    assert room.articles(NEXT) == ["moon", "tide"]


@pytest.mark.parametrize(("overflow", "later"), [("carry", [NEXT]), ("drop", ["nothing new"])])
def test_what_does_not_fit_waits_or_is_dropped(
    tmp_path: Path, database: Database, overflow: str, later: list[str]
) -> None:
    room = desk(tmp_path, database, f'max_items = 1\noverflow = "{overflow}"')
    room.write("tide", "2026-11-21")
    room.write("moon", "2026-11-20")
    assert room.round(MONDAY) == [ID]
    assert room.articles(ID) == ["tide"]
    assert room.round(MONDAY + 7 * DAY) == later
    assert room.articles(NEXT) == (["moon"] if later == [NEXT] else [])


@pytest.mark.parametrize(
    ("keys", "inside"),
    [
        ('tags = ["sea"]', ["tide"]),
        ('without_tags = ["Sea"]', ["rock", "moon"]),
        ('tags = ["sea", "night"]', ["tide", "moon"]),
    ],
)
def test_tags_filter(tmp_path: Path, database: Database, keys: str, inside: list[str]) -> None:
    room = desk(tmp_path, database, keys)
    room.write("tide", "2026-11-22", more="tags: [Sea]")
    room.write("rock", "2026-11-21")
    room.write("moon", "2026-11-20", more="tags: [Night]")
    room.round(MONDAY)
    assert room.articles(ID) == inside


@pytest.mark.parametrize(
    ("order", "articles"),
    [
        ("newest", ["pin", "tide", "rock"]),
        ("oldest", ["pin", "rock", "tide"]),
        ("weight", ["pin", "rock", "tide"]),
    ],
)
def test_what_is_pinned_stands_first_whatever_the_order(
    tmp_path: Path, database: Database, order: str, articles: list[str]
) -> None:
    room = desk(tmp_path, database, f'order = "{order}"')
    room.write("tide", "2026-11-22", more="weight: 2")
    room.write("pin", "2026-11-21", more="pinned: true\nweight: 9")
    room.write("rock", "2026-11-20", more="weight: 1")
    room.round(MONDAY)
    assert room.articles(ID) == articles


def test_a_brief_says_subject_lead_and_what_stays_out_for_good(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database)
    for day, name in ((22, "tide"), (21, "rock"), (20, "moon")):
        room.write(name, f"2026-11-{day}")
    brief(room, '---\nsubject: Of rocks\npins: ["rock.md"]\nomit: ["moon.md"]\n---\nHello.\n')
    assert room.round(MONDAY) == [ID]
    assert (room.subject(ID), room.articles(ID)) == ("Of rocks", ["rock", "tide"])
    assert room.round(MONDAY + 7 * DAY) == ["nothing new"]
    a = t.issue_article.c
    with database.read() as connection:
        why = connection.execute(select(a.reason).where(a.issue_id == ID, a.fate == "omitted")).scalar()
    assert why == f"left out by issues/{ID}.md"


def test_a_mistake_in_a_brief_is_told_and_its_slot_stays_due(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database)
    room.write("tide", "2026-11-21")
    brief(room, '---\npins: ["tied.md"]\n---\n')
    (told,) = room.fired(MONDAY)
    assert (told.mistake, room.slots()) == (True, {})
    assert told.reason.startswith(f'issues/{ID}.md:2: pins: there is no article "tied.md"')
    brief(room, '---\npins: ["tide.md"]\n---\n')
    assert room.round(MONDAY) == [ID]


@pytest.mark.parametrize(
    ("first", "expected"), [("current", ["moon", "tide"]), ("after", ["moon"]), ("newest", ["moon", "tide"])]
)
def test_a_new_readers_first_issue(
    tmp_path: Path, database: Database, first: str, expected: list[str]
) -> None:
    room = desk(tmp_path, database, f'first_issue = "{first}"')
    room.write("tide", "2026-11-21")
    room.round(oslo("2026-11-21 12:00"))
    new = room.reader(since=oslo("2026-11-22 00:00"))
    room.write("moon", "2026-11-22")
    room.round(oslo("2026-11-22 12:00"))
    assert room.round(MONDAY) == [ID]
    assert room.brings(ID, new) == expected


def test_what_is_dated_ahead_comes_in_its_time(tmp_path: Path, database: Database) -> None:
    room = desk(tmp_path, database)
    room.write("tide", "2026-11-21")
    room.write("moon", "2026-11-25")
    room.round(MONDAY)
    assert room.articles(ID) == ["tide"]
    room.round(MONDAY + 7 * DAY)
    assert room.articles(NEXT) == ["moon"]
