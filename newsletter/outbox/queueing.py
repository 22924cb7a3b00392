"""Frozen issue -> delivery rows: in small transactions, each of which may be repeated."""

from __future__ import annotations

import json
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, func, insert, literal, not_, select, update
from sqlalchemy.sql.dml import Insert

from newsletter.model import Kind, State
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.dialect import Bulk, insert_new, numbers
from newsletter.store.segments.meaning import members
from newsletter.store.tables import milliseconds

#: Smaller goes first. Transactional mail must never wait behind a bulk issue.
PRIORITY = {Kind.CONFIRM: 1, Kind.WELCOME: 1, Kind.GOODBYE: 1, Kind.TEST: 1, Kind.ISSUE: 5}

#: Of one transaction. The database makes them by itself, at one or two microseconds a row; whoever else wants
#: to write waits as long as one chunk takes.
ROWS = 20_000


@dataclass(slots=True)
class _Barred:
    """Whom the suppression list keeps from an issue's newsletter, as far as it was read."""

    issue_id: str
    entry: int = 0  #: the last one that was read
    subscribers: array[int] = field(default_factory=lambda: array("q"))  #: in order once all is read

    def between(self, after: int, last: int) -> list[int]:
        """Of the subscribers behind `after`, those up to `last`."""
        first, behind = (bisect_right(self.subscribers, each) for each in (after, last))
        return self.subscribers[first:behind].tolist()


def queue_chunk(connection: Connection, issue_id: str, now: datetime, *, rows: int = ROWS) -> bool:
    """Do the next part for a publishing issue, of at most so many rows; False when it is complete and open.

    Who is put on the suppression list meanwhile may be queued: the intent sees it.
    """
    issue = connection.execute(_issue(), {"id": issue_id}).one()
    if issue.state != "publishing":
        return False
    barred = _barred(connection, issue.id)
    if _read_on(connection, barred, issue.newsletter, rows, now):
        return True
    last = connection.execute(
        _last(issue.segment),
        {"after": issue.queued_to, "list": issue.newsletter, "most": rows, "now": now},
    ).scalar()
    if last is None:
        connection.info.pop(_Barred)
    else:
        out = {*barred.between(issue.queued_to, last), *_at_barred_domains(connection, issue, last, now)}
        _queue(connection, issue, sorted(out), last, now)
    change = {"state": "open"} if last is None else {"queued_to": last}
    connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(change))
    return last is not None


@cache
def _issue() -> Select[Any]:
    i = t.issue.c
    return select(i.id, i.newsletter, i.state, i.due_at, i.queued_to, i.segment).where(
        i.id == bindparam("id")
    )


# ── everybody on the list ───────────────────────────────────────────────────


@cache
def _last(segment: str) -> Select[Any]:
    """The last subscriber of the next chunk."""
    chunk = _audience(select(t.subscription.c.subscriber_id), segment).limit(bindparam("most")).subquery()
    return select(func.max(chunk.c.subscriber_id))


def _audience(query: Select[Any], segment: str) -> Select[Any]:
    s, now = t.subscription.c, bindparam("now", type_=t.Instant)
    mine = s.newsletter == bindparam("list"), s.status == bindparam("active", "active")
    query = query.where(not_(reach.paused(now)))
    if segment:
        query = query.where(members(segment))
    return query.where(*mine, s.subscriber_id > bindparam("after")).order_by(s.subscriber_id)


def _queue(connection: Connection, issue: Any, barred: list[int], last: int, now: datetime) -> None:
    given = {
        "of": issue.id,
        "list": issue.newsletter,
        "variant": _only_variant(connection, issue.id),
        "due": issue.due_at,
        "now": now,
        "after": issue.queued_to,
        "last": last,
    }
    if barred:
        why = {"state": State.SUPPRESSED.value, "reply": "on the suppression list"}
        connection.execute(_rows(issue.segment, named=True), given | why | {"named": json.dumps(barred)})
    # Leaves alone those who have a row by now.
    connection.execute(_rows(issue.segment, named=False), given | {"state": State.QUEUED.value, "reply": ""})


