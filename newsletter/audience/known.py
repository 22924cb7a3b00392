"""Rows -> Subscriber: a person, what they get, and what keeps it from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from newsletter.audience.attributes import Value
from newsletter.audience.subscriptions import Standing, Subscription, held
from newsletter.audience.suppression import Suppression, suppressions
from newsletter.store.tables import subscriber, subscriber_tag, zone


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
    suppressions: tuple[Suppression, ...]  #: the address's, and its domain's
    attributes: Mapping[str, Value] = field(default_factory=dict)
    import_id: int | None = field(default=None, compare=False)  #: of the import that brought them

    def standing(self, newsletter: str, now: datetime) -> Standing | None:
        """How they stand with a newsletter at that time; None when they never had it."""
        for one in self.subscriptions:
            if one.newsletter == newsletter:
                return self._standing(one, now)
        return None

    def _standing(self, one: Subscription, now: datetime) -> Standing:
        if one.status == "unsubscribed":
            return "unsubscribed"
        if any(reason.covers(one.newsletter) and reason.holds(now) for reason in self.suppressions):
            return "suppressed"
        if one.status == "pending":
            return "pending"
        return "paused" if one.is_paused(now) else "active"


def read(connection: Connection, wanted: ColumnElement[bool], limit: int) -> tuple[Subscriber, ...]:
    """The first subscribers of whom `wanted` is true, oldest first; at most a thousand."""
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
    subscriptions = held(connection, ids)
    barred = suppressions(connection, [row.address_key for row in rows])
    return tuple(
        _subscriber(row, tags.get(row.id, ()), subscriptions.get(row.id, ()), barred.get(row.address_key, ()))
        for row in rows
    )


def _subscriber(
    row: Row[Any],
    tags: tuple[str, ...],
    subscriptions: tuple[Subscription, ...],
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
        subscriptions=subscriptions,
        suppressions=barred,
        attributes=row.attributes,
        import_id=row.import_id,
    )


def _tags(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    query = (
        select(subscriber_tag).where(subscriber_tag.c.subscriber_id.in_(ids)).order_by(subscriber_tag.c.tag)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), row.tag)
    return found
