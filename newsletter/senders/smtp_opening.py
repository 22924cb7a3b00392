"""A server -> what it offers: greeting, EHLO (or HELO), STARTTLS, EHLO again, AUTH. Without a socket.

Nothing that is said here concerns a message, so nothing that goes wrong here can leave one in doubt.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

from newsletter.model import Fault, Outcome, Verdict
from newsletter.senders.smtp_replies import Replies, Reply
from newsletter.senders.smtp_server import Login, Server, base64_text
from newsletter.senders.smtp_verdict import Stage, judge


class Refused(Exception):
    """The server will not have us, or not this message; `outcome` is what that means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.text)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Say:
    """A line to be said, and the stage that its answer belongs to."""

    line: str  #: empty: nothing is said, the server speaks first
    stage: Stage


class Encrypt:
    """TLS is to be begun now."""


Step = Say | Encrypt
Offers = Mapping[str, str]  #: EHLO keyword in capitals -> its parameters
Opening = Generator[Step, Reply, Offers]


def opening(server: Server, local: str, replies: Replies) -> Opening:
    """The dialogue up to where MAIL may be said. :class:`Refused` when it cannot come to that."""
    if server.security == "tls":
        yield Encrypt()
    _expect(Stage.GREETING, (yield Say("", Stage.GREETING)))
    offers = yield from _hello(server, local)
    if server.security == "starttls":
        offers = yield from _start_tls(server, local, offers)
    if server.login is not None:
        replies.hide(*server.login.secrets)
        yield from _authenticate(server.login, offers)
    return offers


def _hello(server: Server, local: str) -> Opening:
    name = server.hello or (f"[IPv6:{local}]" if ":" in local else f"[{local}]")  # RFC 5321 4.1.3
    reply = yield Say(f"EHLO {name}", Stage.HELLO)
    if reply.code // 100 == 5:  # RFC 5321 3.2: older than EHLO
        _expect(Stage.HELLO, (yield Say(f"HELO {name}", Stage.HELLO)))
        return {}
    return _offers(_expect(Stage.HELLO, reply))


def _start_tls(server: Server, local: str, offers: Offers) -> Opening:
    # Falling back to clear text here is what an attacker on the line would want.
    if "STARTTLS" not in offers:
        text = 'STARTTLS: not offered, so nothing was sent (security "tls" and "none" do without it)'
        raise Refused(Outcome(Verdict.DEFERRED, Fault.RELAY, 0, text))
    _expect(Stage.STARTTLS, (yield Say("STARTTLS", Stage.STARTTLS)))
    yield Encrypt()
    return (yield from _hello(server, local))  # RFC 3207 4.2: what was offered in clear is forgotten


def _authenticate(login: Login, offers: Offers) -> Generator[Step, Reply, None]:
    mechanisms = offers.get("AUTH", "").upper().split()
    if "PLAIN" in mechanisms:
        _expect(Stage.AUTH, (yield Say(f"AUTH PLAIN {login.plain}", Stage.AUTH)))
    elif "LOGIN" in mechanisms:
        _expect(Stage.AUTH, (yield Say("AUTH LOGIN", Stage.AUTH)), 3)
        _expect(Stage.AUTH, (yield Say(base64_text(login.username), Stage.AUTH)), 3)
        _expect(Stage.AUTH, (yield Say(base64_text(login.password), Stage.AUTH)))
    else:
        raise Refused(
            Outcome(Verdict.DEFERRED, Fault.US, 0, "AUTH: the server offers neither PLAIN nor LOGIN")
        )


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
