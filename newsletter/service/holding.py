"""Issues that wait for somebody's word: asked for, made anew when something changed, let go, or given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from newsletter.config.schema import Config
from newsletter.outbox import approving
from newsletter.outbox.approving import Held
from newsletter.pipeline import (
    Built,
    approval_hash,
    build,
    occasion_of,
    publish,
    publish_test,
    rebuild,
    release,
)
from newsletter.schedule.due import undo_slot
from newsletter.schedule.late import Late, lateness
from newsletter.service import notices
from newsletter.service.beats import Beat
from newsletter.service.told import Fired
from newsletter.store.database import Database

#: Why an issue is held that somebody must approve.
UNAPPROVED = "waits for approval"
#: Why its slot is skipped when nobody did.
TOO_LATE = "not approved in time"


def review(
    config: Config, database: Database, name: str, every: Sequence[Beat], now: datetime
) -> Iterator[Fired]:
    """Look after the issues of a newsletter that are held. What was approved and is due is queued."""
    with database.read() as connection:
        waiting = [one for one in approving.held(connection) if one.newsletter == name]
    for one in waiting:
        current = _current(config, database, one, now)
        if current is None:
            yield Fired(name, one.slot_at, "", _give_up(database, one, "nothing of it is left", now))
            continue
        yield from _decide(config, database, one, current, now)


def ask(config: Config, database: Database, built: Built, now: datetime) -> None:
    """Tell the approvers of a held issue, and send each of them the mail itself; once for each state of it."""
    if not notices.awaiting(config, database, built.occasion.id, now):
        return
    newsletter = config.newsletters[built.issue.newsletter]
    for address in newsletter.approvers or config.notify.to:
        publish_test(config, database, built, address, now=now)


def _current(config: Config, database: Database, one: Held, now: datetime) -> Built | None:
    """The issue as the files make it now; it takes the place of the one that is held, if it is another."""
    same = rebuild(config, database, one.id)
    if same is not None and approval_hash(config, same) == one.hash:
        return same
    with database.read() as connection:
        occasion = occasion_of(connection, one.id)
    made = build(config, one.newsletter, database, occasion)
    if not isinstance(made, Built):
        return None
    publish(config, database, made, now=now, held=one.reason, instead=True)
    return made


def _decide(config: Config, database: Database, one: Held, current: Built, now: datetime) -> Iterator[Fired]:
    newsletter, hash = config.newsletters[one.newsletter], approval_hash(config, current)
    path = config.resolve(config.content.briefs) / f"{one.id}.approved"
    shown = f"{config.content.briefs}/{path.name}"
    signed = approving.from_file(path, shown)
    database.write(lambda c: approving.follow_file(c, one.id, hash, signed, shown, now))
    with database.read() as connection:
        approved = approving.is_approved(connection, one.id, hash)
    if approved or (one.reason == UNAPPROVED and not newsletter.approval):
        if now >= one.due_at and release(config, database, one.id, now=now):
            yield Fired(one.newsletter, one.slot_at, one.id, "")
        return
    ask(config, database, current, now)
    late = lateness(
        one.due_at,
        now,
        policy=newsletter.late,
        late_after=newsletter.late_after,
        stale_after=newsletter.stale_after,
    )
    if one.reason == UNAPPROVED and late.does is Late.SKIP:
        yield Fired(one.newsletter, one.slot_at, "", _give_up(database, one, TOO_LATE, now))


def _give_up(database: Database, one: Held, why: str, now: datetime) -> str:
    """Its articles stay news, and its slot says why there was none."""

    def write(connection: Connection) -> None:
        approving.let_go(connection, one.id, why)
        undo_slot(connection, one.newsletter, one.id, reason=why, now=now)

    database.write(write)
    return why
