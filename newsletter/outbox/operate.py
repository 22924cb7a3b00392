"""What an operator sees of the outbox, and may do to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, case, func, not_, select, update

from newsletter.message.write import Identity, message_id
from newsletter.model import LETTER_KINDS, Kind, State
from newsletter.outbox import archive, claim, recovery
from newsletter.outbox.repeating import elsewhere
from newsletter.outbox.resolving import LEADS_TO, Decided, LeftOut, refusal
from newsletter.outbox.states import WAITING
from newsletter.store import tables as t

#: Why an issue is paused that no server has refused.
BY_OPERATOR = "paused by the operator"
#: Why nothing more of an issue is sent that somebody has stopped for good.
CANCELLED = "cancelled by the operator"
_NONE = "there is no such delivery"


@dataclass(frozen=True, slots=True)
class Counts:
    """The deliveries of one issue. They always add up to `recipients`."""

    by_state: Mapping[State, int]

    @property
    def recipients(self) -> int:
        return sum(number for state, number in self.by_state.items() if state is not State.PASSED)

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
    state_at: datetime  #: since when it is in this state; of a row in doubt, when its last attempt began
    message_id: str  #: that of every attempt, as the mail server's log shows it; empty when nobody is named


def counts(connection: Connection, issue_id: str | None = None) -> Counts:
    """The deliveries of one issue, or of all, by state: those in the archive too."""
    query = select(t.delivery.c.state, func.count()).group_by(t.delivery.c.state)
    if issue_id is not None:
        query = query.where(t.delivery.c.issue_id == issue_id)
    packed = archive.counts(connection, issue_id)
    rows = {State(state): int(number) for state, number in connection.execute(query)}
    return Counts({state: rows.get(state, 0) + packed.get(state, 0) for state in {**rows, **packed}})


def issues(
    connection: Connection,
    *,
    newsletter: str | None = None,
    limit: int = 50,
    letters: bool = False,
    unfinished: bool = False,
) -> tuple[IssueRow, ...]:
    """The newest issues and tests, newest first; or the letters instead; or of all of them what has not come
    to its end."""
    query = select(t.issue).order_by(t.issue.c.due_at.desc(), t.issue.c.id.desc()).limit(limit)
    if newsletter is not None:
        query = query.where(t.issue.c.newsletter == newsletter)
    if unfinished:
        query = query.where(t.issue.c.state.not_in(("finished", "cancelled")))
    else:
        of_letters = t.issue.c.kind.in_(LETTER_KINDS)
        query = query.where(of_letters if letters else not_(of_letters))
    return tuple(_issue_row(connection, row) for row in connection.execute(query).all())


def issue(connection: Connection, id: str) -> IssueRow | None:
    """One issue; None when there is none of that name."""
    row = connection.execute(select(t.issue).where(t.issue.c.id == id)).first()
    return None if row is None else _issue_row(connection, row)


def paused(connection: Connection) -> tuple[IssueRow, ...]:
    """The issues that go on only when a person says so, oldest first."""
    found = select(t.issue).where(t.issue.c.state == "paused").order_by(t.issue.c.due_at, t.issue.c.id)
    return tuple(_issue_row(connection, row) for row in connection.execute(found).all())


def open_notices(connection: Connection) -> tuple[str, ...]:
    """The notices that are still to go out, oldest first."""
    i = t.issue.c
    found = select(i.id).where(i.kind == Kind.NOTICE, i.state == "open").order_by(i.due_at, i.id)
    return tuple(connection.execute(found).scalars())


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
    rows = connection.execute(query).all()
    named = _message_ids(connection, {row.issue_id for row in rows})
    return tuple(
        DeliveryRow(
            r.id,
            r.issue_id,
            r.to,
            State(r.state),
            r.attempts,
            r.doubt,
            r.due_at,
            r.next_at,
            r.code,
            r.reply,
            r.state_at,
            named[r.issue_id](r),
        )
        for r in rows
    )


def _message_ids(connection: Connection, issues: set[str]) -> dict[str, Callable[[Row[Any]], str]]:
    """For each issue, what makes the Message-ID of one of its rows."""
    i = t.issue.c
    found = select(i.id, i.message_key, i.identity).where(i.id.in_(issues))

    def named(key: bytes, domain: str, row: Row[Any]) -> str:
        direct = row.kind in (Kind.TEST, Kind.NOTICE)
        who = f"{row.kind}:{row.to}" if direct else str(row.subscriber_id or "")
        return message_id(key, who, domain) if who else ""

    return {
        row.id: partial(named, row.message_key, Identity(**row.identity).domain)
        for row in connection.execute(found)
    }


def ids(connection: Connection, issue_id: str, state: State) -> tuple[int, ...]:
    """The numbers of all deliveries of an issue in that state."""
    d = t.delivery.c
    found = select(d.id).where(d.issue_id == issue_id, d.state == state).order_by(d.id)
    return tuple(connection.execute(found).scalars())


def decide(connection: Connection, ids: tuple[int, ...], word: str, now: datetime) -> Decided:
    """Write down what an operator says of deliveries: ``sent``, ``failed`` or ``retry`` (which may double) of
    what is in doubt; ``sent`` of what waits, too; ``again`` of what certainly failed, or is deferred."""
    why = _refusals(connection, ids, word, now)
    allowed = [id for id in ids if not why[id]]
    target, d = LEADS_TO[word], t.delivery.c
    # Whoever is left as failed may have it all the same: that is remembered.
    doubt = case((d.state == State.IN_DOUBT, 1), else_=0) if target is not State.SENT else 0
    done = connection.execute(
        update(t.delivery)
        .where(d.id.in_(allowed))
        .values(state=target, doubt=d.doubt + doubt, next_at=None, state_at=now, token=None)
    ).rowcount
    _reopen_or_close(connection)
    return Decided(done, tuple(LeftOut(id, why[id]) for id in ids if why[id]))


def _refusals(connection: Connection, ids: tuple[int, ...], word: str, now: datetime) -> dict[int, str]:
    """For each number, why `word` may not be said of it; empty where it may."""
    why = dict.fromkeys(ids, _NONE)
    d, i = t.delivery.c, t.issue.c
    rows = select(d.id, d.state, d.doubt, i.state.label("issue"), i.stale_at).join(
        t.issue, i.id == d.issue_id
    )
    twice = elsewhere(connection, ids) if LEADS_TO[word] is State.QUEUED else {}
    for row in connection.execute(rows.where(d.id.in_(ids))):
        cancelled, late = row.issue == "cancelled", row.stale_at <= now
        by = twice.get(row.id, "")
        why[row.id] = refusal(word, State(row.state), row.doubt, cancelled=cancelled, late=late, elsewhere=by)
    for id in ids:
        if why[id] == _NONE and archive.of_number(connection, id):
            why[id] = "is in the archive: its issue ended long ago"
    return why


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
        .values(state="cancelled", state_reason=CANCELLED)
    )
    return done


def pause(connection: Connection, issue_id: str) -> bool:
    """Grant no further intents of an issue; False when it was not open."""
    return claim.pause(connection, issue_id, BY_OPERATOR)


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
