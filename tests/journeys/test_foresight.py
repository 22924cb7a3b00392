"""`newsletter plan` and `newsletter explain`, as people use them: on a project, by the real command."""

from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, sample_project

LATER = "2026-11-22T12:05"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The samples; two readers."""
    made = sample_project(tmp_path / "project", 1)
    made.subscribe(2)
    return made


def planned(project: Project, *words: str, now: str = NOW) -> str:
    return project.run("plan", *words, "--now", now).stdout


def test_the_same_inputs_give_the_same_bytes(project: Project) -> None:
    assert planned(project) == planned(project)
    assert planned(project) == planned(project, now=LATER)


def test_the_plan_has_as_many_weeks_as_were_asked_for(project: Project) -> None:
    for number in (1, 8, 60):
        told = planned(project, "--weeks", str(number)).splitlines()
        assert sum(line.startswith("Week ") for line in told) == number


def test_the_document_has_every_slot(project: Project) -> None:
    told = project.json("plan", "--weeks", "3", "--now", NOW)
    assert [(one["issue"], one["local"]) for one in told["slots"]] == [
        ("weekly-2026-11-23", "2026-11-23T09:00:00+01:00"),
        ("weekly-2026-11-30", "2026-11-30T09:00:00+01:00"),
    ]
    assert [one["due"] for one in told["slots"]] == ["2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"]


def test_a_newsletter_that_is_not_there_is_named(project: Project) -> None:
    assert 'no newsletter "daily"' in project.run("plan", "--newsletter", "daily", expect=3).stderr
    assert 'no newsletter "daily"' in (
        project.run("explain", "r1@example.org", "--newsletter", "daily", expect=3).stderr
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nobody@example.org", "nobody@example.org: nobody has this address"),
        ("nobody", "nobody: "),
    ],
)
def test_an_address_that_nobody_has_is_said_to_be_one(project: Project, address: str, words: str) -> None:
    assert words in project.run("explain", address, expect=3).stderr


def test_an_issue_that_is_not_there_is_said_to_be_none(project: Project) -> None:
    told = project.run("explain", "r1@example.org", "weekly-1999-01-01", expect=3).stderr
    assert 'no issue and no article "weekly-1999-01-01"' in told


def test_of_the_erased_is_said_what_can_be_said(project: Project) -> None:
    project.run("subscribers", "erase", "r1@example.org", "--yes")
    told = project.run("explain", "r1@example.org").stdout
    assert "was erased" in told
    document = project.json("explain", "r1@example.org")
    assert (document["erased"], document["person"]) == (True, None)


def test_what_was_sent_is_explained_by_issue_and_by_article(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.subscribe(1)
        project.run("send", "weekly", "--yes", "--unchecked", "--now", NOW)
    (issue,) = project.json("issues", "list")["issues"]
    told = project.json("explain", "r1@example.org", "--now", LATER)
    assert [(one["issue"], one["reason"]) for one in told["issues"]] == [(issue["id"], "sent")]
    closer = project.json("explain", "r1@example.org", issue["id"], "--now", LATER)
    article = closer["articles"][0]
    assert {one["reason"] for one in closer["articles"]} == {"sent"}
    for name in (article["article"], article["title"]):
        (one,) = project.json("explain", "r1@example.org", name, "--now", LATER)["articles"]
        assert (one["issue"], one["reason"]) == (issue["id"], "sent")
    said = project.run("explain", "r1@example.org", "--now", LATER).stdout
    assert said.count("\n    ") == 1, "one sentence for the one issue"
    assert article["title"] in project.run("explain", "r1@example.org", issue["id"], "--now", LATER).stdout


def test_the_plan_names_what_is_known_today(project: Project) -> None:
    before = planned(project, "--weeks", "3")
    late = project.folder / "content" / "late.md"
    late.write_text("---\ntitle: A late letter\ndate: 2026-11-25\n---\nIt comes in the week after.\n")
    after = planned(project, "--weeks", "3")
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.strip() for line in changed if "late letter" in line] == ["- A late letter (25 Nov 2026)"]
    assert "Mon 30 Nov 09:00, 08:00 UTC  weekly  1 article to 2" in after


def test_a_late_issue_that_somebody_is_asked_about_says_so(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "late", 1).set(schedule='"mon 09:00"\nlate = "ask"')
    project.subscribe(2)
    project.run("tick", "--now", "2026-11-20T10:00")
    project.run("tick", "--now", "2026-11-23T12:00")
    told = planned(project, now="2026-11-23T12:05").splitlines()
    begin = next(n for n, line in enumerate(told) if "Mon 23 Nov 09:00" in line)
    assert told[begin].endswith("weekly  held: 7 articles, until somebody decides")
    assert told[begin + 1].strip() == "3 h late: newsletter issues show weekly-2026-11-23"


def test_a_mistake_in_a_brief_stands_in_the_plan_and_takes_nothing_else_away(project: Project) -> None:
    brief = project.folder / "issues" / "weekly-2026-11-23.md"
    brief.parent.mkdir(exist_ok=True)
    brief.write_text('---\nsubjet: "The bridge"\n---\n')
    told = planned(project, "--weeks", "3").splitlines()
    assert any("Mon 23 Nov 09:00" in line and f"issues/{brief.name}:2: " in line for line in told)
    assert any("Mon 30 Nov 09:00" in line and "7 articles to 2" in line for line in told)


def test_a_slot_at_midnight_stands_on_its_own_day_and_in_its_own_week(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "midnight", 1).set(schedule='"mon 00:00"')
    project.subscribe(1)
    assert "00:00" not in planned(project, "--weeks", "1", now="2026-11-17T12:00")
    told = planned(project, "--weeks", "2", now="2026-11-17T12:00")
    assert "  Mon 23 Nov 00:00, " in told
    assert "Sun 22 Nov 00:00" not in told
    assert "30 Nov" not in told
