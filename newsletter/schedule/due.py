"""A rhythm and what was decided before -> the slot that is due now. The rows decide, never the alarm.

Exactly one issue for each slot holds through crashes, restarts and several
processes, because `claim_slot` runs in the transaction that creates the issue and
the key of a slot is unique.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, or_, select

from newsletter.schedule.slots import Rhythm, Slot, latest
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.dialect import insert_new

#: In `slot.state`: what a slot became, or that the schedule began here.
ISSUED, SKIPPED, BEGUN = "issued", "skipped", "begun"


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot to come."""

    local_time: datetime  #: wall time in the schedule's zone
    due_at: datetime  #: UTC
    note: str  #: what the change of clocks does to it; empty as a rule


def due_slots(
    database: Database, newsletter: str, rhythm: Rhythm, zone: ZoneInfo, now: datetime
) -> tuple[Slot, ...]:
    """The newest slot that is due and undecided: none or one.

    Slots that were missed before it are not caught up with one by one: their
    articles are in this one. A schedule that is seen for the first time begins
    now: the past is not sent. A clock that steps back repeats nothing, and a
    schedule that moves to a later hour has no second slot on the same date.
    """
    slot = latest(rhythm, zone, now)
    with database.read() as connection:
        last = _last_decided(connection, newsletter, rhythm.cadence, now)
        taken = slot is not None and _is_decided(connection, newsletter, rhythm.cadence, slot)
    if last is None:
        database.write(lambda c: _begin(c, newsletter, rhythm.cadence, now))
        return ()
    if slot is None or slot.due_at <= last or taken:
        return ()
    return (slot,)


def has_begun(database: Database, newsletter: str, rhythm: Rhythm, now: datetime) -> bool:
    """Whether the schedule was ever seen before: its slots count from then on."""
    with database.read() as connection:
        return _last_decided(connection, newsletter, rhythm.cadence, now) is not None


def held_until(database: Database, newsletter: str, rhythm: Rhythm, now: datetime) -> datetime | None:
    """The slot of the future for which an issue was sent already, by a clock that was wrong: until it has
    passed, nothing is due. None as a rule."""
    with database.read() as connection:
        last = _last_decided(connection, newsletter, rhythm.cadence, now)
    return last if last is not None and last > now else None


def claim_slot(
    connection: Connection,
    newsletter: str,
    cadence: str,
    slot: Slot,
    *,
    state: str,
    reason: str,
    issue_id: str | None,
    now: datetime,
) -> bool:
    """Decide a slot, for ever; False when somebody else has. Call it where the issue is written."""
    row = {
        "newsletter": newsletter,
        "cadence": cadence,
        "key": slot.local_date.isoformat(),
        "due_at": slot.due_at,
        "state": state,
        "reason": reason,
        "issue_id": issue_id,
        "decided_at": now,
    }
    return bool(connection.execute(insert_new(t.slot).values(row)).rowcount)


def plan(rhythm: Rhythm, zone: ZoneInfo, now: datetime, weeks: int) -> tuple[PlannedSlot, ...]:
    """The slots of the coming weeks."""
    notes = {
        "": "",
        "gap": "the clocks skip this time: sent after the gap",
        "fold": "the clocks repeat this time",
    }
    return tuple(
        PlannedSlot(slot.due_at.astimezone(zone), slot.due_at, notes[slot.note])
        for slot in rhythm.occurrences(zone, now, now + timedelta(weeks=weeks))
    )


def _last_decided(connection: Connection, newsletter: str, cadence: str, now: datetime) -> datetime | None:
    # What lies ahead was written by a wrong clock. Only if an issue was sent for it must it hold.
    found: datetime | None = connection.execute(
        select(func.max(t.slot.c.due_at)).where(
            *_of(newsletter, cadence), or_(t.slot.c.state == ISSUED, t.slot.c.due_at <= now)
        )
    ).scalar()
    return found


def _is_decided(connection: Connection, newsletter: str, cadence: str, slot: Slot) -> bool:
    key = t.slot.c.key == slot.local_date.isoformat()
    return (
        connection.execute(select(t.slot.c.state).where(*_of(newsletter, cadence), key)).first() is not None
    )


def _of(newsletter: str, cadence: str) -> tuple[ColumnElement[bool], ...]:
    return (t.slot.c.newsletter == newsletter, t.slot.c.cadence == cadence)


def _begin(connection: Connection, newsletter: str, cadence: str, now: datetime) -> None:
    if _last_decided(connection, newsletter, cadence, now) is not None:
        return  # another process was faster: its beginning counts, or a slot between the two would be lost
    # A key that no slot can have: the first real slot may fall on this very day.
    connection.execute(
        insert_new(t.slot).values(
            newsletter=newsletter,
            cadence=cadence,
            key=f"{BEGUN} {now.isoformat()}",
            due_at=now,
            state=BEGUN,
            reason="",
            decided_at=now,
        )
    )
