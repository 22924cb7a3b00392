"""Queued rows -> committed intents -> recorded outcomes. All inside the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import Delivery, Kind, Outcome, State, Verdict
from newsletter.outbox import states
from newsletter.outbox.queueing import suppressed
from newsletter.store import tables as t
from newsletter.store.dialect import Hot, insert_new
from newsletter.store.tables import milliseconds

#: A dead process's rows are recovered at once; one that hangs is given up after this.
#: Longer than the 600 s that a server may take after the final dot (RFC 5321 4.5.3.2.6).
LEASE = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery; `outcome` is None when its turn never came."""

    delivery: Delivery
    outcome: Outcome | None


def in_state(state: State) -> ColumnElement[bool]:
    """Rows in that state. Written into the statement: a bound value would not match a partial index."""
    return t.delivery.c.state == literal(state.value, literal_execute=True)


def take(
    connection: Connection, *, owner: str, limit: int, now: datetime, only: str = ""
) -> tuple[Delivery, ...]:
    """Commit the intent to send at most `limit` due deliveries, those of tests and older issues first;
    `only` those of one issue, where it is named.

    Consent and suppression are checked here, in the transaction that commits the
    intent: an unsubscribe that was committed before always wins.
    """
    taken: list[Delivery] = []
    for issue in _live_issues(connection, now, only):
        while len(taken) < limit:
            rows = _due(connection, issue.id, limit - len(taken), now)
            if not rows:
                break
            taken += _intend(connection, rows, owner, now)
        if len(taken) >= limit:
            break
    return tuple(taken)


def _live_issues(connection: Connection, now: datetime, only: str) -> Sequence[Any]:
    named = [t.issue.c.id == only] if only else []
    return connection.execute(
        select(t.issue.c.id)
        .where(t.issue.c.state == "open", t.issue.c.due_at <= now, t.issue.c.stale_at > now, *named)
        .order_by(case((t.issue.c.kind == "test", 0), else_=1), t.issue.c.due_at, t.issue.c.id)
    ).all()


def _due(connection: Connection, issue_id: str, limit: int, now: datetime) -> Sequence[Any]:
    return connection.execute(_due_now(), {"issue": issue_id, "now": now, "most": limit}).all()


@cache
def _due_now() -> Select[Any]:
    d, s = t.delivery.c, t.subscriber.c
    unsubscribed = t.subscription.c.status.is_distinct_from("active")
    forbidden = case(
        (d.kind == Kind.TEST, None),
        (suppressed(t.issue.c.newsletter), literal("on the suppression list")),
        (unsubscribed, literal("not subscribed any more")),
        else_=None,
    )
    return (
        select(
            d.id, d.kind, d.issue_id, d.subscriber_id, d.variant_id, d.due_at, d.attempts,
            func.coalesce(d.address, s.address).label("address"),
            func.coalesce(s.name, "").label("name"),
            forbidden.label("forbidden"),
        )
        .select_from(t.delivery)
        .join(t.issue, t.issue.c.id == d.issue_id)
        .outerjoin(t.subscriber, s.id == d.subscriber_id)
        .outerjoin(
            t.subscription,
            (t.subscription.c.subscriber_id == d.subscriber_id)
            & (t.subscription.c.newsletter == t.issue.c.newsletter),
        )
        .where(d.issue_id == bindparam("issue"), in_state(State.QUEUED), d.due_at <= bindparam("now"))
        .order_by(d.priority, d.due_at, d.id)
        .limit(bindparam("most"))
    )  # fmt: skip


def _intend(connection: Connection, rows: Sequence[Any], owner: str, now: datetime) -> list[Delivery]:
    token = secrets.token_hex(8)
    allowed: list[Any] = []
    refused: list[Any] = []
    for row in rows:
        (allowed if row.forbidden is None and row.address is not None else refused).append(row)
    if refused:
        connection.execute(
            _BY_ID.values(state=State.SUPPRESSED, reply=bindparam("why"), state_at=now),
            [{"row": row.id, "why": row.forbidden or "erased"} for row in refused],
        )
    lease, at = milliseconds(now + LEASE), milliseconds(now)
    _intent().many(connection, [(row.id, token, owner, lease, at) for row in allowed])
    return [_delivery(row, token) for row in allowed]


_BY_ID = update(t.delivery).where(t.delivery.c.id == bindparam("row"))


def _written(state: State) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'")


@cache
def _intent() -> Hot:
    d = t.delivery.c
    return Hot(
        update(t.delivery)
        .where(d.id == bindparam("row"))
        .values(
            state=_written(State.SENDING),
            token=bindparam("mark"),
            owner=bindparam("who"),
            lease_until=bindparam("lease"),
            attempts=d.attempts + literal_column("1"),
            state_at=bindparam("at"),
        ),
        *("row", "mark", "who", "lease", "at"),
    )


