"""Message → the next SMTP hop → Outcome.

MAIL, RCPT and DATA are said by hand, because only the one who writes the final
dot knows whether it was written: every failure before it is certain, every
failure after it is not (RFC 1047). Ordinary SMTP libraries report both alike.
"""

from __future__ import annotations

import ipaddress
import math
import re
import ssl

from newsletter.errors import PluginError
from newsletter.model import Envelope, Fault, Outcome, Verdict
from newsletter.senders.smtp_session import (
    BLOCK_SECONDS,
    DATA_SECONDS,
    DOT_SECONDS,
    MAIL_SECONDS,
    RCPT_SECONDS,
    Login,
    Refused,
    Security,
    Server,
    Session,
    close_session,
    open_session,
)
from newsletter.senders.smtp_verdict import Stage, judge, printable
from newsletter.senders.smtp_wire import ConnectionLost, Reply
from newsletter.senders.wire_form import checked, dot_stuffed, needs_smtputf8, refused_addresses


class SmtpSender:
    """Hands messages to one SMTP server over one connection, which is kept between messages.

    `security` is "starttls" (required, never given up), "tls" from the first byte,
    or "none"; certificates are verified against the system's authorities, or those
    in `ca_file`. `hello` is the name for EHLO. `timeout`, in seconds, caps every
    wait but the one for the answer to the final dot, which has `dot_timeout`:
    a shorter one only makes more deliveries doubtful (RFC 5321 4.5.3.2.6).
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
    ) -> None:
        """PluginError for options that cannot work or would show the password to the network."""
        _check_place(host, port, hello)
        _check_seconds(timeout=timeout, dot_timeout=dot_timeout)
        _check_login(host, security, username, password)
        login = Login(username, password) if username else None
        trust = _trust(ca_file) if security != "none" else None
        self._server = Server(host, port, security, hello, timeout, login, trust)
        self._dot_timeout = dot_timeout
        self._session: Session | None = None
        self._must_reset = False

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """One attempt, over a new connection where the last one has ended.

        ValueError, before anything is written, when `data` is not RFC 5322 with
        CRLF line ends: that is a bug in the caller.
        """
        message = checked(data)
        refusal = refused_addresses(envelope)
        if refusal is not None:
            return refusal
        try:
            return self._attempt(envelope, message)
        except BaseException:
            # Whatever it was, half a dialogue may stand on this connection.
            self._hang_up()
            raise

    def close(self) -> None:
        """QUIT, within a few seconds."""
        session, self._session = self._session, None
        if session is not None:
            close_session(session, self._server)

    def __str__(self) -> str:
        return f"smtp {self._server.host}:{self._server.port} ({self._server.security})"

    def __repr__(self) -> str:
        return f"<{self}>"

    # ── one attempt ─────────────────────────────────────────────────────────

    def _attempt(self, envelope: Envelope, message: bytes) -> Outcome:
        try:
            session = self._begin(envelope, message)
        except Refused as refused:
            return refused.outcome
        except ConnectionLost as lost:
            return self._lost(Verdict.DEFERRED, lost)
        return self._transaction(session, envelope, message)

    def _begin(self, envelope: Envelope, message: bytes) -> Session:
        """A session that has taken MAIL for this message.

        A kept connection may have ended since, by a time-out or a limit of the
        server's: nothing has begun on it, so another one takes its place.
        """
        kept = self._kept()
        if kept is not None:
            try:
                return self._mail(kept, envelope, message)
            except ConnectionLost:
                self._hang_up()
            except Refused as refused:
                if refused.outcome.code != 421:
                    raise
        self._session = open_session(self._server)
        return self._mail(self._session, envelope, message)

    def _kept(self) -> Session | None:
        """The kept connection without what was begun on it; None when there is none that can be used."""
        if self._session is not None and self._must_reset:
            try:
                self._accept(Stage.MAIL, self._session.wire.command("RSET", self._wait(MAIL_SECONDS)))
                self._must_reset = False
            except (ConnectionLost, Refused):
                self._hang_up()
        return self._session

    def _mail(self, session: Session, envelope: Envelope, message: bytes) -> Session:
        command = _mail_command(session, envelope, message)
        self._accept(Stage.MAIL, session.wire.command(command, self._wait(MAIL_SECONDS), Stage.MAIL))
        self._must_reset = True
        return session

    def _transaction(self, session: Session, envelope: Envelope, message: bytes) -> Outcome:
        wire, unsure = session.wire, False
        try:
            rcpt = f"RCPT TO:<{envelope.rcpt_to}>"
            self._accept(Stage.RCPT, wire.command(rcpt, self._wait(RCPT_SECONDS), Stage.RCPT))
            self._accept(Stage.DATA, wire.command("DATA", self._wait(DATA_SECONDS)), 3)
            wire.write(dot_stuffed(message), self._wait(BLOCK_SECONDS), "the message")
            if wire.has_input():
                return self._answered_early(wire.reply(self._wait(BLOCK_SECONDS), "the message"))
            unsure = True  # from here on the kernel may have the dot, and the server the message
            wire.write(b".\r\n", self._wait(BLOCK_SECONDS), Stage.DOT)
            reply = wire.reply(self._dot_timeout, Stage.DOT)
        except Refused as refused:
            return refused.outcome
        except ConnectionLost as lost:
            return self._lost(Verdict.IN_DOUBT if unsure else Verdict.DEFERRED, lost)
        self._must_reset = False
        return self._after_dot(reply)

    def _accept(self, stage: Stage, reply: Reply, family: int = 2) -> None:
        if reply.code // 100 == family:
            return
        # 421 announces the end; 452 counts recipients of this connection; a reply of
        # another family (250 to DATA) means that we are out of step.
        if reply.code in (421, 452) or reply.code < 400:
            self._hang_up()
        raise Refused(judge(stage, reply))

    def _after_dot(self, reply: Reply) -> Outcome:
        outcome = judge(Stage.DOT, reply)
        if reply.code == 421 or outcome.verdict is Verdict.IN_DOUBT:
            self._hang_up()
        return outcome

    def _answered_early(self, reply: Reply) -> Outcome:
        # Some servers refuse while the body still comes. The dot is never sent now, so this is certain.
        self._hang_up()
        return judge(Stage.DATA, reply)

    # ── small things ────────────────────────────────────────────────────────

    def _wait(self, seconds: float) -> float:
        return self._server.wait(seconds)

    def _lost(self, verdict: Verdict, lost: ConnectionLost) -> Outcome:
        self._hang_up()
        return Outcome(verdict, Fault.RELAY, 0, printable(str(lost)))

    def _hang_up(self) -> None:
        session, self._session, self._must_reset = self._session, None, False
        if session is not None:
            session.wire.close()


def _mail_command(session: Session, envelope: Envelope, message: bytes) -> str:
    """MAIL with the parameters that this message needs; Refused when the server does not offer one."""
    offers, utf8 = session.offers, needs_smtputf8(envelope, message)
    if utf8 and "SMTPUTF8" not in offers:
        ours = not envelope.mail_from.isascii()
        verdict, fault = (Verdict.DEFERRED, Fault.US) if ours else (Verdict.FAILED, Fault.RECIPIENT)
        raise Refused(Outcome(verdict, fault, 0, "smtputf8 unsupported by the server"))
    if not message.isascii() and "8BITMIME" not in offers:
        raise Refused(Outcome(Verdict.DEFERRED, Fault.US, 0, "8bitmime unsupported by the server"))
    if 0 < session.largest < len(message):
        text = f"the message has {len(message)} octets, the server takes {session.largest}"
        raise Refused(Outcome(Verdict.FAILED, Fault.US, 0, text))
    wanted = (
        (f"SIZE={len(message)}", "SIZE" in offers),
        ("BODY=8BITMIME", not message.isascii()),
        ("SMTPUTF8", utf8),
    )
    return " ".join((f"MAIL FROM:<{envelope.mail_from}>", *(word for word, needed in wanted if needed)))


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
