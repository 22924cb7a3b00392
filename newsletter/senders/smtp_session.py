"""Host, port, credentials → a session in which MAIL may be said.

Greeting, EHLO (or HELO), STARTTLS, EHLO again, AUTH. Nothing that is said here
concerns a message, so nothing that goes wrong here can leave one in doubt.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from newsletter.model import Fault, Outcome, Verdict
from newsletter.senders.smtp_verdict import Stage, judge
from newsletter.senders.smtp_wire import ConnectionLost, Reply, Wire

# RFC 5321 4.5.3.2: a client must be willing to wait at least this many seconds.
GREETING_SECONDS = 300.0
MAIL_SECONDS = 300.0
RCPT_SECONDS = 300.0
DATA_SECONDS = 120.0
BLOCK_SECONDS = 180.0
DOT_SECONDS = 600.0
QUIT_SECONDS = 5.0  # politeness only, so never long

Security = Literal["starttls", "tls", "none"]


class Refused(Exception):
    """The server will not have us now; `outcome` is what that means for every message."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Who we are to the server. Has no repr on purpose: the password must not be in a traceback."""

    username: str
    password: str

    @property
    def plain(self) -> str:
        return _base64(f"\0{self.username}\0{self.password}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which the password crosses the wire, for a server may repeat it."""
        return (self.plain, _base64(self.password), self.password)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the next hop is, and how it is spoken to."""

    host: str
    port: int
    security: Security
    hello: str  #: empty: the address literal of our end
    timeout: float  #: seconds; caps every wait but the one after the final dot
    login: Login | None
    trust: ssl.SSLContext | None  #: None when security is none

    def wait(self, seconds: float) -> float:
        return min(seconds, self.timeout)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection on which MAIL may be said, and what the server offers on it."""

    wire: Wire
    offers: Mapping[str, str]  #: EHLO keyword in capitals → its parameters

    @property
    def largest(self) -> int:
        """The most octets of a message that the server takes (RFC 1870); 0 when it does not say."""
        size = self.offers.get("SIZE", "")
        return int(size) if size.isascii() and size.isdecimal() else 0


def open_session(server: Server) -> Session:
    """A session with `server`. Refused or ConnectionLost when there is none to be had."""
    wire = Wire.connect(server.host, server.port, server.timeout)
    try:
        if server.security == "tls":
            _encrypt(wire, server)
        _expect(Stage.GREETING, wire.reply(server.wait(GREETING_SECONDS), Stage.GREETING))
        offers = _hello(wire, server)
        if server.security == "starttls":
            offers = _start_tls(wire, server, offers)
        if server.login is not None:
            _authenticate(wire, server, server.login, offers)
    except BaseException:
        wire.close()
        raise
    return Session(wire, offers)


def close_session(session: Session, server: Server) -> None:
    """Say QUIT and hang up; waits seconds at most and never raises."""
    try:
        session.wire.command("QUIT", server.wait(QUIT_SECONDS))
    except ConnectionLost:
        pass
    finally:
        session.wire.close()


def _hello(wire: Wire, server: Server) -> Mapping[str, str]:
    name, seconds = server.hello or _literal(wire.local_address), server.wait(GREETING_SECONDS)
    reply = wire.command(f"EHLO {name}", seconds, "EHLO")
    if reply.code // 100 == 5:  # RFC 5321 3.2: older than EHLO
        _expect(Stage.HELLO, wire.command(f"HELO {name}", seconds, "HELO"))
        return {}
    return _offers(_expect(Stage.HELLO, reply))


def _start_tls(wire: Wire, server: Server, offers: Mapping[str, str]) -> Mapping[str, str]:
    # Falling back to clear text here is what an attacker on the line would want.
    if "STARTTLS" not in offers:
        text = 'STARTTLS: not offered, so nothing was sent (security "tls" and "none" do without it)'
        raise Refused(Outcome(Verdict.DEFERRED, Fault.RELAY, 0, text))
    _expect(Stage.STARTTLS, wire.command("STARTTLS", server.wait(GREETING_SECONDS)))
    _encrypt(wire, server)
    return _hello(wire, server)  # RFC 3207 4.2: what was offered in clear is forgotten


def _encrypt(wire: Wire, server: Server) -> None:
    assert server.trust is not None
    wire.start_tls(server.trust, server.host, server.timeout)


def _authenticate(wire: Wire, server: Server, login: Login, offers: Mapping[str, str]) -> None:
    wire.hide(*login.secrets)
    seconds = server.wait(MAIL_SECONDS)
    mechanisms = offers.get("AUTH", "").upper().split()
    if "PLAIN" in mechanisms:
        _expect(Stage.AUTH, wire.command(f"AUTH PLAIN {login.plain}", seconds, "AUTH PLAIN"))
    elif "LOGIN" in mechanisms:
        _expect(Stage.AUTH, wire.command("AUTH LOGIN", seconds), 3)
        _expect(Stage.AUTH, wire.command(_base64(login.username), seconds, "AUTH LOGIN name"), 3)
        _expect(Stage.AUTH, wire.command(_base64(login.password), seconds, "AUTH LOGIN password"))
    else:
        text = "AUTH: the server offers neither PLAIN nor LOGIN"
        raise Refused(Outcome(Verdict.DEFERRED, Fault.US, 0, text))


def _expect(stage: Stage, reply: Reply, family: int = 2) -> Reply:
    if reply.code // 100 != family:
        raise Refused(judge(stage, reply))
    return reply


def _offers(reply: Reply) -> dict[str, str]:
    offers = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.replace("AUTH=", "AUTH ", 1).partition(" ")
        offers[keyword.upper()] = parameters.strip()
    return offers


def _literal(address: str) -> str:
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"  # RFC 5321 4.1.3


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
