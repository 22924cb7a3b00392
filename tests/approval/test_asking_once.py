"""The approvers of an issue that is held: each is asked once, gets the mail itself once, whatever dies."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from newsletter.service import holding
from newsletter.service.due import fire_due
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.schedule.desk import MINUTE, Desk, oslo

ID, MADE, SLOT = "weekly-2026-11-23", oslo("2026-11-22 09:00"), oslo("2026-11-23 09:00")
KEYS = """\
schedule = "mon 09:00"
approval = true
approvers = ["ida@slowpost.example", "ole@slowpost.example"]"""


class Died(Exception):
    """In the place of a kill."""


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    """It has a reader, and an article."""
    made = Desk(tmp_path, database, KEYS)
    made.reader()
    made.round(oslo("2026-11-20 12:00"))
    made.write("tide", "2026-11-21")
    return made


def mails(desk: Desk) -> list[tuple[str, str]]:
    """What the approvers are sent: its kind, and to whom."""
    d = t.delivery.c
    with desk.database.read() as connection:
        rows = connection.execute(select(d.kind, d.address).where(d.address.is_not(None)))
        return sorted((row.kind, row.address) for row in rows)


EVERYTHING = [
    ("notice", "ida@slowpost.example"),
    ("notice", "ole@slowpost.example"),
    ("test", "ida@slowpost.example"),
    ("test", "ole@slowpost.example"),
]


@pytest.mark.parametrize("dies_before", ["awaiting", "publish_copies"])
def test_a_crash_between_the_two_leaves_nobody_with_one_of_them(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, dies_before: str
) -> None:
    def die(*given: object, **more: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(holding.notices if dies_before == "awaiting" else holding, dies_before, die)
        with pytest.raises(Died):
            fire_due(desk.config, desk.database, MADE)
    for minutes in range(1, 4):
        desk.round(MADE + minutes * MINUTE)
    assert mails(desk) == EVERYTHING


def test_another_state_of_it_is_sent_again(desk: Desk) -> None:
    desk.round(MADE)
    desk.write("tide", "2026-11-21", title="Another tide")
    desk.round(MADE + MINUTE)
    assert mails(desk) == sorted(EVERYTHING * 2)


def test_what_is_approved_already_is_not_asked_again(desk: Desk) -> None:
    desk.round(MADE)
    desk.approve(ID, MADE)
    desk.round(MADE + MINUTE)
    assert mails(desk) == EVERYTHING


def test_where_nobody_is_named_nobody_is_sent_anything(desk: Desk) -> None:
    desk.set('schedule = "mon 09:00"\napproval = true')
    assert desk.round(MADE) == ["waits for approval"]
    assert mails(desk) == []


def test_a_mistake_in_a_file_of_approvals_is_told_with_its_line(desk: Desk) -> None:
    desk.round(MADE)
    (one,) = desk.held(ID)
    (desk.folder / "issues").mkdir()
    path = desk.folder / "issues" / f"{ID}.approved"
    path.write_text(f"# after the second look\n\nyes, please\n{one.hash} Ida Vang\n")
    told = desk.fired(MADE + MINUTE)
    assert [(each.mistake, each.reason.partition(" ")[0]) for each in told] == [
        (True, f"issues/{ID}.approved:3:")
    ]
    assert desk.fired(SLOT)[-1].issue_id == ID
    assert desk.send(SLOT) == 1


def test_what_was_approved_and_is_too_late_now_is_not_sent(desk: Desk) -> None:
    desk.round(MADE)
    desk.approve(ID, MADE)
    assert desk.round(oslo("2026-11-25 09:00")) == ["48 h too late"]
    assert desk.slots() == {"2026-11-23": "48 h too late"}


def test_where_approval_is_switched_off_it_goes(desk: Desk) -> None:
    desk.round(MADE)
    desk.replace("approval = true\n", "")
    assert desk.round(SLOT) == [ID]


def test_what_was_let_go_late_may_take_as_long_as_any_other(desk: Desk) -> None:
    desk.replace("approval = true", 'approval = true\nlate = "ask"')
    desk.round(MADE)
    late = oslo("2026-11-27 09:00")
    desk.approve(ID, late)
    assert desk.round(late) == [ID]
    with desk.database.read() as connection:
        until = connection.execute(select(t.issue.c.stale_at).where(t.issue.c.id == ID)).scalar_one()
    assert until == oslo("2026-11-28 09:00")


def test_a_moved_reader_of_the_database_is_no_matter(desk: Desk) -> None:
    """The rule of who gets it is agreed to, not each of them."""
    desk.round(MADE)
    desk.approve(ID, MADE)
    desk.database.write(lambda c: c.execute(update(t.subscriber).values(name="Another")))
    assert desk.round(SLOT) == [ID]
