"""An issue from its cut-off to its readers, by what people do: mail, commands and files."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project, inbox, received, sample_project
from tests.notices.newsroom import commands
from tests.signup.signing import text_of

ID = "weekly-2026-11-23"
MADE, SLOT = "2026-11-22T12:00", "2026-11-23T09:00"
KEYS = 'approval = true\napprovers = ["ida@slowpost.example"]'


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Project]:
    """The issue of tomorrow is made, and its approver was asked."""
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).add("newsletters.weekly", KEYS)
        project.subscribe(2)
        project.run("tick", "--now", "2026-11-17T12:00")
        project.run("tick", "--now", MADE)
        yield project


def asked(project: Project) -> list[list[str]]:
    """The commands of the newest notice that asks."""
    mails = [m for m in inbox(project.folder.parent / "inbox") if "Awaiting approval" in str(m["Subject"])]
    return commands(text_of(max(mails, key=lambda mail: str(mail["Date"]))))


def readers(project: Project) -> dict[str, int]:
    """Who got what the readers get."""
    got = received(project.folder.parent / "inbox")
    return {address: number for address, number in got.items() if address.endswith("@example.org")}


EVERYBODY = {"r1@example.org": 1, "r2@example.org": 1}


def test_the_approver_is_asked_once_with_the_mail_itself(paper: Project) -> None:
    paper.run("tick", "--now", "2026-11-22T12:10")
    mails = sorted(str(mail["Subject"]) for mail in inbox(paper.folder.parent / "inbox"))
    assert mails == [
        "Awaiting approval: The train that waits for morning",
        "[TEST] The train that waits for morning",
    ]


def test_what_is_approved_goes_out_at_its_slot(paper: Project) -> None:
    approve, _ = asked(paper)
    paper.run(*approve, "--now", "2026-11-22T13:00")
    paper.run("tick", "--now", "2026-11-23T08:59")
    assert readers(paper) == {}
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == EVERYBODY


def test_what_nobody_approved_does_not(paper: Project) -> None:
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == {}


def test_a_file_approves(paper: Project) -> None:
    approve, _ = asked(paper)
    folder = paper.folder / "issues"
    folder.mkdir(exist_ok=True)
    (folder / f"{ID}.approved").write_text(f"{approve[-1]} Ida Vang\n")
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == EVERYBODY


def test_an_article_that_changes_voids_it_and_the_approver_is_asked_again(paper: Project) -> None:
    approve, _ = asked(paper)
    paper.run(*approve, "--now", "2026-11-22T13:00")
    wall = paper.folder / "content" / "town-clock.md"
    wall.write_text(wall.read_text().replace("clock", "bell"))
    paper.run("tick", "--now", "2026-11-22T14:00")
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == {}

    old = paper.run(*approve, expect=5).stderr
    assert "It has changed since you were asked:" in old and "town-clock.md" in old
    again, _ = asked(paper)
    assert again != approve
    paper.run(*again, "--now", SLOT)
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == EVERYBODY


def test_what_is_rejected_is_news_for_the_next_issue(paper: Project) -> None:
    _, reject = asked(paper)
    paper.run(*reject)
    paper.run("tick", "--now", SLOT)
    assert readers(paper) == {}
    made = paper.json("tick", "--now", "2026-11-29T12:00")["slots"]
    assert [slot["issue"] for slot in made] == ["weekly-2026-11-30"]
    shown = paper.json("issues", "show", "weekly-2026-11-30")
    assert "town-clock.md" in [article["path"] for article in shown["articles"]]


def test_nothing_is_sent_by_hand_past_those_who_approve(paper: Project) -> None:
    refused = paper.run("send", "weekly", "--yes", "--unchecked", "--now", MADE, expect=5)
    assert "--unapproved sends it all the same" in refused.stderr
    assert readers(paper) == {}
    assert paper.json("send", "weekly", "--dry-run", "--unchecked", "--now", MADE)["dry_run"] is True
    paper.run("send", "weekly", "--yes", "--unchecked", "--unapproved", "--now", MADE)
    assert readers(paper) == EVERYBODY


def plan(project: Project, now: str) -> list[str]:
    """What becomes of the first three days of the week, and the last line."""
    told = project.run("plan", "--weeks", "1", "--now", now).stdout.splitlines()
    outcomes = [outcome for _, found, outcome in (line.partition("weekly  ") for line in told) if found]
    return [*outcomes[1:4], told[-1].partition(",")[0]]


def test_what_comes_with_an_issue_that_was_approved_late_is_in_no_later_one(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = sample_project(tmp_path / "project", drop.port).set(schedule='"daily 09:00"')
        paper.add("newsletters.weekly", KEYS).subscribe(2, now="2026-11-22T12:00")
        paper.run("tick", "--now", "2026-11-22T12:00")
        approve, _ = asked(paper)
        paper.run("tick", "--now", SLOT)
        second = paper.json("issues", "approve", "weekly-2026-11-24", expect=5)["hash"]
        told = plan(paper, "2026-11-23T09:10")
        assert told[:2] == ["held: 7 articles, until somebody decides", "held: 7 articles to 2"]

        paper.run(*approve, "--now", "2026-11-23T09:20")
        paper.run("issues", "approve", "weekly-2026-11-24", "--hash", second, "--now", "2026-11-23T09:20")
        to_come = plan(paper, "2026-11-23T09:25")
        assert to_come[:2] == ["approved: 7 articles to 2", "skipped: nothing new"]
        assert to_come[-1] == "1 issue to come"
        why = paper.run("explain", "r1@example.org", ID, "--now", "2026-11-23T09:25").stdout
        assert "The issue is approved, and goes out as soon as it may." in why

        paper.run("tick", "--now", "2026-11-23T09:30")
        assert readers(paper) == EVERYBODY
        assert plan(paper, "2026-11-23T09:45")[1:] == [*to_come[1:3], "0 issues to come"]
