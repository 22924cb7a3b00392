"""An SMTP server -> whether it would take our mail: everything up to MAIL is said, and then goodbye."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning
from newsletter.model import Outcome
from newsletter.senders.smtp_dialogue import Job
from newsletter.senders.smtp_server import Server
from newsletter.senders.smtp_socket import ConnectionLost, Session
from newsletter.senders.smtp_verdict import printable

#: Certificates are renewed a month before they end; nobody has renewed this one.
SOON = timedelta(days=14)
#: Octets; a digest with its pictures is smaller.
LARGE = 2_000_000

_CERTIFICATE = "renew the server's certificate, or use the name that stands in it as host in [sender]"
_FIXES = (
    ("cannot connect", "check host and port in [sender]; many networks block port 25, so use 587 or 465"),
    ("TLS", _CERTIFICATE),
    ("STARTTLS", 'ask for the port with STARTTLS (587), or set security = "tls" and port = 465 in [sender]'),
    (
        "AUTH",
        "check username in [sender] and NEWSLETTER_SENDER__PASSWORD; some providers want an app password",
    ),
    ("EHLO", 'set hello = "a name of this machine that DNS knows" in [sender]'),
)
_TOPICS = (("TLS", "smtp tls"), ("STARTTLS", "smtp tls"), ("AUTH", "smtp login"))


def look(server: Server, now: datetime) -> Iterator[Diagnosis]:
    """The lines about `server`. Connects, and waits no longer than its time-outs."""
    try:
        session = Session(server, _NoMail())
    except ConnectionLost as lost:
        yield _refusal(printable(str(lost)))
        return
    try:
        session.work()
        yield from _seen(server, session, now)
    finally:
        session.close()


def _seen(server: Server, session: Session, now: datetime) -> Iterator[Diagnosis]:
    refusal = session.dialogue.refusal
    if refusal is None or _topic(refusal.text) != "smtp connection":
        yield ok("smtp connection", f"{server.host}:{server.port} answers")
    if refusal is None or _topic(refusal.text) == "smtp login":
        yield _encryption(server, session.encryption, now)
    if refusal is not None:
        yield _refusal(refusal.text)
        return
    yield _login(server)
    yield from _offers(session.dialogue.offers.get("SIZE"), "PIPELINING" in session.dialogue.offers)


def _refusal(text: str) -> Diagnosis:
    fix = next((fix for begin, fix in _FIXES if text.startswith(begin)), "look into the log of the server")
    return failure(_topic(text), text, fix)


def _topic(text: str) -> str:
    return next((topic for begin, topic in _TOPICS if text.startswith(begin)), "smtp connection")


def _encryption(server: Server, socket: ssl.SSLSocket | None, now: datetime) -> Diagnosis:
    topic = "smtp tls"
    if socket is None:
        if _is_near(server.host):
            return ok(topic, "in clear, to this machine")
        return warning(topic, "mail goes out in clear", 'set security = "starttls" in [sender]')
    certificate = socket.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    text = f"{socket.version()}, the certificate is good for {(ends - now).days} days"
    return warning(topic, text, _CERTIFICATE) if ends - now < SOON else ok(topic, text)


def _login(server: Server) -> Diagnosis:
    topic = "smtp login"
    if server.login is not None:
        return ok(topic, f"accepted as {printable(server.login.username)}")
    if _is_near(server.host):
        return ok(topic, "none, to this machine")
    fix = "set username in [sender] and NEWSLETTER_SENDER__PASSWORD, unless the server knows this machine"
    return warning(topic, "none: many servers then take no mail for others", fix)


def _offers(size: str | None, pipelining: bool) -> Iterator[Diagnosis]:
    limit = int(size) if size and size.isdecimal() else 0
    if 0 < limit < LARGE:
        fix = 'ask for a higher limit, or set images = "hosted" in the newsletter\'s table'
        yield warning("smtp size", f"messages may have {limit:,} octets at most", fix)
    else:
        yield ok("smtp size", f"messages may have {limit:,} octets" if limit else "no limit is told")
    if pipelining:
        yield ok("smtp pipelining", "offered")
    else:
        fix = "let the server offer PIPELINING (RFC 2920); each message now costs several round trips"
        yield warning("smtp pipelining", "not offered", fix)


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class _NoMail:
    """Nothing to send."""

    def next(self) -> Job | None:
        return None

    def done(self, job: Job, outcome: Outcome | None) -> None:
        raise AssertionError("nothing was sent")
