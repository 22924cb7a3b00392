"""Queued rows -> committed intents -> recorded outcomes. All inside the caller's transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, case, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import Delivery, Kind, Outcome, State, Verdict
from newsletter.outbox import hot, states
from newsletter.outbox.passing import START, Due, Passing, Place
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.dialect import Hot, insert_new
from newsletter.store.tables import instant, milliseconds

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


def live_issues(connection: Connection, now: datetime, only: str = "") -> tuple[tuple[str, str], ...]:
    """Issues of which something may go out now, those of tests and older ones first: id and newsletter;
    `only` one of them, where it is named."""
    found = hot.live()(connection, now=milliseconds(now), only=only).scalar_one()
    return tuple((id, newsletter) for id, newsletter in json.loads(found))


def take(
    connection: Connection,
    *,
    owner: str,
    limit: int,
    now: datetime,
    only: str = "",
    passing: Passing | None = None,
    live: Sequence[tuple[str, str]] | None = None,
) -> tuple[Delivery, ...]:
    """Commit the intent to send at most `limit` due deliveries, those of tests and older issues first;
    `only` those of one issue, where it is named. `passing` says which domains have no room now: their rows
    are passed over. `live` is what :func:`live_issues` has just said, for who has asked already.

    Consent and suppression are checked here, in the transaction that commits the
    intent: an unsubscribe that was committed before always wins.
    """
    taken: list[Delivery] = []
    live = live_issues(connection, now, only) if live is None else live
    if passing:
        passing.keep(frozenset(id for id, _ in live))
    for id, newsletter in live:
        issue = _Issue(connection, id, newsletter, now)
        while len(taken) < limit:
            most = limit - len(taken)
            rows = passing.rows(issue, most) if passing and passing.limited else issue.due(START, most)
            if not rows:
                break
            taken += _intend(connection, id, rows, owner, now)
        if len(taken) >= limit:
            break
    return tuple(taken)


def barred(connection: Connection, ids: Sequence[int], now: datetime) -> frozenset[int]:
    """Of these deliveries, whose intent is committed, those whose readers have left or been blocked since."""
    if not ids:
        return frozenset()
    found = hot.barred()(connection, rows=json.dumps(ids), now=milliseconds(now)).scalar_one()
    return frozenset(id for (id,) in json.loads(found))


class _Issue:
    """The rows of one issue that may be taken now."""

    def __init__(self, connection: Connection, id: str, newsletter: str, now: datetime) -> None:
        self.id, self.now = id, now
        self._connection = connection
        self._values = {"issue": id, "newsletter": newsletter, "now": milliseconds(now)}

    def due(self, behind: Place, most: int) -> list[Due]:
        """The next ones, in order."""
        priority, due, id = behind
        found = self._rows(hot.beside(), priority=priority, due=due, id=id, most=most) if id else []
        if len(found) < most:
            found += self._rows(hot.due(), priority=priority, due=due, most=most - len(found))
        return found

    def named(self, ids: Sequence[int]) -> list[Due]:
        """Those of `ids` that are still to be had."""
        return self._rows(hot.named(), rows=json.dumps(ids))

    def _rows(self, statement: Hot, **values: int | str) -> list[Due]:
        found = statement(self._connection, **self._values, **values).scalar_one()
        return [Due(*row) for row in json.loads(found)]


def _intend(
    connection: Connection, issue_id: str, rows: Sequence[Due], owner: str, now: datetime
) -> list[Delivery]:
    token = secrets.token_hex(8)
    refused = [row for row in rows if row.refused]
    allowed = [row for row in rows if not row.refused] if refused else rows
    if refused:
        connection.execute(
            _BY_ID.values(state=State.SUPPRESSED, reply=bindparam("why"), state_at=now),
            [{"row": row.id, "why": row.forbidden or "erased"} for row in refused],
        )
    if allowed:
        ids = json.dumps([row.id for row in allowed])
        lease, at = milliseconds(now + LEASE), milliseconds(now)
        hot.intend()(connection, rows=ids, mark=token, who=owner, lease=lease, at=at)
    return [_delivery(issue_id, row, token) for row in allowed]


_BY_ID = update(t.delivery).where(t.delivery.c.id == bindparam("row"))
_KINDS = {kind.value: kind for kind in Kind}
_instant = lru_cache(maxsize=64)(instant)  # a whole issue shares a few


def _delivery(issue_id: str, row: Due, token: str) -> Delivery:
    return Delivery(
        row.id,
        _KINDS[row.kind],
        issue_id,
        row.subscriber_id or 0,
        row.variant_id,
        row.address or "",
        row.name,
        _instant(row.due_at),
        token,
        row.attempts + 1,
    )


def record(connection: Connection, results: Sequence[Result], now: datetime) -> int:
    """Write down outcomes; return how many were still ours to record.

    A row whose token changed meanwhile is left alone. A certain answer is taken
    even for a row that recovery has put in doubt, as long as the token is the same.
    """
    sent: list[tuple[int, str, int, str]] = []
    others: list[Result] = []
    for result in results:
        delivery, outcome = result.delivery, result.outcome
        if outcome is not None and outcome.verdict is Verdict.SENT:
            sent.append((delivery.id, delivery.token, outcome.code, outcome.text))
        else:
            others.append(result)
    recorded = 0
    if sent:
        recorded = hot.sent()(connection, rows=json.dumps(sent), at=milliseconds(now)).rowcount
    return recorded + sum(_record(connection, result, now) for result in others)


def _record(connection: Connection, result: Result, now: datetime) -> int:
    delivery, outcome = result.delivery, result.outcome
    issue = _issue(connection, delivery.issue_id)
    change, code, text = states.unused(), 0, ""
    if outcome is not None:
        change = states.after(
            outcome, attempts=delivery.attempts, policy=issue.in_doubt, now=now, stale_at=issue.stale_at
        )
        code, text = outcome.code, outcome.text
    if issue.state == "cancelled" and change.state in (State.QUEUED, State.DEFERRED):
        change = states.Change(State.CANCELLED, attempts=change.attempts)
    recorded = _apply(connection, delivery, change, code, text, now)
    if change.pauses_issue:
        pause(connection, issue.id, f"the server refuses us: {text}")
    if change.hard_bounce:
        _suppress(connection, delivery, text, now)
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
        values |= {"code": code, "reply": case((reach.is_known(), text), else_="")}
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


def pause_waiting(connection: Connection, issues: Sequence[str], why: str) -> None:
    """Pause those of `issues` that have something to send: the servers do not let us."""
    d = t.delivery.c
    for id in issues:
        queued = select(d.id).where(d.issue_id == id, in_state(State.QUEUED)).limit(1)
        if connection.execute(queued).first() is not None:
            pause(connection, id, f"the server refuses us: {why}")


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
