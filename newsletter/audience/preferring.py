"""What a reader wants from now on -> their subscriptions, language, time zone, in one transaction.

Nothing here begins a subscription: whoever holds a link out of a forwarded mail could. What is new is asked
for as anybody asks, and confirmed from the mailbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, update

from newsletter.audience import fields
from newsletter.audience.consent import Action, Evidence
from newsletter.audience.people import language_tag, zone_name
from newsletter.audience.subscribers import leave
from newsletter.audience.subscriptions import ACTIVE, LEFT, Asked, after, settle, theirs, wish
from newsletter.store.tables import subscriber

#: So long does a break last.
BREAK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody says that they want. What is not named stays as it is."""

    changes: Mapping[str, Asked] = field(default_factory=dict)  #: by newsletter
    leaves: tuple[str, ...] = ()  #: newsletters that they want no more
    language: str | None = None  #: BCP 47; empty is the newsletter's own
    zone: str | None = None  #: IANA; empty is the newsletter's own


@dataclass(frozen=True, slots=True)
class Preferred:
    """What of it changed anything."""

    changed: tuple[str, ...]  #: newsletters that come otherwise from now on
    left: tuple[str, ...]
    about_them: bool  #: language or time zone


def prefer(
    connection: Connection, subscriber_id: int, wanted: Preferences, evidence: Evidence
) -> Preferred | None:
    """Let it be so, and write it into the log; None when there is no such subscriber.

    ValueError when the language or the time zone is none.
    """
    if not theirs(connection, subscriber_id)[0]:
        return None
    about_them = _about(connection, subscriber_id, wanted)
    changed = _change(connection, subscriber_id, wanted.changes, evidence)
    return Preferred(changed, _leave(connection, subscriber_id, wanted.leaves, evidence), about_them)


def _change(
    connection: Connection, subscriber_id: int, changes: Mapping[str, Asked], evidence: Evidence
) -> tuple[str, ...]:
    address, has = theirs(connection, subscriber_id)
    said = [
        after(subscriber_id, address, one, Action.CHANGED, one.status, changes[one.newsletter].of(one))
        for one in has
        if one.status == ACTIVE and one.newsletter in changes and changes[one.newsletter].of(one) != wish(one)
    ]
    settle(connection, said, evidence)
    return tuple(one.newsletter for one in said)


def _leave(
    connection: Connection, subscriber_id: int, names: Sequence[str], evidence: Evidence
) -> tuple[str, ...]:
    _, has = theirs(connection, subscriber_id)
    goes = [one.newsletter for one in has if one.newsletter in names and one.status != LEFT]
    return tuple(name for name in goes if leave(connection, subscriber_id, name, evidence))


def _about(connection: Connection, subscriber_id: int, wanted: Preferences) -> bool:
    values: dict[str, object] = {}
    if wanted.language is not None:
        values["language"] = language_tag(wanted.language) if wanted.language else ""
    if wanted.zone is not None:
        name = zone_name(wanted.zone) if wanted.zone else ""
        values["zone_id"] = fields.zone_ids(connection, (name,))[name] if name else None
    if not values:
        return False
    columns = subscriber.c
    same = [columns[name].is_not_distinct_from(value) for name, value in values.items()]
    different = same[0] if len(same) == 1 else same[0] & same[1]
    changed = connection.execute(
        update(subscriber).where(columns.id == subscriber_id, ~different).values(values)
    )
    return changed.rowcount > 0
