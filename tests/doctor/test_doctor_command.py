"""`newsletter doctor`, as a person types it, and the parts that look at this machine."""

import json
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from newsletter.doctor import disk, public, python_mail, timing
from newsletter.doctor.diagnosis import Health
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.doctor.recorded import SLOWPOST, dns_server
from tests.journeys.project import NOW, Project, sample_project


def health(lines: object) -> dict[str, Health]:
    return {line.topic: line.health for line in lines}  # type: ignore[attr-defined]


def topics(answer: dict[str, object]) -> dict[str, str]:
    lines = answer["lines"]
    assert isinstance(lines, list)
    return {line["topic"]: line["health"] for line in lines}


def test_a_healthy_project_offline_has_no_failure_and_nothing_is_sent(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 25)
    project.subscribe(1)
    answer = project.json("doctor", "--offline")
    assert answer["ok"] is True
    assert set(topics(answer)) >= {"config", "database", "database use", "disk space", "sender", "clock"}
    assert "failure" not in topics(answer).values()


def test_everything_is_asked_and_no_mail_is_sent(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop, dns_server(SLOWPOST) as dns:
        project = sample_project(tmp_path / "project", drop.port)
        words = ("--nameserver", f"127.0.0.1:{dns}", "--ip", "203.0.113.5", "--dkim-selector", "relay")
        done = project.run("doctor", *words)
        assert drop.count == 0
    for topic in ("smtp connection", "smtp tls", "spf", "dkim", "dmarc", "ptr", "bounces"):
        assert f"ok       {topic}: " in done.stdout
    assert "warning  public url: there is none" in done.stdout
    assert done.stdout.count("→ ") == done.stdout.count("warning  ") + done.stdout.count("failure  ")


def test_a_failure_is_exit_code_5_and_names_its_fix(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "nobody") as gone:
        port = gone.port
    project = sample_project(tmp_path / "project", port)
    with dns_server({}) as dns:
        answer = project.json("doctor", "--nameserver", f"127.0.0.1:{dns}", expect=5)
    assert answer["ok"] is False
    failures = [line for line in answer["lines"] if line["health"] == "failure"]
    assert [line["topic"] for line in failures] == ["smtp connection", "spf", "dmarc", "bounces"]
    assert all(line["fix"] for line in failures)


def test_a_mistake_in_the_configuration_is_a_line_like_any_other(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 25)
    project.config.write_text(project.config.read_text().replace("max_items = 7", "max_itms = 7"))
    answer = project.json("doctor", expect=5)
    (line,) = (line for line in answer["lines"] if line["health"] == "failure")
    assert "did you mean" in line["text"]


def test_a_copied_database_is_a_failure_that_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = sample_project(tmp_path / "project", 25)
    project.run("tick", "--now", NOW)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    answer = project.json("doctor", "--offline", expect=5)
    (line,) = (line for line in answer["lines"] if line["topic"] == "database use")
    assert (line["health"], line["fix"]) == ("failure", "newsletter tick --adopt")


def test_several_senders_are_told_apart(tmp_path: Path) -> None:
    project = sample_project(tmp_path / "project", 25)
    text = project.config.read_text()
    head, _, rest = text.partition("[sender]")
    box = json.dumps(str(tmp_path / "box"))
    ways = f'[senders.main]\nname = "memory"\n[senders.spare]\nname = "maildir"\npath = {box}\n'
    project.config.write_text(f"{head}{ways}[store]{rest.partition('[store]')[2]}")
    assert {"main: sender", "spare: sender"} <= set(topics(project.json("doctor", "--offline")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "n.db"
    with open_database(made):
        pass
    return made


def test_a_database_is_whole_writable_and_private(path: Path) -> None:
    assert set(health(disk.look(path)).values()) == {Health.OK}


def test_a_damaged_database_is_a_failure(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    octets[4096:12288] = b"\xff" * 8192
    path.write_bytes(bytes(octets))
    assert health(disk.look(path))["database"] is Health.FAILURE


def test_a_database_of_somebody_else_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE precious (x)")
    assert health(disk.look(path))["database"] is Health.FAILURE


def test_a_lock_that_is_held_for_long_is_a_warning(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert health(disk.look(path))["database writes"] is Health.WARNING


def test_addresses_that_others_can_read_are_a_warning(path: Path) -> None:
    path.chmod(0o644)
    assert health(disk.look(path))["database privacy"] is Health.WARNING


@pytest.mark.parametrize(
    ("free", "expected"), [(10**10, Health.OK), (5 * 10**8, Health.WARNING), (10**6, Health.FAILURE)]
)
def test_a_full_disk_is_seen(
    path: Path, monkeypatch: pytest.MonkeyPatch, free: int, expected: Health
) -> None:
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))
    assert health(disk.look(path))["disk space"] is expected


@pytest.mark.parametrize(
    ("now", "newest", "step", "expected"),
    [
        (datetime(2026, 11, 22, tzinfo=UTC), None, 0.0, Health.OK),
        (datetime(1970, 1, 2, tzinfo=UTC), None, 0.0, Health.FAILURE),
        (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC), 0.0, Health.FAILURE),
        (datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC), 0.0, Health.OK),
        (datetime(2026, 11, 22, tzinfo=UTC), None, -3600.0, Health.WARNING),
    ],
)
def test_a_clock_that_cannot_be_right_is_seen(
    now: datetime, newest: datetime | None, step: float, expected: Health
) -> None:
    assert health(timing.look(now, newest, step, None)) == {"clock": expected}


def test_the_clock_of_this_machine_is_looked_at() -> None:
    assert abs(timing.Watch().step()) < 1.0
    assert timing.is_synchronised() in (True, False, None)
    assert health(timing.look(datetime.now(UTC), None, 0.0, False))["clock service"] is Health.WARNING
    assert datetime.now(UTC) - timing.EARLIEST > timedelta(0)


def test_our_headers_are_safe_whatever_this_python_does() -> None:
    found = health(python_mail.look())
    assert found["our headers"] is Health.OK
    assert found["python email"] in (Health.OK, Health.WARNING)


@contextmanager
def site(status: int, location: str = "") -> Iterator[tuple[str, list[str]]]:
    """A web server that answers POST with `status`."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, code: int) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            asked.append(f"{self.command} {self.path} {body}".strip())
            self.send_response(code)
            if location:
                self.send_header("location", location)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            self._answer(200)

        def do_POST(self) -> None:
            self._answer(status)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/letters", asked
        finally:
            server.shutdown()
            thread.join(5)


@pytest.mark.parametrize(
    ("status", "expected"), [(200, Health.OK), (302, Health.FAILURE), (403, Health.FAILURE)]
)
def test_one_click_is_tried_as_a_mail_program_does_it(status: int, expected: Health) -> None:
    with site(status, "/login" if status == 302 else "") as (url, asked):
        found = health(public.look(url, "TOKEN"))
    assert found == {"public url": Health.OK, "one-click": expected}
    assert asked == ["GET /letters/", "POST /letters/u/TOKEN List-Unsubscribe=One-Click"]


def test_a_public_url_that_nobody_serves_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (line,) = public.look(f"http://127.0.0.1:{port}", "TOKEN")
    assert line.health is Health.FAILURE
    assert "newsletter run" in line.fix


@pytest.mark.slow
def test_the_pages_of_run_pass(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    project: Project = sample_project(tmp_path / "project", 25)
    project.set(bind=f'"127.0.0.1:{port}"', public_url=f'"http://127.0.0.1:{port}"')
    running = project.start("run")
    try:
        assert running.stderr is not None
        assert "Pages on" in running.stderr.readline()
        with dns_server(SLOWPOST) as dns:
            answer = project.json("doctor", "--nameserver", f"127.0.0.1:{dns}", expect=5)
    finally:
        running.terminate()
        running.communicate(timeout=60)
    found = topics(answer)
    assert (found["public url"], found["one-click"]) == ("ok", "ok")
