"""Person, Person … -> the rows of what is known about people: added, filled in, and what that changed.

Empty fields change nothing, tags and attributes are only added. What an import changes is kept beside, so
that it can be taken back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from newsletter.audience import attributes
from newsletter.audience.attributes import Value
from newsletter.audience.people import Person
from newsletter.store import dialect
from newsletter.store.dialect import Bulk, Hot
from newsletter.store.tables import consent, import_change, milliseconds, subscriber, subscriber_tag, zone

#: subscriber id -> field -> before, after
Changes = dict[int, dict[str, Any]]
_MARK: Final = 8


def mark(name: str, language: str, zone: str, values: str, tags: Iterable[str]) -> bytes:
    """What stands for all that is known about somebody: another one means that something changed."""
    said = f"{name}\0{language}\0{zone}\0{values}\0" + "\0".join(sorted(tags))
    return blake2b(said.encode(), digest_size=_MARK).digest()


def as_json(given: Mapping[str, Value]) -> str:
    """Attributes as they are kept."""
    return json.dumps(attributes.checked(given), ensure_ascii=False) if given else "{}"


def rows(connection: Connection, keys: Sequence[str]) -> dict[str, Row[Any]]:
    """The people who are known, by address key."""
    there = [row[0] for row in _there()(connection, keys=json.dumps(keys)).all()]
    if not there:
        return {}
    found = connection.execute(select(subscriber).where(subscriber.c.id.in_(there)))
    return {row.address_key: row for row in found}


def zone_ids(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The number of each time zone; it gets one when it has none."""
    wanted = sorted(names)
    if not wanted:
        return {}
    connection.execute(dialect.insert_new(zone), [{"name": name} for name in wanted])
    found = connection.execute(select(zone.c.name, zone.c.id).where(zone.c.name.in_(wanted)))
    return {row.name: row.id for row in found}


def add(
    connection: Connection, people: Sequence[Person], at: int, zones: Mapping[str, int], import_id: int | None
) -> dict[str, int]:
    """The ids of people who are new, by address key."""
    made = []
    for id, one in zip(_free_ids(connection), people, strict=False):
        created = min(milliseconds(one.created), at) if one.created else at
        values = as_json(one.attributes)
        print_ = mark(one.name, one.language, one.zone, values, one.tags) if import_id else None
        made.append((id, one.address.address, one.address.key, one.name, one.language, zones.get(one.zone),
                     created, import_id, values, print_))  # fmt: skip
    _people()(connection, made)
    return {row[2]: row[0] for row in made}


def fill_in(
    connection: Connection, people: Sequence[Person], known: Mapping[str, Row[Any]], zones: Mapping[str, int]
) -> tuple[Changes, dict[str, str]]:
    """Change what people say anew who are known; what that was, and what there is no room for."""
    changes: Changes = {}
    rows, full = [], {}
    for one in people:
        row = known[one.address.key]
        values = row.attributes | one.attributes if one.attributes else row.attributes
        try:
            attributes.checked(values)
        except ValueError as error:
            values, full[one.address.key] = row.attributes, f"{error}: none of them is added"
        new = (one.name or row.name, one.language or row.language, zones.get(one.zone, row.zone_id), values)
        old = (row.name, row.language, row.zone_id, row.attributes)
        if new != old:
            rows.append(dict(zip(_SET, (row.id, *new), strict=True)))
            changes[row.id] = _difference(old, new)
    if rows:
        connection.execute(_changed(), rows)
    return changes, full


def add_tags(
    connection: Connection, people: Sequence[Person], ids: Mapping[str, int], known: Mapping[str, Row[Any]]
) -> Changes:
    """Give people their tags; those that are new to somebody who is known."""
    old = [known[one.address.key].id for one in people if one.tags and one.address.key in known]
    query = select(subscriber_tag).where(subscriber_tag.c.subscriber_id.in_(old))
    there = {(row.subscriber_id, row.tag) for row in connection.execute(query)} if old else set()
    changes: Changes = {}
    new: list[tuple[int, str]] = []
    for one in people:
        if not one.tags:
            continue
        number = ids[one.address.key]
        if one.address.key not in known:
            new += [(number, tag) for tag in one.tags]
        elif missing := [tag for tag in one.tags if (number, tag) not in there]:
            new += [(number, tag) for tag in missing]
            changes[number] = {"tags": missing}
    _tags()(connection, new)
    return changes


def remember(connection: Connection, changes: Changes, import_id: int) -> None:
    """Keep what an import changed about people who were known."""
    rows = [(import_id, id, json.dumps(what, ensure_ascii=False)) for id, what in changes.items()]
    _changes()(connection, rows)


_SET: Final = ("which", "new_name", "new_language", "new_zone", "new_attributes")


def _difference(old: tuple[Any, ...], new: tuple[Any, ...]) -> dict[str, Any]:
    names = ("name", "language", "zone_id")
    told: dict[str, Any] = {
        name: [before, after] for name, before, after in zip(names, old, new, strict=False) if before != after
    }
    if old[3] != new[3]:
        told["attributes"] = {
            name: [old[3].get(name), each] for name, each in new[3].items() if old[3].get(name) != each
        }
    return told


def _free_ids(connection: Connection) -> Iterator[int]:
    """Ids that nobody ever had: a link in an erased person's old mail must not lead to somebody else."""
    last = max(_highest()(connection).one())
    while True:
        last += 1
        yield last


@cache
def _there() -> Hot:
    """Of most lists hardly anybody is known: then this is all that is asked."""
    return Hot(select(subscriber.c.id).where(subscriber.c.address_key.in_(dialect.numbers("keys"))))


@cache
def _highest() -> Hot:
    here, ever = func.max(subscriber.c.id), func.max(consent.c.subscriber_id)
    return Hot(select(*(func.coalesce(select(each).scalar_subquery(), 0) for each in (here, ever))))


@cache
def _people() -> Bulk:
    columns = "id address address_key name language zone_id created_at import_id attributes import_mark"
    return Bulk(insert(subscriber), *columns.split())


@cache
def _tags() -> Bulk:
    return Bulk(insert(subscriber_tag), "subscriber_id", "tag")


@cache
def _changes() -> Bulk:
    return Bulk(insert(import_change), "import_id", "subscriber_id", "before")


@cache
def _changed() -> Any:
    return (
        update(subscriber)
        .where(subscriber.c.id == bindparam("which"))
        .values(
            name=bindparam("new_name"),
            language=bindparam("new_language"),
            zone_id=bindparam("new_zone"),
            attributes=bindparam("new_attributes"),
        )
    )
