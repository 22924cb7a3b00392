"""Rows that did not arrive -> why, grouped by what the servers answered, each group with an example."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from newsletter.model import State
from newsletter.store import tables as t

_ENHANCED = re.compile(r"(?:^|[\s#])([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
#: Enough of a reply for its stage and enhanced status code, ``final dot: 5.7.26``, before it names anybody.
_BEGINNING = 18
TROUBLED = (State.FAILED, State.DEFERRED, State.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Failure:
    """Deliveries that ended alike."""

    state: State
    code: int  #: SMTP reply code; 0 when there was none
    enhanced: str  #: RFC 3463, ``5.1.1``; empty when the server said none
    count: int
    example: str  #: what was said of one of them
    delivery_id: int  #: that one


def failures(connection: Connection, issue_id: str | None = None) -> tuple[Failure, ...]:
    """The groups of one issue, or of all; the largest first. Of what is in the archive none: it is too late
    to do anything about it."""
    d = t.delivery.c
    beginning = func.substr(d.reply, 1, _BEGINNING)
    query = (
        select(d.state, d.code, func.count().label("number"), func.max(d.id).label("newest"))
        .where(d.state.in_(TROUBLED))
        .group_by(d.state, d.code, beginning)
    )
    if issue_id is not None:
        query = query.where(d.issue_id == issue_id)
    groups: dict[tuple[State, int, str], Failure] = {}
    for row in connection.execute(query):
        said = connection.execute(select(d.reply).where(d.id == row.newest)).scalar_one()
        key = State(row.state), row.code, enhanced(said)
        before = groups.get(key)
        count = row.number + (before.count if before else 0)
        newest = before if before and before.delivery_id > row.newest else None
        example, id = (newest.example, newest.delivery_id) if newest else (said, row.newest)
        groups[key] = Failure(*key, count, example, id)
    return tuple(
        sorted(groups.values(), key=lambda each: (-each.count, each.state, each.code, each.enhanced))
    )


def enhanced(reply: str) -> str:
    """The enhanced status code (RFC 3463) at the head of a reply; empty when there is none."""
    found = _ENHANCED.search(reply[: 2 * _BEGINNING])
    return found[1] if found else ""
