"""What goes wrong before a session stands encrypted and logged in. Nothing may be said then, nor lost."""

from __future__ import annotations

import atexit
import ssl
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import trustme

from newsletter.senders.smtp import SmtpSender
from newsletter.senders.smtp_server import Security
from tests.faults.real_line import PATIENT, outbox, smtp
from tests.faults.report import Fault, at_once
from tests.faults.smtp_faults import PEOPLE, aftermath
from tests.senders.fault_server import Act, FaultServer, Script, Then

LOGIN = b"250-AUTH PLAIN LOGIN\r\n"
IN_CLEAR = Act(b"250-f\r\n" + LOGIN + b"250 STARTTLS\r\n")
ENCRYPTED = Act(b"250-f\r\n" + LOGIN + b"250 PIPELINING\r\n")
USUAL: Script = {"ehlo": (IN_CLEAR, ENCRYPTED)}
RELAY = "deferred (relay)"


@dataclass(frozen=True, slots=True)
class Opening:
    """A server that does something else on the way to an open session."""

    name: str
    required: str
    script: Script
    certificate: str = "good"
    ways: tuple[Security, ...] = ("starttls",)
    most_logins: int = 0  #: how often the password may be tried


OPENINGS = (
    Opening("STARTTLS 454", RELAY, {**USUAL, "starttls": Act(b"454 4.7.0 not now\r\n")}),
    Opening("STARTTLS stripped", RELAY, {"ehlo": Act(b"250-f\r\n" + LOGIN + b"250 PIPELINING\r\n")}),
    Opening(
        "STARTTLS: bytes after it",
        RELAY,
        {**USUAL, "starttls": Act(b"220 go\r\n250 PIPELINING\r\n", Then.SAY_NOTHING)},
    ),
    Opening("certificate expired", RELAY, USUAL, "expired", ("starttls", "tls")),
    Opening("certificate self-signed", RELAY, USUAL, "self-signed", ("starttls", "tls")),
    Opening("certificate for another name", RELAY, USUAL, "other name", ("starttls", "tls")),
    Opening("TLS 1.1 at most", RELAY, USUAL, "old", ("starttls", "tls")),
    Opening("AUTH 454", RELAY, {**USUAL, "auth": Act(b"454 4.7.0 later\r\n")}, most_logins=2),
    Opening("AUTH 535", "paused", {**USUAL, "auth": Act(b"535 5.7.8 bad\r\n")}, most_logins=1),
    Opening("AUTH 530", "paused", {**USUAL, "auth": Act(b"530 5.7.0 no\r\n")}, most_logins=1),
    Opening("EHLO offers PIPELINING in clear only", "sent", {"ehlo": (
        Act(b"250-f\r\n250-PIPELINING\r\n250-SIZE 100\r\n250 STARTTLS\r\n"),
        Act(b"250-f\r\n250 AUTH PLAIN\r\n"),
    )}, most_logins=1),
)  # fmt: skip


def faults() -> list[Fault]:
    return [_fault(each) for each in OPENINGS]


def _fault(opening: Opening) -> Fault:
    def given(folder: Path) -> Sequence[str]:
        return at_once([partial(_given, folder, opening, way) for way in opening.ways])

    return Fault(opening.name, opening.required, given)


def _given(folder: Path, opening: Opening, security: Security) -> str:
    tls = _context(opening.certificate)
    script = opening.script if security == "starttls" else {**opening.script, "ehlo": ENCRYPTED}
    with outbox(folder, PEOPLE) as box, FaultServer(script, tls=tls, implicit=security == "tls") as server:
        box.send(_login(server.port, security))
        verdict = " and ".join(sorted({each.verdict for each in box.seen()}))
        wrong = _said(server, opening) + aftermath(box, server, smtp)
    return f"{verdict} BUT {wrong}" if wrong else verdict


def _said(server: FaultServer, opening: Opening) -> str:
    verbs = [command.split()[0] for command in server.commands]
    wrong = ""
    if verbs.count("AUTH") > opening.most_logins:
        wrong += f"AUTH was said {verbs.count('AUTH')} times, "
    if opening.required != "sent" and "MAIL" in verbs:
        wrong += "MAIL was said, "
    if opening.required == "sent" and server.groups:
        wrong += f"commands were sent in groups though that was not offered: {server.groups}, "
    return wrong


def _login(port: int, security: Security) -> Callable[[], SmtpSender]:
    return lambda: SmtpSender(
        "127.0.0.1",
        port,
        security,
        username="news",
        password="correct horse",
        ca_file=str(_authority()[1]),
        timeout=PATIENT,
        dot_timeout=PATIENT,
    )


@cache
def _authority() -> tuple[trustme.CA, Path]:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path, made = Path(folder.name) / "ca.pem", trustme.CA()
    made.cert_pem.write_to_path(str(path))
    return made, path


def _context(kind: str) -> ssl.SSLContext:
    authority, _ = _authority()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    name = "mail.other.test" if kind == "other name" else "127.0.0.1"
    if kind == "self-signed":
        authority = trustme.CA()
    ends = datetime(2020, 1, 1, tzinfo=UTC) if kind == "expired" else None
    authority.issue_cert(name, not_after=ends).configure_cert(made)
    if kind == "old":
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = ssl.TLSVersion.TLSv1
            made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made
