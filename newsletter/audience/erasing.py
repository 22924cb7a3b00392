"""A person -> a keyed hash on the suppression list; and those who never confirmed -> nothing.

Rows that count for others stay: what was sent to how many, and the links of the consent log. What is personal
in them goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, select, update

from newsletter.audience import consent
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Action, Evidence
from newsletter.audience.erased import Erased
from newsletter.audience.subscriptions import LEFT, PENDING, after, held, settle
from newsletter.audience.suppression import ALL, UNSUBSCRIBED, Reason, suppress, suppressions
from newsletter.model import Kind
from newsletter.store import tables as t
from newsletter.store.archive.reading import forget_words
from newsletter.store.database import Database
from newsletter.store.dialect import wipe_what_is_freed
from newsletter.store.writer import Priority

#: So long after they signed up is who has not confirmed forgotten, unless the configuration says otherwise.
PENDING_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What erasing took away."""

    subscribers: int
    entries: int  #: of the consent log
    deliveries: int  #: rows that had words about the person
    suppressions: int


def erase(database: Database, address: str, evidence: Evidence) -> Forgotten:
    """Forget a person: what is left is that mail must not go to them, as a keyed hash of the address.

    An address that is on no list is remembered so too. Pages of the file may hold traces of it until
    :meth:`Database.compact` was called. ValueError when it cannot be an address.
    """
    key, erased = parse(address.strip()).key, Erased(database.path)
    return database.write(lambda connection: _erase(connection, key, evidence, erased), Priority.WEB)


def expire(database: Database, now: datetime, late: timedelta = PENDING_FOR) -> int:
    """Forget subscriptions that nobody confirmed in that time, and people who have no other; how many
    subscriptions that were."""
    gone = 0
    while ids := _unconfirmed(database, now - late):
        gone += database.write(partial(_expire, ids=ids, now=now, late=late))
    return gone


def _erase(connection: Connection, key: str, evidence: Evidence, erased: Erased) -> Forgotten:
    wipe_what_is_freed(connection)
    mark = erased.mark(connection, key)
    id = connection.execute(select(t.subscriber.c.id).where(t.subscriber.c.address_key == key)).scalar()
    deliveries = _blank(connection, of_person(connection, id, key))
    connection.execute(delete(t.wish).where(t.wish.c.address_key == key))
    entries = 0
    if id is not None:
        deliveries += forget_words(connection, id)
        connection.execute(delete(t.letter).where(t.letter.c.subscriber_id == id))
        entries = len(consent.entries(connection, id))
        connection.execute(delete(t.subscriber).where(t.subscriber.c.id == id))
        consent.forget(connection, id, Action.ERASED, evidence)
    barred = connection.execute(delete(t.suppression).where(t.suppression.c.address_key == key)).rowcount
    suppress(connection, mark, ALL, Reason.ERASED, evidence.at)
    return Forgotten(int(id is not None), entries, deliveries, barred)


def of_person(connection: Connection, subscriber_id: int | None, key: str) -> tuple[int, ...]:
    """The deliveries to a subscriber, and the tests and notices to their address."""
    d = t.delivery.c
    # Issue by issue, for there is no index over the subscribers of all.
    theirs = select(d.id).where(d.issue_id.in_(select(t.issue.c.id)), d.subscriber_id == subscriber_id)
    sent = connection.execute(theirs).scalars().all() if subscriber_id is not None else ()
    named = t.issue.c.kind.in_([Kind.TEST, Kind.NOTICE])
    direct = connection.execute(
        select(d.id, d.address).join(t.issue, t.issue.c.id == d.issue_id).where(named)
    )
    return (*sent, *(row.id for row in direct if row.address and _key(row.address) == key))


def _key(address: str) -> str:
    try:
        return parse(address).key
    except ValueError:
        return ""


def _blank(connection: Connection, ids: Sequence[int]) -> int:
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        nothing = {"reply": "", "address": None, "dedupe_key": None}  # a notice's key has its address
        connection.execute(update(t.delivery).where(t.delivery.c.id.in_(some)).values(nothing))
        connection.execute(update(t.bounce).where(t.bounce.c.delivery_id.in_(some)).values(text=""))
    return len(ids)


def _unconfirmed(database: Database, before: datetime) -> tuple[int, ...]:
    s = t.subscription.c
    query = select(s.subscriber_id).distinct().where(s.status == PENDING, s.since < before).limit(100)
    with database.read() as connection:
        return tuple(connection.execute(query).scalars())


def _expire(connection: Connection, ids: Sequence[int], now: datetime, late: timedelta) -> int:
    wipe_what_is_freed(connection)
    rows = connection.execute(select(t.subscriber).where(t.subscriber.c.id.in_(ids))).all()
    subscriptions = held(connection, ids)
    evidence = Evidence(now, "time")
    gone = 0
    for row in rows:
        gone += _expire_one(connection, row, subscriptions.get(row.id, ()), evidence, late)
    return gone


def _expire_one(
    connection: Connection, row: Any, has: Sequence[Any], evidence: Evidence, late: timedelta
) -> int:
    over = [one for one in has if one.status == PENDING and one.since < evidence.at - late]
    barred = suppressions(connection, (row.address_key,)).get(row.address_key, ())
    left = {
        one.newsletter
        for one in over
        if any(reason.reason == UNSUBSCRIBED and reason.covers(one.newsletter) for reason in barred)
    }
    # Who had left before is where they were.
    said = [
        after(row.id, row.address, one, Action.EXPIRED, LEFT if one.newsletter in left else "")
        for one in over
    ]
    settle(connection, said, evidence)
    if not _has_any(connection, row.id):
        connection.execute(delete(t.subscriber).where(t.subscriber.c.id == row.id))
        consent.forget(connection, row.id, Action.FORGOTTEN, evidence)
    return len(over)


def _has_any(connection: Connection, subscriber_id: int) -> bool:
    mine = exists().where(t.subscription.c.subscriber_id == subscriber_id)
    return bool(connection.execute(select(mine)).scalar())
