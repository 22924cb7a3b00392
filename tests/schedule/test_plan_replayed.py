"""`newsletter plan`, and then what it foresaw: lived through, and counted at the server that received it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project
from tests.schedule.replaying import START, Life, edited, foreseen, happened, laid_out

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MIDDLE = START + 3 * WEEK
#: The plan has eight weeks from that Monday on.
END = START + 8 * WEEK - DAY
AFTERWARDS = END + 2 * WEEK


def test_what_was_foreseen_is_what_the_server_received(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = laid_out(tmp_path / "project", drop.port)
        project.run("pause", "letters", "--until", "2026-10-20", "--now", START.isoformat())
        life = Life(project, tmp_path / "inbox")
        first = plan(project, START)
        life.until(MIDDLE)
        texts = {project.run("plan", "--now", (MIDDLE + n * HOUR).isoformat()).stdout for n in (0, 1, 6)}
        middle = plan(project, MIDDLE)
        life.until(END)
        edited(project)
        last = plan(project, END)
        life.until(AFTERWARDS)

    assert [one for one in life.received if one.arrived != max(one.due, START)] == []
    assert len(texts) == 1, "nothing was due in these hours of one day"
    assert foreseen(first, END) == happened(life, START, END)
    assert foreseen(middle, END) == happened(life, MIDDLE, END)
    assert foreseen(last, AFTERWARDS) == happened(life, END, AFTERWARDS)


def plan(project: Project, now: datetime) -> Any:
    return project.json("plan", "--weeks", "8", "--now", now.isoformat())