@cache
def _rows(segment: str, *, named: bool) -> Insert:
    """From one table only, along its index: half of what a join with the subscribers would cost."""
    s = t.subscription.c
    rows = _audience(
        select(
            bindparam("kind", Kind.ISSUE.value),
            bindparam("of"),
            s.subscriber_id,
            bindparam("variant"),
            bindparam("priority", PRIORITY[Kind.ISSUE]),
            bindparam("due", type_=t.Instant),
            bindparam("state"),
            bindparam("reply"),
            bindparam("now", type_=t.Instant),
        ),
        segment,
    ).where(s.subscriber_id <= bindparam("last"))
    if named:
        rows = rows.where(s.subscriber_id.in_(numbers("named")))
    columns = [
        "kind", "issue_id", "subscriber_id", "variant_id", "priority", "due_at", "state", "reply", "state_at"
    ]  # fmt: skip
    return insert_new(t.delivery).from_select(columns, rows)


# ── whom the suppression list names ─────────────────────────────────────────


def _barred(connection: Connection, issue_id: str) -> _Barred:
    """What was read for the chunks before. Lost with the process, it is read again."""
    there = connection.info.get(_Barred)
    if there is None or there.issue_id != issue_id:
        there = connection.info[_Barred] = _Barred(issue_id)
    return there


def _read_on(connection: Connection, barred: _Barred, newsletter: str, most: int, now: datetime) -> bool:
    """Whether there is more of the list to read."""
    given = {"list": newsletter, "after": barred.entry, "most": most, "now": now}
    entries = connection.execute(_entries(), given).all()
    more = len(entries) == most
    if entries:
        barred.entry = entries[-1].id
        barred.subscribers.extend(row.subscriber_id for row in entries if row.subscriber_id is not None)
        if not more:
            barred.subscribers = array("q", sorted(barred.subscribers))
    return more


@cache
def _entries() -> Select[Any]:
    x = t.suppression.c
    forbids = reach.forbidding(bindparam("list"), bindparam("now", type_=t.Instant))
    subscriber_id = case((forbids, t.subscriber.c.id), else_=None)
    return (
        select(x.id, subscriber_id.label("subscriber_id"))
        .join_from(t.suppression, t.subscriber, t.subscriber.c.address_key == x.address_key, isouter=True)
        .where(x.id > bindparam("after"))
        .order_by(x.id)
        .limit(bindparam("most"))
    )


def _at_barred_domains(connection: Connection, issue: Any, last: int, now: datetime) -> Sequence[int]:
    """Of the next chunk, those at a domain that is blocked; without such a domain nobody is looked at."""
    domains = reach.barred_domains(literal(issue.newsletter), now)
    if connection.execute(domains.limit(1)).first() is None:
        return ()
    person = t.subscriber.c.id
    found = select(person).where(person > issue.queued_to, person <= last, reach.at(domains))
    return connection.execute(found).scalars().all()


# ── one alone ───────────────────────────────────────────────────────────────


def queue_test(connection: Connection, issue_id: str, address: str, now: datetime) -> None:
    """Queue one test mail of a test issue to any address, and open the issue."""
    connection.execute(
        insert(t.delivery).values(
            kind=Kind.TEST,
            dedupe_key=f"{issue_id}:test",
            issue_id=issue_id,
            variant_id=_only_variant(connection, issue_id),
            address=address,
            priority=PRIORITY[Kind.TEST],
            due_at=now,
            state=State.QUEUED,
            state_at=now,
        )
    )
    connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(state="open"))


def queue_letters(connection: Connection, issue_id: str, subscribers: Sequence[int], now: datetime) -> None:
    """Queue a letter to subscribers who have no row of it yet, and open its issue. Nothing when the operator
    has cancelled it."""
    letters = t.issue.c.id == issue_id
    found = connection.execute(select(t.issue.c.kind, t.issue.c.state).where(letters)).one()
    if found.state == "cancelled":
        return
    variant, at, priority = _only_variant(connection, issue_id), milliseconds(now), PRIORITY[Kind(found.kind)]
    rows = [
        (found.kind, issue_id, id, variant, priority, at, State.QUEUED.value, at, "") for id in subscribers
    ]
    _letters()(connection, rows)
    if found.state == "finished":
        connection.execute(update(t.issue).where(letters).values(state="open"))


@cache
def _letters() -> Bulk:
    columns = "kind issue_id subscriber_id variant_id priority due_at state state_at reply".split()
    return Bulk(insert_new(t.delivery), *columns)


def _only_variant(connection: Connection, issue_id: str) -> int:
    return int(
        connection.execute(select(t.variant.c.id).where(t.variant.c.issue_id == issue_id)).scalar_one()
    )
