"""What a crash or the passing of time left -> rows that can go on. All inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import State
from newsletter.outbox import states
from newsletter.outbox.claim import in_state
from newsletter.store import tables as t


def orphaned(connection: Connection, is_alive: Callable[[str], bool]) -> bool:
    """Whether a dead process left rows that it was sending. It only reads."""
    owners = connection.execute(
        select(t.delivery.c.owner).where(in_state(State.SENDING)).distinct()
    ).scalars()
    return any(not is_alive(owner) for owner in owners.all())


def recover(
    connection: Connection, *, is_alive: Callable[[str], bool], now: datetime, leases: bool = True
) -> int:
    """Put in doubt what a dead process was sending, or one whose lease ran out; return how many rows.

    Under the policy ``resend`` the row is queued again and its doubt counted. Without `leases` no row of a
    living process is touched.
    """
    owners = connection.execute(
        select(t.delivery.c.owner, func.min(t.delivery.c.lease_until))
        .where(in_state(State.SENDING))
        .group_by(t.delivery.c.owner)
    ).all()
    lost = 0
    for owner, earliest in owners:
        expired = [] if not is_alive(owner) else [t.delivery.c.lease_until <= now]
        if expired and (earliest > now or not leases):
            continue
        lost += _give_up(connection, owner, expired, now)
    return lost


def _give_up(connection: Connection, owner: str, also: list[Any], now: datetime) -> int:
    policy = select(t.issue.c.in_doubt).where(t.issue.c.id == t.delivery.c.issue_id).scalar_subquery()
    cancelled = select(t.issue.c.state).where(t.issue.c.id == t.delivery.c.issue_id).scalar_subquery()
    resend = and_(policy == "resend", cancelled != "cancelled")
    return connection.execute(
        update(t.delivery)
        .where(t.delivery.c.state == State.SENDING, t.delivery.c.owner == owner, *also)
        .values(
            state=case((resend, State.QUEUED.value), else_=State.IN_DOUBT.value),
            doubt=t.delivery.c.doubt + case((resend, 1), else_=0),
            reply="the sending process ended before the server's answer was recorded",
            code=0,
            lease_until=None,
            # What is in doubt keeps the time of its intent: there the server's log is to be searched.
            state_at=case((resend, literal(now, t.Instant)), else_=t.delivery.c.state_at),
        )
    ).rowcount


def wake(connection: Connection, now: datetime) -> int:
    """Queue again what was deferred until now; expire what is too late; close what is finished.
    Returns how many expired."""
    connection.execute(
        update(t.delivery)
        .where(
            in_state(State.DEFERRED),
            t.delivery.c.next_at <= now,
        )
        .values(state=State.QUEUED, next_at=None, state_at=now)
    )
    expired = expire(connection, now)
    finish(connection)
    _close(connection, t.issue.c.stale_at <= now)
    return expired


def expire(connection: Connection, now: datetime) -> int:
    """Fail what is still waiting though its issue has become stale; return how many."""
    stale = select(t.issue.c.id).where(t.issue.c.state.in_(["open", "paused"]), t.issue.c.stale_at <= now)
    return connection.execute(
        update(t.delivery)
        .where(t.delivery.c.issue_id.in_(stale), t.delivery.c.state.in_([State.QUEUED, State.DEFERRED]))
        .values(
            state=State.FAILED,
            next_at=None,
            reply=func.trim(literal("expired: not sent in time. ") + t.delivery.c.reply),
            state_at=now,
        )
    ).rowcount


def finish(connection: Connection) -> None:
    """Close every open issue in which nothing waits any more.

    A paused one stays so while something of it failed or is in doubt: what it was paused for is to be mended,
    and then that is to be tried again.
    """
    again = _any_in((State.FAILED, State.IN_DOUBT))
    _close(connection, or_(t.issue.c.state == "open", ~again))


def _close(connection: Connection, which: ColumnElement[bool]) -> None:
    live = t.issue.c.state.in_(["open", "paused"])
    connection.execute(update(t.issue).where(live, which, ~_any_in(states.WAITING)).values(state="finished"))


def _any_in(some: tuple[State, ...]) -> ColumnElement[bool]:
    d = t.delivery.c
    return select(d.id).where(d.issue_id == t.issue.c.id, d.state.in_(some)).exists()
