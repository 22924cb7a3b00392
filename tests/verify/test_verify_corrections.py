"""An issue that carries a correction is made again as any other, and tells when the words of it change."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.project import Project

from .verify_samples import publication

ISSUE = "weekly-2026-11-25-m1"
NEWS = "---\ntitle: The late post\ndate: 2026-11-24\n---\nThe post came late to Ostervik on Tuesday.\n"


def sent(folder: Path) -> tuple[Project, Path]:
    """Two issues; the second corrects an article of the first."""
    project = publication(folder)
    project.subscribe(1)
    project.run("send", "weekly", "--yes", "--now", "2026-11-22T12:00")
    first = project.json("issues", "show", "weekly-2026-11-22-m1")["articles"][0]["path"]
    wrong = project.folder / "content" / first
    wrong.write_text(wrong.read_text().replace("---\n", '---\ncorrection: "It was the other lamp."\n', 1))
    (project.folder / "content" / "late-post.md").write_text(NEWS)
    project.run("send", "weekly", "--yes", "--unchecked", "--now", "2026-11-25T12:00")
    return project, wrong


def test_a_correction_is_made_again_and_its_change_is_named(tmp_path: Path) -> None:
    project, wrong = sent(tmp_path / "project")
    carried = [article["title"] for article in project.json("issues", "show", ISSUE)["articles"]]
    assert [title.startswith("Berichtigung: ") for title in carried] == [False, True]
    assert project.run("issues", "verify", ISSUE).stdout.startswith(f"{ISSUE}: identical: ")

    wrong.write_text(wrong.read_text().replace("the other lamp", "another lamp"))
    told = project.run("issues", "verify", ISSUE, expect=5)
    assert wrong.name in told.stdout + told.stderr
