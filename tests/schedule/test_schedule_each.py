"""The cadence that mails each article by itself."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from newsletter.schedule.due import claim_slot
from newsletter.schedule.each import ArticleSlot, undecided_articles
from newsletter.schedule.quiet import Quiet, parse_quiet
from newsletter.store.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
WAIT = timedelta(minutes=15)
#: Monday, 09:00 in Berlin
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def look(
    database: Database,
    appeared: Mapping[int, datetime],
    now: datetime,
    quiet: Quiet | None = None,
    holidays: tuple[str, ...] = (),
) -> tuple[ArticleSlot, ...]:
    return undecided_articles(
        database, "blog", "each", appeared, now, wait=WAIT, zone=BERLIN, quiet=quiet, holidays=holidays
    )


def decide(database: Database, slot: ArticleSlot, now: datetime) -> bool:
    return database.write(
        lambda c: claim_slot(c, "blog", "each", slot, state="issued", reason="", issue_id="i", now=now)
    )


def test_what_was_there_before_is_not_sent(database: Database) -> None:
    there = {1: NINE - DAY, 2: NINE}

    assert look(database, there, NINE) == ()
    assert look(database, there, NINE + DAY) == ()


def test_a_post_is_due_when_it_has_rested(database: Database) -> None:
    look(database, {}, NINE)
    seen = {7: NINE + HOUR}

    assert look(database, seen, NINE + HOUR) == (ArticleSlot(7, NINE + HOUR + WAIT),)
    (slot,) = look(database, seen, NINE + HOUR + WAIT)
    assert slot.key == "article:7"
    assert decide(database, slot, NINE + 2 * HOUR)
    assert not decide(database, slot, NINE + 2 * HOUR)
    assert look(database, seen, NINE + DAY) == ()


def test_posts_come_in_the_order_in_which_they_are_due(database: Database) -> None:
    look(database, {}, NINE)
    seen = {3: NINE + 2 * HOUR, 9: NINE + HOUR, 8: NINE + HOUR}

    assert [slot.article_id for slot in look(database, seen, NINE + DAY)] == [8, 9, 3]


@pytest.mark.parametrize(
    ("seen", "due"),
    [
        ("2026-11-24T21:30", "2026-11-24T21:45"),
        ("2026-11-24T21:50", "2026-11-25T07:00"),
        ("2026-12-24T23:00", "2026-12-27T07:00"),
        ("2026-12-25T10:00", "2026-12-27T07:00"),
    ],
)
def test_a_post_waits_for_the_end_of_quiet_hours_and_holidays(
    database: Database, seen: str, due: str
) -> None:
    look(database, {}, NINE)
    appeared = datetime.fromisoformat(seen).replace(tzinfo=BERLIN)

    (slot,) = look(database, {1: appeared}, appeared, parse_quiet("22:00-07:00"), ("12-25", "12-26"))
    assert slot.due_at == datetime.fromisoformat(due).replace(tzinfo=BERLIN)


def test_a_post_that_a_clock_which_ran_ahead_saw_is_due_at_once(database: Database) -> None:
    look(database, {}, NINE)

    (slot,) = look(database, {1: NINE + 30 * DAY}, NINE + HOUR)
    assert slot.due_at == NINE + HOUR


def test_a_clock_that_was_set_back_for_a_moment_makes_no_news_of_what_is_old(database: Database) -> None:
    look(database, {}, NINE)
    look(database, {}, NINE - 300 * DAY)

    assert look(database, {1: NINE - DAY}, NINE + HOUR) == ()


def test_more_posts_than_one_question_takes_are_all_looked_up(database: Database) -> None:
    look(database, {}, NINE)
    seen = dict.fromkeys(range(1, 1203), NINE + HOUR)
    for slot in look(database, seen, NINE + DAY)[::2]:
        decide(database, slot, NINE + DAY)

    assert [slot.article_id for slot in look(database, seen, NINE + DAY)] == list(range(2, 1203, 2))
