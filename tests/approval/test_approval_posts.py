"""A post that goes out by itself, once somebody has agreed to it: edited meanwhile, planned, explained."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.approval.test_approval_journey import asked, readers
from tests.journeys.project import Project, sample_project

NEWSLETTER = """
[newsletters.blog]
title = "The Slow Blog"
from = "Ida Vang <ida@slowpost.example>"
approval = true
approvers = ["ida@slowpost.example"]
[newsletters.blog.cadences]
weekly = "mon 09:00"
each = true

"""
ID = "blog-each-lamp"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Project]:
    """It is made, and its approver was asked."""
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        text = project.config.read_text()
        text = re.sub(r"(?ms)^\[newsletters\.weekly\].*?(?=^\[theme\])", lambda _: NEWSLETTER, text)
        project.config.write_text(text)
        shutil.rmtree(project.folder / "content")
        (project.folder / "content").mkdir()
        people = project.folder / "people.csv"
        people.write_text("email,frequency\nr1@example.org,each\nr2@example.org,weekly\n")
        project.run("subscribers", "import", str(people), "--now", "2026-11-24T09:00")
        words = "The lamp at the end of the quay is lit again, " * 6
        (project.folder / "content" / "lamp.md").write_text(f"---\ntitle: The lamp\n---\n{words}\n")
        project.run("tick", "--now", "2026-11-24T10:00")
        yield project


def edit(project: Project) -> None:
    lamp = project.folder / "content" / "lamp.md"
    lamp.write_text(lamp.read_text().replace("lit again", "dark again"))


def test_a_post_that_is_edited_is_asked_for_again_and_goes_out(post: Project) -> None:
    first, _ = asked(post)
    post.run(*first, "--now", "2026-11-24T10:05")
    edit(post)
    post.run("tick", "--now", "2026-11-24T10:08")
    again, _ = asked(post)
    assert again != first
    post.run(*again, "--now", "2026-11-24T10:10")
    post.run("tick", "--now", "2026-11-24T10:20")
    assert readers(post) == {"r1@example.org": 1}


def slots(project: Project, now: str) -> list[tuple[str, str, int, bool]]:
    told = project.json("plan", "--weeks", "1", "--now", now)["slots"]
    return [(one["issue"], one["state"], one["recipients"], one["agreed"]) for one in told if one["issue"]]


def test_what_is_held_stands_once_in_the_plan_with_its_readers(post: Project) -> None:
    approve, _ = asked(post)
    assert slots(post, "2026-11-24T10:05") == [(ID, "held", 1, False)]
    post.run(*approve, "--now", "2026-11-24T10:05")
    assert slots(post, "2026-11-24T10:06") == [(ID, "held", 1, True)]
    assert "approved: 1 article to 1" in post.run("plan", "--now", "2026-11-24T10:06").stdout
    said = post.run("explain", "r1@example.org", ID, "--now", "2026-11-24T10:06").stdout
    assert "The issue is approved, and goes out at its time." in said


def test_what_was_given_up_is_in_the_plan_no_more(post: Project) -> None:
    _, reject = asked(post)
    post.run(*reject)
    assert [slot for slot in slots(post, "2026-11-24T10:10") if slot[1] != "skipped"] == []


def test_a_broken_brief_holds_up_its_own_issue_alone(post: Project) -> None:
    approve, _ = asked(post)
    post.run(*approve, "--now", "2026-11-24T10:05")
    briefs = post.folder / "issues"
    briefs.mkdir()
    (briefs / f"{ID}.md").write_text("---\npins: [nowhere.md]\n---\n")
    words = "The tide turned before anybody had noticed that it was late. " * 4
    (post.folder / "content" / "tide.md").write_text(f"---\ntitle: The tide\n---\n{words}\n")
    told = post.run("tick", "--now", "2026-11-24T10:20", expect=3)
    assert f"issues/{ID}.md:2" in told.stderr and readers(post) == {}
    assert "blog-each-tide: waits for approval" in told.stdout
    (briefs / f"{ID}.md").unlink()
    post.run("tick", "--now", "2026-11-24T10:21")
    assert readers(post) == {"r1@example.org": 1}
