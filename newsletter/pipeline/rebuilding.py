"""An issue that is held -> the same issue, made anew from the folder as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from newsletter.config.schema import Config
from newsletter.outbox import ledger, shareable, sharing
from newsletter.outbox.choosing import Chosen
from newsletter.pipeline.building import Built, finished, look
from newsletter.pipeline.occasion import Occasion
from newsletter.pipeline.offering import offered
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.tables import instant


def rebuild(config: Config, database: Database, id: str, occasion: Occasion | None = None) -> Built | None:
    """The held issue as it would be made now of the same articles; None when one of them is there no more, or
    has come with another issue since. `occasion`: what it is made for, if that is another by now.

    Who reads it plays no part: a new subscriber changes nothing that somebody has approved.
    """
    with database.read() as connection:
        row = connection.execute(select(t.issue).where(t.issue.c.id == id)).one()
        occasion = occasion or occasion_of(connection, id)
        books = ledger.books(connection, row.newsletter)
    shared = sharing.of_document(row.pool)
    assert shared is not None
    if shareable.is_overtaken(shared, books, tuple(config.newsletters[row.newsletter].cadences)):
        return None
    picked = look(config, occasion.cut_off)
    offer = offered(config, row.newsletter, id, picked, books)
    ids = books.ids(offer.listings)
    there = {ids[one.identity]: one for one in offer.listings}
    if any(one.id not in there for one in shared.pool):
        return None
    carried = {one.id for one in shared.pool}
    order = [id for id in there if id in carried]
    listings = tuple(there[id] for id in order)
    usual = tuple(id for id in order if id in row.pool["usual"])
    choice = Chosen(listings, tuple(order), usual, shared, (), 0, 0, "", lambda: offer.left_out)
    return finished(config, row.newsletter, occasion, picked, books, offer.brief, choice)


def occasion_of(connection: Connection, id: str) -> Occasion:
    """What an issue that is in the outbox was made for."""
    row: Any = connection.execute(select(t.issue).where(t.issue.c.id == id)).one()
    made, zones = row.pool["occasion"], {zone: instant(at) for zone, at in row.pool["zones"]}
    return Occasion(
        row.id,
        row.slot_at or row.due_at,
        datetime.fromisoformat(made["cut_off"]),
        row.cadence,
        made["alone"],
        {zone: at for zone, at in zones.items() if zone},
        zones.get(0),
    )
