"""The suppression list -> whom it keeps from an issue, read for all chunks of the issue together.

It is read in parts of its own, before the first chunk: a list may be as long as the audience.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, literal, select

from newsletter.store import reach
from newsletter.store import tables as t


@dataclass(slots=True)
class Barred:
    """Whom the suppression list keeps from an issue's newsletter, as far as it was read."""

    issue_id: str
    newsletter: str
    entry: int = 0  #: the last one that was read
    subscribers: array[int] = field(default_factory=lambda: array("q"))  #: in order once all is read

    def read_on(self, connection: Connection, most: int, now: datetime) -> bool:
        """Read the next entries; whether there is more of the list to read."""
        given = {"list": self.newsletter, "after": self.entry, "most": most, "now": now}
        entries = connection.execute(_entries(), given).all()
        more = len(entries) == most
        if entries:
            self.entry = entries[-1].id
            self.subscribers.extend(row.subscriber_id for row in entries if row.subscriber_id is not None)
        if not more:
            self.subscribers = array("q", sorted(self.subscribers))
        return more

    def between(self, connection: Connection, after: int, last: int, now: datetime) -> list[int]:
        """Of the subscribers behind `after`, those up to `last` whom it names, or whose domain; in order."""
        first, behind = (bisect_right(self.subscribers, each) for each in (after, last))
        named = self.subscribers[first:behind]
        return sorted({*named, *_at_barred_domains(connection, self.newsletter, after, last, now)})


def barred(connection: Connection, issue_id: str, newsletter: str) -> Barred:
    """What was read for the chunks before. Lost with the process, it is read again."""
    there: Barred | None = connection.info.get(Barred)
    if there is None or there.issue_id != issue_id:
        there = connection.info[Barred] = Barred(issue_id, newsletter)
    return there


def forget(connection: Connection) -> None:
    """The issue is queued: let go of what was read for it."""
    connection.info.pop(Barred, None)


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


def _at_barred_domains(
    connection: Connection, newsletter: str, after: int, last: int, now: datetime
) -> Sequence[int]:
    """Those at a domain that is blocked; without such a domain nobody is looked at."""
    domains = reach.barred_domains(literal(newsletter), now)
    if connection.execute(domains.limit(1)).first() is None:
        return ()
    person = t.subscriber.c.id
    found = select(person).where(person > after, person <= last, reach.at(domains))
    return connection.execute(found).scalars().all()
