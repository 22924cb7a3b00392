"""Late slots."""

from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.schedule.late import Late, Policy, lateness, missed_reason, span
from newsletter.schedule.wall import Slot

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("policy", "by", "does", "reason"),
    [
        ("send", -HOUR, Late.SEND, ""),
        ("send", HOUR, Late.SEND, ""),
        ("send", 90 * MINUTE, Late.SEND, "90 min late"),
        ("send", 24 * HOUR, Late.SEND, "24 h late"),
        ("send", 26 * HOUR, Late.SKIP, "26 h too late"),
        ("skip", HOUR, Late.SEND, ""),
        ("skip", 3 * HOUR, Late.SKIP, "3 h too late"),
        ("skip", 26 * HOUR, Late.SKIP, "26 h too late"),
        ("ask", HOUR, Late.SEND, ""),
        ("ask", 3 * HOUR, Late.ASK, "3 h late"),
        ("ask", 240 * HOUR, Late.ASK, "10 d late"),
    ],
)
def test_a_late_slot_is_dealt_with_as_the_newsletter_says(
    policy: Policy, by: timedelta, does: Late, reason: str
) -> None:
    got = lateness(NINE, NINE + by, policy=policy, late_after=HOUR, stale_after=24 * HOUR)

    assert (got.does, got.reason) == (does, reason)
    assert got.by == max(by, timedelta(0))


def test_a_limit_shorter_than_what_counts_as_late_wins() -> None:
    got = lateness(NINE, NINE + 45 * MINUTE, policy="send", late_after=HOUR, stale_after=30 * MINUTE)

    assert (got.does, got.reason) == (Late.SKIP, "45 min too late")


def test_spans_are_said_as_people_say_them() -> None:
    told = [span(timedelta(minutes=minutes)) for minutes in (0, 59, 119, 120, 71 * 60, 72 * 60)]

    assert told == ["0 min", "59 min", "119 min", "2 h", "71 h", "3 d"]


def test_a_missed_slot_says_which_one_stands_for_it() -> None:
    assert missed_reason(Slot(date(2026, 11, 23), NINE, "")).startswith(
        "missed: the slot of 2026-11-23 was due too"
    )
