"""How late a slot is noticed, and the policy -> what becomes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from newsletter.schedule.wall import Slot

Policy = Literal["send", "skip", "ask"]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Late(StrEnum):
    """What is to be done with a slot."""

    SEND = "send"
    SKIP = "skip"  #: decided without an issue
    ASK = "ask"  #: the issue is made and held until somebody releases it


@dataclass(frozen=True, slots=True)
class Lateness:
    """The verdict on one slot."""

    does: Late
    by: timedelta  #: how late it is; never less than 0
    reason: str  #: `26 h too late`, `3 h late`; empty when it counts as on time


def lateness(
    due_at: datetime, now: datetime, *, policy: Policy, late_after: timedelta, stale_after: timedelta
) -> Lateness:
    """What becomes of a slot that is decided now.

    Up to and with `late_after` it is on time. Then `send` sends it until `stale_after`, `skip` skips it,
    and `ask` has a person asked, however late. A limit that is shorter than `late_after` wins over it.
    """
    by = max(now - due_at, timedelta(0))
    if policy != "ask" and by > stale_after:
        return Lateness(Late.SKIP, by, f"{span(by)} too late")
    if by <= late_after:
        return Lateness(Late.SEND, by, "")
    if policy == "skip":
        return Lateness(Late.SKIP, by, f"{span(by)} too late")
    return Lateness(Late.ASK if policy == "ask" else Late.SEND, by, f"{span(by)} late")


def missed_reason(newer: Slot) -> str:
    """Why one of several missed slots is skipped: see `due.missed`."""
    return f"missed: the slot of {newer.key} was due too when it was noticed, and brings its articles"


def held_reason(by: datetime, zone: ZoneInfo) -> str:
    """Why a slot is skipped while a cadence rests: see `due.held_slots`."""
    return f"the issue of {by.astimezone(zone):%Y-%m-%d %H:%M} was sent before it, by a clock that ran ahead"


def span(by: timedelta) -> str:
    """`26 h`, `45 min`, `3 d`: in the unit in which people would say it."""
    if by < 2 * HOUR:
        return f"{by // MINUTE} min"
    return f"{by / HOUR:.0f} h" if by < timedelta(hours=72) else f"{by / timedelta(days=1):.0f} d"
