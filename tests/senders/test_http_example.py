"""The example plug-in: installed as a package, held to the contract of every sender and to its verdicts."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Verdict
from newsletter.plugins import installed
from newsletter.senders import Sender, open_sender
from tests.senders.test_sender_contract import (  # noqa: F401  (the contract, held against this sender)
    Case,
    test_a_message_arrives_unchanged_and_the_outcome_says_sent,
    test_an_address_that_no_server_must_see_is_a_failed_delivery,
    test_an_unknown_option_is_refused_by_name,
    test_bytes_that_are_no_message_are_a_bug_and_never_leave,
    test_closing_twice_is_as_closing_once,
    test_closing_what_was_never_used_is_fine,
    test_several_messages_arrive_each_once,
)

PACKAGE = Path(__file__).resolve().parents[2] / "examples" / "newsletter-sender-http"
ADA = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Message-ID: <1@news.test>\r\nSubject: s\r\n\r\nA line.\r\n"
KEY = "correct-horse"

Answer = Callable[[BaseHTTPRequestHandler], None]


def says(status: int, body: str = "", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body.encode())

    return answer


class Service:
    """A web service that takes messages, and the truth about what it took."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.taken: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.release = threading.Event()
        self.url = ""

    @property
    def messages(self) -> list[bytes]:
        return [b64decode(each["message"]) for each in self.taken]


@contextmanager
def service(answer: Answer = says(200, "queued")) -> Iterator[Service]:  # noqa: B008
    made = Service(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.taken.append(json.loads(body))
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            made.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_port}/v1/messages"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            made.release.set()
            server.shutdown()
            thread.join(5)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built and installed as people install it, into a folder of its own."""
    folder = tmp_path_factory.mktemp("package")
    source, target = folder / "source", folder / "installed"
    shutil.copytree(PACKAGE, source)
    quiet = ("-q", "--disable-pip-version-check", "--no-input")
    alone = ("--no-index", "--no-deps", "--no-build-isolation")
    words = [sys.executable, "-m", "pip", "install", *quiet, *alone, "--target", str(target), str(source)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(autouse=True)
def on_the_path(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package))


@pytest.fixture
def case() -> Iterator[Case]:
    with service() as running:
        yield "http", {"url": running.url, "timeout": 5.0}, lambda _: running.messages


@pytest.fixture
def sender(case: Case) -> Iterator[Sender]:
    made = open_sender(case[0], case[1])
    yield made
    made.close()


def test_it_is_installed_under_its_name() -> None:
    assert "http" in installed("senders")


def test_the_service_gets_the_envelope_the_message_and_a_key_that_is_the_same_on_every_attempt() -> None:
    with service() as running:
        sender = open_sender("http", {"url": running.url, "api_key": KEY})
        for to in ("ada@reader.test", "ada@reader.test", "bob@reader.test"):
            assert sender.send(Envelope("bounce@news.test", to), MESSAGE).verdict is Verdict.SENT
    keys = [each["idempotency_key"] for each in running.taken]
    assert keys[0] == keys[1] != keys[2]
    assert [each["idempotency-key"] for each in running.headers] == keys
    assert (running.taken[0]["mail_from"], running.taken[0]["rcpt_to"]) == (
        "bounce@news.test",
        "ada@reader.test",
    )
    assert running.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in f"{sender} {sender!r}"


@pytest.mark.parametrize(
    ("status", "body", "verdict", "fault"),
    [
        (200, "", Verdict.SENT, Fault.NONE),
        (202, "", Verdict.SENT, Fault.NONE),
        (409, "had it", Verdict.SENT, Fault.NONE),
        (400, "", Verdict.FAILED, Fault.US),
        (413, "", Verdict.FAILED, Fault.US),
        (401, "", Verdict.DEFERRED, Fault.US),
        (403, "", Verdict.DEFERRED, Fault.US),
        (404, "", Verdict.DEFERRED, Fault.US),
        (404, '{"error": "recipient"}', Verdict.FAILED, Fault.RECIPIENT),
        (410, '{"error": "recipient"}', Verdict.FAILED, Fault.RECIPIENT),
        (408, "", Verdict.DEFERRED, Fault.RELAY),
        (429, "", Verdict.DEFERRED, Fault.RELAY),
        (503, "", Verdict.DEFERRED, Fault.RELAY),
        (302, "", Verdict.DEFERRED, Fault.US),
        (500, "", Verdict.IN_DOUBT, Fault.RELAY),
        (502, "", Verdict.IN_DOUBT, Fault.RELAY),
    ],
)
def test_the_status_decides(status: int, body: str, verdict: Verdict, fault: Fault) -> None:
    with service(says(status, body, Location="/elsewhere")) as running:
        outcome = open_sender("http", {"url": running.url}).send(ADA, MESSAGE)
        assert len(running.taken) == 1
    assert (outcome.verdict, outcome.fault, outcome.code) == (verdict, fault, status)
    assert outcome.text.isprintable()


def test_no_answer_after_the_request_was_written_is_in_doubt() -> None:
    with service() as running:
        running.answer = lambda handler: bool(running.release.wait(60)) and None
        outcome = open_sender("http", {"url": running.url, "timeout": 0.5}).send(ADA, MESSAGE)
        assert running.messages == [MESSAGE]
    assert outcome.verdict is Verdict.IN_DOUBT
    assert "timed out" in outcome.text


@pytest.mark.parametrize("octets", [b"", b"HTTP/1.1 2", b"SSH-2.0-x\r\n"])
def test_an_end_in_the_middle_of_an_answer_and_nonsense_are_in_doubt(octets: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(octets)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)

    with service(answer) as running:
        outcome = open_sender("http", {"url": running.url, "timeout": 5.0}).send(ADA, MESSAGE)
        assert running.messages == [MESSAGE]
    assert outcome.verdict is Verdict.IN_DOUBT


def test_nobody_there_is_deferred_and_nothing_has_left() -> None:
    with service() as running:
        pass
    outcome = open_sender("http", {"url": running.url}).send(ADA, MESSAGE)
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "mail.example.org"}, "should be an address"),
        ({"url": "http://mail.example.org/"}, "should begin with https://"),
        ({"url": "https://ida:x@mail.example.org/"}, "should be an address"),
        ({"url": "https://mail.example.org/", "timeout": 0.0}, "seconds above 0"),
        ({"url": "https://mail.example.org/", "api_key": "a\nb"}, "printable ASCII"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(PluginError, match=said):
        open_sender("http", options)
