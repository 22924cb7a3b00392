"""What an operator sees of the outbox, and may do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, true, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import State
from newsletter.outbox import claim, recovery
from newsletter.outbox.states import WAITING
from newsletter.store import tables as t


@dataclass(frozen=True, slots=True)
class Counts:
    """The deliveries of one issue. They always add up to `recipients`."""

    by_state: Mapping[State, int]

    @property
    def recipients(self) -> int:
        return sum(self.by_state.values())

    @property
    def waiting(self) -> int:
        return sum(self[state] for state in WAITING)

    def __getitem__(self, state: State) -> int:
        return self.by_state.get(state, 0)


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue and how far it has come."""

    id: str
    kind: str
    newsletter: str
    due_at: datetime
    state: str
    state_reason: str
    subject: str
    hash: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery, for people."""

    id: int
    issue_id: str
    address: str
    state: State
    attempts: int
    doubt: int
    due_at: datetime
    next_at: datetime | None
    code: int
    reply: str


def counts(connection: Connection, issue_id: str | None = None) -> Counts:
    """The deliveries of one issue, or of all, by state."""
    query = select(t.delivery.c.state, func.count()).group_by(t.delivery.c.state)
    if issue_id is not None:
        query = query.where(t.delivery.c.issue_id == issue_id)
    return Counts({State(state): number for state, number in connection.execute(query)})


def issues(connection: Connection, *, newsletter: str | None = None, limit: int = 50) -> tuple[IssueRow, ...]:
    """The newest issues, newest first."""
    query = select(t.issue).order_by(t.issue.c.due_at.desc(), t.issue.c.id.desc()).limit(limit)
    if newsletter is not None:
        query = query.where(t.issue.c.newsletter == newsletter)
    return tuple(_issue_row(connection, row) for row in connection.execute(query).all())


def issue(connection: Connection, id: str) -> IssueRow | None:
    """One issue; None when there is none of that name."""
    row = connection.execute(select(t.issue).where(t.issue.c.id == id)).first()
    return None if row is None else _issue_row(connection, row)


def _issue_row(connection: Connection, row: Row[Any]) -> IssueRow:
    return IssueRow(
        row.id,
        row.kind,
        row.newsletter,
        row.due_at,
        row.state,
        row.state_reason,
        row.subject,
        row.hash,
        counts(connection, row.id),
    )


def deliveries(
    connection: Connection,
    *,
    issue_id: str | None = None,
    state: State | None = None,
    after: int = 0,
    limit: int = 100,
) -> tuple[DeliveryRow, ...]:
    """Deliveries in the order of their ids, from the one after `after`."""
    d = t.delivery.c
    query = (
        select(t.delivery, func.coalesce(d.address, t.subscriber.c.address, "").label("to"))
        .outerjoin(t.subscriber, t.subscriber.c.id == d.subscriber_id)
        .where(d.id > after)
        .order_by(d.id)
        .limit(limit)
    )
    if issue_id is not None:
        query = query.where(d.issue_id == issue_id)
    if state is not None:
        query = query.where(d.state == state)
    return tuple(
        DeliveryRow(
            r.id, r.issue_id, r.to, State(r.state), r.attempts, r.doubt, r.due_at, r.next_at, r.code, r.reply
        )
        for r in connection.execute(query)
    )


#: What an operator may say of a row, from which states, and where it leads.
RESOLUTIONS: Mapping[str, tuple[frozenset[State], State, int]] = {
    "sent": (frozenset({State.IN_DOUBT}), State.SENT, 0),
    "failed": (frozenset({State.IN_DOUBT}), State.FAILED, 0),
    "retry": (frozenset({State.IN_DOUBT}), State.QUEUED, 1),
}


def resolve(connection: Connection, ids: tuple[int, ...], word: str, now: datetime) -> int:
    """Decide rows in doubt: ``sent``, ``failed`` or ``retry`` (which may double). Returns how many."""
    allowed, target, doubt = RESOLUTIONS[word]
    done = connection.execute(
        update(t.delivery)
        .where(t.delivery.c.id.in_(ids), t.delivery.c.state.in_(allowed), _may_become(target))
        .values(state=target, doubt=t.delivery.c.doubt + doubt, state_at=now, token=None)
    ).rowcount
    _reopen_or_close(connection)
    return done


def _may_become(target: State) -> ColumnElement[bool]:
    """Nothing of a cancelled issue is queued again."""
    if target is not State.QUEUED:
        return true()
    cancelled = select(t.issue.c.id).where(t.issue.c.state == "cancelled")
    return t.delivery.c.issue_id.not_in(cancelled)


def retry(connection: Connection, ids: tuple[int, ...], now: datetime) -> int:
    """Queue again what has certainly failed, or is deferred. Never what may have been accepted."""
    done = connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.id.in_(ids),
            t.delivery.c.state.in_([State.FAILED, State.DEFERRED]),
            _may_become(State.QUEUED),
        )
        .values(state=State.QUEUED, next_at=None, state_at=now, token=None)
    ).rowcount
    _reopen_or_close(connection)
    return done


def cancel(connection: Connection, issue_id: str, now: datetime) -> int:
    """Take out everything of an issue that is not yet on the wire; what is being sent ends as it ends."""
    done = connection.execute(
        update(t.delivery)
        .where(t.delivery.c.issue_id == issue_id, t.delivery.c.state.in_([State.QUEUED, State.DEFERRED]))
        .values(state=State.CANCELLED, next_at=None, state_at=now)
    ).rowcount
    connection.execute(
        update(t.issue)
        .where(t.issue.c.id == issue_id, t.issue.c.state.in_(["publishing", "open", "paused"]))
        .values(state="cancelled", state_reason="cancelled by the operator")
    )
    return done


def pause(connection: Connection, issue_id: str) -> bool:
    """Grant no further intents of an issue; False when it was not open."""
    return claim.pause(connection, issue_id, "paused by the operator")


def resume(connection: Connection, issue_id: str) -> bool:
    """Open a paused issue again; False when it was not paused."""
    return bool(
        connection.execute(
            update(t.issue)
            .where(t.issue.c.id == issue_id, t.issue.c.state == "paused")
            .values(state="open", state_reason="")
        ).rowcount
    )


def _reopen_or_close(connection: Connection) -> None:
    waiting = select(t.delivery.c.issue_id).where(t.delivery.c.state.in_(WAITING))
    connection.execute(
        update(t.issue)
        .where(t.issue.c.state == "finished", t.issue.c.id.in_(waiting))
        .values(state="open", state_reason="")
    )
    recovery.finish(connection)
