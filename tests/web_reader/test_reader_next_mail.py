"""The next mail that the preferences page speaks of: as the reader now wants it, on their own clock."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsletter.audience.consent import Evidence
from newsletter.audience.subscribers import adjust
from newsletter.audience.subscriptions import Asked, frequency
from newsletter.audience.suppression import suppress
from newsletter.schedule.pausing import pause
from tests.web_reader.conftest import CONFIG, NOW, Site

#: It is Sunday, 22 November 2026, ten o'clock in Copenhagen.
CADENCES = 'cadences = { weekly = "tue 09:00", daily = "daily 18:00", each = true }'


def config(*more: str) -> str:
    own = "\n".join((CADENCES, *more))
    return CONFIG.replace('schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]', own)


def told(site: Site) -> str:
    """What the page says of it; empty when nothing."""
    found = re.search(
        r"Your next mail: ([^<]*), if there is anything new\.", site.ask("GET", site.preferences()).body
    )
    return html.unescape(re.sub(r"\s", " ", found[1])) if found else ""


def change(site: Site, often: str | None = None, until: datetime | None = None) -> None:
    asked = Asked(None if often is None else frequency(often), paused_until=until)
    adjust(site.database, site.reader, ("weekly",), asked, Evidence(NOW, "operator"))


def zone(site: Site, name: str) -> None:
    site.post(site.preferences(), ("shown", "x"), ("zone", name), ("do", "save"))


@pytest.mark.parametrize(
    ("often", "when"),
    [
        ("", "Tuesday 24 November 2026, 09:00"),
        ("weekly", "Tuesday 24 November 2026, 09:00"),
        ("daily", "Sunday 22 November 2026, 18:00"),
        ("each", ""),
    ],
)
def test_it_follows_the_cadence_that_was_chosen(
    another: Callable[[str], Site], often: str, when: str
) -> None:
    site = another(config())
    change(site, often)
    assert told(site) == (f"Slow <Post> Weekly, {when}" if when else "")


def test_who_has_what_the_newsletter_has_not_gets_the_default(another: Callable[[str], Site]) -> None:
    site = another(config('default_cadence = "daily"').replace('weekly = "tue 09:00", ', ""))
    change(site, "weekly")
    assert told(site) == "Slow <Post> Weekly, Sunday 22 November 2026, 18:00"


@pytest.mark.parametrize(
    ("local", "when"),
    [("true", "Monday 23 November 2026, 18:00"), ("false", "Monday 23 November 2026, 02:00")],
)
def test_it_is_told_on_the_readers_own_clock(another: Callable[[str], Site], local: str, when: str) -> None:
    site = another(config(f"local_time = {local}", 'default_cadence = "daily"'))
    site.clock.now = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    zone(site, "Asia/Tokyo")
    assert told(site) == f"Slow <Post> Weekly, {when}"


def test_a_break_and_holidays_are_minded(another: Callable[[str], Site]) -> None:
    site = another(config('holidays = ["11-24"]'))
    assert told(site) == "Slow <Post> Weekly, Tuesday 1 December 2026, 09:00"
    change(site, until=datetime(2026, 12, 8, 8, 0, tzinfo=UTC))
    assert told(site) == "Slow <Post> Weekly, Tuesday 8 December 2026, 09:00"
    change(site, until=datetime(9999, 1, 1, tzinfo=UTC))
    assert told(site) == ""


def test_nothing_is_told_of_what_does_not_come(another: Callable[[str], Site]) -> None:
    site = another(config())
    site.database.write(lambda connection: pause(connection, "weekly", NOW))
    assert told(site) == ""
    other = another(config())
    other.database.write(lambda c: suppress(c, "ingrid@slowpost.example", "*", "complaint", NOW))
    assert told(other) == ""
