"""Address -> whether it may be asked to confirm once more: otherwise anybody could fill anybody's inbox.

Counted is the address, not the person: who never confirmed is forgotten, and would be a new one the next
time. What is kept is a keyed hash, and for :data:`MONTH` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, insert, select

from newsletter.store.dialect import Bulk
from newsletter.store.tables import invitation, milliseconds

DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
MOST: Final = 3  #: within a month; and one within a day


def invitable(connection: Connection, marks: Sequence[str], now: datetime) -> frozenset[str]:
    """The marks, at most a thousand, of addresses to which a confirmation mail may go."""
    lately: dict[str, list[datetime]] = {mark: [] for mark in marks}
    of = invitation.c
    rows = connection.execute(select(of.mark, of.at).where(of.mark.in_(marks), of.at > now - MONTH))
    for row in rows:
        lately[row.mark].append(row.at)
    return frozenset(
        mark for mark, times in lately.items() if len(times) < MOST and all(at <= now - DAY for at in times)
    )


def invited(connection: Connection, marks: Sequence[str], now: datetime) -> None:
    """One was written to each."""
    _rows()(connection, [(mark, milliseconds(now)) for mark in marks])


def past(now: datetime) -> tuple[Table, ColumnElement[bool]]:
    """What no longer counts, to be forgotten."""
    return invitation, invitation.c.at <= now - MONTH


@cache
def _rows() -> Bulk:
    return Bulk(insert(invitation), "mark", "at")
