"""Readers, as the database has them -> cohorts: those of whom the same can be foreseen.

What each issue to come brings them is found by the rule that queues them, so that what is foreseen is what
will be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, literal, not_, select

from newsletter.issue.portion import Past, due, fold, portion
from newsletter.outbox.choosing import Demand
from newsletter.outbox.histories import Histories, Row
from newsletter.outbox.ledger import Fate
from newsletter.outbox.served import is_first
from newsletter.outbox.sharing import Group, Sharing
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.segments.meaning import members
from newsletter.store.tables import milliseconds

#: So many earlier issues are remembered of each; what is older has been decided by those.
_MOST: Final = 100
_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Cohort:
    """Readers who chose the same, and have had the same."""

    frequency: str
    topics: tuple[str, ...]
    zone: str  #: IANA; empty: none was said
    paused_until: int  #: milliseconds since 1970; 0 of those who are served
    since: int  #: when they came, as far as it matters
    last: str  #: the newest issue that they have a row of which counts
    past: tuple[Past, ...]

    def is_served(self, at: datetime) -> bool:
        """Whether they take part in what is made then."""
        return self.paused_until <= milliseconds(at)

    def demand(self, sharing: Sharing, group: Group, readers: int) -> Demand:
        """What they are due of an issue."""
        whole = due(self.past, sharing.news(group, self.since), sharing.rules.first_issue)
        is_class = bool(group.before) and self.last == group.before
        return Demand(self.topics, whole, readers, is_class or is_first(sharing, group))

    def after(self, id: str, sharing: Sharing, group: Group, fates: Sequence[Fate]) -> tuple[Cohort, bool]:
        """The same once they have had that issue; and whether it brought them anything."""
        whole = due(self.past, sharing.news(group, self.since), sharing.rules.first_issue)
        share = portion(sharing.pool, whole, fold(self.topics), sharing.rules)
        considered = frozenset(fate.article_id for fate in fates)
        had = Past(share.articles, share.waiting, considered, counts=True, since_they_came=True)
        return replace(self, past=(*self.past, had)[-_MOST:], last=id), bool(share.articles)


Cohorts = Counter[Cohort]


def cohorts(
    connection: Connection,
    newsletter: str,
    segment: str,
    issues: Sequence[str],
    now: datetime,
    *,
    seen: Iterable[int] = (),
) -> Cohorts:
    """The readers of a newsletter who may be sent anything. `issues`: those that may matter, in their order;
    `seen`: when the articles were first seen that somebody may be due, for who came before them."""
    steps = sorted(set(seen))
    histories = Histories(connection, issues)
    found: Cohorts = Counter()
    rows = connection.execute(_readers(newsletter, segment), {"now": now})
    for batch in rows.partitions(_AT_ONCE):
        had = histories.rows([row.subscriber_id for row in batch])
        for row in batch:
            found[_cohort(row, had.get(row.subscriber_id, ()), histories, steps)] += 1
    return found


def _cohort(row: Any, had: tuple[Row, ...], histories: Histories, steps: Sequence[int]) -> Cohort:
    came = milliseconds(row.since)
    past = histories.past(had, came)
    # It matters only which articles and issues came later.
    later = [step for step in steps if step >= came]
    return Cohort(
        row.frequency,
        tuple(row.topics),
        row.zone or "",
        milliseconds(row.paused_until) if row.paused_until else 0,
        later[0] if later else _NEVER,
        next((one.issue_id for one in reversed(had) if one.counts), ""),
        past,
    )


_NEVER: Final = 1 << 62


def _readers(newsletter: str, segment: str) -> Any:
    s, p = t.subscription.c, t.subscriber.c
    query = (
        select(s.subscriber_id, s.frequency, s.topics, s.since, s.paused_until, t.zone.c.name.label("zone"))
        .join(t.subscriber, p.id == s.subscriber_id)
        .outerjoin(t.zone, t.zone.c.id == p.zone_id)
        .where(s.newsletter == newsletter, s.status == "active")
    )
    now = bindparam("now", type_=t.Instant)
    query = query.where(not_(reach.suppressed(literal(newsletter), now)))
    return (query.where(members(segment)) if segment else query).order_by(s.subscriber_id)


def group_of(one: Cohort, groups: Iterable[Group]) -> Group | None:
    """The readers of an issue among whom they are; None when it is not for them."""
    return next((group for group in groups if one.frequency in group.frequencies), None)


def served(
    there: Mapping[Cohort, int], groups: Sequence[Group], at: datetime
) -> Iterator[tuple[Cohort, Group]]:
    """Those whom an issue that is made then is for."""
    for one in there:
        group = group_of(one, groups)
        if group is not None and one.is_served(at):
            yield one, group
