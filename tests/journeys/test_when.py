"""When things go out, by the commands that people type and to a server that takes mail."""

from pathlib import Path

from sqlalchemy import Connection, select, update

from newsletter.store import tables as t
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, inbox, received, sample_project

ID, SLOT = "weekly-2026-11-23", "2026-11-23T09:00"


def project(folder: Path, drop: MailDrop, keys: str = "") -> Project:
    """Its schedule has begun, and it has two readers."""
    made = sample_project(folder / "project", drop.port).add("newsletters.weekly", keys)
    made.subscribe(2)
    made.run("tick", "--now", NOW)
    return made


def test_a_late_issue_goes_when_somebody_says_so(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop, 'late = "ask"\nlate_after = "1h"')
        (slot,) = paper.json("tick", "--now", "2026-11-26T09:00")["slots"]
        assert (slot["issue"], slot["reason"]) == (ID, "3 d late")
        hash = paper.json("issues", "approve", ID, expect=5)["hash"]
        paper.run("issues", "approve", ID, "--hash", hash, "--now", "2026-11-26T10:00")
        assert paper.json("tick", "--now", "2026-11-26T10:00")["sent_now"] == 2
    assert set(received(tmp_path / "inbox").values()) == {1}


def test_what_is_cancelled_while_it_is_held_is_news_for_the_next_issue(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop, "approval = true")
        paper.run("tick", "--now", "2026-11-22T12:30")
        assert "its articles stay news" in paper.run("outbox", "cancel", ID, "--yes").stdout
        assert paper.json("issues", "list")["issues"][0]["state"] == "cancelled"
        assert paper.json("tick", "--now", SLOT)["slots"] == []
        paper.run("issues", "approve", ID, expect=3)
        (slot,) = paper.json("tick", "--now", "2026-11-29T12:00")["slots"]
    assert slot["issue"] == "weekly-2026-11-30"
    carried = [each["path"] for each in paper.json("issues", "show", slot["issue"])["articles"]]
    assert "town-clock.md" in carried


def test_a_pause_of_a_newsletter_loses_nothing(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop)
        paper.run("pause", "weekly", "--until", "2026-11-28", "--now", NOW)
        (slot,) = paper.json("tick", "--now", SLOT)["slots"]
        assert slot["reason"].startswith("paused until 2026-11-28")
        assert paper.json("tick", "--now", "2026-11-30T09:00")["sent_now"] == 2
    assert {str(mail["Subject"]) for mail in inbox(tmp_path / "inbox")} == {
        "The train that waits for morning"
    }


def test_each_reader_gets_it_at_their_own_nine(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop, "local_time = true")
        people = paper.folder / "zones.csv"
        people.write_text("email,timezone\nk@example.org,Asia/Kathmandu\nn@example.org,America/New_York\n")
        paper.run("subscribers", "import", str(people), "--now", NOW)
        sent = [
            paper.json("tick", "--now", at)["sent_now"]
            for at in ("2026-11-23T03:14Z", "2026-11-23T03:15Z", "2026-11-23T07:59Z", "2026-11-23T08:00Z",
                       "2026-11-23T13:59Z", "2026-11-23T14:00Z")
        ]  # fmt: skip
    assert sent == [0, 1, 0, 2, 0, 1]
    assert set(received(tmp_path / "inbox").values()) == {1}


def test_what_falls_in_doubt_in_a_round_is_told_in_it(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop)
        paper.config.write_text(paper.config.read_text() + '\n[notify]\nto = ["ida@slowpost.example"]\n')
        paper.run("tick", "--now", NOW)
        paper.run("tick", "--now", SLOT)
        leave_one_on_the_wire(paper)
        paper.run("tick", "--now", "2026-11-23T09:05", expect=6)
        told = [
            str(mail["Subject"]) for mail in inbox(tmp_path / "inbox") if mail["To"] == "ida@slowpost.example"
        ]
    assert told == [f"1 message in doubt: {ID}"]


def leave_one_on_the_wire(paper: Project) -> None:
    """A process was killed while it sent one."""
    with open_database(paper.folder / ".newsletter" / "newsletter.db") as database:
        d, i = t.delivery.c, t.issue.c

        def write(connection: Connection) -> None:
            one = connection.execute(select(d.id).where(d.issue_id == ID).limit(1)).scalar_one()
            gone = {"state": "sending", "owner": "gone", "token": "t"}
            connection.execute(update(t.delivery).where(d.id == one).values(gone))
            connection.execute(update(t.issue).where(i.id == ID).values(state="open"))

        database.write(write)


def test_what_could_not_go_in_time_comes_with_the_very_next_issue(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        paper = project(tmp_path, drop).set(port="1")
        paper.run("tick", "--now", SLOT, expect=7)
        lost = [each["title"] for each in paper.json("issues", "show", ID)["articles"]]
        new = paper.folder / "content" / "frost.md"
        new.write_text("---\ntitle: First frost\ndate: 2026-11-29\n---\n\nThe ponds were white.\n")
        paper.set(port=str(drop.port), max_items="20")
        assert paper.json("tick", "--now", "2026-11-30T09:00", expect=6)["sent_now"] == 2
    for mail in inbox(tmp_path / "inbox"):
        text = mail.get_body(("plain",))
        assert text is not None
        told = " ".join(text.get_content().split())
        assert [title for title in ("First frost", *lost) if title not in told] == []
