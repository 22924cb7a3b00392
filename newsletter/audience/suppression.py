"""(address key, newsletter) -> whether no mail may go there, why, and who may lift that.

A suppression outlives the subscriber: it is keyed by the address, so that no import, restore or second
sign-up through another list brings the person back. ``@example.org`` stands for a whole domain, ``:…`` for
somebody who was erased: a keyed hash, from which the address cannot be found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from newsletter.audience.consent import Action, Said
from newsletter.store import dialect
from newsletter.store.tables import suppression

#: The scope that covers every newsletter.
ALL: Final = "*"
#: So many failures that may pass, within so long a time, are taken for one that does not, for a while.
SOFT_BOUNCES: Final = 5
WITHIN: Final = timedelta(days=30)
FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Soft:
    """When failures that may pass are taken for one that does not."""

    bounces: int  #: so many messages that failed
    within: timedelta
    rest: timedelta  #: how long the address then gets nothing


SOFT: Final = Soft(SOFT_BOUNCES, WITHIN, FOR)


class Reason(StrEnum):
    """Why an address gets nothing."""

    UNSUBSCRIBED = "unsubscribed"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard bounce"
    SOFT_BOUNCES = "soft bounces"
    OPERATOR = "operator"
    DOMAIN = "domain"
    ERASED = "erased"


UNSUBSCRIBED: Final = Reason.UNSUBSCRIBED.value


class By(StrEnum):
    """Who lifts a suppression."""

    READER = "reader"  #: by confirming anew, from the mailbox itself
    OPERATOR = "operator"
    TIME = "time"


#: An import is nowhere in it: it lifts nothing.
LIFTED_BY: Final[Mapping[str, tuple[By, ...]]] = MappingProxyType(
    {
        Reason.UNSUBSCRIBED: (By.READER,),
        Reason.COMPLAINT: (By.OPERATOR,),  # with a note
        Reason.HARD_BOUNCE: (By.READER, By.OPERATOR),
        Reason.SOFT_BOUNCES: (By.TIME,),
        Reason.OPERATOR: (By.OPERATOR,),
        Reason.DOMAIN: (By.OPERATOR,),
        Reason.ERASED: (By.READER,),
    }
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One reason for which an address gets no mail."""

    scope: str  #: a newsletter, or ``*``
    reason: str  #: one of :class:`Reason`
    since: datetime
    note: str
    until: datetime | None = None  #: over by then; None: until somebody lifts it

    def covers(self, newsletter: str) -> bool:
        """Whether it keeps that newsletter away."""
        return self.scope in (newsletter, ALL)

    def holds(self, now: datetime) -> bool:
        """Whether it is not over at that time."""
        return self.until is None or now < self.until

    def lifted(self, subscriber_id: int, address: str, why: str = "") -> Said:
        """What the consent log says once it was taken away."""
        words = f"{self.reason} since {self.since:%Y-%m-%d}" + (f": {self.note}" if self.note else "")
        words += f"; {why}" if why else ""
        return Said(subscriber_id, address, self.scope, Action.LIFTED, "", note=words)


def suppress(
    connection: Connection,
    key: str,
    scope: str,
    reason: str,
    now: datetime,
    note: str = "",
    until: datetime | None = None,
) -> bool:
    """Keep mail of `scope` from the address from now on. False when that very reason was there already;
    one that is over by then begins anew."""
    row = {"address_key": key, "scope": scope, "reason": reason, "since": now, "note": note, "until": until}
    if connection.execute(dialect.insert_new(suppression).values(row)).rowcount:
        return True
    s = suppression.c
    over = s.until.is_not(None) if until is None else s.until < until
    mine = (s.address_key == key) & (s.scope == scope) & (s.reason == reason) & over
    return connection.execute(update(suppression).where(mine).values(row)).rowcount > 0


def suppress_soft(
    connection: Connection, key: str, failures: int, now: datetime, note: str = "", soft: Soft = SOFT
) -> bool:
    """Rest an address for a while once `failures` that may pass are too many. False when they are not, or
    it rests already."""
    if failures < soft.bounces:
        return False
    return suppress(connection, key, ALL, Reason.SOFT_BOUNCES, now, note, now + soft.rest)


def is_suppressed(connection: Connection, key: str, newsletter: str, now: datetime | None = None) -> bool:
    """Whether any reason keeps this newsletter from the address."""
    return any(found.covers(newsletter) for found in reasons(connection, key, now))


def reasons(connection: Connection, key: str, now: datetime | None = None) -> tuple[Suppression, ...]:
    """All that is written down against the address or its domain, oldest first."""
    return suppressions(connection, (key,), now).get(key, ())


def suppressions(
    connection: Connection, keys: Sequence[str], now: datetime | None = None
) -> dict[str, tuple[Suppression, ...]]:
    """The same for many addresses at once, at most a thousand; those with none are left out. What was over by
    `now` is left out too."""
    domains = {f"@{key.rpartition('@')[2]}" for key in keys if "@" in key}
    found = _rows(connection, {*keys, *domains}, now)
    told = {
        key: tuple(sorted((*found.get(key, ()), *found.get(f"@{key.rpartition('@')[2]}", ())), key=_since))
        for key in (keys if found else ())
    }
    return {key: reasons for key, reasons in told.items() if reasons}


def lift(
    connection: Connection, key: str, by: By, scopes: Sequence[str] = (), only: Sequence[str] = ()
) -> tuple[Suppression, ...]:
    """Take away what `by` may lift, of `scopes` or all, for `only` some reasons or all; what was taken away.
    The rest stays."""
    reasons = tuple(reason for reason, who in LIFTED_BY.items() if by in who and (not only or reason in only))
    wanted: ColumnElement[bool] = (suppression.c.address_key == key) & suppression.c.reason.in_(reasons)
    if scopes:
        wanted &= suppression.c.scope.in_(scopes)
    gone = connection.execute(select(suppression).where(wanted).order_by(suppression.c.id)).all()
    connection.execute(delete(suppression).where(wanted))
    return tuple(Suppression(row.scope, row.reason, row.since, row.note, row.until) for row in gone)


def _rows(connection: Connection, keys: set[str], now: datetime | None) -> dict[str, tuple[Suppression, ...]]:
    s = suppression.c
    query = select(suppression).where(s.address_key.in_(keys)).order_by(s.since, s.id)
    if now is not None:
        query = query.where(or_(s.until.is_(None), s.until > now))
    found: dict[str, tuple[Suppression, ...]] = {}
    for row in connection.execute(query):
        one = Suppression(row.scope, row.reason, row.since, row.note, row.until)
        found[row.address_key] = (*found.get(row.address_key, ()), one)
    return found


def _since(one: Suppression) -> datetime:
    return one.since
