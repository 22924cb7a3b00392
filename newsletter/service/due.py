"""Slots that are due -> issues, or the reasons why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.audience import subscribers
from newsletter.audience.erasing import expire
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.errors import NewsletterError
from newsletter.outbox import ledger
from newsletter.pipeline import Built, Nothing, build, follow, look, publish
from newsletter.schedule.due import ISSUED, SKIPPED, claim_slot, due_slots, has_begun
from newsletter.schedule.slots import Rhythm, Slot, parse
from newsletter.service.chores import answer_wishes, sync_lists
from newsletter.store.database import Database

#: How far ahead the alarm looks for the next slot.
HORIZON = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of one slot."""

    newsletter: str
    due_at: datetime
    issue_id: str  #: empty when there was none
    reason: str  #: why not
    mistake: bool = False  #: a person must mend something first; the slot stays due


def rhythm(config: Config, name: str) -> Rhythm | None:
    """When a newsletter is sent; None when only by hand."""
    schedule = config.newsletters[name].schedule
    return parse(schedule) if schedule else None


def fire_due(config: Config, database: Database, now: datetime) -> tuple[Fired, ...]:
    """Turn every slot that is due into an issue, or into the reason why there is none. Each slot once.

    Who has not confirmed in time is forgotten before, and who signed up is asked to confirm. Lists that
    changed are read.
    """
    expire(database, now, config.subscribers.pending_expires)
    troubles = answer_wishes(config, database, now)
    fired = [Fired("sign-up", now, "", trouble, mistake=True) for trouble in troubles]
    troubles = tuple(one.problem for one in sync_lists(config, database, now) if one.problem)
    fired += [Fired("subscribers", now, "", trouble, mistake=True) for trouble in troubles]
    try:
        follow(database, look(config, now))
    except NewsletterError as error:
        # A folder that is away must not hold up what waits in the outbox; its slots stay due.
        return (*fired, Fired("content", now, "", str(error), mistake=True))
    for name in config.newsletters:
        beat = rhythm(config, name)
        if beat is None:
            continue
        zone = ZoneInfo(unpack.timezone(config, name))
        for slot in due_slots(database, name, beat, zone, now):
            try:
                fired += _fire(config, database, name, beat, slot, now)
            except NewsletterError as error:
                # One newsletter's broken template must not hold up the others.
                fired.append(Fired(name, slot.due_at, "", str(error), mistake=True))
    return tuple(fired)


def begin(config: Config, database: Database, now: datetime) -> tuple[str, ...]:
    """Let the schedules begin that were never seen before; which ones. From now on their slots count."""
    begun = []
    for name in config.newsletters:
        beat = rhythm(config, name)
        if beat is not None and not has_begun(database, name, beat, now):
            due_slots(database, name, beat, ZoneInfo(unpack.timezone(config, name)), now)
            begun.append(name)
    return tuple(begun)


def next_due(config: Config, name: str, now: datetime) -> datetime | None:
    """The next slot of a newsletter."""
    beat = rhythm(config, name)
    if beat is None:
        return None
    zone = ZoneInfo(unpack.timezone(config, name))
    return next((slot.due_at for slot in beat.occurrences(zone, now, now + HORIZON)), None)


def _fire(
    config: Config, database: Database, name: str, beat: Rhythm, slot: Slot, now: datetime
) -> list[Fired]:
    def claim(connection: Connection, state: str, reason: str, issue_id: str | None) -> bool:
        return claim_slot(
            connection, name, beat.cadence, slot, state=state, reason=reason, issue_id=issue_id, now=now
        )

    made = _build(config, database, name, slot, now)
    if isinstance(made, str):
        won = database.write(lambda c: claim(c, SKIPPED, made, None))
        return [Fired(name, slot.due_at, "", made)] if won else []
    id = publish(
        config, database, made, now=now, cadence=beat.cadence, claim=lambda c, id: claim(c, ISSUED, "", id)
    )
    return [Fired(name, slot.due_at, id, "")] if id else []


def _build(config: Config, database: Database, name: str, slot: Slot, now: datetime) -> Built | str:
    """The issue of a slot, or why it is skipped."""
    late = now - slot.due_at
    if late > config.newsletters[name].stale_after:
        return f"{late.total_seconds() / 3600:.0f} h too late"
    segment = config.newsletters[name].segment
    if not subscribers.counts(database, name, now, segment=segment).active:
        return "nobody is subscribed" if not segment else "nobody of its segment is subscribed"
    with database.read() as connection:
        had = ledger.had(connection, name)
    id = f"{name}-{slot.local_date.isoformat()}"
    made = build(config, name, had, id=id, due=slot.due_at)
    return made.reason if isinstance(made, Nothing) else made
