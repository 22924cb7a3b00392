"""A person presses the button in their own mailbox -> they get what they asked for, and a welcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from newsletter.audience import joining
from newsletter.audience.consent import Evidence
from newsletter.audience.erased import Erased
from newsletter.audience.subscriptions import ACTIVE, PENDING, theirs
from newsletter.audience.suppression import LIFTED_BY, UNSUBSCRIBED, By, suppressions
from newsletter.config.schema import Config
from newsletter.model import Kind
from newsletter.signup import letters
from newsletter.signup.letters import Wanted
from newsletter.store.database import Database
from newsletter.store.tables import subscriber
from newsletter.store.writer import Priority


def asked_for(connection: Connection, subscriber_id: int, now: datetime) -> tuple[str, ...]:
    """What confirming would bring: newsletters that wait for it, and those that a bounce keeps away. Empty
    for nobody, and for who has all that they asked for."""
    _, held = theirs(connection, subscriber_id)
    if not held:
        return ()
    key = _key(connection, subscriber_id)
    barred = suppressions(connection, (key,), now).get(key, ())
    back = [one for one in barred if By.READER in LIFTED_BY[one.reason] and one.reason != UNSUBSCRIBED]
    return tuple(
        one.newsletter
        for one in held
        if one.status == PENDING
        or (one.status == ACTIVE and any(reason.covers(one.newsletter) for reason in back))
    )


def confirmed(
    config: Config, database: Database, subscriber_id: int, newsletters: Sequence[str], evidence: Evidence
) -> tuple[str, ...]:
    """Somebody confirms newsletters, all or some of :func:`asked_for`; which of them they get from now on.

    Who gets one for the first time is to be welcomed, which stands in the same transaction; to press twice
    changes nothing more. Wake whoever answers wishes afterwards.
    """
    erased = Erased(database.path)

    def write(connection: Connection) -> tuple[str, ...]:
        _, held = theirs(connection, subscriber_id)
        fresh = [one.newsletter for one in held if one.status == PENDING and one.newsletter in newsletters]
        others = tuple(config.newsletters)
        names = joining.confirm(connection, subscriber_id, newsletters, evidence, erased, others)
        if config.signup.welcome:
            for name in fresh:
                _write_to(connection, config, Kind.WELCOME, subscriber_id, name, evidence.at)
        return names

    return database.write(write, Priority.WEB)


def left(connection: Connection, config: Config, subscriber_id: int, newsletter: str, now: datetime) -> None:
    """Somebody has left one newsletter: a goodbye is to follow, where the configuration wants one. In the
    transaction in which they left."""
    if config.signup.goodbye and newsletter in config.newsletters:
        _write_to(connection, config, Kind.GOODBYE, subscriber_id, newsletter, now)


def _write_to(
    connection: Connection, config: Config, kind: Kind, subscriber_id: int, newsletter: str, now: datetime
) -> None:
    reads = connection.execute(select(subscriber.c.language).where(subscriber.c.id == subscriber_id)).scalar()
    language = letters.written_language(config, reads or "")
    letters.want(connection, (Wanted(kind, subscriber_id, (newsletter,), language),), now)


def _key(connection: Connection, subscriber_id: int) -> str:
    found = connection.execute(select(subscriber.c.address_key).where(subscriber.c.id == subscriber_id))
    return str(found.scalar_one())
