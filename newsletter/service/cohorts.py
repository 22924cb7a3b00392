"""Readers, as the database has them -> cohorts: those of whom the same can be foreseen.

What each issue to come brings them is found by the rule that queues them, so that what is foreseen is what
will be. Readers are many and cohorts are few: each question is asked once for all who have had the same.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, String, bindparam, literal, not_, select, type_coerce

from newsletter.issue.portion import News, Past, Portion, due, fold, portion
from newsletter.outbox.choosing import Demand
from newsletter.outbox.histories import Histories, Row
from newsletter.outbox.ledger import Fate
from newsletter.outbox.served import is_first
from newsletter.outbox.sharing import Group, Sharing
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.segments.meaning import members
from newsletter.store.tables import milliseconds

_AT_ONCE: Final = 20_000
_NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What earlier issues were to readers. One object for all who have the same: it is told by that."""

    past: tuple[Past, ...]
    last: str  #: the newest issue that they have a row of which counts


@dataclass(frozen=True, slots=True)
class Cohort:
    """Readers who chose the same, and have had the same."""

    frequency: str
    topics: tuple[str, ...]
    paused_until: int  #: milliseconds since 1970; 0 of those who are served
    since: int  #: when they came, as far as it matters
    history: History

    def is_served(self, at: datetime) -> bool:
        """Whether they take part in what is made then."""
        return self.paused_until <= milliseconds(at)


#: How many there are, by time zone (IANA; empty: none was said).
Cohorts = dict[Cohort, Counter[str]]


def served(
    there: Mapping[Cohort, Any], groups: Sequence[Group], at: datetime
) -> Iterator[tuple[Cohort, Group]]:
    """Those whom an issue that is made then is for."""
    by_frequency = {frequency: group for group in groups for frequency in group.frequencies}
    for one in there:
        group = by_frequency.get(one.frequency)
        if group is not None and one.is_served(at):
            yield one, group


@dataclass(slots=True)
class Outcomes:
    """What one issue is to cohorts: each question is answered once."""

    sharing: Sharing
    fates: Sequence[Fate] = ()
    _news: dict[tuple[tuple[str, ...], int], News] = field(default_factory=dict)
    _due: dict[object, frozenset[int]] = field(default_factory=dict)
    _shares: dict[object, Portion] = field(default_factory=dict)
    _after: dict[object, History] = field(default_factory=dict)

    def demand(self, one: Cohort, group: Group, readers: int) -> Demand:
        """What they are due."""
        is_class = bool(group.before) and one.history.last == group.before
        return Demand(one.topics, self._whole(one, group), readers, is_class or is_first(self.sharing, group))

    def after(self, one: Cohort, group: Group, id: str) -> tuple[Cohort, bool]:
        """The same once they have had the issue; and whether it brought them anything."""
        whole = self._whole(one, group)
        asked = (whole, one.topics)
        if asked not in self._shares:
            pool, rules = self.sharing.pool, self.sharing.rules
            self._shares[asked] = portion(pool, whole, fold(one.topics), rules)
        share = self._shares[asked]
        step = (one.history, share)
        if step not in self._after:
            self._after[step] = History(self._folded(one.history.past, share), id)
        return replace(one, history=self._after[step]), bool(share.articles)

    def _whole(self, one: Cohort, group: Group) -> frozenset[int]:
        key = (one.history, one.since, group.frequencies)
        if key not in self._due:
            first = self.sharing.rules.first_issue
            self._due[key] = due(one.history.past, self._news_of(group, one.since), first)
        return self._due[key]

    def _news_of(self, group: Group, since: int) -> News:
        key = (group.frequencies, since)
        if key not in self._news:
            self._news[key] = self.sharing.news(group, since)
        return self._news[key]

    def _folded(self, past: Sequence[Past], share: Portion) -> tuple[Past, ...]:
        """All that counted as one, with what this issue was to them; behind what did not count, of which it
        has decided."""
        counted = [one for one in past if one.counts]
        considered = frozenset(fate.article_id for fate in self.fates)
        had = [id for one in counted for id in one.articles]
        whole = Past(
            tuple(dict.fromkeys((*had, *share.articles))),
            share.waiting,
            considered.union(*(one.considered for one in counted)),
            counts=True,
            since_they_came=True,
        )
        return (*(one for one in past if not one.counts), whole)


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
    steps, histories = sorted(set(seen)), Histories(connection, issues)
    known: dict[object, History] = {}
    found: Cohorts = {}
    rows = connection.execute(_readers(newsletter, segment), {"now": now}).all()
    for first, end in pairwise((*range(0, len(rows), _AT_ONCE), len(rows))):
        had = histories.rows([row[0] for row in rows[first:end]])
        for id, frequency, topics, since, paused_until, zone in rows[first:end]:
            # It matters only which articles and issues came later.
            place = bisect_left(steps, since)
            history = _history(had.get(id, ()), since, histories, known)
            later = steps[place] if place < len(steps) else _NEVER
            one = Cohort(frequency, _topics(topics), paused_until or 0, later, history)
            found.setdefault(one, Counter())[zone or ""] += 1
    return found


def _history(had: tuple[Row, ...], since: int, histories: Histories, known: dict[object, History]) -> History:
    key = (had, sum(row.made_at >= since for row in had))
    if key not in known:
        last = next((one.issue_id for one in reversed(had) if one.counts), "")
        known[key] = History(histories.past(had, since), last)
    return known[key]


@lru_cache(maxsize=4096)
def _topics(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _readers(newsletter: str, segment: str) -> Any:
    """Plain values: there may be very many."""
    s, p = t.subscription.c, t.subscriber.c
    query = (
        select(
            s.subscriber_id,
            s.frequency,
            type_coerce(s.topics, String),
            type_coerce(s.since, BigInteger),
            type_coerce(s.paused_until, BigInteger),
            t.zone.c.name,
        )
        .join(t.subscriber, p.id == s.subscriber_id)
        .outerjoin(t.zone, t.zone.c.id == p.zone_id)
        .where(s.newsletter == newsletter, s.status == "active")
    )
    now = bindparam("now", type_=t.Instant)
    query = query.where(not_(reach.suppressed(literal(newsletter), now)))
    return (query.where(members(segment)) if segment else query).order_by(s.subscriber_id)
