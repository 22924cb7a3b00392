"""APScheduler as an alarm clock, and nothing more: it rings, the slot table decides.

Its own jobs would be lost in a crash, fired twice by two processes, late after a
sleep. So there is one kind of job, in memory, that only wakes the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

#: Whatever happens to the exact alarm (a laptop slept, the clock was set), a round comes this often.
ROUND_SECONDS = 30


class Alarm:
    """Calls `ring` on the running loop every 30 s, and at the instant that `next_due` names."""

    def __init__(self, ring: Callable[[], None], next_due: Callable[[], datetime | None]) -> None:
        self._ring = ring
        self._next_due = next_due
        self._loop = asyncio.get_running_loop()
        self._clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin to ring; the first time at once."""
        self._clock.add_job(self._round, IntervalTrigger(seconds=ROUND_SECONDS, timezone=UTC))
        self._clock.start()
        self._round()

    def close(self) -> None:
        """Ring no more; a ring under way has ended when this returns, so the loop may be closed."""
        self._clock.shutdown(wait=True)

    def _round(self) -> None:
        due = self._next_due()
        if due is not None:
            self._clock.add_job(
                self._wake, DateTrigger(due, timezone=UTC), id="next slot", replace_existing=True
            )
        self._wake()

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._ring)
