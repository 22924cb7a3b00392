"""Whom an issue is for, as SQL; and which of them need only be asked what they got last.

Almost everybody had the issue before, and has wanted the same ever since: what such a reader gets depends on
their topics and on what that issue brought them. They make a *class*, which is decided once. The others (who
is new, was away, has changed, or whose last message failed) are looked at one by one.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.sql.selectable import FromClause

from newsletter.model import State
from newsletter.outbox.histories import COUNTED
from newsletter.outbox.sharing import FREQUENCIES, Group, Sharing
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.dialect import numbers
from newsletter.store.segments.meaning import members

#: The reader's row of their issue before this one.
LAST: Final = t.delivery.alias("last")
_COUNTED: Final[tuple[ColumnElement[str], ...]] = tuple(
    literal_column(f"'{state.value}'") for state in COUNTED
)


def audience(query: Select[Any], segment: str, frequencies: tuple[str, ...] = FREQUENCIES) -> Select[Any]:
    """Of a query over subscriptions those that an issue is for, by number.

    Takes list (the newsletter), now, and after: whom to begin behind.
    """
    s, now = t.subscription.c, bindparam("now", type_=t.Instant)
    query = query.where(s.newsletter == bindparam("list"), s.status == bindparam("active", "active"))
    query = query.where(not_(reach.paused(now)), s.subscriber_id > bindparam("after"))
    if frequencies != FREQUENCIES:
        query = query.where(s.frequency.in_([literal_column(f"'{each}'") for each in frequencies]))
    if segment:
        query = query.where(members(segment))
    return query.order_by(s.subscriber_id)


def is_first(sharing: Sharing, group: Group) -> bool:
    """Whether there was no issue yet that could matter: everybody makes one class."""
    return not group.before and not sharing.recent and sharing.rules.first_issue != "after"


def with_last(
    subscriptions: FromClause,
    *,
    first: bool,
    outer: bool = False,
    before: tuple[ColumnElement[Any], ColumnElement[Any]] | None = None,
    turned: Select[Any] | None = None,
) -> FromClause:
    """Subscriptions, each with its row of the issue before, for those who are of a class. Which issue that
    was, when it was made, and who is `turned`, is given, or parameters: before, before_at, turned."""
    if first:
        return subscriptions
    named = before or (bindparam("before"), bindparam("before_at", type_=t.Instant))
    changed = numbers("turned") if turned is None else turned
    return subscriptions.join(LAST, _had_it(*named, changed), isouter=outer)


def last_variant(*, first: bool) -> ColumnElement[Any]:
    """What that issue brought them; 0 where there was none. Null for who is of no class."""
    return literal_column("0") if first else LAST.c.variant_id


def _had_it(
    before: ColumnElement[Any], before_at: ColumnElement[Any], turned: Select[Any]
) -> ColumnElement[bool]:
    s = t.subscription.c
    return and_(
        LAST.c.issue_id == before,
        LAST.c.subscriber_id == s.subscriber_id,
        LAST.c.state.in_(_COUNTED),
        s.since <= before_at,
        # Who chose another frequency since may have had issues of that one meanwhile.
        or_(s.chosen_at.is_(None), s.chosen_at <= before_at),
        s.subscriber_id.not_in(turned),
    )


def turned(connection: Connection, sharing: Sharing) -> str:
    """Those who were to get an earlier issue, and by now will not: after the one that came then was made; and
    who had others while the default cadence was another one. As `turned` of what is asked here."""
    d, i = t.delivery.c, t.issue.c
    first = min((group.before_at for group in sharing.groups if group.before), default=None)
    if first is None:
        return "[]"
    since = t.instant(first)
    rows = select(d.subscriber_id).where(d.state_at >= since)
    ended = rows.where(d.issue_id.in_(sharing.recent), d.state.in_([State.FAILED, State.CANCELLED]))
    # Of those on the suppression list an issue has rows that were never to be sent: they have no variant.
    live = select(i.id).where(i.id.in_(sharing.recent), i.stale_at >= since)
    late = d.state == State.SUPPRESSED, d.variant_id.is_not(None)
    refused = rows.where(d.issue_id.in_(live), *late)
    found = {id for each in (ended, refused) for id in connection.execute(each).scalars() if id is not None}
    return json.dumps(sorted(found | _moved(connection, sharing, since)))


def _moved(connection: Connection, sharing: Sharing, since: datetime) -> set[int]:
    """Those who have not chosen, and whose cadence is another one than that of an issue that they had."""
    i, d, s = t.issue.c, t.delivery.c, t.subscription.c
    made = select(i.id, i.newsletter, i.cadence, i.pool["groups"].label("groups"))
    found: set[int] = set()
    for row in connection.execute(made.where(i.id.in_(sharing.recent), i.created_at >= since)).all():
        theirs = {each for group in row.groups or () for each in group["frequencies"]}
        others = (one for one in sharing.groups if row.cadence and one.cadence != row.cadence)
        if both := theirs.intersection(each for one in others for each in one.frequencies):
            mine = s.subscriber_id == d.subscriber_id, s.newsletter == row.newsletter
            had = select(d.subscriber_id).join(t.subscription, and_(*mine)).where(d.issue_id == row.id)
            found.update(connection.execute(had.where(s.frequency.in_(both))).scalars())
    return found


def classes(segment: str, frequencies: tuple[str, ...], *, first: bool) -> Select[Any]:
    """How many readers there are of each class: topics, last variant, number."""
    s = t.subscription.c
    last = last_variant(first=first).label("last")
    query = select(s.topics, last, func.count().label("readers"))
    whole = audience(query.select_from(with_last(t.subscription, first=first)), segment, frequencies)
    return whole.order_by(None).group_by(s.topics, *(() if first else (LAST.c.variant_id,)))


def stragglers(segment: str, frequencies: tuple[str, ...]) -> Select[Any]:
    """Those who are of no class: subscriber, topics, since."""
    s = t.subscription.c
    query = select(s.subscriber_id, s.topics, s.since)
    joined = with_last(t.subscription, first=False, outer=True)
    return audience(query.select_from(joined), segment, frequencies).where(LAST.c.id.is_(None))
