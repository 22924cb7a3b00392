"""The clock, without asking anybody -> whether it can be trusted to send at nine."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from newsletter.doctor.diagnosis import Diagnosis, failure, ok, warning

_FIX = "sudo timedatectl set-ntp true"
#: Nothing can be older than the program.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
#: How far the wall clock may go another way than the steady one while the doctor looks.
STEP_SECONDS = 0.5
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


class Watch:
    """Both clocks, from now on."""

    def __init__(self) -> None:
        self._wall, self._steady = time.time(), time.monotonic()

    def step(self) -> float:
        """Seconds by which the wall clock was set since."""
        return (time.time() - self._wall) - (time.monotonic() - self._steady)


def look(
    now: datetime, newest: datetime | None, step: float, synchronised: bool | None
) -> Iterator[Diagnosis]:
    """The lines about the clock; `newest` is the latest time that the database knows of."""
    if now < EARLIEST:
        yield failure("clock", f"it says {now:%Y-%m-%d}, which is before this program was made", _FIX)
    elif newest is not None and newest - now > timedelta(hours=1):
        text = f"it says {now:%Y-%m-%d %H:%M} UTC, but the database knows of {newest:%Y-%m-%d %H:%M}"
        yield failure("clock", f"{text}: it went back", _FIX)
    elif abs(step) > STEP_SECONDS:
        yield warning("clock", f"it was set by {step:+.1f} s while the doctor looked", _FIX)
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, and steady")
    if synchronised is False:
        yield warning("clock service", "the system says that nothing keeps the clock right", _FIX)
    elif synchronised:
        yield ok("clock service", "the system keeps the clock right")


def is_synchronised() -> bool | None:
    """What the kernel says of its clock (adjtimex(2), only read here); None where it cannot be asked."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        room = ctypes.create_string_buffer(512)  # struct timex, all zero: change nothing
        state: int = ctypes.CDLL(None, use_errno=True).adjtimex(room)
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
