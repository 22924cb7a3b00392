"""Words of a search -> subscribers, so that a mail can be seen as any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody who is on no list, for what names and addresses do to a mail."""

    label: str  #: what sort of name; short, since four stand side by side on a telephone
    reader: Reader


#: Beside the ordinary sample person, by their names in an address of the preview.
SAMPLES: Final[Mapping[str, Sample]] = {
    "long": Sample(
        "Long",
        Reader(
            0,
            "Maximiliane Freifrau von Hohenstein-Wetterau zu Schwarzenberg-Lichtenfels",
            "maximiliane.von.hohenstein-wetterau.zu.schwarzenberg@mail.lichtenfels.example.org",
        ),
    ),
    "arabic": Sample("Arabic", Reader(0, "ليلى بنت عبد الرحمن", "layla@example.org")),
    "nameless": Sample("No name", Reader(0, "", "somebody@example.org")),
}


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


def asked(database: Database | None, id: str, newsletter: str, now: datetime) -> Known | None:
    """Whom an address of the preview means; None for the ordinary sample person, and for nobody."""
    if id in SAMPLES:
        return Known(SAMPLES[id].reader, "")
    return known(database, int(id), newsletter, now) if database and id else None


def known(database: Database, id: int, newsletter: str, now: datetime) -> Known | None:
    """The subscriber of that id; None when there is none."""
    person = subscribers.show(database, id)
    if person is None:
        return None
    standing = person.standing(newsletter, now)
    why = {None: "not on this list", "active": ""}.get(standing, str(standing))
    return Known(Reader(person.id, person.name, person.address), why)
