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
