"""Dates as authors write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from newsletter.content import PickUp, dates
from newsletter.model import Article

DAY = "2024-04-09T00:00"
WRITTEN = {
    "2024-04-09": DAY,
    "2024-4-9": DAY,
    "2024/04/09": DAY,
    "20240409": DAY,
    "2024-04-09 10:00:00": "2024-04-09T10:00",
    "2024-04-09 10:00": "2024-04-09T10:00",
    "2011-11-28 8:32:24 -0400": "2011-11-28T12:32",
    "2011-11-28 8:32:24 -04:00": "2011-11-28T12:32",
    "2011-11-28 8:32:24 -5": "2011-11-28T13:32",
    "2024-04-09T10:00:00Z": "2024-04-09T10:00",
    "2024-04-09T10:00:00.123456+02:00": "2024-04-09T08:00",
    "Thu, 09 Apr 2024 10:00:00 +0200": "2024-04-09T08:00",
    "Apr 9th, 2024 at 3:45 PM EST": "2024-04-09T20:45",
    "April 9, 2024": DAY,
    "9 April 2024": DAY,
    "Tuesday 9 April 2024": DAY,
    "9. April 2024, 14:30 Uhr": "2024-04-09T14:30",
    "9 de abril de 2024": DAY,
    "le 9 avril 2024": DAY,
    "1er avril 2024": "2024-04-01T00:00",
    "9 апреля 2024 г.": DAY,
    "2024年4月9日": DAY,
    "2024년 4월 9일": DAY,
    "٩ أبريل ٢٠٢٤": DAY,
    "९ अप्रैल २०२४": DAY,
    "13/04/2024": "2024-04-13T00:00",
    "04/13/2024": "2024-04-13T00:00",
    "1712650000": "2024-04-09T08:06",
    "1712650000000": "2024-04-09T08:06",
    "2024-02-30": None,
    "2024-13-01": None,
    "next Tuesday": None,
    "": None,
    "9" * 70: None,
}


@pytest.mark.parametrize(
    ("text", "expected"), WRITTEN.items(), ids=[text[:40] or "empty" for text in WRITTEN]
)
def test_a_written_date_is_read(text: str, expected: str | None) -> None:
    written = dates.read(text)
    found = dates.written_in(written, "dmy", UTC) if written else None
    assert expected == (f"{found.astimezone(UTC):%Y-%m-%dT%H:%M}" if found else None)


def test_a_day_without_time_is_midnight_where_the_site_is() -> None:
    written = dates.read("2024-04-09")
    assert written is not None
    assert datetime(2024, 4, 8, 22, tzinfo=UTC) == dates.written_in(written, "dmy", ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize("text", ["2024-03-31 02:30", "2024-10-27 02:30"], ids=["gap", "overlap"])
def test_a_time_that_the_clocks_skip_or_repeat_is_an_instant(text: str) -> None:
    written = dates.read(text)
    assert written is not None
    assert dates.written_in(written, "dmy", ZoneInfo("Europe/Berlin")) is not None


def _post(date: str) -> str:
    return f"---\ndate: {date}\n---\nWhat happened on the day that is called {date} is told here.\n"


VOTES = {
    "day first": (["13/04/2018", "03/04/2018"], "2018-04-03", "as elsewhere"),
    "month first": (["04/13/2018", "03/04/2018"], "2018-03-04", "as elsewhere"),
    "nobody says, english": (["03/04/2018"], "2018-03-04", "by the language"),
    "a tie, english": (["13/04/2018", "04/13/2018", "03/04/2018"], "2018-03-04", "by the language"),
}


@pytest.mark.parametrize(("written", "expected", "because"), VOTES.values(), ids=VOTES)
def test_the_folder_votes_on_day_and_month(
    picked: Callable[..., PickUp], written: list[str], expected: str, because: str
) -> None:
    found = picked({f"{n}.md": _post(date) for n, date in enumerate(written)})
    article = next(a for a in found.articles if a.path == f"{len(written) - 1}.md")
    assert expected == f"{article.date:%Y-%m-%d}"
    assert [problem.line for problem in article.problems if because in problem.text] == [2]


def test_without_a_vote_other_languages_put_the_day_first(picked: Callable[..., PickUp]) -> None:
    found = picked({"a.md": _post("03/04/2018")}, language="de")
    assert f"{found.articles[0].date:%Y-%m-%d}" == "2018-04-03"


PLACES = {
    "file name": ("2023-11-09-ice.md", ""),
    "bundle folder": ("2023-11-09-ice/index.md", ""),
    "folders": ("2023/11/09/ice.md", ""),
    "path field": ("ice.md", 'path = "2023/11/09/ice"'),
}


@pytest.mark.parametrize(("name", "field"), PLACES.values(), ids=PLACES)
def test_a_date_may_stand_in_the_place(picked: Callable[..., PickUp], name: str, field: str) -> None:
    found = picked({name: f"+++\ntitle='Ice'\n{field}\n+++\nIt froze in the night, harder than ever before."})
    assert [f"{a.date:%Y-%m-%d}" for a in found.articles] == ["2023-11-09"]


def test_a_field_stands_before_the_file_name(picked: Callable[..., PickUp]) -> None:
    found = picked({"2023-11-09-ice.md": _post("2024-01-01")})
    assert f"{found.articles[0].date:%Y-%m-%d}" == "2024-01-01"


def test_a_date_that_is_none_is_reported(picked: Callable[..., PickUp]) -> None:
    article = picked({"ice.md": _post("the other day")}).articles[0]
    assert article.date is None
    assert [problem.line for problem in article.problems if "is no date" in problem.text] == [2]


DAYS = {
    "as written": ("2014-07-01 22:51:00 -0400", "UTC", "2014/07/01"),
    "east of it": ("2014-07-01 01:00:00 +0900", "UTC", "2014/07/01"),
    "where the site is": ("2013-05-06 02:12:52 +0200", "America/Los_Angeles", "2013/05/05"),
    "a day": ("2014-07-01", "Europe/Berlin", "2014/07/01"),
    "a time without offset": ("2014-07-01 00:30", "Europe/Berlin", "2014/07/01"),
    "utc": ("2014-07-01T23:30:00Z", "UTC", "2014/07/01"),
}


@pytest.mark.parametrize(("date", "zone", "day"), DAYS.values(), ids=DAYS)
def test_an_address_has_the_day_of_its_author(
    one: Callable[..., Article], date: str, zone: str, day: str
) -> None:
    settings = {"base_url": "https://site.example", "permalink": "/:year/:month/:day/", "timezone": zone}
    assert f"https://site.example/{day}/" == one(_post(date), **settings).url


def test_the_day_in_an_address_moves_neither_the_instant_nor_the_key(one: Callable[..., Article]) -> None:
    text = _post("2014-07-01 22:51:00 -0400").replace("---\nWhat", "title: Ice\n---\nWhat")
    home, away = (one(text, timezone=zone) for zone in ("UTC", "America/New_York"))
    assert home.date == away.date == datetime(2014, 7, 2, 2, 51, tzinfo=UTC)
    assert home.keys == away.keys
