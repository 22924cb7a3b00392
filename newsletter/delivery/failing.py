"""Messages to one person that failed lately -> their number, and a rest for the address when too many.

Two ways lead here: a bounce that came back, and a refusal at once (a reply to RCPT, which is about this
address, yet no proof of a dead one). What is held against us, our rate or content, is nobody's failure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, union

from newsletter.audience.bounces import Action
from newsletter.audience.suppression import Soft, suppress_soft
from newsletter.delivery.named import all_of
from newsletter.model import State
from newsletter.store import tables as t

#: A message may be tried for so long after its issue was due.
_TRIED: Final = timedelta(days=5)


def failures(connection: Connection, subscriber_id: int, within: timedelta, now: datetime) -> int:
    """How many messages to a subscriber have failed since then, by either way."""
    mine = all_of(subscriber_id)
    b, d = t.bounce.c, t.delivery.c
    back = select(b.delivery_id).where(b.delivery_id.in_(mine), _came_back(now - within))
    refused = select(d.id).where(d.id.in_(mine), _refused(now - within))
    return int(
        connection.execute(select(func.count()).select_from(union(back, refused).subquery())).scalar_one()
    )


def rest(connection: Connection, soft: Soft, now: datetime) -> tuple[str, ...]:
    """Let every address rest whose messages are refused again and again; which ones.

    Asks the issues of late only, and of those what has failed, for which there is an index.
    """
    d, s = t.delivery.c, t.subscriber.c
    late = select(t.issue.c.id).where(t.issue.c.due_at > now - soft.within - _TRIED)
    query = (
        select(d.subscriber_id, s.address_key, func.max(d.reply).label("reply"))
        .join(t.subscriber, s.id == d.subscriber_id)
        .where(d.issue_id.in_(late), _refused(now - soft.within))
        .group_by(d.subscriber_id, s.address_key)
    )
    rested = []
    for row in connection.execute(query).all():
        number = failures(connection, row.subscriber_id, soft.within, now)
        if suppress_soft(connection, row.address_key, number, now, row.reply, soft):
            rested.append(row.address_key)
    return tuple(rested)


def _came_back(since: datetime) -> ColumnElement[bool]:
    return and_(t.bounce.c.action == Action.FAILED.value, t.bounce.c.at > since)


def _refused(since: datetime) -> ColumnElement[bool]:
    """Refused at RCPT, for good or because the mailbox stayed full: the words that `judge` writes."""
    d = t.delivery.c
    certain = and_(d.code >= 500, d.code < 600, d.reply.like("RCPT:%"))
    full = d.reply.like("RCPT: 4.2.%")
    return and_(d.state == State.FAILED.value, d.state_at > since, or_(certain, full))
