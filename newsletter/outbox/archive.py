"""A finished issue of long ago -> the archive: its deliveries packed, a few thousand in each transaction.

What was sent to whom stays known; what nobody asks of an old delivery any more is forgotten (who sent it, by
which lease, in which words the server said yes).
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
)

from newsletter.model import Kind, State
from newsletter.outbox.failures import enhanced
from newsletter.store import tables as t
from newsletter.store.archive.block import ArchivedRow
from newsletter.store.archive.reading import (
    add,
    counts,
    of_issue,
    of_number,
    of_people,
    of_person,
    take_out,
)
from newsletter.store.database import PAUSE_SECONDS, Database
from newsletter.store.dialect import numbers

__all__ = [
    "KEPT",
    "ArchivedRow",
    "bring_back",
    "counts",
    "due_for_packing",
    "of_issue",
    "of_number",
    "of_people",
    "of_person",
    "pack",
    "pack_chunk",
]

#: Younger issues keep their rows, whatever is configured: bounces and questions are about these.
KEPT: Final = timedelta(days=60)
#: The newest issues of each cadence keep theirs however old they are: the next one is chosen by them.
NEWEST: Final = 2
#: Of one transaction, and of one block.
ROWS: Final = 2400

_ENDED: Final = (State.SENT, State.FAILED, State.SUPPRESSED, State.CANCELLED, State.PASSED)


def due_for_packing(connection: Connection, before: datetime) -> tuple[str, ...]:
    """Issues of before then that have come to their end, with deliveries that can be packed; oldest first."""
    found = select(t.issue.c.id).where(_is_over(before), _has_more())
    return tuple(connection.execute(found.order_by(t.issue.c.due_at, t.issue.c.id)).scalars())


def pack_chunk(connection: Connection, issue_id: str, now: datetime, *, rows: int = ROWS) -> bool:
    """Pack the next deliveries, at most so many `rows`, of an issue that has come to its end by `now`; False
    when none is left.

    Each is in exactly one of both places whenever a transaction ends. What something came back about stays
    as it is, and so does an issue in which anything waits or is in doubt.
    """
    over = select(t.issue.c.id).where(t.issue.c.id == issue_id, _is_over(now))
    if connection.execute(over).first() is None:
        return False
    found = connection.execute(_next(), {"issue": issue_id, "most": rows}).all()
    if not found:
        return False
    add(connection, [_archived(row) for row in found])
    connection.execute(_gone(), {"ids": json.dumps([row.id for row in found])})
    return len(found) == rows


def pack(
    database: Database, issues: Sequence[str], now: datetime, *, most: int | None = None, rows: int = ROWS
) -> bool:
    """Pack these, at most so many chunks of them; False when all is done. Others may write in between."""
    done = 0
    for id in issues:
        more = True
        while more:
            if done == most:
                return True
            more = database.write(partial(pack_chunk, issue_id=id, now=now, rows=rows))
            done += 1
            time.sleep(PAUSE_SECONDS)
    return False


def bring_back(connection: Connection, delivery_id: int) -> bool:
    """Put an archived delivery back where it was, for something came back about it; False when it is not
    archived."""
    from newsletter.outbox.queueing import PRIORITY  # which asks the archive itself

    row = take_out(connection, delivery_id)
    if row is None:
        return False
    values = {
        "id": row.delivery_id,
        "kind": Kind.ISSUE,
        "issue_id": row.issue_id,
        "subscriber_id": row.subscriber_id,
        "variant_id": row.variant_id,
        "priority": PRIORITY[Kind.ISSUE],
        "due_at": row.due_at,
        "state": row.state,
        "attempts": row.attempts,
        "doubt": row.doubt,
        "code": row.code,
        "reply": row.reply,
        "state_at": row.at,
    }
    connection.execute(insert(t.delivery).values(values))
    return True


def _is_over(before: datetime) -> ColumnElement[bool]:
    """Whether the issue ended before then, so that nothing of it will ever be tried again, and newer ones of
    its cadence are there."""
    i, d, newer = t.issue.c, t.delivery.c, t.issue.alias("newer").c
    behind = (
        select(func.count())
        .where(newer.newsletter == i.newsletter, newer.cadence == i.cadence, newer.due_at > i.due_at)
        .where(newer.kind == Kind.ISSUE, newer.state != "cancelled")
        .scalar_subquery()
    )
    alive = [state for state in State if state not in _ENDED]
    return (
        (i.kind == Kind.ISSUE)
        & i.state.in_(("finished", "cancelled"))
        & (i.due_at < before)
        & (i.stale_at < before)
        & (behind >= NEWEST)
        & ~exists().where(d.issue_id == i.id, d.state.in_(alive))
    )


def _has_more() -> ColumnElement[bool]:
    return exists(_packable().where(t.delivery.c.issue_id == t.issue.c.id))


def _packable() -> Select[Any]:
    """Behind the last that was packed. Nobody who stayed before it is looked at again."""
    d = t.delivery.c
    last = select(func.max(t.archive.c.last)).where(t.archive.c.issue_id == d.issue_id).scalar_subquery()
    return select(t.delivery).where(
        d.subscriber_id > func.coalesce(last, 0),
        d.dedupe_key.is_(None),
        ~exists().where(t.bounce.c.delivery_id == d.id),
    )


@cache
def _next() -> Select[Any]:
    d = t.delivery.c
    return (
        _packable().where(d.issue_id == bindparam("issue")).order_by(d.subscriber_id).limit(bindparam("most"))
    )


@cache
def _gone() -> Delete:
    return delete(t.delivery).where(t.delivery.c.id.in_(numbers("ids")))


def _archived(row: Row[Any]) -> ArchivedRow:
    state = State(row.state)
    reply = enhanced(row.reply) if state is State.SENT else row.reply
    return ArchivedRow(
        row.id,
        row.issue_id,
        row.subscriber_id,
        row.variant_id,
        state,
        row.state_at,
        row.due_at,
        row.attempts,
        row.doubt,
        row.code,
        reply,
    )
