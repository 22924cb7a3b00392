"""Somebody stops an issue, or the program, in the middle of a sending: at once, and nothing is lost."""

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.delivery.deliver import deliver
from newsletter.delivery.halt import TOGETHER_SECONDS
from newsletter.delivery.line import Drained, Line, Route
from newsletter.errors import StoreError
from newsletter.model import Envelope, Fault, Outcome, State, Verdict
from newsletter.outbox import operate
from newsletter.senders import Sender
from newsletter.senders.smtp import SmtpSender
from newsletter.store.database import Database
from tests.delivery.lines import line
from tests.journeys.project import sample_project
from tests.outbox.publishing import issue, publish, subscribe
from tests.senders.fault_server import PIPELINING, Act, FaultServer, Then

ISSUE = "weekly-2026-11-23"
SENT = Outcome(Verdict.SENT, Fault.NONE, 250, "2.0.0 ok")
SECONDS = 20  #: after so long something has not happened


def smtp(port: int, **options: str) -> Callable[[], Sender]:
    return lambda: SmtpSender("127.0.0.1", port, "none", timeout=5, dot_timeout=600, **options)


def states(database: Database) -> dict[State, int]:
    with database.read() as connection:
        return dict(operate.counts(connection).by_state)


def reason(database: Database, id: str = ISSUE) -> tuple[str, str]:
    with database.read() as connection:
        row = operate.issue(connection, id)
    assert row is not None
    return row.state, row.state_reason


def until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.01)
    return True


class Third:
    """A sender that does something while it has its third message."""

    def __init__(self, do: Callable[[], object]) -> None:
        self.do = do
        self.messages = 0

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        self.messages += 1
        if self.messages == 3:
            self.do()
        return SENT

    def close(self) -> None:
        pass


STOP = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=30) as database:
    database.execute(sys.argv[2])
