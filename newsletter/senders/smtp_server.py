"""The next hop: where it is, how it is spoken to, and how long it may think (RFC 5321 4.5.3.2)."""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

from newsletter.senders.smtp_verdict import Stage

BLOCK_SECONDS = 180.0
DOT_SECONDS = 600.0
QUIT_SECONDS = 5.0  # politeness only, so never long
#: The least that a client must be willing to wait for the answer to each.
SECONDS = {
    Stage.GREETING: 300.0,
    Stage.HELLO: 300.0,
    Stage.STARTTLS: 300.0,
    Stage.AUTH: 300.0,
    Stage.RSET: 300.0,
    Stage.MAIL: 300.0,
    Stage.RCPT: 300.0,
    Stage.DATA: 120.0,
    Stage.NOTHING: 300.0,
    Stage.QUIT: QUIT_SECONDS,
}

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Who we are to the server. Has no repr on purpose: the password must not be in a traceback."""

    username: str
    password: str

    @property
    def plain(self) -> str:
        return base64_text(f"\0{self.username}\0{self.password}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every form in which the password crosses the wire, for a server may repeat it."""
        return (self.plain, base64_text(self.password), self.password)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the next hop is, and how it is spoken to."""

    host: str
    port: int
    security: Security
    hello: str  #: empty: the address literal of our end
    timeout: float  #: seconds; caps every wait but the one after the final dot
    dot_timeout: float  #: seconds
    login: Login | None
    trust: ssl.SSLContext | None  #: None when security is none
    messages: int  #: the most over one connection; 0: no limit of ours

    def wait(self, stage: Stage) -> float:
        """The seconds that the answer to `stage` may take."""
        return self.dot_timeout if stage is Stage.DOT else min(SECONDS[stage], self.timeout)


def base64_text(text: str) -> str:
    return b64encode(text.encode()).decode()
