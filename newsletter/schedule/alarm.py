"""APScheduler as an alarm clock, and nothing more: it rings, the slot table decides.

Its own jobs would be lost in a crash, fired twice by two processes, late after a sleep, and would
stand still when the clock is set back. So it has one alarm, in memory, for the next instant at which
something is due; and the loop's own clock, which nobody sets, rings all 30 s whatever happens to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

#: Whatever happens to the exact alarm (a laptop slept, the clock was set), a round comes this often.
ROUND_SECONDS = 30.0

_ALARM = "next"


class Alarm:
    """Calls `ring` on the running loop every 30 s, and at the instant that `next_due` names.

    `next_due` is asked in another thread, at each round and whenever somebody calls :meth:`look`.
    """

    def __init__(
        self,
        ring: Callable[[], None],
        next_due: Callable[[], datetime | None],
        every: float = ROUND_SECONDS,
    ) -> None:
        self._ring = ring
        self._next_due = next_due
        self._every = every
        self._rung_for: datetime | None = None
        self._asking = threading.Lock()
        self._adding = threading.Lock()  # held for a moment only
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._round: asyncio.TimerHandle | None = None
        self._clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        """Begin to ring; the first time at once. Call it on the loop."""
        self._clock.start()
        self._go_round()

    def look(self) -> None:
        """Ask anew what is due next: something sooner may have come. From any thread; does not wait."""
        with self._adding:
            if not self._closed:
                self._clock.add_job(self._set)

    def close(self) -> None:
        """Ring no more; a ring under way has ended when this returns, so the loop may be closed."""
        if self._round is not None:
            self._round.cancel()
        # A job that sets the alarm while the clock waits for its jobs would wait for ever.
        with self._asking, self._adding:
            self._closed = True
        # Stopped in the middle of a look at its jobs, the clock would miss one and fall over it: from now on
        # it has none, and whatever look is under way has ended.
        self._clock.remove_all_jobs()
        self._clock.shutdown(wait=True)

    def _go_round(self) -> None:
        self._ring()
        self.look()
        self._round = self._loop.call_later(self._every, self._go_round)

    def _set(self) -> None:
        with self._asking:  # of two answers the later one counts
            if self._closed:
                return
            due = self._next_due()
            # What has been rung for and is still due waits for a person, or for the next round.
            if due is not None and due != self._rung_for:
                trigger = DateTrigger(due, timezone=UTC)
                self._clock.add_job(self._wake, trigger, [due], id=_ALARM, replace_existing=True)
                return
            with contextlib.suppress(JobLookupError):
                self._clock.remove_job(_ALARM)

    def _wake(self, due: datetime) -> None:
        self._rung_for = due
        self._loop.call_soon_threadsafe(self._ring)
