"""Message → the next SMTP hop → Outcome.

The dialogue is our own, because only the one who writes the final dot knows
whether it was written: every failure before it is certain, every failure after
it is not (RFC 1047). Ordinary SMTP libraries report both alike.
"""

from __future__ import annotations

import ipaddress
import math
import re
import ssl

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Message, Outcome, Verdict
from newsletter.senders.smtp_dialogue import Job
from newsletter.senders.smtp_server import DOT_SECONDS, Login, Security, Server
from newsletter.senders.smtp_socket import ConnectionLost, Session
from newsletter.senders.smtp_verdict import printable
from newsletter.senders.wire_form import checked, refused_addresses


class SmtpSender:
    """Hands messages to one SMTP server over one connection, which is kept between messages.

    `security` is "starttls" (required, never given up), "tls" from the first byte,
    or "none"; certificates are verified against the system's authorities, or those
    in `ca_file`. `hello` is the name for EHLO. `timeout`, in seconds, caps every
    wait but the one for the answer to the final dot, which has `dot_timeout`:
    a shorter one only makes more deliveries doubtful (RFC 5321 4.5.3.2.6). After
    `messages` over one connection another is opened; 0 leaves that to the server.
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = 587,
        security: Security = "starttls",
        username: str = "",
        password: str = "",
        ca_file: str = "",
        hello: str = "",
        timeout: float = 60.0,
        dot_timeout: float = DOT_SECONDS,
        messages: int = 0,
    ) -> None:
        """PluginError for options that cannot work or would show the password to the network."""
        _check_place(host, port, hello)
        _check_seconds(timeout=timeout, dot_timeout=dot_timeout)
        if messages < 0:
            raise PluginError('[sender]: smtp: "messages" must be 0 or more')
        _check_login(host, security, username, password)
        login = Login(username, password) if username else None
        trust = _trust(ca_file) if security != "none" else None
        self.server = Server(host, port, security, hello, timeout, dot_timeout, login, trust, messages)
        self._one = _One()
        self._session: Session | None = None

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """One attempt, over a new connection where the last one has ended.

        ValueError, before anything is written, when `data` is not RFC 5322 with
        CRLF line ends: that is a bug in the caller.
        """
        message = Message(envelope, checked(data), dotless=False)
        refusal = refused_addresses(envelope)
        if refusal is not None:
            return refusal
        try:
            # A kept connection may have ended since: nothing has begun on it, so another takes its place.
            return self._attempt(message) or self._attempt(message) or _NEVER
        except BaseException:
            # Whatever it was, half a dialogue may stand on this connection.
            self._hang_up()
            raise

    def close(self) -> None:
        """QUIT, within a few seconds."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __str__(self) -> str:
        return f"smtp {self.server.host}:{self.server.port} ({self.server.security})"

    def __repr__(self) -> str:
        return f"<{self}>"

    def _attempt(self, message: Message) -> Outcome | None:
        """None when the message's turn never came."""
        try:
            session = self._session = self._session or Session(self.server, self._one)
        except ConnectionLost as lost:
            return Outcome(Verdict.DEFERRED, Fault.RELAY, 0, printable(str(lost)))
        self._one.offer(message)
        session.dialogue.poll()
        session.work()
        if session.dialogue.over:
            self._hang_up()
        return self._one.outcome or session.dialogue.refusal

    def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.hang_up()


_NEVER = Outcome(Verdict.DEFERRED, Fault.RELAY, 0, "every connection ended before the message could be said")


class _One:
    """The one message of the moment, as a dialogue takes it."""

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self._waiting: Job | None = None

    def offer(self, message: Message) -> None:
        self.outcome, self._waiting = None, Job(message, None)

    def next(self) -> Job | None:
        job, self._waiting = self._waiting, None
        return job

    def done(self, job: Job, outcome: Outcome | None) -> None:
        self.outcome = outcome


def _trust(ca_file: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise PluginError(f'[sender]: smtp: ca_file "{ca_file}": {error.strerror or error}') from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _check_place(host: str, port: int, hello: str) -> None:
    try:
        host.encode("idna")
    except UnicodeError:
        host = ""
    if not host or re.search(r"[\s\x00-\x20/@]", host):
        raise PluginError('[sender]: smtp: "host" is not a host name')
    if not 0 < port < 65536:
        raise PluginError('[sender]: smtp: "port" must be from 1 to 65535')
    if not re.fullmatch(r"[A-Za-z0-9.:_\[\]-]*", hello):
        raise PluginError('[sender]: smtp: "hello" must be a host name in ASCII')


def _check_seconds(**seconds: float) -> None:
    for name, value in seconds.items():
        if not (math.isfinite(value) and value > 0):
            raise PluginError(f'[sender]: smtp: "{name}" must be a number of seconds above 0')


def _check_login(host: str, security: Security, username: str, password: str) -> None:
    if bool(username) != bool(password):
        missing = "password" if username else "username"
        raise PluginError(f'[sender]: smtp: "{missing}" is missing: a login needs both')
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in username + password):
        raise PluginError('[sender]: smtp: "username" and "password" cannot be sent as UTF-8 text')
    if username and security == "none" and not _is_loopback(host):
        raise PluginError('[sender]: smtp: security = "none" would show the password to the network')


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
