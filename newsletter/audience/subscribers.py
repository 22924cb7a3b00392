"""The people on the lists: add one, let one go, show, list and count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, literal, select

from newsletter.audience.addresses import parse
from newsletter.audience.consent import Action, Evidence, Said
from newsletter.audience.enrolling import Enrolled, enrol
from newsletter.audience.erased import Erased
from newsletter.audience.known import Subscriber, read
from newsletter.audience.people import Person, clean, person_name
from newsletter.audience.subscriptions import (
    ACTIVE,
    LEFT,
    PENDING,
    Asked,
    Standing,
    Subscription,
    after,
    held,
    settle,
    theirs,
    wish,
)
from newsletter.audience.suppression import ALL, UNSUBSCRIBED, suppress
from newsletter.store import reach
from newsletter.store.database import Database
from newsletter.store.segments import meaning, reading
from newsletter.store.tables import subscriber, subscription
from newsletter.store.writer import Priority

__all__ = [
    "PAGE",
    "Counts",
    "Standing",
    "Subscriber",
    "Subscription",
    "add",
    "adjust",
    "count",
    "counts",
    "listed",
    "show",
    "unsubscribe",
]

#: So many people are read at once, by `listed` and the export.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Counts:
    """The subscriptions of one newsletter; each is in exactly one of these."""

    active: int  #: get mail
    pending: int  #: have not confirmed
    unsubscribed: int
    suppressed: int  #: active or pending, but the suppression list keeps mail from them
    paused: int = 0  #: active, but asked for nothing until later


def add(
    database: Database,
    address: str,
    *,
    name: str = "",
    newsletters: tuple[str, ...],
    now: datetime,
    more: Person | None = None,
) -> Enrolled:
    """Put one person on the lists, on the operator's word; like an import of one row. `more` has what else is
    known about them.

    Never brings anyone back: `kept_out` of the answer names the newsletters they do not get.
    ValueError when the address or the name cannot be used.
    """
    one = Person(0, parse(address.strip()), person_name(clean(name, "name")), (), "", "")
    if more is not None:
        one = replace(more, line=0, address=one.address, name=one.name)
    evidence, erased = Evidence(now, "operator"), Erased(database.path)
    (answer,) = database.write(
        lambda c: enrol(c, (one,), newsletters=newsletters, evidence=evidence, erased=erased), Priority.WEB
    )
    return answer


def adjust(
    database: Database, subscriber_id: int, newsletters: Sequence[str], asked: Asked, evidence: Evidence
) -> tuple[str, ...]:
    """How often, about what, and whether not before some time; of which newsletters that changed anything.
    What somebody left stays left."""

    def write(connection: Connection) -> tuple[str, ...]:
        address, has = theirs(connection, subscriber_id)
        said = tuple(
            after(subscriber_id, address, one, Action.CHANGED, one.status, asked.of(one))
            for one in has
            if one.newsletter in newsletters and one.status != LEFT and asked.of(one) != wish(one)
        )
        settle(connection, said, evidence)
        return tuple(one.newsletter for one in said)

    return database.write(write, Priority.WEB)


def unsubscribe(
    database: Database,
    who: str | int,
    newsletter: str,
    now: datetime,
    reason: str = UNSUBSCRIBED,
    note: str = "",
    *,
    evidence: Evidence | None = None,
) -> bool:
    """End a subscription, or all of them (``*``), and remember that for every later import.

    `who` is an address or a subscriber's id: by default the operator's word, and the reader's own. An
    address that is on no list is remembered too. All rows are written in one transaction. False when there
    was nothing left to change, or no subscriber has that id; ValueError when the address cannot be one.
    """
    told = evidence or Evidence(now, "link" if isinstance(who, int) else "operator")
    return database.write(
        lambda connection: leave(connection, who, newsletter, told, reason, note), Priority.WEB
    )


def leave(
    connection: Connection,
    who: str | int,
    newsletter: str,
    evidence: Evidence,
    reason: str = UNSUBSCRIBED,
    note: str = "",
) -> bool:
    """As :func:`unsubscribe`, in the caller's transaction."""
    row = connection.execute(select(subscriber.c.id, subscriber.c.address_key).where(_wanted(who))).first()
    if row is None and isinstance(who, int):
        return False
    said = _leaving(connection, row.id, newsletter) if row is not None else ()
    settle(connection, said, evidence)
    key = row.address_key if row is not None else _key(str(who))
    return suppress(connection, key, newsletter, reason, evidence.at, note) or bool(said)


def _leaving(connection: Connection, id: int, newsletter: str) -> tuple[Said, ...]:
    address = connection.execute(select(subscriber.c.address).where(subscriber.c.id == id)).scalar_one()
    return tuple(
        after(id, address, one, Action.LEFT, LEFT)
        for one in held(connection, (id,)).get(id, ())
        if one.status != LEFT and newsletter in (one.newsletter, ALL)
    )


def show(database: Database, who: str | int) -> Subscriber | None:
    """The person with that address or id. ValueError when the address cannot be one."""
    with database.read() as connection:
        found = read(connection, _wanted(who), 1)
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
        return read(connection, wanted, limit)


def count(database: Database) -> int:
    """How many people are known, subscribed or not."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(subscriber)).scalar_one()


def counts(database: Database, newsletter: str, now: datetime, *, segment: str = "") -> Counts:
    """How many get this newsletter at that time, and how many do not: all, or of a segment."""
    barred, paused = reach.suppressed(literal(newsletter), now), reach.paused(now)
    query = (
        select(subscription.c.status, barred, paused, func.count())
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscription.c.newsletter == newsletter)
        .group_by(subscription.c.status, barred, paused)
    )
    if segment:
        query = query.where(meaning.condition(reading.read(segment)))
    with database.read() as connection:
        return _counts(connection.execute(query).all())


def _counts(rows: Sequence[Any]) -> Counts:
    def total(status: str, barred: bool | None, paused: bool | None = None) -> int:
        return sum(
            number
            for of, out, rests, number in rows
            if of == status and barred in (None, bool(out)) and paused in (None, bool(rests))
        )

    return Counts(
        active=total(ACTIVE, False, False),
        pending=total(PENDING, False),
        unsubscribed=total(LEFT, None),
        suppressed=total(ACTIVE, True) + total(PENDING, True),
        paused=total(ACTIVE, False, True),
    )


def _wanted(who: str | int) -> ColumnElement[bool]:
    return subscriber.c.id == who if isinstance(who, int) else subscriber.c.address_key == _key(who)


def _key(address: str) -> str:
    return parse(address.strip()).key
