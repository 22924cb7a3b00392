"""Signals that ask us to end -> stop, and when that takes too long, cut off."""

from __future__ import annotations

import threading
import time
from typing import Final

#: Signals that come together are one: a terminal and a supervisor may both have told us.
TOGETHER_SECONDS: Final = 0.25


class Halt:
    """Called for each such signal: at the first `stop` is set, at the second `abandon`."""

    def __init__(self) -> None:
        self.stop, self.abandon = threading.Event(), threading.Event()
        self._first_at = 0.0

    def __call__(self) -> None:
        now = time.monotonic()
        if not self.stop.is_set():
            self._first_at = now
            self.stop.set()
        elif now - self._first_at >= TOGETHER_SECONDS:
            self.abandon.set()
