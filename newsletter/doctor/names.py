"""Names -> what DNS says of them, behind a port, so that everything else can be tried on recorded answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 8.0


class Unanswered(Exception):
    """DNS gave no answer at all: a time-out, or a server that failed."""


class Names(Protocol):
    """What is asked of DNS. A name that does not exist has no records: an empty answer, not an error."""

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records, each joined."""
        ...

    def addresses(self, name: str) -> tuple[str, ...]:
        """The A and AAAA records."""
        ...

    def mail_hosts(self, name: str) -> tuple[str, ...]:
        """The hosts of the MX records."""
        ...

    def pointers(self, address: str) -> tuple[str, ...]:
        """The names of an IP address (PTR)."""
        ...


class LiveNames:
    """Asks DNS, through dnspython. ImportError where that is not installed."""

    def __init__(self, nameserver: str = "", port: int = 53, seconds: float = SECONDS) -> None:
        """`nameserver` is an IP address; empty: those of the system."""
        from dns.resolver import NoResolverConfiguration, Resolver

        try:
            self._resolver: Resolver = Resolver(configure=not nameserver)
        except NoResolverConfiguration:
            self._resolver = Resolver(configure=False)
        if nameserver:
            self._resolver.nameservers = [nameserver]
            self._resolver.port = port
        self._resolver.lifetime = seconds

    def texts(self, name: str) -> tuple[str, ...]:
        return self._ask(name, "TXT", lambda record: b"".join(record.strings).decode("utf-8", "replace"))

    def addresses(self, name: str) -> tuple[str, ...]:
        both = (self._ask(name, kind, lambda record: str(record.address)) for kind in ("A", "AAAA"))
        return tuple(address for each in both for address in each)

    def mail_hosts(self, name: str) -> tuple[str, ...]:
        return self._ask(name, "MX", lambda record: _bare(record.exchange))

    def pointers(self, address: str) -> tuple[str, ...]:
        from dns.reversename import from_address

        return self._ask(str(from_address(address)), "PTR", lambda record: _bare(record.target))

    def _ask(self, name: str, kind: str, read: Callable[..., str]) -> tuple[str, ...]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            return tuple(read(record) for record in self._resolver.resolve(name, kind))
        except (NXDOMAIN, NoAnswer):
            return ()
        except DNSException as error:
            raise Unanswered(f"{kind} of {name}: {type(error).__name__}") from None


def _bare(name: object) -> str:
    return str(name).rstrip(".").lower()
