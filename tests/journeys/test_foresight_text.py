"""What `newsletter plan` and `newsletter explain` print: lines that stay, and sentences."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from newsletter.cli import plan_text
from newsletter.cli.explain_text import lines as explained
from newsletter.cli.plan import document
from newsletter.schedule.foreseen import Plan, ZoneShare
from tests.web_preview.hand_made import OSLO, article, at, chosen, explanation, plan, slot

NOW = at("2026-10-14", "14:02")


def text(made: Plan) -> list[str]:
    return list(plan_text.lines(made, OSLO))


def test_the_plan_reads_week_by_week() -> None:
    assert text(plan())[:24] == [
        "weekly   Europe/Oslo",
        "posts    Europe/Oslo",
        "toolbox  Europe/Oslo, paused until Sun 1 Nov 2026 09:00 CET (the summer)",
        "notes    only by hand",
        "",
        "Week 42 · 12 to 18 October 2026",
        "  Tue 13 Oct 08:10, 06:10 UTC  posts    sent: 1 article to 1,200",
        "      - The harbour that heats (13 Oct 2026)",
        "  Fri 16 Oct 09:00, 07:00 UTC  weekly   5 articles to 4,268",
        "      - Letter 1 (11 Oct 2026)",
        "      - Letter 2 (11 Oct 2026)",
        "      - Letter 3 (11 Oct 2026)",
        "      - Letter 4 (11 Oct 2026)",
        "      - Letter 5 (11 Oct 2026)",
        "      all sent by Fri 16 Oct 09:07, 07:07 UTC",
        "",
        "Week 43 · 19 to 25 October 2026",
        "  Tue 20 Oct 07:00, 05:00 UTC  posts    1 article to 1,200",
        "      - Winter timetable (20 Oct 2026)",
        "      all sent by Tue 20 Oct 07:02, 05:02 UTC",
        "  Fri 23 Oct 09:00, 07:00 UTC  weekly   skipped: 1 new article, an issue needs 3",
        "  Sun 25 Oct 02:00, clocks -1 h in Europe",
        "",
        "Week 44 · 26 October to 1 November 2026",
    ]


def test_a_slot_at_each_readers_own_time_tells_every_zone_and_the_change_of_clocks() -> None:
    told = text(replace(plan(), slots=(chosen(),)))
    begin = next(number for number, line in enumerate(told) if "Fri 30 Oct" in line)
    assert told[begin : begin + 13] == [
        "  Fri 30 Oct 09:00, 08:00 UTC  weekly  3 articles to 4,268 · UTC +1 h",
        "      to be approved, from Thu 29 Oct 09:00 on",
        "      - The last lamplighter (27 Oct 2026)",
        "      - Winter timetable (20 Oct 2026)",
        "      - Maps without north (29 Oct 2026)",
        "      2 articles more wait",
        "      Asia/Tokyo           Fri 00:00 UTC            212",
        "      Asia/Kolkata         Fri 03:30 UTC            388",
        "      Europe/Oslo          Fri 08:00 UTC +1 h     2,140  611 without a zone",
        "      Europe/London        Fri 09:00 UTC +1 h       742",
        "      America/New_York     Fri 13:00 UTC            569",
        "      America/Los_Angeles  Fri 16:00 UTC            217",
        "      all sent by Fri 30 Oct 17:01, 16:01 UTC",
    ]


def test_empty_weeks_are_there_and_say_so() -> None:
    told = text(plan())
    assert [line for line in told if line.endswith("nothing goes")] == [
        "Week 46 · 9 to 15 November 2026 · nothing goes",
        "Week 47 · 16 to 22 November 2026 · nothing goes",
        "Week 48 · 23 to 29 November 2026 · nothing goes",
        "Week 49 · 30 November to 6 December 2026 · nothing goes",
    ]
    assert told[-1] == "6 issues to come, 7 slots without an issue; in 4 of 8 weeks nothing goes."


def test_what_an_article_changes_is_a_line_of_its_own() -> None:
    before = text(plan())
    slots = tuple(
        replace(one, articles=(*one.articles, article("A late letter", "2026-10-12")))
        if one.issue_id == "weekly-2026-10-16"
        else one
        for one in plan().slots
    )
    after = text(replace(plan(), slots=slots))
    assert set(after) ^ set(before) == {
        "  Fri 16 Oct 09:00, 07:00 UTC  weekly   5 articles to 4,268",
        "  Fri 16 Oct 09:00, 07:00 UTC  weekly   6 articles to 4,268",
        "      - A late letter (12 Oct 2026)",
    }


def test_lines_fit_a_terminal_and_no_title_steers_it() -> None:
    evil = replace(article("x", "2026-10-12"), title="Red \x1b[31m\nletters\u202e", why="waits since then")
    told = text(replace(plan(), slots=(slot("weekly", "2026-10-16", "09:00", (evil,), 3),)))
    assert "      - Red  [31m letters  (12 Oct 2026): waits since then" in told
    assert max(map(len, text(plan()))) <= 90


def test_many_zones_are_counted_together() -> None:
    zones = tuple(
        ZoneShare(f"Etc/GMT+{hour}" if hour else "Etc/GMT", NOW.astimezone(UTC) + timedelta(hours=hour), 10)
        for hour in range(13)
    ) + tuple(ZoneShare(f"Etc/GMT-{hour}", NOW.astimezone(UTC) + timedelta(hours=hour), 5) for hour in (1, 2))
    told = text(replace(plan(), slots=(replace(chosen(), zones=zones),)))
    assert "      and 20 in 3 more zones, until Wed 14:02 UTC" in told


def test_what_stands_in_the_way_is_only_told_of_what_goes() -> None:
    nobody = replace(chosen(), zones=(), recipients=0, ends_at=None, note="the clocks skip this time")
    told = text(replace(plan(), slots=(nobody, replace(nobody, skipped="nothing new", articles=()))))
    assert "  Fri 30 Oct 09:00, 08:00 UTC  weekly  3 articles to nobody · UTC +1 h" in told
    assert sum("to be approved" in line for line in told) == 1
    assert told.count("      the clocks skip this time") == 2


def test_a_day_is_told_by_what_its_clocks_show() -> None:
    early = slot("weekly", "2026-10-25", "00:30", (), skipped="nothing new")
    late = slot("weekly", "2026-10-25", "09:00", (), skipped="nothing new")
    told = [line[13:18] for line in text(replace(plan(), slots=(early, late))) if "25 Oct" in line[:12]]
    assert told == ["00:30", "03:00", "09:00"]


def test_nights_on_which_utc_has_another_date_name_its_day() -> None:
    told = text(replace(plan(), slots=(slot("weekly", "2026-10-16", "00:30", (), skipped="nothing new"),)))
    assert "  Fri 16 Oct 00:30, 22:30 UTC  weekly  skipped: nothing new · in UTC on Thu" in told


def test_the_document_says_the_same() -> None:
    made = document(plan(), OSLO)
    assert json.loads(json.dumps(made, default=str))
    assert made["empty_weeks"] == ["2026-W46", "2026-W47", "2026-W48", "2026-W49"]
    assert [one["date"] for one in made["clock_changes"]] == ["2026-10-25", "2026-11-01"]
    assert made["by_hand"] == ("notes",)
    found = {one["issue"]: one for one in made["slots"]}
    assert found["weekly-2026-10-30"]["offset_change_minutes"] == -60
    assert found["weekly-2026-10-30"]["zones"][2] == {
        "zone": "Europe/Oslo",
        "due": datetime(2026, 10, 30, 8, tzinfo=UTC),
        "readers": 2140,
        "without_zone": 611,
        "offset_change_minutes": -60,
    }
    assert [found[id]["state"] for id in ("posts-2026-10-13", "posts-2026-10-20", "weekly-2026-10-23")] == [
        "sent", "planned", "skipped"
    ]  # fmt: skip


def said(address: str = "ana@example.com", about: str = "") -> list[str]:
    found = explanation(address, about)
    return list(explained(found, found.issues, found.articles, NOW, OSLO))


def test_an_explanation_is_one_sentence_an_issue() -> None:
    assert said()[:12] == [
        "Ana Lind, ana@example.com",
        "  weekly: active, how often: weekly, about Harbour and Maps, since 2 Mar 2026",
        "  toolbox: left on 14 Aug 2026",
        "  gets nothing of toolbox: unsubscribed since 14 Aug 2026",
        "",
        "Coming",
        "  weekly-2026-10-16 · Five letters",
        "    Waits for 09:00 in Europe/Oslo, where the reader lives: Fri 16 Oct 2026 07:00 UTC.",
        "",
        "Past",
        "  weekly-2026-10-09 · A quieter ferry",
        "    Sent on Fri 9 Oct 2026 at 09:00:14, at the second attempt.",
    ]
    assert "  weekly · 2 Oct 2026" in said()


def test_what_one_issue_rests_on_is_told_with_its_articles() -> None:
    told = said(about="weekly-2026-10-09")
    assert told[-4:] == [
        "  weekly-2026-10-09 · A quieter ferry",
        "    Sent on Fri 9 Oct 2026 at 09:00:14, at the second attempt.",
        "    - 250 2.0.0 queued as 4XQ1",
        "    - first attempt at 09:00:02: 451 4.7.1 greylisted",
    ]
    assert "  A static site in 40 lines (static.md)" in said(about="weekly-2026-10-16")


def test_of_who_was_erased_is_said_what_can_be_said() -> None:
    assert said("gone@example.com") == [
        "gone@example.com",
        "Whoever had this address was erased. What was sent can no longer be traced to them; no mail goes "
        "there, and no import brings them back.",
    ]
