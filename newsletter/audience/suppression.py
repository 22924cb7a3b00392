"""(address key, newsletter) -> whether no mail may go there, and why.

A suppression outlives the subscriber: it is keyed by the address, so that no
import, restore or second sign-up through another list brings the person back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from newsletter.store import dialect
from newsletter.store.tables import suppression

#: The scope that covers every newsletter.
ALL = "*"
UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Suppression:
    """One reason for which an address gets no mail."""

    scope: str  #: a newsletter, or ``*``
    reason: str  #: ``unsubscribed``, ``complaint``, ``hard bounce``, ``operator`` …
    since: datetime
    note: str


def suppress(
    connection: Connection, key: str, scope: str, reason: str, now: datetime, note: str = ""
) -> bool:
    """Keep mail of `scope` from the address from now on. False when that very reason was there already."""
    row = {"address_key": key, "scope": scope, "reason": reason, "since": now, "note": note}
    return connection.execute(dialect.insert_new(suppression).values(row)).rowcount > 0


def is_suppressed(connection: Connection, key: str, newsletter: str) -> bool:
    """Whether any reason keeps this newsletter from the address."""
    return any(found.scope in (newsletter, ALL) for found in reasons(connection, key))


def reasons(connection: Connection, key: str) -> tuple[Suppression, ...]:
    """All that is written down against the address, oldest first."""
    return suppressions(connection, (key,)).get(key, ())


def suppressions(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[Suppression, ...]]:
    """The same for many addresses at once, at most a thousand; those with none are left out."""
    query = (
        select(suppression)
        .where(suppression.c.address_key.in_(keys))
        .order_by(suppression.c.since, suppression.c.id)
    )
    found: dict[str, tuple[Suppression, ...]] = {}
    for row in connection.execute(query):
        one = Suppression(row.scope, row.reason, row.since, row.note)
        found[row.address_key] = (*found.get(row.address_key, ()), one)
    return found
