"""The smtp sender against an SMTP server that other people wrote."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from aiosmtpd.smtp import Envelope as ServerEnvelope

from newsletter.model import Envelope, Outcome, Verdict
from newsletter.senders.smtp import SmtpSender
from tests.tls import Authority

ENVELOPE = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Message-ID: <1@news.test>\r\nSubject: s\r\n\r\nA line.\r\n.\r\n..two\r\n" + b"y" * 998 + b"\r\n"


class Inbox:
    def __init__(self) -> None:
        self.received: list[tuple[str | None, str, bytes | None]] = []

    async def handle_DATA(self, server: object, session: object, envelope: ServerEnvelope) -> str:
        self.received.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        return "250 2.0.0 filed"


def login(server: object, session: object, envelope: object, mechanism: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    return AuthResult(success=(given.login, given.password) == (b"news", b"secret"), handled=False)


@contextmanager
def served(inbox: Inbox, **options: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def sending(*given: object, **options: object) -> Iterator[SmtpSender]:
    sender = SmtpSender(*given, **options)  # type: ignore[arg-type]
    try:
        yield sender
    finally:
        sender.close()


@pytest.fixture
def certificate(authority: Authority) -> tuple[ssl.SSLContext, str]:
    return authority.context("localhost"), str(authority.ca_file)


def test_bytes_and_envelope_arrive_unchanged() -> None:
    inbox = Inbox()
    with served(inbox) as port, sending("127.0.0.1", port, "none") as sender:
        outcomes = [sender.send(Envelope("b@news.test", f"r{n}@reader.test"), MESSAGE) for n in range(3)]
    assert [o.verdict for o in outcomes] == [Verdict.SENT] * 3
    assert inbox.received == [("b@news.test", f"r{n}@reader.test", MESSAGE) for n in range(3)]


def test_a_submission_server_with_starttls_and_login(certificate: tuple[ssl.SSLContext, str]) -> None:
    inbox, (context, ca_file) = Inbox(), certificate
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": login,
        "auth_required": True,
    }
    with served(inbox, **options) as port:
        for password, verdict in (("wrong", Verdict.DEFERRED), ("secret", Verdict.SENT)):
            with sending("localhost", port, username="news", password=password, ca_file=ca_file) as sender:
                outcome = sender.send(ENVELOPE, MESSAGE)
            assert outcome.verdict is verdict, outcome
    assert [received[2] for received in inbox.received] == [MESSAGE]


def test_an_international_address_arrives() -> None:
    inbox = Inbox()
    with served(inbox) as port, sending("127.0.0.1", port, "none") as sender:
        outcome: Outcome = sender.send(Envelope("bounce@news.test", "jürgen@reader.test"), MESSAGE)
    assert outcome.verdict is Verdict.SENT, outcome
    assert [received[1] for received in inbox.received] == ["jürgen@reader.test"]
