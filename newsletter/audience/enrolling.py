"""Person, Person … -> subscriber rows: what an import or an operator may change, in one place.

Consent is never made up here: a subscription that exists keeps its status, and
an address on the suppression list gets no new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from newsletter.audience.people import Person
from newsletter.audience.suppression import ALL, Suppression, suppressions
from newsletter.store import dialect
from newsletter.store.tables import subscriber, subscriber_tag, subscription, zone


class Change(StrEnum):
    """What enrolling a person did."""

    ADDED = "added"
    UPDATED = "updated"  #: was there; a name, tag, zone, language or subscription is new
    UNCHANGED = "unchanged"
    REFUSED = "refused"  #: was not there, and the suppression list keeps every newsletter from them


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The answer for one person."""

    person: Person
    subscriber_id: int  #: 0 when refused
    change: Change
    kept_out: tuple[str, ...]  #: of the newsletters asked for, those that they do not get
    why: str  #: the suppressions' reasons when refused


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is the same for all people of one call."""

    newsletters: tuple[str, ...]
    now: datetime
    import_id: int | None
    barred: Mapping[str, tuple[Suppression, ...]]
    zones: Mapping[str, int]

    def open_to(self, key: str) -> tuple[str, ...]:
        scopes = {one.scope for one in self.barred.get(key, ())}
        return () if ALL in scopes else tuple(name for name in self.newsletters if name not in scopes)


def enrol(
    connection: Connection,
    people: Sequence[Person],
    *,
    newsletters: tuple[str, ...],
    now: datetime,
    import_id: int | None,
) -> tuple[Enrolled, ...]:
    """Add people, or fill in what is new about them; at most a thousand, no address twice.

    New people get an active subscription to each newsletter that no suppression keeps from
    them. Known people get one only where they never had any. Empty fields change nothing,
    tags are only added.
    """
    keys = tuple(one.address.key for one in people)
    zones = _zone_ids(connection, {one.zone for one in people if one.zone})
    asked = _Asked(newsletters, now, import_id, suppressions(connection, keys), zones)
    known = _rows(connection, keys)
    refused = {key for key in keys if key not in known and newsletters and not asked.open_to(key)}
    welcome = [one for one in people if one.address.key not in refused]
    _add_rows(connection, [one for one in welcome if one.address.key not in known], asked)
    now_known = _rows(connection, keys)
    changed = _update_rows(connection, welcome, known, asked)
    changed |= _add_tags(connection, welcome, now_known)
    subscribed, kept_out = _add_subscriptions(connection, welcome, now_known, asked)
    changed |= subscribed
    return tuple(_answer(one, known, now_known, changed, kept_out, asked) for one in people)


def _answer(
    one: Person,
    known: Mapping[str, Row[Any]],
    now_known: Mapping[str, Row[Any]],
    changed: set[str],
    kept_out: Mapping[str, tuple[str, ...]],
    asked: _Asked,
) -> Enrolled:
    key = one.address.key
    if key not in now_known:
        why = ", ".join(dict.fromkeys(reason.reason for reason in asked.barred[key]))
        return Enrolled(one, 0, Change.REFUSED, asked.newsletters, why)
    change = Change.UPDATED if key in changed else Change.UNCHANGED
    change = change if key in known else Change.ADDED
    return Enrolled(one, now_known[key].id, change, kept_out.get(key, ()), "")


def _rows(connection: Connection, keys: Sequence[str]) -> dict[str, Row[Any]]:
    found = connection.execute(select(subscriber).where(subscriber.c.address_key.in_(keys)))
    return {row.address_key: row for row in found}


def _zone_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    wanted = sorted(names)
    if not wanted:
        return {}
    connection.execute(dialect.insert_new(zone), [{"name": name} for name in wanted])
    found = connection.execute(select(zone.c.name, zone.c.id).where(zone.c.name.in_(wanted)))
    return {row.name: row.id for row in found}


def _add_rows(connection: Connection, people: Sequence[Person], asked: _Asked) -> None:
    rows = [
        {
            "address": one.address.address,
            "address_key": one.address.key,
            "name": one.name,
            "language": one.language,
            "zone_id": asked.zones.get(one.zone),
            "created_at": asked.now,
            "import_id": asked.import_id,
        }
        for one in people
    ]
    if rows:
        connection.execute(insert(subscriber), rows)


def _update_rows(
    connection: Connection, people: Sequence[Person], known: Mapping[str, Row[Any]], asked: _Asked
) -> set[str]:
    changes = []
    for one in people:
        if (row := known.get(one.address.key)) is None:
            continue
        values = {
            "new_name": one.name or row.name,
            "new_language": one.language or row.language,
            "new_zone": asked.zones.get(one.zone, row.zone_id),
        }
        if tuple(values.values()) != (row.name, row.language, row.zone_id):
            changes.append({"key": one.address.key, **values})
    if changes:
        statement = update(subscriber).where(subscriber.c.address_key == bindparam("key"))
        connection.execute(
            statement.values(
                name=bindparam("new_name"), language=bindparam("new_language"), zone_id=bindparam("new_zone")
            ),
            changes,
        )
    return {change["key"] for change in changes}


def _add_tags(connection: Connection, people: Sequence[Person], rows: Mapping[str, Row[Any]]) -> set[str]:
    ids = [rows[one.address.key].id for one in people if one.tags]
    query = select(subscriber_tag).where(subscriber_tag.c.subscriber_id.in_(ids))
    there = {(row.subscriber_id, row.tag) for row in connection.execute(query)} if ids else set()
    changed, new = set(), []
    for one in people:
        number = rows[one.address.key].id
        missing = [{"subscriber_id": number, "tag": tag} for tag in one.tags if (number, tag) not in there]
        if missing:
            changed.add(one.address.key)
            new += missing
    if new:
        connection.execute(insert(subscriber_tag), new)
    return changed


def _add_subscriptions(
    connection: Connection, people: Sequence[Person], rows: Mapping[str, Row[Any]], asked: _Asked
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    query = select(subscription.c.subscriber_id, subscription.c.newsletter, subscription.c.status).where(
        subscription.c.subscriber_id.in_([rows[one.address.key].id for one in people]),
        subscription.c.newsletter.in_(asked.newsletters),
    )
    there = {(row.subscriber_id, row.newsletter): row.status for row in connection.execute(query)}
    new, changed, kept_out = [], set(), {}
    for one in people:
        key = one.address.key
        number, may = rows[key].id, asked.open_to(key)
        fresh = [name for name in may if (number, name) not in there]
        out = [
            name
            for name in asked.newsletters
            if name not in may or there.get((number, name), "active") != "active"
        ]
        if fresh:
            changed.add(key)
        if out:
            kept_out[key] = tuple(out)
        new += [
            {"subscriber_id": number, "newsletter": name, "status": "active", "since": asked.now}
            for name in fresh
        ]
    if new:
        connection.execute(insert(subscription), new)
    return changed, kept_out
