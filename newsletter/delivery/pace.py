"""How fast a drain may go: one bucket for all connections, and one for each domain that has a limit."""

from __future__ import annotations

import math
import time
from typing import Final

from newsletter.delivery.line import Limits
from newsletter.delivery.rate import Bucket

#: No window lasts longer than this at the configured rate: a lease must not run out over it.
WINDOW_SECONDS: Final = 60.0


class Pace:
    """The limits of one drain."""

    def __init__(self, limits: Limits) -> None:
        self._all = Bucket(limits.rate) if limits.rate else None
        self._rate = limits.rate
        self._domains = {name: Bucket(rate) for name, rate in (limits.domains or {}).items()}
        self._wait = 0.0

    def may_go(self, address: str) -> bool:
        """Whether a message to `address` may go now; if so, it counts."""
        now = time.monotonic()
        mine = self._domains.get(address.rpartition("@")[2].lower()) if self._domains else None
        for bucket in (mine, self._all):
            if bucket is not None and bucket.delay(now) > 0:
                self._wait = bucket.delay(now)
                return False
        for bucket in (mine, self._all):
            if bucket is not None:
                bucket.take(now)
        return True

    def delay(self) -> float:
        """Seconds until it is worth asking again after a no."""
        return max(self._wait, 0.001)

    def window(self, wanted: int) -> int:
        """The window of a connection: no more than it can send in a while."""
        return max(1, min(wanted, math.ceil(self._rate * WINDOW_SECONDS))) if self._rate else wanted