@cache
def _taken() -> Hot:
    """The usual outcome, and by far the most frequent one."""
    d = t.delivery.c
    return Hot(
        update(t.delivery)
        .where(
            d.id == bindparam("row"),
            d.token == bindparam("mark"),
            or_(d.state == _written(State.SENDING), d.state == _written(State.IN_DOUBT)),
        )
        .values(
            state=_written(State.SENT),
            next_at=null(),
            lease_until=null(),
            state_at=bindparam("at"),
            code=bindparam("said"),
            reply=bindparam("words"),
        ),
        *("row", "mark", "at", "said", "words"),
    )


def _delivery(row: Any, token: str) -> Delivery:
    return Delivery(
        id=row.id,
        kind=Kind(row.kind),
        issue_id=row.issue_id,
        subscriber_id=row.subscriber_id or 0,
        variant_id=row.variant_id,
        address=row.address,
        name=row.name,
        due_at=row.due_at,
        token=token,
        attempts=row.attempts + 1,
    )


def record(connection: Connection, results: Sequence[Result], now: datetime) -> int:
    """Write down outcomes; return how many were still ours to record.

    A row whose token changed meanwhile is left alone. A certain answer is taken
    even for a row that recovery has put in doubt, as long as the token is the same.
    """
    at = milliseconds(now)
    sent = [
        (result.delivery.id, result.delivery.token, at, result.outcome.code, result.outcome.text)
        for result in results
        if result.outcome is not None and result.outcome.verdict is Verdict.SENT
    ]
    recorded = _taken().many(connection, sent)
    for result in results:
        if result.outcome is not None and result.outcome.verdict is Verdict.SENT:
            continue
        issue = _issue(connection, result.delivery.issue_id)
        if result.outcome is None:
            change, code, text = states.unused(), 0, ""
        else:
            change = states.after(
                result.outcome,
                attempts=result.delivery.attempts,
                policy=issue.in_doubt,
                now=now,
                stale_at=issue.stale_at,
            )
            code, text = result.outcome.code, result.outcome.text
        if issue.state == "cancelled" and change.state in (State.QUEUED, State.DEFERRED):
            change = states.Change(State.CANCELLED, attempts=change.attempts)
        recorded += _apply(connection, result.delivery, change, code, text, now)
        if change.pauses_issue:
            pause(connection, issue.id, f"the server refuses us: {text}")
        if change.hard_bounce:
            _suppress(connection, result.delivery, text, now)
    return recorded


def _issue(connection: Connection, issue_id: str) -> Any:
    return connection.execute(
        select(t.issue.c.id, t.issue.c.state, t.issue.c.in_doubt, t.issue.c.stale_at).where(
            t.issue.c.id == issue_id
        )
    ).one()


def _apply(
    connection: Connection, delivery: Delivery, change: states.Change, code: int, text: str, now: datetime
) -> int:
    certain = change.state in (State.SENT, State.FAILED)
    ours = [State.SENDING, State.IN_DOUBT] if certain else [State.SENDING]
    values: dict[str, Any] = {
        "state": change.state,
        "next_at": change.next_at,
        "attempts": t.delivery.c.attempts + change.attempts,
        "doubt": t.delivery.c.doubt + change.doubt,
        "lease_until": None,
        "state_at": now,
    }
    if text or code:
        values |= {"code": code, "reply": text}
    return connection.execute(
        update(t.delivery)
        .where(
            t.delivery.c.id == delivery.id,
            t.delivery.c.token == delivery.token,
            t.delivery.c.state.in_(ours),
        )
        .values(values)
    ).rowcount


def pause(connection: Connection, issue_id: str, reason: str) -> bool:
    """Pause an open issue; what waits, waits. False when it was not open."""
    paused = connection.execute(
        update(t.issue)
        .where(t.issue.c.id == issue_id, t.issue.c.state == "open")
        .values(state="paused", state_reason=reason)
    )
    return bool(paused.rowcount)


def _suppress(connection: Connection, delivery: Delivery, text: str, now: datetime) -> None:
    connection.execute(
        insert_new(t.suppression).from_select(
            ["address_key", "scope", "reason", "since", "note"],
            select(
                t.subscriber.c.address_key,
                literal("*"),
                literal("hard bounce"),
                literal(milliseconds(now)),
                literal(text),
            ).where(t.subscriber.c.id == delivery.subscriber_id),
        )
    )
