"""A rhythm and two instants -> the slots between them, with what the clocks do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.rhythm import LOOK_BACK, Rhythm, latest
from newsletter.schedule.wall import Slot

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class ComingSlot:
    """A slot to come."""

    slot: Slot
    local_time: datetime  #: wall time in the schedule's zone
    offset_change: timedelta  #: by how much the clocks were set since the slot before; 0 as a rule

    @property
    def due_at(self) -> datetime:
        """UTC."""
        return self.slot.due_at

    @property
    def note(self) -> str:
        """What the change of clocks does to it; empty as a rule."""
        if self.slot.note == "gap":
            return "the clocks skip this time: sent after the gap"
        if self.slot.note == "fold":
            return "the clocks repeat this time"
        return ""

    @property
    def clocks(self) -> str:
        """`+1:00` where the clocks were set forward since the slot before; empty as a rule."""
        minutes = abs(self.offset_change) // timedelta(minutes=1)
        sign = "+" if self.offset_change > NO_TIME else "-"
        return f"{sign}{minutes // 60}:{minutes % 60:02}" if minutes else ""


def coming(rhythm: Rhythm, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[ComingSlot]:
    """The slots after `after`, up to and with `until`. The change of clocks is told against the slot before,
    also where that lies before `after`: a plan that is made later tells the same of the same slot."""
    before = latest(rhythm, zone, after)
    offset = _offset(before.due_at.astimezone(zone)) if before else None
    for slot in rhythm.occurrences(zone, after, until):
        local = slot.due_at.astimezone(zone)
        now = _offset(local)
        yield ComingSlot(slot, local, NO_TIME if offset is None else now - offset)
        offset = now


def next_begin(
    rhythm: Rhythm,
    zone: ZoneInfo,
    now: datetime,
    *,
    begins: Callable[[Slot], datetime] | None = None,
    ahead: timedelta = NO_TIME,
) -> datetime | None:
    """The next instant after `now` at which there is something to decide: see `due.undecided`."""
    slots = rhythm.occurrences(zone, now, now + LOOK_BACK + ahead)
    at = (begins(slot) if begins else slot.due_at for slot in slots)
    return next((instant for instant in at if instant > now), None)


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or NO_TIME
