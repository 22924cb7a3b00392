"""After a kill: what docs/delivery.md tells an operator to type, typed."""

from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, inbox, received, sample_project
from tests.senders.fault_server import Act, FaultServer, Then

PEOPLE = 100
ISSUE = "weekly-2026-11-22-m1"


@pytest.mark.slow
def test_right_after_a_kill_the_documented_commands_find_and_settle_what_is_in_doubt(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox", delay=0.02) as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1")
        project.subscribe(PEOPLE)
        sending = project.start("send", "weekly", "--yes", "--now", NOW)
        assert drop.wait_for(20, timeout=60)
        sending.kill()
        sending.communicate(timeout=30)

        looked = project.run("outbox", "status")
        assert "process that is gone" in looked.stderr
        assert looked.stdout.startswith(f"{PEOPLE} recipients = ")
        rows = project.json("outbox", "list", "--state", "in_doubt")["deliveries"]
        assert rows
        assert drop.count == len(inbox(tmp_path / "inbox"))  # looking sends nothing

        filed = {str(message["Message-ID"]) for message in inbox(tmp_path / "inbox")}
        accepted = [str(row["id"]) for row in rows if row["message_id"] in filed]
        lost = [str(row["id"]) for row in rows if row["message_id"] not in filed]
        if accepted:
            assert project.json("outbox", "resolve", *accepted, "--as", "sent")["resolved"] == len(accepted)
        if lost:
            project.run("outbox", "resolve", *lost, "--as", "retry", "--now", NOW)
        assert project.json("tick", "--now", NOW)["outbox"]["sent"] == PEOPLE
        assert set(received(tmp_path / "inbox").values()) == {1}
        assert len(received(tmp_path / "inbox")) == PEOPLE


def in_doubt(folder: Path) -> Project:
    """A project with one delivery, accepted, of which nobody knows."""
    with FaultServer({"dot": Act(takes=True, then=Then.HANG_UP)}) as server:
        project = sample_project(folder, server.port).set(max_items="1")
        project.subscribe(1)
        project.run("send", "weekly", "--yes", "--now", NOW, expect=6)
        assert len(server.accepted) == 1
    return project


def test_retry_leaves_out_what_may_have_been_accepted_and_says_so(tmp_path: Path) -> None:
    project = in_doubt(tmp_path / "project")
    project.run("outbox", "resolve", "1", "--as", "failed")

    left = project.run("outbox", "retry", "--issue", ISSUE, "--now", NOW)
    assert left.stdout == "0 queued again\n"
    assert left.stderr.startswith("Left out, 1: 1: may have been accepted")
    with MailDrop(tmp_path / "inbox") as drop:
        project.set(port=str(drop.port))
        project.run("tick", "--now", NOW)
        assert drop.count == 0
        project.run("outbox", "resolve", "1", "--as", "retry", "--now", NOW)
        project.run("tick", "--now", NOW)
        assert drop.count == 1


def test_a_number_that_cannot_be_resolved_is_told_with_the_reason_and_exit_code_2(tmp_path: Path) -> None:
    project = in_doubt(tmp_path / "project")

    done = project.json("outbox", "resolve", "1", "99", "--as", "sent", expect=2)
    assert done == {"resolved": 1, "left_out": [{"id": 99, "why": "there is no such delivery"}]}
    again = project.run("outbox", "resolve", "1", "--as", "sent", expect=2)
    assert "Left out, 1: 1: is sent already" in again.stderr


def test_tick_says_at_each_round_that_something_is_in_doubt_until_it_is_decided(tmp_path: Path) -> None:
    project = in_doubt(tmp_path / "project")

    for _ in range(2):
        assert "1 in doubt until you decide" in project.run("tick", "--now", NOW, expect=6).stderr
    project.run("outbox", "resolve", "--issue", ISSUE, "--as", "sent")
    project.run("tick", "--now", NOW)


def test_the_message_id_and_the_time_stand_in_the_list(tmp_path: Path) -> None:
    project = in_doubt(tmp_path / "project")

    (row,) = project.json("outbox", "list")["deliveries"]
    assert row["state_at"].startswith("2026-11-22T")
    header, line = project.run("outbox", "list").stdout.splitlines()
    cells = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert cells["Message-ID"] == row["message_id"]
    assert cells["since"].startswith("Sun 22 Nov 2026 ")


def test_who_paused_an_issue_is_told_how_to_go_on_with_that_one(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 1).set(max_items="1")
    project.subscribe(2)
    project.run("send", "weekly", "--yes", "--now", NOW, expect=7)
    project.run("outbox", "pause", ISSUE)

    said = project.run("send", "weekly", "--yes", "--now", NOW).stderr
    assert (
        f"2 wait because {ISSUE} is paused: `newsletter outbox resume {ISSUE}`, then `newsletter tick`."
        in said
    )
    assert "`newsletter tick` delivers them" not in said
    told = project.run("tick", "--now", NOW).stderr
    assert f"{ISSUE} is paused. `newsletter outbox resume {ISSUE}` goes on." in told


def test_cancelling_tells_what_stays_in_doubt(tmp_path: Path) -> None:
    project = in_doubt(tmp_path / "project")

    told = project.run("outbox", "cancel", ISSUE, "--yes")
    assert f"1 stay in doubt: they may have been accepted. `newsletter outbox resolve --issue {ISSUE}" in (
        told.stderr
    )
