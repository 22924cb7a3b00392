"""`newsletter plan` and `newsletter explain`, as people use them: on a project, by the real command."""

from pathlib import Path

import pytest

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
