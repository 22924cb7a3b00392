"""Words of a search -> subscribers, so that a mail can be seen as any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, or_, select

from newsletter.audience import subscribers
from newsletter.proof.copies import Reader
from newsletter.store.database import Database
from newsletter.store.tables import subscriber

#: So many are listed; the search must be narrower to see others.
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Known:
    """A subscriber, and how they stand with a newsletter."""

    reader: Reader
    standing: str  #: what keeps the newsletter from them; empty when they get it


def found(connection: Connection, words: str) -> tuple[Reader, ...]:
    """Subscribers whose name or address has these words in it; an address written whole is enough."""
    columns = select(subscriber.c.id, subscriber.c.name, subscriber.c.address)
    like = or_(
        subscriber.c.address.icontains(words, autoescape=True),
        subscriber.c.name.icontains(words, autoescape=True),
    )
    rows = connection.execute(columns.where(like).order_by(subscriber.c.id).limit(MOST + 1)).all()
    readers = tuple(Reader(row.id, row.name, row.address) for row in rows)
    exact = tuple(reader for reader in readers if reader.address.lower() == words.lower())
    return exact or readers


def known(database: Database, id: int, newsletter: str) -> Known | None:
    """The subscriber of that id; None when there is none."""
    person = subscribers.show(database, id)
    if person is None:
        return None
    standing = person.standing(newsletter)
    why = {None: "not on this list", "active": ""}.get(standing, str(standing))
    return Known(Reader(person.id, person.name, person.address), why)
