"""The people on the lists: add one, let one go, show, list and count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select, update

from newsletter.audience.addresses import parse
from newsletter.audience.enrolling import Enrolled, enrol
from newsletter.audience.people import Person, clean, person_name
from newsletter.audience.suppression import ALL, UNSUBSCRIBED, Suppression, suppress, suppressions
from newsletter.store.database import Database
from newsletter.store.tables import subscriber, subscriber_tag, subscription, suppression, zone
from newsletter.store.writer import Priority

#: How a subscription stands once the suppression list has been asked too.
Standing = Literal["active", "pending", "unsubscribed", "suppressed"]
#: So many people are read at once, by `listed` and the export.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Subscription:
    """One newsletter that a person gets, or got."""

    newsletter: str
    status: str  #: ``active``, ``pending`` or ``unsubscribed``
    since: datetime


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person and all that is known about them."""

    id: int
    address: str
    key: str
    name: str
    tags: tuple[str, ...]
    zone: str  #: IANA; empty when not known
    language: str  #: BCP 47; empty for the newsletter's own
    created_at: datetime
    subscriptions: tuple[Subscription, ...]
    suppressions: tuple[Suppression, ...]

    def standing(self, newsletter: str) -> Standing | None:
        """How they stand with a newsletter; None when they never had it."""
        for one in self.subscriptions:
            if one.newsletter != newsletter:
                continue
            if one.status == "unsubscribed":
                return "unsubscribed"
            if any(reason.scope in (newsletter, ALL) for reason in self.suppressions):
                return "suppressed"
            return "pending" if one.status == "pending" else "active"
        return None


@dataclass(frozen=True, slots=True)
class Counts:
    """The subscriptions of one newsletter; each is in exactly one of these."""

    active: int  #: get mail
    pending: int  #: have not confirmed
    unsubscribed: int
    suppressed: int  #: active or pending, but the suppression list keeps mail from them


def add(
    database: Database, address: str, *, name: str = "", newsletters: tuple[str, ...], now: datetime
) -> Enrolled:
    """Put one person on the lists, on the operator's word; like an import of one row.

    Never brings anyone back: `kept_out` of the answer names the newsletters they do not get.
    ValueError when the address or the name cannot be used.
    """
    one = Person(0, parse(address.strip()), person_name(clean(name, "name")), (), "", "")
    (answer,) = database.write(
        lambda connection: enrol(connection, (one,), newsletters=newsletters, now=now, import_id=None),
        Priority.WEB,
    )
    return answer


def unsubscribe(
    database: Database,
    who: str | int,
    newsletter: str,
    now: datetime,
    reason: str = UNSUBSCRIBED,
    note: str = "",
) -> bool:
    """End a subscription, or all of them (``*``), and remember that for every later import.

    `who` is an address or a subscriber's id. An address that is on no list is remembered too.
    Both rows are written in one transaction. False when there was nothing left to change, or
    no subscriber has that id; ValueError when the address cannot be one.
    """
    return database.write(
        lambda connection: _unsubscribe(connection, who, newsletter, now, reason, note), Priority.WEB
    )


def show(database: Database, who: str | int) -> Subscriber | None:
    """The person with that address or id. ValueError when the address cannot be one."""
    wanted = subscriber.c.id == who if isinstance(who, int) else subscriber.c.address_key == _key(who)
    with database.read() as connection:
        found = _subscribers(connection, wanted, 1)
    return found[0] if found else None


def listed(
    database: Database, newsletter: str = "", *, after: int = 0, limit: int = PAGE
) -> tuple[Subscriber, ...]:
    """The next people after that id, oldest first: those of one newsletter in any status, or all.

    Ask again with the last id of the answer until it is empty.
    """
    wanted: ColumnElement[bool] = subscriber.c.id > after
    if newsletter:
        here = (subscription.c.subscriber_id == subscriber.c.id) & (subscription.c.newsletter == newsletter)
        wanted = wanted & exists().where(here)
    with database.read() as connection:
        return _subscribers(connection, wanted, limit)


def count(database: Database) -> int:
    """How many people are known, subscribed or not."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(subscriber)).scalar_one()


def counts(database: Database, newsletter: str) -> Counts:
    """How many get this newsletter, and how many do not."""
    barred = exists().where(
        suppression.c.address_key == subscriber.c.address_key,
        or_(suppression.c.scope == newsletter, suppression.c.scope == ALL),
    )
    query = (
        select(subscription.c.status, barred, func.count())
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscription.c.newsletter == newsletter)
        .group_by(subscription.c.status, barred)
    )
    with database.read() as connection:
        found = {(status, bool(out)): number for status, out, number in connection.execute(query)}
    left = found.get(("unsubscribed", True), 0) + found.get(("unsubscribed", False), 0)
    suppressed = found.get(("active", True), 0) + found.get(("pending", True), 0)
    return Counts(found.get(("active", False), 0), found.get(("pending", False), 0), left, suppressed)


def _unsubscribe(
    connection: Connection, who: str | int, newsletter: str, now: datetime, reason: str, note: str
) -> bool:
    wanted = subscriber.c.id == who if isinstance(who, int) else subscriber.c.address_key == _key(who)
    row = connection.execute(select(subscriber.c.id, subscriber.c.address_key).where(wanted)).first()
    if row is None and isinstance(who, int):
        return False
    ended = 0
    if row is not None:
        ending = update(subscription).where(
            subscription.c.subscriber_id == row.id, subscription.c.status != "unsubscribed"
        )
        if newsletter != ALL:
            ending = ending.where(subscription.c.newsletter == newsletter)
        ended = connection.execute(ending.values(status="unsubscribed", since=now)).rowcount
    key = row.address_key if row is not None else _key(str(who))
    return suppress(connection, key, newsletter, reason, now, note) or ended > 0


def _key(address: str) -> str:
    return parse(address.strip()).key


def _subscribers(connection: Connection, wanted: ColumnElement[bool], limit: int) -> tuple[Subscriber, ...]:
    query = (
        select(subscriber, zone.c.name.label("zone"))
        .outerjoin(zone, zone.c.id == subscriber.c.zone_id)
        .where(wanted)
        .order_by(subscriber.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    tags = _tags(connection, ids)
    held = _subscriptions(connection, ids)
    barred = suppressions(connection, [row.address_key for row in rows])
    return tuple(
        _subscriber(row, tags.get(row.id, ()), held.get(row.id, ()), barred.get(row.address_key, ()))
        for row in rows
    )


def _subscriber(
    row: Row[Any],
    tags: tuple[str, ...],
    held: tuple[Subscription, ...],
    barred: tuple[Suppression, ...],
) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        key=row.address_key,
        name=row.name,
        tags=tags,
        zone=row.zone or "",
        language=row.language,
        created_at=row.created_at,
        subscriptions=held,
        suppressions=barred,
    )


def _tags(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(subscriber_tag).where(subscriber_tag.c.subscriber_id.in_(ids)).order_by(subscriber_tag.c.tag)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), row.tag)
    return found


def _subscriptions(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Subscription, ...]]:
    query = (
        select(subscription).where(subscription.c.subscriber_id.in_(ids)).order_by(subscription.c.newsletter)
    )
    found: dict[int, tuple[Subscription, ...]] = {}
    for row in connection.execute(query):
        one = Subscription(row.newsletter, row.status, row.since)
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), one)
    return found