"""


@pytest.mark.parametrize(
    ("statement", "rest"),
    [
        ("UPDATE issue SET state = 'paused'", State.QUEUED),
        ("UPDATE issue SET state = 'cancelled'", State.CANCELLED),
    ],
)
def test_what_another_process_stops_is_given_back_and_only_what_is_on_the_wire_ends(
    database: Database, statement: str, rest: State
) -> None:
    subscribe(database, 40)
    publish(database, issue())
    given_back = []

    def stop() -> None:
        subprocess.run([sys.executable, "-c", STOP, str(database.path), statement], check=True)
        # Its message is still under way, and holds up the connection.
        given_back.append(until(lambda: states(database).get(State.SENDING, 0) == 1))

    sender = Third(stop)
    deliver(line(database, Route(lambda: sender, 1)))

    assert given_back == [True]
    assert sender.messages == 3
    after = states(database)
    assert after[State.SENT] == 3
    assert after[rest] >= 13  # what its window held beside
    assert sum(after.values()) == 40


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscription SET status = 'unsubscribed' WHERE subscriber_id > 35",
        "DELETE FROM subscription WHERE subscriber_id > 35",
        "INSERT INTO suppression (address_key, scope, reason, since, note) "
        "SELECT address_key, '*', 'complaint', 0, '' FROM subscriber WHERE id > 35",
    ],
    ids=["left", "erased", "complained"],
)
def test_who_leaves_while_their_message_waits_for_a_slow_server_gets_none(
    database: Database, statement: str
) -> None:
    subscribe(database, 40)
    publish(database, issue())
    given_back = []

    def leave() -> None:
        subprocess.run([sys.executable, "-c", STOP, str(database.path), statement], check=True)
        given_back.append(until(lambda: states(database).get(State.SUPPRESSED, 0) == 5))

    sender = Third(leave)
    deliver(line(database, Route(lambda: sender, 1), window=64))

    assert given_back == [True]  # while the third was still under way
    assert (sender.messages, states(database)) == (35, {State.SENT: 35, State.SUPPRESSED: 5})


def test_an_issue_that_is_paused_and_resumed_in_mid_send_goes_on(database: Database) -> None:
    subscribe(database, 40)
    publish(database, issue())

    def pause_and_resume() -> None:
        database.write(lambda c: operate.pause(c, ISSUE))
        until(lambda: states(database).get(State.SENDING, 0) == 1)
        database.write(lambda c: operate.resume(c, ISSUE))

    sender = Third(pause_and_resume)
    deliver(line(database, Route(lambda: sender, 1)))

    assert (sender.messages, states(database)) == (40, {State.SENT: 40})


def test_a_database_that_breaks_in_mid_send_is_named_with_what_to_do(database: Database) -> None:
    subscribe(database, 40)
    publish(database, issue())

    def damage() -> None:
        with sqlite3.connect(database.path, timeout=30) as other:
            other.execute("PRAGMA writable_schema = ON")
            other.execute("UPDATE sqlite_schema SET sql = 'nonsense' WHERE name = 'delivery'")
            (version,) = other.execute("PRAGMA schema_version").fetchone()
            other.execute(f"PRAGMA schema_version = {version + 1}")

    with pytest.raises(StoreError) as caught:
        deliver(line(database, Route(lambda: Third(damage), 1)))

    told = str(caught.value)
    assert told.startswith(f"{database.path}: is damaged (")
    assert "restore a backup" in told
    with pytest.raises(StoreError, match="is damaged"):
        database.write(lambda c: operate.pause(c, ISSUE))
    with pytest.raises(StoreError, match="is damaged"):
        states(database)


# ── the second signal ───────────────────────────────────────────────────────


def stopped_twice(sending: Line, under_way: Callable[[], bool]) -> Drained:
    """Stop when something is under way, and cut it off when it does not end."""
    came: list[Drained] = []
    thread = threading.Thread(target=lambda: came.append(deliver(sending)))
    thread.start()
    assert until(under_way)
    sending.stop.set()
    # Of each of at most two connections: the message on the wire, and the one whose envelope was said behind.
    assert until(lambda: states(sending.database).get(State.SENDING, 0) <= 4)
    sending.abandon.set()
    thread.join(SECONDS)
    assert not thread.is_alive()
    return came[0]


def test_cut_off_what_was_on_the_wire_is_in_doubt_and_nothing_else(database: Database) -> None:
    subscribe(database, 40)
    publish(database, issue())
    silent = {"ehlo": PIPELINING, "dot": Act(b"", Then.SAY_NOTHING, takes=True)}
    with FaultServer(silent) as server:
        sending = line(database, Route(smtp(server.port), 2))
        drained = stopped_twice(sending, lambda: len(server.accepted) == 2)

    assert drained.outcomes[Verdict.IN_DOUBT] == 2
    assert states(database) == {State.IN_DOUBT: 2, State.QUEUED: 38}


def test_cut_off_a_plug_in_that_is_stuck_is_left_behind(database: Database) -> None:
    subscribe(database, 40)
    publish(database, issue())
    end = threading.Event()
    sender = Third(lambda: end.wait(60))
    try:
        drained = stopped_twice(line(database, Route(lambda: sender, 1)), lambda: sender.messages == 3)
    finally:
        end.set()

    assert drained.outcomes == {Verdict.SENT: 2, Verdict.IN_DOUBT: 1}
    assert states(database) == {State.SENT: 2, State.IN_DOUBT: 1, State.QUEUED: 37}


# ── nobody lets us in ───────────────────────────────────────────────────────

LOGIN = {"ehlo": Act(b"250-fault.test\r\n250 AUTH PLAIN\r\n"), "auth": Act(b"535 5.7.8 bad login\r\n")}
WHO = {"username": "ida", "password": "not-the-right-one"}


def test_a_login_that_is_refused_pauses_every_issue_that_waits_and_no_other(database: Database) -> None:
    subscribe(database, 3)
    for id in ("weekly-2026-11-16", "weekly-2026-11-23"):
        publish(database, issue(id))
    subscribe(database, 1, start=4)
    publish(database, issue("weekly-2026-11-09"))
    database.write(
        lambda c: c.exec_driver_sql("UPDATE delivery SET state = 'sent' WHERE issue_id LIKE '%09'")
    )
    with FaultServer(LOGIN) as server:
        drained = deliver(line(database, Route(smtp(server.port, **WHO), 1), window=2))

    why = ("paused", "the server refuses us: AUTH: 5.7.8 bad login")
    assert reason(database, "weekly-2026-11-16") == reason(database, "weekly-2026-11-23") == why
    assert reason(database, "weekly-2026-11-09")[0] == "finished"
    assert drained.unreachable == "AUTH: 5.7.8 bad login"
    assert states(database) == {State.QUEUED: 6, State.SENT: 4}
    assert len([word for word in server.commands if word.startswith("AUTH")]) == 1


def test_a_login_that_one_of_two_servers_refuses_pauses_nothing(database: Database) -> None:
    subscribe(database, 20)
    publish(database, issue())
    with FaultServer(LOGIN) as strict, FaultServer() as other:
        drained = deliver(line(database, Route(smtp(strict.port, **WHO), 1), Route(smtp(other.port), 1)))

    assert states(database) == {State.SENT: 20}
    assert reason(database) == ("finished", "")
    assert (drained.unreachable, drained.gone) == ("", ("AUTH: 5.7.8 bad login",))


# ── the command line ────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_second_ctrl_c_stops_the_command_at_once_and_says_what_is_in_doubt(tmp_path: Path) -> None:
    silent = {"ehlo": PIPELINING, "dot": Act(b"", Then.SAY_NOTHING, takes=True)}
    with FaultServer(silent) as server:
        project = sample_project(tmp_path / "project", server.port).set(max_items="1")
        project.subscribe(20)
        sending = project.start("send", "weekly", "--yes")
        assert until(lambda: len(server.accepted) > 0)
        sending.send_signal(signal.SIGINT)
        threading.Event().wait(2 * TOGETHER_SECONDS)
        assert sending.poll() is None
        sending.send_signal(signal.SIGINT)
        _, said = sending.communicate(timeout=SECONDS)
        accepted = len(server.accepted)

    assert sending.returncode == 130
    assert f"Stopped at once: {accepted} in doubt." in said
