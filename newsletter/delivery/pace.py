"""How fast a drain may go: one bucket for all connections, and one for each domain that has a limit."""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Final

from newsletter.delivery.line import Limits
from newsletter.delivery.rate import Bucket

#: No window lasts longer than this at the configured rate: a lease must not run out over it.
WINDOW_SECONDS: Final = 60.0
#: Rows of a domain with a rate of its own are granted so far ahead, that they wait in nobody's window.
AHEAD_SECONDS: Final = 0.1


class Pace:
    """The limits of one drain."""

    def __init__(self, limits: Limits) -> None:
        self._all = Bucket(limits.rate) if limits.rate else None
        self._rate = limits.rate
        self._domains = {name: Bucket(rate) for name, rate in (limits.domains or {}).items()}
        self._waiting: Counter[str] = Counter()
        self._wait = 0.0

    @property
    def limited(self) -> frozenset[str]:
        """The domains that have a rate of their own."""
        return frozenset(self._domains)

    def may_go(self, address: str) -> bool:
        """Whether a message to `address` may go now; if so, it counts."""
        if not self._domains and self._all is None:
            return True
        now = time.monotonic()
        for bucket in (buckets := self._buckets(address)):
            if bucket.delay(now) > 0:
                self._wait = bucket.delay(now)
                return False
        for bucket in buckets:
            bucket.take(now)
        return True

    def delay(self) -> float:
        """Seconds until it is worth asking again after a no."""
        return max(self._wait, 0.001)

    def window(self, wanted: int) -> int:
        """The window of a connection: no more than it can send in a while."""
        return max(1, min(wanted, math.ceil(self._rate * WINDOW_SECONDS))) if self._rate else wanted

    def room(self) -> dict[str, int]:
        """By domain: how many more may be granted, so that they can go at once or very soon."""
        now = time.monotonic()
        return {
            name: max(0, bucket.soon(now, AHEAD_SECONDS) - self._waiting[name])
            for name, bucket in self._domains.items()
        }

    def wait_for(self, address: str) -> None:
        """A row to `address` stands in some window and has not gone."""
        if self._domains:
            self._waiting[_domain(address)] += 1

    def waits_no_more(self, address: str) -> None:
        """It has left the window."""
        if self._domains:
            self._waiting[_domain(address)] -= 1

    def _buckets(self, address: str) -> list[Bucket]:
        mine = self._domains.get(_domain(address)) if self._domains else None
        return [bucket for bucket in (mine, self._all) if bucket is not None]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
