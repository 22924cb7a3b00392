"""What an operator sees and does while mail goes out: pause, cancel, reasons, figures, a heartbeat."""

import re
import signal
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from newsletter.cli.sending import Pace
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, Project, received, sample_project
from tests.senders.fault_server import Act, FaultServer

PEOPLE = 300
CONNECTIONS, WINDOW = 2, 4
ISSUE = "weekly-2026-11-22-m1"


def project_with(folder: Path, port: int) -> Project:
    project = sample_project(folder, port).set(max_items="1")
    return project.add("sender", f"connections = {CONNECTIONS}\nwindow = {WINDOW}")


@pytest.mark.slow
def test_a_pause_in_mid_send_takes_effect_at_once_and_a_resume_goes_on(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox", delay=0.03) as drop:
        project = project_with(tmp_path / "project", drop.port)
        project.subscribe(PEOPLE)
        sending = project.start("send", "weekly", "--yes", "--now", NOW)
        assert drop.wait_for(20, timeout=60)
        project.run("outbox", "pause", ISSUE)
        paused_at = drop.count
        _, said = sending.communicate(timeout=60)

        assert sending.returncode == 6
        assert "Paused: paused by the operator" in said
        assert drop.count <= paused_at + CONNECTIONS * WINDOW * 2
        stopped = project.json("outbox", "status")
        assert (stopped["sent"], stopped["in_doubt"]) == (drop.count, 0)
        assert stopped["sent"] + stopped["waiting"] == PEOPLE > stopped["sent"]

        project.run("outbox", "resume", ISSUE)
        assert project.json("tick", "--now", NOW)["outbox"]["sent"] == PEOPLE
    assert set(received(tmp_path / "inbox").values()) == {1}


@pytest.mark.slow
def test_a_cancel_in_mid_send_takes_out_the_rest_at_once_and_for_good(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox", delay=0.03) as drop:
        project = project_with(tmp_path / "project", drop.port)
        project.subscribe(PEOPLE)
        sending = project.start("send", "weekly", "--yes", "--now", NOW)
        assert drop.wait_for(20, timeout=60)
        cancelled = project.json("outbox", "cancel", ISSUE, "--yes")["cancelled"]
        sending.communicate(timeout=60)

        after = project.json("outbox", "status")
        assert after["sent"] == drop.count == len(received(tmp_path / "inbox"))
        assert after["sent"] + after["cancelled"] == PEOPLE
        assert PEOPLE - 20 >= cancelled >= PEOPLE - 100
        project.run("tick", "--now", NOW)
        assert drop.count == after["sent"]


def test_failures_are_grouped_by_code_with_an_example(tmp_path: Path) -> None:
    gone = Act(b"550 5.1.1 <somebody@example.org> no such user\r\n")
    busy = Act(b"450 4.2.0 later\r\n")
    good = Act(b"250 2.1.5 ok\r\n")
    with FaultServer({"rcpt": (gone, busy, gone, good)}) as server:
        project = sample_project(tmp_path / "project", server.port).set(max_items="1")
        project.add("sender", "connections = 1").subscribe(5)
        project.run("send", "weekly", "--yes", "--now", NOW, expect=6)
    told = project.json("outbox", "status")

    assert [(f["state"], f["code"], f["enhanced"], f["count"]) for f in told["failures"]] == [
        ("failed", 550, "5.1.1", 2),
        ("deferred", 450, "4.2.0", 1),
    ]
    assert told["failures"][0]["example"] == "RCPT: 5.1.1 <somebody@example.org> no such user"
    rows = {row["id"]: row for row in project.json("outbox", "list")["deliveries"]}
    assert rows[told["failures"][0]["delivery_id"]]["code"] == 550
    assert "failed\t550 5.1.1\t2\t" in project.run("outbox", "status").stdout


def test_a_tick_that_went_well_leaves_a_sign_and_one_that_did_not_leaves_none(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1")
        project.add("store", 'heartbeat = ".newsletter/alive"').subscribe(1)
        alive = project.folder / ".newsletter" / "alive"
        assert "Last round that went well: none yet" in project.run("outbox", "status").stdout
        project.run("tick", "--now", NOW)
        assert alive.exists()
        assert project.json("outbox", "status")["last_good_round"] is not None
    alive.unlink()
    project.run("tick", "--now", "2026-11-23T09:00", expect=7)
    assert not alive.exists()


@pytest.mark.slow
def test_run_tells_its_figures_and_writes_down_each_delivery_without_an_address(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with MailDrop(tmp_path / "nobody") as gone:
        closed = gone.port
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", closed).set(max_items="1")
        project.set(bind=f'"127.0.0.1:{port}"').subscribe(3, now="")
        project.run("send", "weekly", "--yes", expect=7)
        project.set(port=str(drop.port))
        project.config.write_text(project.config.read_text() + '\n[log]\naddresses = "masked"\n')
        running = project.start("run")
        try:
            assert running.stderr is not None
            lines = iter(running.stderr.readline, "")
            log = []
            for line in lines:
                log.append(line)
                if "sent 3 of 3 attempts" in line:
                    break
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                figures = answer.read().decode()
                kind = answer.headers["content-type"]
            passed_on = urllib.request.Request(
                f"http://127.0.0.1:{port}/metrics", headers={"X-Forwarded-For": "192.0.2.7"}
            )
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(passed_on, timeout=30)
        finally:
            running.send_signal(signal.SIGTERM)
            running.communicate(timeout=60)

    assert kind.startswith("text/plain; version=0.0.4")
    assert 'newsletter_deliveries{state="sent"} 3' in figures
    assert 'newsletter_attempts_total{outcome="sent"} 3' in figures
    assert "newsletter_held 0" in figures
    attempts = [line for line in log if "outcome=sent" in line]
    assert len(attempts) == 3
    assert all(re.search(r"delivery=\d+ issue=weekly-\S+ attempt=\d outcome=", line) for line in attempts)
    assert all("to=r••@example.org" in line for line in attempts)
    assert "r1@example.org" not in "".join(log)


def test_the_pace_is_that_of_the_last_while_and_tells_when_it_is_over() -> None:
    pace = Pace(1000, 0.0)
    told = [pace.count(n / 50) for n in range(1, 501)]
    assert told[10] == ""
    assert told[-1] == "50/s · 10 s left"
    for n in range(1, 101):  # it slows down to two a second
        last = pace.count(10.0 + n / 2)
    assert last.startswith("2.0/s · 3 min ")
    assert Pace(0, 0.0).count(5.0) == ""
