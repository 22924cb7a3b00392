"""Wish -> a row, committed before it is answered: somebody asks for newsletters in the name of an address.

What is done here is the same whoever the address belongs to, so that neither the answer nor the time it takes
tells whether they are a reader of ours: the address is not looked up. :mod:`newsletter.signup.answering` does
that, afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Row, delete, insert, select

from newsletter.audience.addresses import Address, parse
from newsletter.audience.consent import Form, remember
from newsletter.audience.people import language_tag, zone_name
from newsletter.audience.subscriptions import FREQUENCIES, topics
from newsletter.signup.limits import Limits, use
from newsletter.store.database import Database
from newsletter.store.dialect import Bulk
from newsletter.store.tables import milliseconds
from newsletter.store.tables import wish as rows
from newsletter.store.writer import Priority

MOST_NEWSLETTERS: Final = 50
LONGEST_NAME: Final = 100  #: of a newsletter; those that are not configured are dropped later


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed into a form. Nobody knows yet whether the address is theirs."""

    address: str
    newsletters: tuple[str, ...]
    language: str  #: BCP 47; empty when not said
    source: str  #: the range of addresses that it came from: :func:`newsletter.signup.limits.address_range`
    form: Form | None  #: what they read
    frequency: str = ""  #: none chosen
    topics: tuple[str, ...] = ()  #: none means all
    zone: str = ""  #: IANA; empty when not said


@dataclass(frozen=True, slots=True)
class Asked:
    """The answer: taken, or which limit is used up. Neither tells anything about the address."""

    limit: str = ""  #: ``range``, ``domain`` or ``all``
    again: timedelta = timedelta(0)  #: when to try again

    @property
    def taken(self) -> bool:
        """Whether it is written down: whatever happens next, it will be looked at."""
        return not self.limit


TAKEN: Final = Asked()
#: The forms that are known to stand in the consent log: they are few, and never taken away.
_FORMS: Final[WeakKeyDictionary[Database, set[str]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that is not yet looked at."""

    id: int
    at: datetime
    address: Address
    newsletters: tuple[str, ...]
    language: str
    zone: str
    frequency: str
    topics: tuple[str, ...]
    source: str
    form: str  #: the name of the form in the consent log; empty when there was none


def ask(database: Database, wish: Wish, limits: Limits, now: datetime) -> Asked:
    """Write down a wish, unless a limit is used up; it is on disk when this returns.

    ValueError says what cannot be in it, in plain words for whoever typed it. How often one address may be
    written to is not asked here, for the answer would tell.
    """
    address, row = _checked(wish, now)
    domain = address.key.rpartition("@")[2]
    form = wish.form.sha256 if wish.form else ""
    kept = _FORMS.setdefault(database, set())

    def write(connection: Connection) -> Asked:
        over = use(connection, limits, wish.source, domain, now)
        if over is not None:
            return Asked(over.what, over.again)
        if wish.form and form not in kept:
            remember(connection, wish.form)
        _wishes()(connection, [(*row, form)])
        return TAKEN

    asked = database.write(write, Priority.WEB)
    if asked.taken:
        kept.add(form)
    return asked


def waiting(connection: Connection, most: int) -> tuple[Waiting, ...]:
    """The oldest wishes."""
    return tuple(map(_waiting, connection.execute(select(rows).order_by(rows.c.id).limit(most))))


def done(connection: Connection, ids: Sequence[int]) -> None:
    """Nothing is kept of a wish that was looked at."""
    connection.execute(delete(rows).where(rows.c.id.in_(ids)))


def _checked(wish: Wish, now: datetime) -> tuple[Address, tuple[Any, ...]]:
    """The address, and the row but for its form. ValueError as in :func:`ask`."""
    address = parse(wish.address.strip())
    names = tuple(dict.fromkeys(wish.newsletters))
    if not names:
        raise ValueError("no newsletter is chosen")
    if len(names) > MOST_NEWSLETTERS:
        raise ValueError(f"more than {MOST_NEWSLETTERS} newsletters are chosen")
    if any(len(name) > LONGEST_NAME for name in names):
        raise ValueError("there is no newsletter of that name")
    if wish.frequency not in FREQUENCIES:
        raise ValueError(f"how often is one of {', '.join(filter(None, FREQUENCIES))}")
    chosen = topics(wish.topics)
    row = (
        milliseconds(now),
        address.address,
        address.key,
        json.dumps(names),
        language_tag(wish.language) if wish.language else "",
        zone_name(wish.zone) if wish.zone else "",
        wish.frequency,
        json.dumps(chosen),
        wish.source,
    )
    return address, row


@cache
def _wishes() -> Bulk:
    columns = "at address address_key newsletters language zone frequency topics source form".split()
    return Bulk(insert(rows), *columns)


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(
        row.id,
        row.at,
        Address(row.address, row.address_key),
        tuple(row.newsletters),
        row.language,
        row.zone,
        row.frequency,
        tuple(row.topics),
        row.source,
        row.form,
    )
