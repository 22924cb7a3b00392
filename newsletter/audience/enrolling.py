"""Person, Person … -> subscriber rows: what an import or an operator may change, in one place.

Consent is never made up here, and never widened: a subscription that exists is at most ended, and an address
on the suppression list gets no new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from newsletter.audience import attributes, consent
from newsletter.audience.attributes import Value
from newsletter.audience.consent import Action, Evidence, Said
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import ACTIVE, LEFT, Subscription, Wish, after, held, settle
from newsletter.audience.suppression import (
    ALL,
    UNSUBSCRIBED,
    Reason,
    Suppression,
    suppress,
    suppressions,
)
from newsletter.store import dialect
from newsletter.store.dialect import Bulk
from newsletter.store.tables import milliseconds, subscriber, subscriber_tag, zone


class Change(StrEnum):
    """What enrolling a person did."""

    ADDED = "added"
    UPDATED = "updated"  #: was there; a name, tag, zone, language, attribute or subscription is new
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
    evidence: Evidence
    import_id: int | None
    barred: Mapping[str, tuple[Suppression, ...]]
    zones: Mapping[str, int]

    def open_to(self, key: str) -> tuple[str, ...]:
        if key not in self.barred:
            return self.newsletters
        scopes = {one.scope for one in self.barred.get(key, ())}
        return () if ALL in scopes else tuple(name for name in self.newsletters if name not in scopes)


def enrol(
    connection: Connection,
    people: Sequence[Person],
    *,
    newsletters: tuple[str, ...],
    evidence: Evidence,
    erased: Erased,
    import_id: int | None = None,
) -> tuple[Enrolled, ...]:
    """Add people, or fill in what is new about them; at most a thousand, no address twice.

    New people get a subscription, as their `status` says, to each newsletter that no suppression keeps from
    them. Known people get one only where they never had any; one that they have is ended when they are said
    to have left, and else stays as it is. Empty fields change nothing, tags and attributes are only added.
    """
    keys = tuple(one.address.key for one in people)
    asked = _asked(connection, people, newsletters, evidence, erased, import_id)
    known = _rows(connection, keys)
    refused = {key for key in keys if key not in known and newsletters and not asked.open_to(key)}
    welcome = [one for one in people if one.address.key not in refused]
    ids = {key: row.id for key, row in known.items()}
    ids |= _add_rows(connection, [one for one in welcome if one.address.key not in known], asked)
    changed = _update_rows(connection, welcome, known, asked)
    changed |= _add_tags(connection, welcome, ids, known)
    subscribed, kept_out = _subscribe(connection, welcome, ids, known, asked)
    changed |= subscribed | _bar(connection, people, asked)
    return tuple(_answer(one, known, ids, changed, kept_out, asked) for one in people)


def _asked(
    connection: Connection,
    people: Sequence[Person],
    newsletters: tuple[str, ...],
    evidence: Evidence,
    erased: Erased,
    import_id: int | None,
) -> _Asked:
    keys = tuple(one.address.key for one in people)
    barred = suppressions(connection, keys, evidence.at)
    gone = Suppression(ALL, Reason.ERASED, evidence.at, "")
    barred |= {key: (*barred.get(key, ()), gone) for key in erased.among(connection, keys)}
    zones = _zone_ids(connection, {one.zone for one in people if one.zone})
    return _Asked(newsletters, evidence, import_id, barred, zones)


def _answer(
    one: Person,
    known: Mapping[str, Row[Any]],
    ids: Mapping[str, int],
    changed: set[str],
    kept_out: Mapping[str, tuple[str, ...]],
    asked: _Asked,
) -> Enrolled:
    key = one.address.key
    if key not in ids:
        why = ", ".join(dict.fromkeys(reason.reason for reason in asked.barred[key]))
        return Enrolled(one, 0, Change.REFUSED, asked.newsletters, why)
    change = Change.UPDATED if key in changed else Change.UNCHANGED
    change = change if key in known else Change.ADDED
    return Enrolled(one, ids[key], change, kept_out.get(key, ()), "")


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


def _add_rows(connection: Connection, people: Sequence[Person], asked: _Asked) -> dict[str, int]:
    """The ids of those who are new."""
    at = milliseconds(asked.evidence.at)
    rows = [
        (
            id,
            one.address.address,
            one.address.key,
            one.name,
            one.language,
            asked.zones.get(one.zone),
            at,
            asked.import_id,
            _json(one.attributes),
        )
        for id, one in zip(_free_ids(connection), people, strict=False)
    ]
    _people()(connection, rows)
    return {row[2]: row[0] for row in rows}


@cache
def _people() -> Bulk:
    columns = "id address address_key name language zone_id created_at import_id attributes".split()
    return Bulk(insert(subscriber), *columns)


def _json(given: Mapping[str, Value]) -> str:
    return json.dumps(attributes.checked(given), ensure_ascii=False) if given else "{}"


def _free_ids(connection: Connection) -> Iterator[int]:
    """Ids that nobody ever had: a link in an erased person's old mail must not lead to somebody else."""
    last = max(
        connection.execute(select(func.max(subscriber.c.id))).scalar() or 0,
        consent.newest_subscriber(connection),
    )
    while True:
        last += 1
        yield last


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
            "new_attributes": attributes.checked(row.attributes | one.attributes),
        }
        if tuple(values.values()) != (row.name, row.language, row.zone_id, row.attributes):
            changes.append({"key": one.address.key, **values})
    if changes:
        statement = update(subscriber).where(subscriber.c.address_key == bindparam("key"))
        connection.execute(
            statement.values(
                name=bindparam("new_name"),
                language=bindparam("new_language"),
                zone_id=bindparam("new_zone"),
                attributes=bindparam("new_attributes"),
            ),
            changes,
        )
    return {change["key"] for change in changes}


