"""Config, database, an address -> why its owner did or did not get each issue and each article."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from newsletter.audience import consent
from newsletter.audience.addresses import parse
from newsletter.audience.erased import Erased
from newsletter.audience.explained import Code, Explanation, Reason
from newsletter.audience.known import read
from newsletter.config.schema import Config
from newsletter.store.tables import subscriber

__all__ = ["Code", "Explanation", "Reason", "explain"]


def explain(
    config: Config, connection: Connection, address: str, now: datetime, issue_or_article: str = ""
) -> Explanation:
    """Why the owner of an address did or did not get each issue, or the issue or article that is named.
    ValueError when it cannot be an address."""
    key = parse(address).key
    found = read(connection, subscriber.c.address_key == key, 1)
    person = found[0] if found else None
    entries = consent.entries(connection, person.id) if person else ()
    return Explanation(address, person, _is_erased(connection, key), entries)


def _is_erased(connection: Connection, key: str) -> bool:
    file = connection.engine.url.database
    return bool(file and Erased(Path(file)).among(connection, (key,)))
