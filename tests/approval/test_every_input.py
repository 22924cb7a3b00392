"""An approved issue, and all it is made of, changed one at a time: the approval is void, and its approvers
are asked anew, by another hash, and told what has changed. What is none of it changes nothing."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select

from newsletter.model import Kind
from newsletter.outbox import asked
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.approval.inputs import (
    BRIEF,
    ID,
    INPUTS,
    KEYS,
    MORE,
    NO_INPUTS,
    PARTS,
    article,
    brief,
    in_article,
    own_template,
)
from tests.schedule.desk import Desk, oslo

BEGIN, MADE, SLOT = oslo("2026-11-20 12:00"), oslo("2026-11-22 09:00"), oslo("2026-11-23 09:00")


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """The issue of Monday is made, and somebody has approved it."""
    made = Desk(tmp_path, database, KEYS)
    made.file.write_text(
        made.file.read_text().replace('timezone = "Eu', 'language = "de"\ntimezone = "Eu') + MORE
    )
    made.picture()
    shutil.copy(made.folder / "content" / "clock.png", made.folder / "logo.png")
    own_template(
        made,
        "parts/intro.mjml.j2",
        lambda text: text.replace("{{ paragraph }}", "{{ paragraph }} {{ texts.sponsor }}"),
    )
    (made.folder / "issues").mkdir()
    made.reader()
    assert made.round(BEGIN) == []
    for name in ("tide", "moon", "wind", "rain", "hail", "snow", "dusk"):
        article(made, name)
    made.write("sand", "2026-11-19", title="Sand", more="summary: It runs.\ntags: [Sea]\n")
    made.write("rock", "2026-11-18", title="Rock", more="summary: It stays.\n")
    return approved(made)


def approved(made: Desk, told: Sequence[str] = ("waits for approval",)) -> Desk:
    assert made.round(MADE) == [*told]
    made.approve(ID, MADE)
    return made


def changes_since(desk: Desk, hash: str) -> tuple[str, ...]:
    """What somebody is told who comes with that hash."""
    with desk.database.read() as connection:
        return asked.changed_since(connection, ID, hash) or ()


@pytest.mark.parametrize("change", INPUTS)
def test_it_voids_the_approval(desk: Desk, change: str) -> None:
    mutate, told = INPUTS[change]
    void(desk, lambda: mutate(desk), told)


def void(desk: Desk, mutate: Callable[[], object], told: str) -> None:
    (before,) = desk.held(ID)
    assert (desk.round(MADE), questions(desk)) == ([], 1)
    mutate()
    assert desk.round(SLOT) == []

    (after,) = desk.held(ID)
    assert desk.due(ID) == {}
    assert after.hash != before.hash
    assert questions(desk) == 2
    changes = changes_since(desk, before.hash)
    assert any(told in line for line in changes), changes
    desk.approve(ID, SLOT)
    assert desk.round(oslo("2026-11-23 10:00")) == [ID]


def questions(desk: Desk) -> int:
    """How often the approvers were asked; with each question goes the mail itself."""
    i = t.issue.c
    with desk.database.read() as connection:
        kinds = connection.execute(
            select(i.kind, func.count()).where(i.newsletter == "weekly").group_by(i.kind)
        )
        counts = {row[0]: int(row[1]) for row in kinds}
    assert counts[Kind.NOTICE] == counts[Kind.TEST]
    return counts[Kind.NOTICE]


@pytest.mark.parametrize("change", ["changed", "removed"])
def test_its_brief_is_an_input(desk: Desk, change: str) -> None:
    brief(BRIEF)(desk)
    in_article("It runs.", "It ran.")(desk)  # without the brief it is not what was approved, either
    approved(desk, [])
    path = desk.folder / "issues" / f"{ID}.md"
    (before,) = desk.held(ID)
    path.write_text(BRIEF.replace("few", "lot")) if change == "changed" else path.unlink()
    assert desk.round(SLOT) == []
    (after,) = desk.held(ID)
    assert after.hash != before.hash
    assert any("brief/" in line for line in changes_since(desk, before.hash))


def test_no_template_of_the_issue_was_forgotten(desk: Desk) -> None:
    with desk.database.read() as connection:
        manifest = connection.execute(select(t.issue.c.manifest).where(t.issue.c.id == ID)).scalar_one()
    assert set(manifest["inputs"]["template"]) == {
        "digest.mjml.j2",
        *(f"parts/{name}.mjml.j2" for name in PARTS),
    }


@pytest.mark.parametrize("change", NO_INPUTS)
def test_it_voids_nothing(desk: Desk, change: str) -> None:
    (before,) = desk.held(ID)
    NO_INPUTS[change](desk)
    assert desk.round(SLOT) == [ID]
    with desk.database.read() as connection:
        hash = connection.execute(select(t.issue.c.approval_hash).where(t.issue.c.id == ID)).scalar_one()
    assert hash == before.hash
    assert desk.send(SLOT) >= 1


def test_a_checkout_elsewhere_has_the_same_hash(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "project"
    (before,) = desk.held(ID)
    shutil.copytree(desk.folder, elsewhere, ignore=shutil.ignore_patterns("newsletter.db*", ".newsletter"))
    desk.folder = elsewhere
    assert desk.round(SLOT) == [ID]
    with desk.database.read() as connection:
        hash = connection.execute(select(t.issue.c.approval_hash).where(t.issue.c.id == ID)).scalar_one()
    assert hash == before.hash


def test_what_is_changed_back_is_what_was_approved(desk: Desk) -> None:
    in_article("It runs.", "It ran.")(desk)
    assert desk.round(MADE) == []
    in_article("It ran.", "It runs.")(desk)
    assert desk.round(SLOT) == [ID]


def test_a_day_that_becomes_a_holiday_has_no_issue(desk: Desk) -> None:
    desk.replace('"12-25"', '"12-25", "11-23"')
    assert desk.round(SLOT) == ["holiday"]
    assert desk.held() == ()


def test_a_slot_that_moves_within_its_day_takes_its_issue_along(desk: Desk) -> None:
    desk.replace("mon 09:00", "mon 11:00")
    assert desk.round(MADE) == []
    desk.approve(ID, MADE)
    assert desk.round(oslo("2026-11-23 10:59")) == []
    assert desk.round(oslo("2026-11-23 11:00")) == [ID]
