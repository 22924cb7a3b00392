"""Old issues are packed by the service, a little in each round, or by a command."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.outbox import archive
from newsletter.service import chores
from newsletter.store.database import Database, open_database
from tests.journeys.project import Project, sample_project
from tests.outbox.archiving import NAME, OLD, newer_issues, old_issue
from tests.outbox.publishing import NOW, subscribe

OLDER = "weekly-older"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """With two old issues to ten readers, and newer ones."""
    made = sample_project(tmp_path, 9)
    with _database(made) as database:
        subscribe(database, 10)
        old_issue(database, name=OLDER, due=OLD - timedelta(days=30))
        old_issue(database)
        newer_issues(database)
    return made


@pytest.fixture
def database(project: Project) -> Iterator[Database]:
    with _database(project) as database:
        yield database


def _config(project: Project) -> Config:
    return load(project.config, {})


def _database(project: Project) -> Database:
    config = _config(project)
    return open_database(config.resolve(config.store.path))


def packed(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {name: sum(archive.counts(connection, name).values()) for name in (OLDER, NAME)}


def test_a_round_packs_some_and_says_that_there_is_more(
    project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chores, "AT_ONCE", 1)
    config = _config(project)

    assert chores.compact_ledger(config, database, NOW)
    assert packed(database) == {OLDER: 10, NAME: 0}
    assert chores.compact_ledger(config, database, NOW) is False
    assert packed(database) == {OLDER: 10, NAME: 10}
    assert chores.compact_ledger(config, database, NOW) is False


def test_what_somebody_may_still_be_sent_is_not_packed(project: Project, database: Database) -> None:
    project.add("newsletters.weekly", 'catch_up = "100d"')

    chores.compact_ledger(_config(project), database, NOW)

    assert packed(database) == {OLDER: 10, NAME: 0}


def test_the_command_packs_what_is_of_before_a_day(project: Project) -> None:
    now = ("--now", NOW.isoformat())

    told = project.json("outbox", "compact", "--before", "2026-08-01", *now)
    rest = project.json("outbox", "compact", *now)

    assert told == {"packed": 10, "issues": [OLDER]}
    assert rest == {"packed": 10, "issues": [NAME]}
    listed = project.run("outbox", "list", "--issue", NAME)
    assert f"10 deliveries of {NAME} are in the archive" in listed.stderr
    assert project.json("issues", "show", NAME)["counts"]["sent"] == 5


def test_the_command_refuses_what_is_too_young(project: Project) -> None:
    refused = project.run("outbox", "compact", "--before", "2026-11-01", "--now", NOW.isoformat(), expect=2)

    assert "issues keep their rows until they are of before" in refused.stderr
