"""A rhythm and what was decided -> the slots to decide now. The rows decide, never the alarm.

Exactly one issue for each slot holds through crashes, restarts and several processes, because
`claim_slot` runs in the transaction that creates the issue and the key of a slot is unique.
What a clock that ran ahead decided counts only if an issue was sent: else the slot, when it
really comes, would be lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from newsletter.schedule.coming import NO_TIME
from newsletter.schedule.rhythm import Rhythm
from newsletter.schedule.wall import Slot
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.dialect import insert_new

#: In `slot.state`: what a slot became, or that the schedule began here.
ISSUED, SKIPPED, BEGUN = "issued", "skipped", "begun"
#: After years off, so many of a cadence are decided: the newest.
MOST = 400
#: Clocks are set back by seconds all day; what was decided less than this ahead of now stays decided.
SLACK = timedelta(hours=1)


class Claimable(Protocol):
    """A slot, of a date or of an article."""

    @property
    def key(self) -> str:
        """Unique in its cadence."""

    @property
    def due_at(self) -> datetime:
        """UTC."""


def undecided(
    database: Database,
    newsletter: str,
    cadence: str,
    rhythm: Rhythm,
    zone: ZoneInfo,
    now: datetime,
    *,
    begins: Callable[[Slot], datetime] | None = None,
    ahead: timedelta = NO_TIME,
) -> tuple[Slot, ...]:
    """All slots since the last decided one that are to be decided now, oldest first; at most the newest 400.

    Decide them in this order, or a crash in between loses those before. `missed` tells which of them others
    stand for. A slot is decided at its time; with `begins` at the instant that it names, which may lie
    `ahead` of it at most. A schedule that is seen for the first time begins now: the past is not sent. A
    clock that steps back repeats nothing, and a schedule that moves to a later hour has no second slot on
    the same date.
    """
    with database.read() as connection:
        last = _last_decided(connection, newsletter, cadence, now)
    if last is None:
        database.write(lambda c: begin(c, newsletter, cadence, now))
        last = now
    found = [
        slot
        for slot in islice(rhythm.newest(zone, last, now + ahead), MOST)
        if (begins(slot) if begins else slot.due_at) <= now
    ]
    if not found:
        return ()
    with database.read() as connection:
        taken = decided(connection, newsletter, cadence, (slot.key for slot in found), now)
    return tuple(slot for slot in reversed(found) if slot.key not in taken)


def missed(slots: Iterable[Slot], now: datetime) -> tuple[Slot, ...]:
    """Those whose articles a newer slot brings that is due as well: they are skipped."""
    return tuple(slot for slot in slots if slot.due_at <= now)[:-1]


def begun_at(database: Database, newsletter: str, cadence: str, now: datetime) -> datetime | None:
    """Since when a cadence is known: what was before is past. None when it was never seen."""
    with database.read() as connection:
        return begun(connection, newsletter, cadence, now)


def held_by(
    database: Database, newsletter: str, cadence: str, now: datetime, *, ahead: timedelta = NO_TIME
) -> datetime | None:
    """The slot of the future for which an issue was sent already, by a clock that was wrong: until it has
    passed, nothing is due, and the slots before it were skipped as missed. None as a rule; what is made
    `ahead` is no mistake."""
    with database.read() as connection:
        return resting(connection, newsletter, cadence, now, ahead=ahead)


def resting(
    connection: Connection, newsletter: str, cadence: str, now: datetime, *, ahead: timedelta = NO_TIME
) -> datetime | None:
    """The same."""
    last = _newest(connection, newsletter, cadence, and_(_stands(now), t.slot.c.decided_at > now))
    return last if last is not None and last > now + ahead else None


def held_slots(
    database: Database,
    newsletter: str,
    cadence: str,
    rhythm: Rhythm,
    zone: ZoneInfo,
    now: datetime,
    *,
    ahead: timedelta = NO_TIME,
) -> tuple[tuple[Slot, datetime], ...]:
    """The slots that came while the cadence rests, as `held_by` says, and are to be skipped now: each with
    the slot for which it rests. Nothing as a rule."""
    with database.read() as connection:
        by = resting(connection, newsletter, cadence, now, ahead=ahead)
        if by is None:
            return ()
        before = and_(_stands(now), t.slot.c.due_at <= now)
        last = _newest(connection, newsletter, cadence, before)
        found = tuple(islice(rhythm.newest(zone, last or now, now), MOST))
        taken = decided(connection, newsletter, cadence, (slot.key for slot in found), now)
    return tuple((slot, by) for slot in reversed(found) if slot.key not in taken)


def claim_slot(
    connection: Connection,
    newsletter: str,
    cadence: str,
    slot: Claimable,
    *,
    state: str,
    reason: str,
    issue_id: str | None,
    now: datetime,
) -> bool:
    """Decide a slot, for ever; False when somebody else has. Call it where the issue is written.

    What a clock that ran ahead skipped is decided anew.
    """
    told = {
        "due_at": slot.due_at,
        "state": state,
        "reason": reason,
        "issue_id": issue_id,
        "decided_at": now,
    }
    key = {"newsletter": newsletter, "cadence": cadence, "key": slot.key}
    if connection.execute(insert_new(t.slot).values(**key, **told)).rowcount:
        return True
    again = update(t.slot).where(*_of(newsletter, cadence), t.slot.c.key == slot.key, ~_stands(now))
    return bool(connection.execute(again.values(**told)).rowcount)


def decided(
    connection: Connection, newsletter: str, cadence: str, keys: Iterable[str], now: datetime
) -> frozenset[str]:
    """Which of these slots are decided."""
    named = t.slot.c.key.in_(list(keys))
    rows = connection.execute(select(t.slot.c.key).where(*_of(newsletter, cadence), named, _stands(now)))
    return frozenset(rows.scalars())


def begun(connection: Connection, newsletter: str, cadence: str, now: datetime) -> datetime | None:
    """As `begun_at`. Of several beginnings the last counts: the others were written by clocks set back."""
    return _newest(connection, newsletter, cadence, and_(t.slot.c.state == BEGUN, _stands(now)))


def begin(connection: Connection, newsletter: str, cadence: str, now: datetime) -> None:
    """Let a cadence begin, unless it has."""
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


def _last_decided(connection: Connection, newsletter: str, cadence: str, now: datetime) -> datetime | None:
    return _newest(connection, newsletter, cadence, _stands(now))


def _newest(
    connection: Connection, newsletter: str, cadence: str, which: ColumnElement[bool]
) -> datetime | None:
    found: datetime | None = connection.execute(
        select(func.max(t.slot.c.due_at)).where(*_of(newsletter, cadence), which)
    ).scalar()
    return found


def _stands(now: datetime) -> ColumnElement[bool]:
    """What was decided, unless by a clock that ran ahead and without an issue."""
    return or_(
        t.slot.c.state == ISSUED,
        and_(t.slot.c.state == BEGUN, t.slot.c.due_at <= now),
        and_(t.slot.c.state != BEGUN, t.slot.c.decided_at <= now + SLACK),
    )


def _of(newsletter: str, cadence: str) -> tuple[ColumnElement[bool], ...]:
    return (t.slot.c.newsletter == newsletter, t.slot.c.cadence == cadence)


def undo_slot(connection: Connection, newsletter: str, issue_id: str, *, reason: str, now: datetime) -> None:
    """Let the slot of an issue that is given up say so: it was skipped."""
    its = t.slot.c.newsletter == newsletter, t.slot.c.issue_id == issue_id
    told = {"state": SKIPPED, "reason": reason, "issue_id": None, "decided_at": now}
    connection.execute(update(t.slot).where(*its).values(**told))
