"""Person, Person … -> subscriber rows: what an import or an operator may change, in one place.

Consent is never made up here, and never widened: a subscription that exists is at most ended, and an address
on the suppression list gets no new one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, select

from newsletter.audience import fields
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
from newsletter.store.dialect import Hot, numbers
from newsletter.store.tables import EPOCH, milliseconds, suppression


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
    no_room: str = ""  #: why attributes were not added


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is the same for all people of one call."""

    newsletters: tuple[str, ...]
    evidence: Evidence
    import_id: int | None
    barred: Mapping[str, tuple[Suppression, ...]]

    def open_to(self, key: str) -> tuple[str, ...]:
        if key not in self.barred:
            return self.newsletters
        scopes = {one.scope for one in self.barred[key]}
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
    asked = _Asked(newsletters, evidence, import_id, _barred(connection, keys, evidence, erased))
    known = fields.rows(connection, keys)
    refused = {key for key in keys if key not in known and newsletters and not asked.open_to(key)}
    welcome = [one for one in people if one.address.key not in refused] if refused else people
    old: list[Person] = []
    new: list[Person] = []
    for one in welcome:
        (old if one.address.key in known else new).append(one)
    zones = fields.zone_ids(connection, {one.zone for one in welcome if one.zone})
    ids = {key: row.id for key, row in known.items()}
    ids |= fields.add(connection, new, milliseconds(evidence.at), zones, import_id)
    changes, no_room = fields.fill_in(connection, old, known, zones)
    _merge(changes, fields.add_tags(connection, welcome, ids, known))
    subscribed, kept_out = _subscribe(connection, welcome, ids, known, asked)
    _merge(changes, subscribed)
    changed = set(changes) | {ids[key] for key in _bar(connection, people, asked) if key in ids}
    if import_id is not None:
        theirs = {row.id for row in known.values()}
        fields.remember(connection, {id: what for id, what in changes.items() if id in theirs}, import_id)
    return tuple(_answer(one, known, ids, changed, kept_out, no_room, asked) for one in people)


def _barred(
    connection: Connection, keys: Sequence[str], evidence: Evidence, erased: Erased
) -> dict[str, tuple[Suppression, ...]]:
    barred = suppressions(connection, keys, evidence.at) if _any_barred(connection, keys) else {}
    gone = Suppression(ALL, Reason.ERASED, evidence.at, "")
    return barred | {key: (*barred.get(key, ()), gone) for key in erased.among(connection, keys)}


def _any_barred(connection: Connection, keys: Sequence[str]) -> bool:
    """Of most lists nobody is: then this is all that is asked."""
    domains = {key[key.rindex("@") :] for key in keys}
    return _found()(connection, keys=json.dumps([*keys, *domains])).first() is not None


@cache
def _found() -> Hot:
    return Hot(select(suppression.c.id).where(suppression.c.address_key.in_(numbers("keys"))))


def _merge(changes: fields.Changes, more: fields.Changes) -> None:
    for id, what in more.items():
        changes.setdefault(id, {}).update(what)


def _answer(
    one: Person,
    known: Mapping[str, Row[Any]],
    ids: Mapping[str, int],
    changed: set[int],
    kept_out: Mapping[str, tuple[str, ...]],
    no_room: Mapping[str, str],
    asked: _Asked,
) -> Enrolled:
    key = one.address.key
    id = ids.get(key, 0)
    if not id:
        why = ", ".join(dict.fromkeys(reason.reason for reason in asked.barred[key]))
        return Enrolled(one, 0, Change.REFUSED, asked.newsletters, why)
    change = Change.ADDED
    if key in known:
        change = Change.UPDATED if id in changed else Change.UNCHANGED
    return Enrolled(one, id, change, kept_out.get(key, ()), "", no_room.get(key, ""))


def _subscribe(
    connection: Connection,
    people: Sequence[Person],
    ids: Mapping[str, int],
    known: Mapping[str, Row[Any]],
    asked: _Asked,
) -> tuple[fields.Changes, dict[str, tuple[str, ...]]]:
    """The newsletters that are new to each or ended, and what each does not get."""
    there = held(connection, [row.id for row in known.values()]) if known else {}
    told: list[Said] = []
    changes: fields.Changes = {}
    kept_out: dict[str, tuple[str, ...]] = {}
    for one in people:
        key = one.address.key
        may = asked.open_to(key)
        if key not in known:
            told += _new(one, ids[key], may, asked)
            if len(may) < len(asked.newsletters):
                kept_out[key] = tuple(name for name in asked.newsletters if name not in may)
            continue
        has = {each.newsletter: each for each in there.get(ids[key], ())}
        missing = [name for name in may if name not in has]
        said = (*_new(one, ids[key], missing, asked), *_ended(one, ids[key], has, asked))
        if said:
            changes[ids[key]] = {
                "added": missing,
                "ended": [each.newsletter for each in said[len(missing) :]],
            }
            told += said
        out = [name for name in asked.newsletters if name not in may or _is_out(has.get(name))]
        if out:
            kept_out[key] = tuple(out)
    settle(connection, told, asked.evidence)
    return changes, kept_out


def _new(one: Person, id: int, names: Sequence[str], asked: _Asked) -> Iterator[Said]:
    wish = one.wish or _AS_IT_COMES
    since = min(one.since, asked.evidence.at) if one.since else None
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
            one.proof,
            since,
        )


def _ended(one: Person, id: int, has: Mapping[str, Subscription], asked: _Asked) -> Iterator[Said]:
    if one.status == LEFT:
        for each in (has[name] for name in asked.newsletters if name in has and has[name].status != LEFT):
            yield after(id, one.address.address, each, Action.LEFT, LEFT)


def _bar(connection: Connection, people: Sequence[Person], asked: _Asked) -> set[str]:
    """Remember those who left, bounced or complained elsewhere; the addresses that are new on the list."""
    found: set[str] = set()
    for one in people:
        if one.status != LEFT and not one.barred:
            continue
        for each in _reasons(one, asked):
            since = min(each.since, asked.evidence.at) if each.since > EPOCH else asked.evidence.at
            key = one.address.key
            if suppress(connection, key, each.scope, each.reason, since, each.note, each.until):
                found.add(key)
    return found


def _reasons(one: Person, asked: _Asked) -> Iterator[Suppression]:
    """Those that were told first: what is known of one is not overwritten."""
    note = asked.evidence.source or asked.evidence.through
    for each in one.barred:
        words = each.note or ("" if each.since > EPOCH else note)  # what has no time of its own is from here
        for scope in (ALL,) if each.scope == ALL else asked.newsletters:
            yield Suppression(scope, each.reason, each.since, words, each.until)
    if one.status == LEFT and not one.barred:
        yield from (Suppression(name, UNSUBSCRIBED, EPOCH, note) for name in asked.newsletters)


def _is_out(one: Subscription | None) -> bool:
    return one is not None and one.status != ACTIVE


_AS_IT_COMES = Wish()