def _add_tags(
    connection: Connection, people: Sequence[Person], ids: Mapping[str, int], known: Mapping[str, Row[Any]]
) -> set[str]:
    old = [known[one.address.key].id for one in people if one.tags and one.address.key in known]
    query = select(subscriber_tag).where(subscriber_tag.c.subscriber_id.in_(old))
    there = {(row.subscriber_id, row.tag) for row in connection.execute(query)} if old else set()
    changed: set[str] = set()
    new: list[tuple[int, str]] = []
    for one in people:
        number = ids[one.address.key]
        missing = [(number, tag) for tag in one.tags if (number, tag) not in there]
        if missing:
            changed.add(one.address.key)
            new += missing
    _tags()(connection, new)
    return changed


@cache
def _tags() -> Bulk:
    return Bulk(insert(subscriber_tag), "subscriber_id", "tag")


def _subscribe(
    connection: Connection,
    people: Sequence[Person],
    ids: Mapping[str, int],
    known: Mapping[str, Row[Any]],
    asked: _Asked,
) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """Whose subscriptions changed, and what each does not get."""
    there = held(connection, [row.id for row in known.values()]) if known else {}
    told: list[Said] = []
    whose: set[str] = set()
    kept_out: dict[str, tuple[str, ...]] = {}
    for one in people:
        key = one.address.key
        has = {each.newsletter: each for each in there.get(ids[key], ())}
        may = asked.open_to(key)
        said = [
            *_new(one, ids[key], [name for name in may if name not in has]),
            *_ended(one, ids[key], has, asked),
        ]
        if said:
            whose.add(key)
            told += said
        out = [name for name in asked.newsletters if name not in may or _is_out(has.get(name))]
        if out:
            kept_out[key] = tuple(out)
    settle(connection, told, asked.evidence)
    return whose, kept_out


def _new(one: Person, id: int, names: Sequence[str]) -> Iterator[Said]:
    wish = one.wish or _EACH
    for name in names:
        yield Said(
            id,
            one.address.address,
            name,
            Action.ADDED,
            one.status,
            wish.frequency,
            wish.topics,
            wish.paused_until,
        )


def _ended(one: Person, id: int, has: Mapping[str, Subscription], asked: _Asked) -> Iterator[Said]:
    if one.status == LEFT:
        for each in (has[name] for name in asked.newsletters if name in has and has[name].status != LEFT):
            yield after(id, one.address.address, each, Action.LEFT, LEFT)


def _bar(connection: Connection, people: Sequence[Person], asked: _Asked) -> set[str]:
    """Remember those who left, bounced or complained elsewhere; the addresses that are new on the list."""
    wanted = [
        *((one, name, UNSUBSCRIBED) for one in people if one.status == LEFT for name in asked.newsletters),
        *((one, ALL, one.barred) for one in people if one.barred),
    ]
    note = " ".join(filter(None, (asked.evidence.through, asked.evidence.source)))
    return {
        one.address.key
        for one, scope, reason in wanted
        if suppress(connection, one.address.key, scope, reason, asked.evidence.at, note)
    }


def _is_out(one: Subscription | None) -> bool:
    return one is not None and one.status != ACTIVE


_EACH = Wish()
