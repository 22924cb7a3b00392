"""A newsletter that makes no issues for a while. Its articles wait; so does what is queued of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, or_, select, update

from newsletter.outbox.queueing import PAUSED
from newsletter.store import tables as t
from newsletter.store.dialect import insert_or_change


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, until when, why."""

    newsletter: str
    since: datetime
    until: datetime | None  #: None: until somebody resumes it
    reason: str

    def in_words(self, zone: ZoneInfo) -> str:
        """Why a slot is skipped; the date is that of the zone."""
        until = f" until {self.until.astimezone(zone):%Y-%m-%d}" if self.until else ""
        return f"paused{until}{f': {self.reason}' if self.reason else ''}"


def paused(connection: Connection, newsletter: str, now: datetime) -> Pause | None:
    """Its pause, if it has one at that time."""
    p = t.newsletter_pause.c
    rests = or_(p.until.is_(None), p.until > now)
    row = connection.execute(select(t.newsletter_pause).where(p.newsletter == newsletter, rests)).first()
    return None if row is None else Pause(row.newsletter, row.since, row.until, row.reason)


def pause(
    connection: Connection, newsletter: str, now: datetime, *, until: datetime | None = None, reason: str = ""
) -> int:
    """Let it rest from now on; how many of its issues are stopped by that."""
    row = {"newsletter": newsletter, "since": now, "until": until, "reason": reason}
    changed = insert_or_change(t.newsletter_pause, lambda new: {"until": new.until, "reason": new.reason})
    connection.execute(changed.values(row))
    i = t.issue.c
    stopped = update(t.issue).where(i.newsletter == newsletter, i.kind == "issue", i.state == "open")
    return connection.execute(stopped.values(state="paused", state_reason=PAUSED)).rowcount


def resume(connection: Connection, newsletter: str) -> bool:
    """Let it go on; False when it did not rest."""
    gone = delete(t.newsletter_pause).where(t.newsletter_pause.c.newsletter == newsletter)
    rested = bool(connection.execute(gone).rowcount)
    _reopen(connection, newsletter)
    return rested


def end_pauses(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Let those go on whose pauses are over; which."""
    p = t.newsletter_pause.c
    over = tuple(connection.execute(select(p.newsletter).where(p.until <= now)).scalars())
    for newsletter in over:
        resume(connection, newsletter)
    return over


def _reopen(connection: Connection, newsletter: str) -> None:
    i = t.issue.c
    stopped = (i.newsletter == newsletter, i.state == "paused", i.state_reason == PAUSED)
    connection.execute(update(t.issue).where(*stopped).values(state="open", state_reason=""))
