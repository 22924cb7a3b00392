"""Encryption and login: what is required, verified, and never said in clear."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders.smtp import SmtpSender
from tests.senders.fault_server import Act, FaultServer, Script, Then
from tests.tls import Authority

ENVELOPE = Envelope("bounce@news.test", "ada@reader.test")
MESSAGE = b"Message-ID: <1@news.test>\r\nSubject: s\r\n\r\nA line of text.\r\n"
PASSWORD = "correct horse battery"

OFFERS_TLS = Act(b"250-f\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")
OFFERS_LOGIN = Act(b"250-f\r\n250 AUTH PLAIN LOGIN\r\n")
USUAL: Script = {"ehlo": (OFFERS_TLS, OFFERS_LOGIN)}


@pytest.fixture(scope="module")
def ca_file(authority: Authority) -> Path:
    return authority.ca_file


@pytest.fixture(scope="module")
def trusted(authority: Authority) -> ssl.SSLContext:
    return authority.context("127.0.0.1", "localhost")


def attempt(server: FaultServer, security: str, ca_file: Path | str, username: str = "news") -> Outcome:
    smtp = SmtpSender(
        "127.0.0.1",
        server.port,
        security,  # type: ignore[arg-type]
        username=username,
        password=PASSWORD if username else "",
        ca_file=str(ca_file),
        timeout=2.0,
    )
    try:
        return smtp.send(ENVELOPE, MESSAGE)
    finally:
        smtp.close()


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_starttls_is_followed_by_a_new_ehlo_and_a_login(trusted: ssl.SSLContext, ca_file: Path) -> None:
    with FaultServer(USUAL, tls=trusted) as server:
        outcome = attempt(server, "starttls", ca_file)
    assert outcome.verdict is Verdict.SENT, outcome.text
    verbs = [command.split()[0] for command in server.commands]
    assert verbs == ["EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "QUIT"]
    assert server.commands[0] == "EHLO [127.0.0.1]"
    assert server.commands[3] == "AUTH PLAIN " + base64(f"\0news\0{PASSWORD}")


def test_tls_from_the_first_byte(trusted: ssl.SSLContext, ca_file: Path) -> None:
    with FaultServer({"ehlo": OFFERS_LOGIN}, tls=trusted, implicit=True) as server:
        outcome = attempt(server, "tls", ca_file)
    assert outcome.verdict is Verdict.SENT, outcome.text


def test_login_is_used_where_plain_is_not_offered(trusted: ssl.SSLContext, ca_file: Path) -> None:
    with FaultServer({"ehlo": Act(b"250-f\r\n250 AUTH=LOGIN\r\n")}, tls=trusted, implicit=True) as server:
        outcome = attempt(server, "tls", ca_file)
    assert outcome.verdict is Verdict.SENT, outcome.text
    assert server.commands[1:4] == ["AUTH LOGIN", base64("news"), base64(PASSWORD)]


FAULTY: tuple[tuple[str, Script, int, str], ...] = (
    ("stripped", {"ehlo": OFFERS_LOGIN}, 0, "STARTTLS: not offered"),
    ("helo only", {"ehlo": Act(b"502 what\r\n")}, 0, "STARTTLS: not offered"),
    ("454", {**USUAL, "starttls": Act(b"454 4.7.0 TLS not available\r\n")}, 454, "STARTTLS: 4.7.0 TLS not"),
    ("501", {**USUAL, "starttls": Act(b"501 5.5.4 no\r\n")}, 501, "STARTTLS: 5.5.4 no"),
    ("bytes after it", {**USUAL, "starttls": Act(b"220 go\r\n250 hi\r\n", Then.SAY_NOTHING)}, 0, "in clear"),
    ("dropped", {**USUAL, "starttls": Act(b"220 go\r\n", Then.HANG_UP)}, 0, ""),
)


@pytest.mark.parametrize(("script", "code", "says"), [pytest.param(*row[1:], id=row[0]) for row in FAULTY])
def test_without_encryption_nothing_is_said(
    script: Script, code: int, says: str, trusted: ssl.SSLContext, ca_file: Path
) -> None:
    with FaultServer(script, tls=trusted) as server:
        outcome = attempt(server, "starttls", ca_file)
    assert (outcome.verdict, outcome.fault, outcome.code) == (Verdict.DEFERRED, Fault.RELAY, code)
    assert says in outcome.text
    assert not [c for c in server.commands if c.startswith(("AUTH", "MAIL"))]


@pytest.fixture(params=["wrong name", "expired", "stranger", "old protocol"])
def untrusted(
    request: pytest.FixtureRequest, authority: Authority, tmp_path: Path
) -> Iterator[ssl.SSLContext]:
    match request.param:
        case "wrong name":
            yield authority.context("mail.other.test")
        case "expired":
            yield authority.context("127.0.0.1", ends=datetime(2020, 1, 1, tzinfo=UTC))
        case "stranger":
            yield Authority(tmp_path).context("127.0.0.1")
        case _:
            old = authority.context("127.0.0.1")
            old.set_ciphers("DEFAULT:@SECLEVEL=0")
            with pytest.deprecated_call():
                old.minimum_version = ssl.TLSVersion.TLSv1
                old.maximum_version = ssl.TLSVersion.TLSv1_1
            yield old


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_that_cannot_prove_its_name_learns_nothing(
    security: str, untrusted: ssl.SSLContext, ca_file: Path
) -> None:
    with FaultServer(USUAL, tls=untrusted, implicit=security == "tls") as server:
        outcome = attempt(server, security, ca_file)
    assert (outcome.verdict, outcome.fault, outcome.code) == (Verdict.DEFERRED, Fault.RELAY, 0)
    assert outcome.text.startswith("TLS: ")
    assert not [c for c in server.commands if c.startswith(("AUTH", "MAIL"))]


def test_the_systems_authorities_are_what_is_trusted_by_default(trusted: ssl.SSLContext) -> None:
    with FaultServer(USUAL, tls=trusted) as server:
        outcome = attempt(server, "starttls", "")
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)
    assert outcome.text.startswith("TLS: certificate not trusted: ")


def test_tls_to_a_server_that_speaks_in_clear() -> None:
    with FaultServer() as server:
        outcome = attempt(server, "tls", "")
    assert (outcome.verdict, outcome.fault) == (Verdict.DEFERRED, Fault.RELAY)


LOGINS: tuple[tuple[str, Script, Fault, int], ...] = (
    ("535", {"auth": Act(b"535 5.7.8 bad credentials\r\n")}, Fault.US, 535),
    ("530", {"auth": Act(b"530 5.7.0 no\r\n")}, Fault.US, 530),
    ("454", {"auth": Act(b"454 4.7.0 later\r\n")}, Fault.RELAY, 454),
    ("421", {"auth": Act(b"421 4.7.0 bye\r\n", Then.HANG_UP)}, Fault.RELAY, 421),
    ("dropped", {"auth": Act(then=Then.HANG_UP)}, Fault.RELAY, 0),
    ("not offered", {"ehlo": Act(b"250 f\r\n")}, Fault.US, 0),
    ("nothing we speak", {"ehlo": Act(b"250-f\r\n250 AUTH CRAM-MD5\r\n")}, Fault.US, 0),
)


@pytest.mark.parametrize(("script", "fault", "code"), [pytest.param(*row[1:], id=row[0]) for row in LOGINS])
def test_a_login_that_fails_stops_everything_and_suppresses_nobody(
    script: Script, fault: Fault, code: int, trusted: ssl.SSLContext, ca_file: Path
) -> None:
    with FaultServer({"ehlo": OFFERS_LOGIN, **script}, tls=trusted, implicit=True) as server:
        outcome = attempt(server, "tls", ca_file)
    assert (outcome.verdict, outcome.fault, outcome.code) == (Verdict.DEFERRED, fault, code)
    assert not [c for c in server.commands if c.startswith("MAIL")]


@pytest.mark.parametrize("offer", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("said", [PASSWORD, base64(PASSWORD), base64(f"\0news\0{PASSWORD}")])
@pytest.mark.parametrize("reply", ["535 5.7.8 no: {}", "235 ok {}", "what {}"])
def test_a_password_that_the_server_repeats_is_not_written_down(
    reply: str, said: str, offer: str, trusted: ssl.SSLContext, ca_file: Path
) -> None:
    # 470 characters first: cutting the text must not leave half a secret behind.
    line = reply.format("x" * 470 + said).encode() + b"\r\n"
    offers = Act(f"250-f\r\n250 AUTH {offer}\r\n".encode())
    script = {"ehlo": offers, "auth": Act(line), "rcpt": Act(b"550 5.1.1 " + said.encode() + b"\r\n")}
    with FaultServer(script, tls=trusted, implicit=True) as server:
        outcome = attempt(server, "tls", ca_file)
    assert outcome.verdict is not Verdict.SENT
    assert "correct" not in outcome.text and base64(PASSWORD)[:8] not in outcome.text
    assert base64(f"\0news\0{PASSWORD}")[:8] not in outcome.text


REFUSED: tuple[tuple[str, dict[str, object], str], ...] = (
    (
        "login in clear",
        {"host": "mail.test", "security": "none", "username": "a", "password": "b"},
        "security",
    ),
    ("no password", {"username": "a"}, "password"),
    ("no username", {"password": "b"}, "username"),
    ("unspeakable", {"username": "a", "password": "\ud800"}, "UTF-8"),
    ("NUL", {"username": "a\0b", "password": "b"}, "UTF-8"),
    ("no host", {"host": ""}, "host"),
    ("host with a space", {"host": "mail test"}, "host"),
    ("host with dots", {"host": "a..b"}, "host"),
    ("host with a port", {"host": "a/b"}, "host"),
    ("port", {"port": 0}, "port"),
    ("port", {"port": 70000}, "port"),
    ("hello", {"hello": "a\r\nMAIL"}, "hello"),
    ("timeout", {"timeout": 0}, "timeout"),
    ("timeout", {"timeout": float("nan")}, "timeout"),
    ("dot timeout", {"dot_timeout": -1.0}, "dot_timeout"),
    ("ca_file missing", {"ca_file": "/nowhere/ca.pem"}, "ca_file"),
    ("ca_file is no certificate", {"ca_file": __file__}, "ca_file"),
)


@pytest.mark.parametrize(("given", "says"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_options_that_cannot_work_are_refused_before_any_message(given: dict[str, object], says: str) -> None:
    with pytest.raises(PluginError, match=says):
        SmtpSender(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_a_login_in_clear_is_allowed_on_this_machine_alone(host: str) -> None:
    assert SmtpSender(host, security="none", username="a", password="b")


def test_the_password_is_in_no_repr() -> None:
    sender = SmtpSender("mail.test", username="news", password=PASSWORD)
    assert f"{sender}" == "smtp mail.test:587 (starttls)"
    assert PASSWORD not in repr(sender) + repr(vars(sender)) + repr(vars(sender)["server"])
