"""Issues that wait for somebody's word: asked for, made anew when something changed, let go, or given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from newsletter.config.schema import Config
from newsletter.outbox import approving
from newsletter.outbox.approving import Held
from newsletter.pipeline import (
    Built,
    Nothing,
    Occasion,
    approval_hash,
    build,
    occasion_of,
    publish,
    publish_copies,
    rebuild,
    release,
)
from newsletter.pipeline.offering import briefs
from newsletter.schedule.due import undo_slot
from newsletter.schedule.late import Late, lateness
from newsletter.schedule.quiet import is_holiday
from newsletter.schedule.wall import Slot
from newsletter.service import notices
from newsletter.service.beats import Beat, Zones, zones
from newsletter.service.told import UNAPPROVED, Fired
from newsletter.store import tables as t
from newsletter.store.database import Database

#: Why its slot is skipped when nobody did.
TOO_LATE = "not approved in time"


def review(
    config: Config, database: Database, name: str, every: Sequence[Beat], now: datetime
) -> Iterator[Iterator[Fired]]:
    """Look after the issues of a newsletter that are held, each by itself. What was approved and is due is
    queued."""
    with database.read() as connection:
        there = zones(connection, every)
        waiting = [
            (one, occasion_of(connection, one.id), _key(connection, one))
            for one in approving.held(connection)
            if one.newsletter == name
        ]
    for one, asked, key in waiting:
        beat = next((each for each in every if each.cadence == one.cadence), None)
        yield _review(config, database, one, asked, beat, _slot(beat, key), there, now)


def _review(
    config: Config,
    database: Database,
    one: Held,
    asked: Occasion,
    beat: Beat | None,
    slot: Slot | None,
    there: Zones,
    now: datetime,
) -> Iterator[Fired]:
    occasion = asked
    if beat and slot:
        occasion = replace(beat.occasion(slot, there), id=one.id, cut_off=asked.cut_off)
    if beat and slot and is_holiday(slot.local_date, beat.holidays):
        yield from _give_up(database, one, "holiday", now)
        return
    current = _current(config, database, one, occasion, now)
    if isinstance(current, Nothing):  # its articles are gone, or have come with another issue
        yield from _give_up(database, one, current.reason, now)
    elif current is not None:
        yield from _decide(config, database, one, current, _awake(beat, current, there, now), now)


def ask(config: Config, database: Database, built: Built, now: datetime) -> None:
    """Tell the approvers of a held issue, and send each of them the mail itself; once for each state of it.

    Neither stands for the other: whatever of the two a crash took away, the next round makes up for.
    """
    if notices.concerns_nobody(config, database, built.occasion.id, now):
        return
    notices.awaiting(config, database, built.occasion.id, now)
    newsletter = config.newsletters[built.issue.newsletter]
    publish_copies(config, database, built, newsletter.approvers or config.notify.to, now=now)


def _key(connection: Connection, one: Held) -> str:
    """The key of its slot; empty where it has none."""
    its = t.slot.c.newsletter == one.newsletter, t.slot.c.issue_id == one.id
    return str(connection.execute(select(t.slot.c.key).where(*its)).scalar() or "")


def _slot(beat: Beat | None, key: str) -> Slot | None:
    """The slot of a date as the schedule has it now; None when it has none by now, or it is of an article."""
    try:
        day = date.fromisoformat(key)
    except ValueError:
        return None
    return beat.slot_of(day) if beat else None


def _awake(beat: Beat | None, current: Built, there: Zones, now: datetime) -> Occasion | None:
    """When its readers are due, if it is let go now; None when nothing may begin now."""
    if beat is None:
        return current.occasion
    return beat.awake(current.occasion, there, now) if beat.opens(now) <= now else None


def _current(
    config: Config, database: Database, one: Held, occasion: Occasion, now: datetime
) -> Built | Nothing | None:
    """The issue as the files make it now; it takes the place of the one that is held, if it is another. None
    when it cannot at this moment."""
    same = rebuild(config, database, one.id, occasion)
    if same is not None and approval_hash(config, same) == one.hash:
        return same
    made = build(config, one.newsletter, database, occasion)
    if isinstance(made, Nothing):
        return made
    return made if publish(config, database, made, now=now, held=one.reason, instead=True) else None


def _decide(
    config: Config, database: Database, one: Held, current: Built, awake: Occasion | None, now: datetime
) -> Iterator[Fired]:
    newsletter, hash = config.newsletters[one.newsletter], approval_hash(config, current)
    folder, shown = briefs(config)
    name = f"{one.id}.approved"
    signed = approving.from_file(folder / name, f"{shown}/{name}")
    for problem in signed.problems:
        yield Fired(one.newsletter, one.slot_at, one.id, str(problem), mistake=True)
    database.write(lambda c: approving.follow_file(c, one.id, hash, signed, f"{shown}/{name}", now))
    with database.read() as connection:
        approved = approving.is_approved(connection, one.id, hash)
    agreed = approved or (one.reason == UNAPPROVED and not newsletter.approval)
    if not agreed:
        ask(config, database, current, now)
    due = current.occasion.first_due
    late = lateness(
        due,
        now,
        policy=newsletter.late,
        late_after=newsletter.late_after,
        stale_after=newsletter.stale_after,
    )
    if one.reason == UNAPPROVED and late.does is Late.SKIP:
        yield from _give_up(database, one, late.reason if agreed else TOO_LATE, now)
    elif agreed and now >= due and awake and release(config, database, one.id, now=now, occasion=awake):
        yield Fired(one.newsletter, one.slot_at, one.id, "")


def _give_up(database: Database, one: Held, why: str, now: datetime) -> Iterator[Fired]:
    """Its articles stay news, and its slot says why there was none; unless somebody has let it go by now."""

    def write(connection: Connection) -> bool:
        gone = approving.let_go(connection, one.id, why)
        if gone:
            undo_slot(connection, one.newsletter, one.id, reason=why, now=now)
        return gone

    if database.write(write):
        yield Fired(one.newsletter, one.slot_at, "", why)
