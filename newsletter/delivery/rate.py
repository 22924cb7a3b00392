"""A rate such as ``50/s`` -> whether one more may go now. One bucket for all connections."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_RATE: Final = re.compile(r"\s*(\d{1,7}(?:\.\d+)?)\s*/\s*(s|m|min|h|d)\s*")
_SECONDS: Final = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def per_second(text: str) -> float:
    """Messages a second. ValueError for what is no rate; a rate of 0 is none."""
    found = _RATE.fullmatch(text)
    if found is None or not float(found[1]):
        raise ValueError(f'should be a rate such as "50/s", "600/min" or "10000/h", got "{text}"')
    return float(found[1]) / _SECONDS[found[2]]


@dataclass(slots=True)
class Bucket:
    """Grants `rate` a second; after a pause at most a tenth of a second's worth at once, one at least.

    Times are seconds of any clock that only goes forward.
    """

    rate: float
    _level: float = 1.0
    _at: float = 0.0

    def take(self, now: float) -> bool:
        """Whether one may go now; if so, it counts."""
        if self._fill(now) < 1.0:
            return False
        self._level -= 1.0
        return True

    def delay(self, now: float) -> float:
        """Seconds until the next may go."""
        return max(0.0, (1.0 - self._fill(now)) / self.rate)

    def soon(self, now: float, seconds: float) -> int:
        """How many may go within the next seconds."""
        return int(self._fill(now) + self.rate * seconds)

    def _fill(self, now: float) -> float:
        if not self._at:
            self._at = now
        self._level = min(max(1.0, self.rate / 10), self._level + (now - self._at) * self.rate)
        self._at = now
        return self._level
