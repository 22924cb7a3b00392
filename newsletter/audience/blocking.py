"""An operator's word -> nothing goes to an address, or to a whole domain; and what they may take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from newsletter.audience import consent
from newsletter.audience.addresses import ascii_domain, parse
from newsletter.audience.consent import Evidence
from newsletter.audience.suppression import (
    LIFTED_BY,
    By,
    Reason,
    Suppression,
    lift,
    reasons,
    suppress,
)
from newsletter.store.database import Database
from newsletter.store.tables import subscriber
from newsletter.store.writer import Priority


@dataclass(frozen=True, slots=True)
class Unblocked:
    """What became of a wish to let mail go to an address again."""

    lifted: tuple[Suppression, ...]
    stays: tuple[Suppression, ...]  #: only others may lift these


def block(database: Database, what: str, scope: str, now: datetime, note: str = "") -> bool:
    """Send nothing of `scope` to an address or a domain (``@example.org``). False when that was so already;
    ValueError when it can be neither."""
    key, reason = _key(what)
    return database.write(lambda c: suppress(c, key, scope, reason, now, note), Priority.WEB)


def unblock(database: Database, what: str, now: datetime, note: str = "") -> Unblocked:
    """Take away what an operator may take away. A complaint only with a note; ValueError without one."""
    key, _ = _key(what)
    return database.write(lambda connection: _unblock(connection, key, now, note), Priority.WEB)


def _unblock(connection: Connection, key: str, now: datetime, note: str) -> Unblocked:
    found = reasons(connection, key, now)
    if not note and any(one.reason == Reason.COMPLAINT for one in found):
        raise ValueError("a complaint is only lifted with a note that says why")
    gone = lift(connection, key, By.OPERATOR)
    row = connection.execute(select(subscriber).where(subscriber.c.address_key == key)).first()
    if row is not None:
        said = [one.lifted(row.id, row.address, note) for one in gone]
        consent.append(connection, said, Evidence(now, "operator"))
    return Unblocked(gone, tuple(one for one in reasons(connection, key, now)))


def who_lifts(reason: str) -> str:
    """Who may lift it, in words."""
    words = {By.READER: "the reader, by confirming anew", By.OPERATOR: "you", By.TIME: "time"}
    return "; or ".join(words[by] for by in LIFTED_BY.get(reason, ()))


def _key(what: str) -> tuple[str, Reason]:
    what = what.strip().removeprefix("*")
    if what.startswith("@"):
        return f"@{ascii_domain(what[1:])}", Reason.DOMAIN
    return parse(what).key, Reason.OPERATOR
