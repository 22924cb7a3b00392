"""`tick` and `run` with bounces: mailboxes are read, what is away holds nothing up, hooks answer."""

from __future__ import annotations

import http.client
import json
import mailbox
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.audience.tokens import Tokens, load_keys
from newsletter.config import load
from newsletter.web.maildrop import MailDrop
from tests.bounces_hooks.postmarks import PASSWORD, headers, record
from tests.inbox.returned import address, dsn
from tests.journeys.project import Project, sample_project

pytestmark = pytest.mark.slow


@pytest.fixture
def drop(tmp_path: Path) -> Iterator[MailDrop]:
    with MailDrop(tmp_path / "inbox") as opened:
        yield opened


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """Nobody has had anything."""
    return sample_project(tmp_path / "project", 1).set(bind='"127.0.0.1:0"')


@pytest.fixture
def project(tmp_path: Path, drop: MailDrop) -> Project:
    """Two readers, each of whom has had an issue: deliveries 1 and 2."""
    made = sample_project(tmp_path / "project", drop.port).set(max_items="1", bind='"127.0.0.1:0"')
    made.add("sender", 'mail_from = "bounce@bounces.news.test"\nverp = true')
    for reader in ("r1@example.org", "r2@example.org"):
        made.run("subscribers", "add", reader)
    made.run("send", "weekly", "--yes")
    return made


def configure(project: Project, lines: str) -> None:
    with project.config.open("a") as config:
        config.write(f"\n{lines}\n")


def reasons(project: Project, reader: str) -> list[str]:
    return [one["reason"] for one in project.json("subscribers", "show", reader)["suppressions"]]


@contextmanager
def running(project: Project) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`newsletter run`, and its port; asked to end, and waited for."""
    process = project.start("run")
    try:
        port = int(told(process, r"Pages on http://127\.0\.0\.1:(\d+)/")[1])
        yield process, port
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in rest) == (0, False), rest
    finally:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """What it says on stderr, once it says that."""
    assert process.stderr is not None
    while (found := re.search(pattern, line := process.stderr.readline())) is None:
        assert line, pattern
    return found


def test_tick_reads_the_maildir_before_it_sends(project: Project, tmp_path: Path) -> None:
    tokens = Tokens(load_keys(project.folder / ".newsletter" / "secret.key"))
    mailbox.Maildir(tmp_path / "box", create=True).add(dsn(address(1, tokens)))
    configure(project, f'[bounces]\nmaildir = "{tmp_path}/box"')

    project.run("tick")

    assert reasons(project, "r1@example.org") == ["hard bounce"]
    assert [path.name[-1] for path in (tmp_path / "box" / "cur").iterdir()] == ["S"]


def test_a_mailbox_that_is_away_is_told_and_stops_no_sending(project: Project) -> None:
    configure(project, '[bounces]\nimap = { host = "127.0.0.1", port = 1, username = "u", password = "p" }')

    done = project.run("tick", "--now", "2026-11-30T09:00")

    assert "Bounces could not be read: 127.0.0.1:1/INBOX: Connection refused" in done.stderr
    assert "Sent now:" in done.stdout
    refused = project.run("bounces", "process", "--imap", expect=3)
    assert refused.stderr == "127.0.0.1:1/INBOX: Connection refused\n"


def test_without_a_mailbox_the_command_says_what_is_missing(empty: Project) -> None:
    done = empty.run("bounces", "process", "--imap", expect=3)
    assert "bounces.imap.host: missing" in done.stderr


def test_run_reads_the_maildir_and_a_server_that_hangs_holds_up_neither_it_nor_the_end(
    project: Project, tmp_path: Path
) -> None:
    tokens = Tokens(load_keys(project.folder / ".newsletter" / "secret.key"))
    mailbox.Maildir(tmp_path / "box", create=True).add(dsn(address(2, tokens)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        configure(
            project,
            f'[bounces]\nmaildir = "{tmp_path}/box"\n'
            f'imap = {{ host = "127.0.0.1", port = {port}, security = "none", username = "u" }}',
        )
        with running(project) as (process, _):
            told(process, "came back: .*: suppressed")
    assert reasons(project, "r2@example.org") == ["hard bounce"]


def test_run_takes_the_calls_of_a_provider_and_refuses_others(project: Project) -> None:
    configure(project, f'[webhooks.postmark]\nusername = "postmark"\npassword = "{PASSWORD}"')
    body = record(BouncedAt=datetime.now(UTC).isoformat())

    with running(project) as (_, port):
        answers = [
            call(port, "postmark", body, headers("another-password-of-theirs")),
            call(port, "ses", body, headers()),
            call(port, "postmark", body, headers()),
        ]

    assert answers == [401, 404, 200]
    assert reasons(project, "r1@example.org") == ["hard bounce"]
    assert reasons(project, "r2@example.org") == []


def call(port: int, provider: str, body: bytes, given: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", f"/hooks/{provider}", body, given)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('[webhooks.postmark]\nusername = "postmark"', 'the webhook "postmark" needs it'),
        ('[webhooks.postmark]\nusername = "p"\npassword = "x"\nip = []', 'unknown key, did you mean "ips"?'),
        ('[webhooks.ses]\ntopics = "arn"', "webhooks.ses.topics: should be a list"),
        ("[webhooks.sess]", 'no webhook called "sess"; installed: postmark, ses; did you mean "ses"?'),
        ('[bounces]\nimap = { host = "imap.example.org", security = "none" }', "should be tls or starttls"),
        ("[bounces]\nsoft_bounces = 0", "bounces.soft_bounces: "),
    ],
)
def test_a_mistake_in_the_tables_is_told_with_its_line(empty: Project, lines: str, said: str) -> None:
    before = empty.config.read_text().count("\n") + 2
    configure(empty, lines)
    stderr = empty.run("plan", expect=3).stderr
    assert said in stderr
    assert before <= int(stderr.split(":")[1]) <= before + lines.count("\n") + 1


def test_options_that_protect_nothing_stop_run_before_it_serves(empty: Project) -> None:
    configure(empty, '[webhooks.postmark]\nusername = "postmark"\npassword = "short"')
    stderr = empty.run("run", expect=3).stderr
    assert re.search(r'config\.toml:\d+: webhooks\.postmark: "password" needs 16 characters', stderr)
    assert "short" not in stderr


def test_a_password_is_shown_nowhere(empty: Project) -> None:
    configure(
        empty,
        f'[webhooks.postmark]\nusername = "postmark"\npassword = "{PASSWORD}"\n'
        f'[bounces.imap]\nhost = "imap.example.org"\npassword = "{PASSWORD}"',
    )
    loaded = load(empty.config, {})
    assert PASSWORD not in json.dumps(loaded.masked()) + repr(loaded)
    assert loaded.masked()["webhooks"] == {"postmark": {"username": "postmark", "password": "********"}}
    assert loaded.masked()["bounces"]["imap"]["password"] == "********"
    from_there = load(empty.config, {"NEWSLETTER_BOUNCES__IMAP__PASSWORD": "of-the-environment"})
    assert from_there.bounces.imap.password.get_secret_value() == "of-the-environment"
    from_there = load(empty.config, {"NEWSLETTER_WEBHOOKS__POSTMARK__PASSWORD": "of-the-environment"})
    assert from_there.webhooks["postmark"].revealed()["password"] == "of-the-environment"
