"""Who may get mail now, as SQL: asked when an issue is queued, and again where the intent is committed.

`now` is a moment, or a bound parameter where a statement is compiled once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, literal_column, or_, select

from newsletter.store import tables as t
from newsletter.store.dialect import domain_of

#: As in :data:`newsletter.audience.suppression.LIFTED_BY`, which a test holds.
LIFTED_BY_READERS: Final = ("unsubscribed", "hard bounce", "erased")
_LIFTED: Final[tuple[ColumnElement[str], ...]] = tuple(
    literal_column(f"'{reason}'") for reason in LIFTED_BY_READERS
)

Now = datetime | ColumnElement[Any]


def paused(now: Now) -> ColumnElement[bool]:
    """Whether the row's subscription rests: its reader asked for nothing until a later time."""
    until = t.subscription.c.paused_until
    return and_(until.is_not(None), until > moment(now))


def suppressed(newsletter: ColumnElement[str], now: Now) -> ColumnElement[bool]:
    """Whether the suppression list forbids mail of that newsletter to the row's subscriber."""
    key = t.subscriber.c.address_key
    forbids = forbidding(newsletter, now)
    # Two questions are half the price of one with IN, which SQLite answers by way of a table.
    return or_(
        exists().where(t.suppression.c.address_key == key, forbids),
        exists().where(t.suppression.c.address_key == domain_of(key), forbids),
    )


def allowed(newsletter: ColumnElement[str], now: Now) -> ColumnElement[bool]:
    """The contrary of `suppressed`, for who asks about everybody: the list is read once, not once a row."""
    key = t.subscriber.c.address_key
    barred = select(t.suppression.c.address_key).where(forbidding(newsletter, now))
    return and_(key.not_in(barred), domain_of(key).not_in(barred_domains(newsletter, now)))


def shut(newsletter: ColumnElement[str], now: Now) -> ColumnElement[bool]:
    """Whether a reason that readers cannot lift themselves forbids mail to the row's subscriber."""
    key, x = t.subscriber.c.address_key, t.suppression.c
    forbids = and_(x.reason.not_in(_LIFTED), forbidding(newsletter, now))
    return or_(
        exists().where(x.address_key == key, forbids),
        exists().where(x.address_key == domain_of(key), forbids),
    )


def waits_for_a_word() -> ColumnElement[bool]:
    """Whether the row's subscriber has anything to confirm: a newsletter, or that their mailbox works."""
    s, x = t.subscription.alias("waiting"), t.suppression.c
    mine = x.address_key == t.subscriber.c.address_key
    return or_(
        exists().where(s.c.subscriber_id == t.subscriber.c.id, s.c.status == literal_column("'pending'")),
        exists().where(mine, x.reason.in_(_LIFTED)),
    )


def forbidding(newsletter: ColumnElement[str], now: Now) -> ColumnElement[bool]:
    """Whether the row of the suppression list holds for that newsletter, and is not over."""
    x = t.suppression.c
    return and_(
        or_(x.scope == "*", x.scope == newsletter),
        or_(x.until.is_(None), x.until > moment(now)),
    )


def barred_domains(newsletter: ColumnElement[str], now: Now) -> Select[tuple[str]]:
    """The domains, each with its ``@``, of which nobody gets that newsletter."""
    key = t.suppression.c.address_key
    return select(key).where(key >= "@", key < "A", forbidding(newsletter, now))


def at(domains: Select[tuple[str]]) -> ColumnElement[bool]:
    """Whether the row's subscriber is at one of these."""
    return domain_of(t.subscriber.c.address_key).in_(domains)


def is_known() -> ColumnElement[bool]:
    """Whether the row's delivery still leads to somebody. What servers say of the erased may name them."""
    who = select(t.subscriber.c.address).where(t.subscriber.c.id == t.delivery.c.subscriber_id)
    return func.coalesce(t.delivery.c.address, who.scalar_subquery()).is_not(None)


def moment(now: Now) -> ColumnElement[Any]:
    """`now` as it is compared with."""
    return literal(now, t.Instant) if isinstance(now, datetime) else now
