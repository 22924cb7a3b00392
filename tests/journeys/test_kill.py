"""Real processes, killed: nobody gets it twice, nobody is lost, doubt is bounded and told."""

import random
import signal
from pathlib import Path

import pytest

from newsletter.web.maildrop import MailDrop
from tests.journeys.project import received, sample_project

CONNECTIONS, WINDOW = 3, 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_in_mid_send_never_sends_twice_and_loses_nobody(tmp_path: Path, seed: int) -> None:
    people = 500
    moment = random.Random(seed).randint(20, 450)
    with MailDrop(tmp_path / "inbox", delay=0.003) as drop:
        project = sample_project(tmp_path / "project", drop.port)
        project.add("sender", f"connections = {CONNECTIONS}\nwindow = {WINDOW}")
        project.set(max_items="2").subscribe(people)

        sending = project.start("send", "weekly", "--yes")
        assert drop.wait_for(moment, timeout=120)
        sending.kill()
        sending.communicate(timeout=30)

        before = received(tmp_path / "inbox")
        assert people > sum(before.values()) >= moment
        ticked = project.json("tick", expect=6)
        after = received(tmp_path / "inbox")
        outbox = ticked["outbox"]

    assert max(after.values()) == 1
    assert outbox["in_doubt"] <= CONNECTIONS * WINDOW
    assert outbox["in_doubt"] + outbox["sent"] == outbox["recipients"] == people
    missing = {f"r{number}@example.org" for number in range(1, people + 1)} - set(after)
    doubtful = {row["address"] for row in project.json("outbox", "list", "--state", "in_doubt")["deliveries"]}
    assert missing <= doubtful


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stop_leaves_nothing_in_doubt_and_the_next_tick_goes_on(tmp_path: Path, number: int) -> None:
    people = 200
    with MailDrop(tmp_path / "inbox", delay=0.005) as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1")
        project.subscribe(people)
        sending = project.start("send", "weekly", "--yes")
        assert drop.wait_for(30, timeout=60)
        sending.send_signal(number)
        _, said = sending.communicate(timeout=60)

        assert sending.returncode == 130
        assert "Interrupted" in said
        stopped = project.json("outbox", "status")
        assert (stopped["in_doubt"], stopped["failed"]) == (0, 0)
        assert stopped["sent"] == sum(received(tmp_path / "inbox").values()) < people

        assert project.json("tick")["outbox"]["sent"] == people
        assert set(received(tmp_path / "inbox").values()) == {1}


@pytest.mark.slow
def test_a_kill_while_queueing_is_made_good(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from newsletter.store.database import open_database
    from tests.outbox.publishing import issue, subscribe

    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port)
        path = project.folder / ".newsletter" / "newsletter.db"
        now = datetime.now(UTC)
        with open_database(path) as database:
            from newsletter.outbox import frozen, queueing

            subscribe(database, 1500)
            made = issue("weekly-test", due=now)
            database.write(lambda c: frozen.put(c, made, now))
            database.write(lambda c: queueing.queue_chunk(c, made.id, now, rows=1000))
        # Here the process died: one chunk is queued, the issue is still "publishing".

        assert project.json("tick")["outbox"]["sent"] == 1500
        assert received(tmp_path / "inbox") == {f"r{number}@example.org": 1 for number in range(1, 1501)}
