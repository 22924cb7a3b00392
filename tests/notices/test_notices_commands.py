"""Whoever types what a notice says gets what it says."""

from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.issue.notices import What
from newsletter.model import State
from newsletter.outbox import operate
from newsletter.service.notices import notify
from newsletter.store import tables as t
from tests.journeys.project import Project
from tests.notices.newsroom import (
    DAY,
    HASH,
    HOUR,
    NOW,
    WEEKLY,
    change,
    commands,
    deliveries,
    hold,
    open_issue,
    skip,
)
from tests.signup.signing import Publication, text_of


def told(room: Publication, what: What) -> list[list[str]]:
    """The commands of the one notice that is sent now, to one of its readers."""
    assert notify(room.config, room.database, NOW) == ()
    change_to_sent = room.deliver(NOW)
    assert change_to_sent.sent >= 2
    (mail,) = [m for m in room.mails() if m["To"] == "ida@slowpost.example"]
    return commands(text_of(mail))


@pytest.fixture
def begun(room: Publication) -> Publication:
    assert notify(room.config, room.database, NOW - HOUR) == ()
    return room


def test_of_a_skipped_slot(begun: Publication, tmp_path: Path) -> None:
    skip(begun.database, NOW)
    (plan,) = told(begun, What.SKIPPED)
    assert plan == ["plan"]
    Project(tmp_path).run(*plan)


def test_of_an_issue_to_approve(begun: Publication, tmp_path: Path) -> None:
    hold(begun.database)
    approve, reject = told(begun, What.APPROVAL)
    done = Project(tmp_path).json(*approve)
    assert (done["approved"], done["hash"]) == (True, HASH)
    assert Project(tmp_path).json(*reject)["rejected"] is True


def test_of_a_late_issue(begun: Publication, tmp_path: Path) -> None:
    hold(begun.database, due=NOW - DAY)
    approve, reject = told(begun, What.LATE)
    assert Project(tmp_path).json(*approve)["approved"] is True
    assert Project(tmp_path).json(*reject)["rejected"] is True


def test_of_a_paused_issue(begun: Publication, tmp_path: Path) -> None:
    open_issue(begun.database)
    begun.database.write(lambda c: operate.pause(c, WEEKLY))
    resume, show = told(begun, What.PAUSED)
    assert Project(tmp_path).json(*show)["state"] == "paused"
    Project(tmp_path).run(*resume)
    assert Project(tmp_path).json(*show)["state"] == "open"


@pytest.mark.parametrize(("chosen", "became"), [(1, State.SENT), (2, State.QUEUED)])
def test_of_messages_in_doubt(begun: Publication, tmp_path: Path, chosen: int, became: State) -> None:
    open_issue(begun.database)
    deliveries(begun.database, State.SENT, State.IN_DOUBT, State.IN_DOUBT)
    change(begun.database, "finished")
    found = told(begun, What.IN_DOUBT)
    listed = Project(tmp_path).json(*found[0])
    assert [row["state"] for row in listed["deliveries"]] == ["in_doubt", "in_doubt"]
    Project(tmp_path).run(*found[chosen], "--now", NOW.isoformat())
    with begun.database.read() as connection:
        states = select(t.delivery.c.state).where(t.delivery.c.issue_id == WEEKLY).order_by(t.delivery.c.id)
        assert connection.execute(states).scalars().all() == [State.SENT, became, became]
