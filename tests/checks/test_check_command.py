"""`newsletter check` as people and continuous integration call it."""

import shutil
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from tests.checks.golden_mail import GOLDEN, laid_out
from tests.journeys.project import NOW, Project, sample_project

ROOT = Path(__file__).parents[2]
AT = ("--now", "2026-11-20T09:00")


@pytest.fixture(autouse=True)
def without_spamassassin(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes seconds, and has tests of its own."""
    monkeypatch.setenv("PATH", "/no/programs")


def broken(folder: Path, name: str) -> Project:
    return Project(laid_out(folder, GOLDEN / "broken" / name))


def test_the_sample_publication_has_neither_errors_nor_warnings(tmp_path: Path) -> None:
    for name in ("config.toml", "content", "templates"):
        place = ROOT / name
        (shutil.copytree if place.is_dir() else shutil.copy)(place, tmp_path / name)

    found = Project(tmp_path).json("check", "weekly", "--now", NOW)

    assert [each for each in found["findings"] if each["level"] != "info"] == []
    assert (found["issue"], found["errors"], found["warnings"]) == ("weekly-2026-11-22", 0, 0)


def test_an_error_is_told_with_its_line_and_what_to_do(tmp_path: Path) -> None:
    done = broken(tmp_path, "nobody_is_answerable").run("check", "weekly", *AT, expect=5)

    told = [line.split() for line in done.stdout.splitlines() if "postal" in line]
    assert told[0][:5] == ["config.toml:1:", "error:", "no", "postal", "address:"]
    assert told[1] == ["write", "postal_address", "=", '"…"', "in", "[site]", "[postal-address]"]
    assert done.stdout.splitlines()[-1].startswith("1 error, 0 warnings, ")


def test_junit_fails_the_case_of_the_check_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"

    broken(tmp_path / "p", "link_is_relative").run("check", "weekly", *AT, "--junit", str(file), expect=5)

    suite = xml.parse(file).getroot()[0]
    failed = [case for case in suite if case.find("failure") is not None]
    told = [(case.get("name"), case.get("file"), case.get("line")) for case in failed]
    assert told == [("link-relative", "templates/parts/intro.mjml.j2", "5")]
    assert (suite.get("failures"), suite.get("tests")) == ("1", str(len(suite)))


@pytest.mark.parametrize(
    ("name", "check", "path"),
    [
        ("misspelt_key", "config", "config.toml"),
        ("misspelt_check", "config", "config.toml"),
        ("unknown_tag_in_a_template", "template", "templates/parts/intro.mjml.j2"),
    ],
)
def test_what_keeps_an_issue_from_being_built_is_a_finding_too(
    name: str, check: str, path: str, tmp_path: Path
) -> None:
    found = broken(tmp_path, name).json("check", "weekly", *AT, expect=5)

    assert [(each["check"], each["path"]) for each in found["findings"]] == [(check, path)]


def test_a_level_can_be_changed_or_turned_off(tmp_path: Path) -> None:
    project = broken(tmp_path, "link_is_relative")
    text = project.config.read_text()

    project.config.write_text(f'{text}\n[check]\nlevels = {{ link-relative = "warning" }}\n')
    lowered = project.json("check", "weekly", *AT)
    project.config.write_text(f'{text}\n[check]\nlevels = {{ link-relative = "off" }}\n')
    off = project.json("check", "weekly", *AT)

    assert [(each["errors"], each["warnings"]) for each in (lowered, off)] == [(0, 1), (0, 0)]


def test_a_mail_program_that_must_show_everything_is_asked_about(tmp_path: Path) -> None:
    project = Project(laid_out(tmp_path, GOLDEN / "good" / "three_cards"))
    text = project.config.read_text()
    project.config.write_text(f'{text}\n[check]\nclients = ["outlook.windows"]\n')

    found = project.json("check", "weekly", *AT)

    told = [each["text"] for each in found["findings"] if each["check"] == "client-support"]
    assert "border-radius is not shown by outlook.windows" in told


def test_a_newsletter_that_is_not_there_is_no_finding(tmp_path: Path) -> None:
    project = Project(laid_out(tmp_path, GOLDEN / "good" / "three_cards"))

    done = project.run("check", "monthly", expect=3)

    assert 'there is no newsletter "monthly"' in done.stderr


def test_with_nothing_to_send_there_is_nothing_to_check(tmp_path: Path) -> None:
    project = Project(laid_out(tmp_path, GOLDEN / "good" / "three_cards"))
    for article in (tmp_path / "content").glob("*.md"):
        article.unlink()
    file = tmp_path / "junit.xml"

    done = project.run("check", "weekly", *AT, "--junit", str(file))

    assert (done.stdout, file.exists()) == ("weekly: nothing new; nothing to check\n", True)


def test_checking_writes_nothing_but_caches(tmp_path: Path) -> None:
    project = Project(laid_out(tmp_path, GOLDEN / "good" / "three_cards"))
    before = {file for file in tmp_path.rglob("*") if file.is_file()}

    project.run("check", "weekly", *AT)

    after = {file for file in tmp_path.rglob("*") if file.is_file()}
    caches = tmp_path / ".newsletter"
    written = {file.relative_to(caches).parts[0] for file in after - before}
    assert written <= {"content.cache", "pictures.cache"}


def test_what_has_an_error_is_not_sent_unless_told_so(tmp_path: Path) -> None:
    project = sample_project(tmp_path, 9).set(postal_address='""')
    project.subscribe(1)

    refused = project.run("send", "weekly", "--yes", "--now", NOW, expect=5)
    document = project.json("send", "weekly", "--yes", "--now", NOW, expect=5)
    shown = project.run("send", "weekly", "--dry-run", "--unchecked", "--now", NOW)

    assert "error: no postal address" in refused.stderr
    assert (document["reason"], document["errors"]) == ("checks failed", 1)
    assert shown.stdout.splitlines()[-1] == "would go to 1"
    assert project.json("issues", "list") in ([], {"issues": []})


def test_an_article_that_is_a_link_is_told_with_its_line(tmp_path: Path) -> None:
    project = broken(tmp_path, "note_to_oneself")
    article = tmp_path / "content" / "rope-walk.md"
    article.rename(tmp_path / "content" / "kept.txt.bak")
    article.symlink_to("kept.txt.bak")

    found = project.json("check", "weekly", *AT)

    told = [(each["path"], each["line"]) for each in found["findings"] if each["check"] == "draft-words"]
    assert told == [("content/rope-walk.md", 8)]
