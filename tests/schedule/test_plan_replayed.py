"""`newsletter plan`, and then what it foresaw: lived through, and counted at the server that received it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from newsletter.web.maildrop import MailDrop
from tests.schedule.replaying import START, Life, foreseen, happened, laid_out

WEEK = timedelta(weeks=1)
#: The plan has eight weeks from that Monday on.
END = START + 8 * WEEK - timedelta(days=1)
MIDDLE = START + 3 * WEEK


def test_what_was_foreseen_is_what_the_server_received(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = laid_out(tmp_path / "project", drop.port)
        project.run("pause", "letters", "--until", "2026-10-20", "--now", START.isoformat())
        first = project.json("plan", "--now", START.isoformat())
        life = Life(project, tmp_path / "inbox")
        life.until(MIDDLE)
        middle = project.json("plan", "--now", MIDDLE.isoformat())
        life.until(END)

    assert [one for one in life.received if one.arrived != max(one.due, START)] == []
    assert foreseen(first, END) == happened(life, START)
    assert foreseen(middle, END) == happened(life, MIDDLE)
