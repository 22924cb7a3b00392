"""What the connections of a drain share, and what a drain did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.model import Delivery, Message, Outcome, Verdict
from newsletter.senders import Sender
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Drained:
    """What one drain did."""

    outcomes: Mapping[Verdict, int]
    unreachable: str  #: why no connection could be used to the end; empty when one could
    lost: int = 0  #: rows that a dead process had left in doubt, or that have expired
    gone: tuple[str, ...] = ()  #: why some connections could not be used though others could

    @property
    def sent(self) -> int:
        return self.outcomes.get(Verdict.SENT, 0)

    @property
    def troubled(self) -> bool:
        """Whether a person should look: something failed, or nobody can know."""
        bad = self.outcomes.get(Verdict.FAILED, 0) + self.outcomes.get(Verdict.IN_DOUBT, 0)
        return bool(bad or self.lost)


@dataclass(frozen=True, slots=True)
class Route:
    """One way out: a sender, and its share of the connections."""

    open_sender: Callable[[], Sender]
    connections: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast it may go, over all connections; messages a second, 0 for no limit."""

    rate: float = 0.0
    domains: Mapping[str, float] | None = None  #: by the recipient's domain, lower case


@dataclass(frozen=True, slots=True)
class Line:
    """What every connection of a drain shares."""

    database: Database
    owner: str
    compose: Callable[[Delivery], Message]
    routes: tuple[Route, ...]
    clock: Callable[[], datetime]
    window: int  #: the most messages that one connection may have under way
    only: str  #: an issue's id: leave all others alone; empty: whatever is due
    stop: threading.Event  #: set it, and what is on the wire is finished, the rest given back
    on_outcome: Callable[[Delivery, Outcome], None]
    limits: Limits = Limits()
    #: Goes on with what a crash left half queued: an issue's id, now.
    complete: Callable[[str, datetime], None] | None = None
    #: Set it too, and connections are cut at once: what is on the wire is in doubt.
    abandon: threading.Event = field(default_factory=threading.Event)
