"""The readers of a newsletter, as the database has them -> cohorts.

Almost everybody had their last issue, and of those only that matters: they are counted where they lie. The
others (who is new, away, or whose message failed) are looked at one by one.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, String, bindparam, func, not_, null, or_, select
from sqlalchemy import type_coerce as plain
from sqlalchemy.sql.selectable import FromClause

from newsletter.issue.portion import Past
from newsletter.outbox.histories import Histories, Row
from newsletter.outbox.served import LAST, is_first, last_variant, turned, with_last
from newsletter.outbox.sharing import Group, Sharing
from newsletter.service.cohorts import Cohort, Cohorts, History, Kind, Readers
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.segments.meaning import members
from newsletter.store.tables import milliseconds

_AT_ONCE: Final = 20_000
_NO_HISTORY: Final = History((), "")
_NOW: Final = bindparam("now", type_=t.Instant)


def cohorts(
    connection: Connection,
    newsletter: str,
    segment: str,
    sharing: Sharing,
    now: datetime,
    *,
    seen: Iterable[int] = (),
    zoned: bool = True,
) -> Cohorts:
    """The readers of a newsletter who may be sent anything. `sharing`: the issue of each group before those
    to come, and the issues that may matter; `seen`: when the articles were first seen that somebody may be
    due, for who came before them; `zoned`: whether it matters where they live."""
    return _Gathering(connection, newsletter, segment, sharing, now, sorted(set(seen)), zoned).gather()


@dataclass(slots=True)
class _Gathering:
    """Readers of a newsletter who may be sent anything."""

    connection: Connection
    newsletter: str
    segment: str
    sharing: Sharing  #: with the issue of each group that was the last
    now: datetime
    steps: Sequence[int]  #: when the articles were first seen that somebody may be due
    zoned: bool
    counts: dict[Cohort, dict[str, int]] = field(default_factory=dict)
    _rhythms: dict[str, str] = field(default_factory=dict)
    _kinds: dict[tuple[object, ...], Kind] = field(default_factory=dict)
    _known: dict[object, History] = field(default_factory=dict)

    def gather(self) -> Cohorts:
        """All of them."""
        histories = Histories(self.connection, self.sharing)
        changed = turned(self.connection, self.sharing)
        self._rhythms = {each: one.frequencies[0] for one in self.sharing.groups for each in one.frequencies}
        alike: dict[tuple[str, int], tuple[str, ...]] = {}
        for group in self.sharing.groups:
            last = group.before, group.before_at
            alike[last] = (*alike.get(last, ()), *group.frequencies)
        for (before, before_at), frequencies in alike.items():
            whole = Group("", frequencies, before=before, before_at=before_at)
            self._alike(whole, histories, changed)
            self._alone(whole, histories, changed)
        names = tuple(sorted({zone for found in self.counts.values() for zone in found}))
        counts: dict[str, dict[Cohort, Readers]] = {}
        for one, found in self.counts.items():
            readers = (*(found.get(zone, 0) for zone in names), sum(found.values()))
            counts.setdefault(one.kind.frequency, {})[one] = readers
        return Cohorts(names, counts)

    def _alike(self, group: Group, histories: Histories, changed: str) -> None:
        """Those of whom it is enough to know what their last issue brought them."""
        considered = histories.considered(group.before)
        found: dict[int, History] = {0: _NO_HISTORY}
        first = is_first(self.sharing, group)
        # Before a first issue it matters when they came: another cadence's may come before it.
        query = _alike(first=first, came=first and bool(self.steps), zoned=self.zoned)
        places: dict[tuple[object, ...], dict[str, int]] = {}
        for frequency, topics, zone, last, since, readers in self._ask(query, group, changed):
            alike = frequency, topics, last, since
            there = places.get(alike)
            if there is None:
                if last not in found:
                    past = Past(*histories.brought(last), considered, counts=True, since_they_came=True)
                    found[last] = History((past,), group.before)
                there = places[alike] = self._there(frequency, topics, 0, self._later(since), found[last])
            there[zone or ""] = there.get(zone or "", 0) + readers

    def _alone(self, group: Group, histories: Histories, changed: str) -> None:
        rows = self._ask(_alone(first=is_first(self.sharing, group)), group, changed)
        for first, end in pairwise((*range(0, len(rows), _AT_ONCE), len(rows))):
            had = histories.rows({row[-1]: row[3] for row in rows[first:end]})
            for frequency, topics, zone, since, paused_until, id in rows[first:end]:
                history = self._history(had.get(id, ()), since, histories)
                there = self._there(frequency, topics, paused_until or 0, self._later(since), history)
                there[zone or ""] = there.get(zone or "", 0) + 1

    def _later(self, since: int | None) -> int:
        """When they came, as far as it matters: which articles were seen first behind that. All that are to
        come will be."""
        place = bisect_left(self.steps, since) if since is not None else len(self.steps)
        return self.steps[place] if place < len(self.steps) else milliseconds(self.now)

    def _ask(self, query: Select[Any], group: Group, changed: str) -> Sequence[Any]:
        mine = query.where(t.subscription.c.frequency.in_(group.frequencies))
        given = {"list": self.newsletter, "now": self.now, "turned": changed}
        given |= {"before": group.before, "before_at": t.instant(group.before_at)}
        whole = mine.where(members(self.segment)) if self.segment else mine
        return self.connection.execute(whole, given).all()

    def _there(
        self, frequency: str, topics: str, paused_until: int, since: int, history: History
    ) -> dict[str, int]:
        """How many there are of those, by time zone: to be counted on."""
        # Whoever has the same issues is of one kind, whatever they chose.
        rhythm = self._rhythms.get(frequency, frequency)
        key = (rhythm, topics, paused_until, since)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = Kind(rhythm, _topics(topics), paused_until, since)
        return self.counts.setdefault(Cohort(kind, history), {})

    def _history(self, had: tuple[Row, ...], since: int, histories: Histories) -> History:
        key = (had, sum(row.made_at >= since for row in had))
        if key not in self._known:
            last = next((one.issue_id for one in reversed(had) if one.counts), "")
            self._known[key] = History(histories.past(had, since), last)
        return self._known[key]


def _alike(*, first: bool, came: bool, zoned: bool) -> Select[Any]:
    """How many have chosen the same, live in the same zone, and were brought the same by their last issue;
    and, if it is asked, came at the same time."""
    s, last = t.subscription.c, last_variant(first=first)
    since = plain(s.since, BigInteger) if came else null()
    zone = t.zone.c.name if zoned else null()
    query = select(s.frequency, plain(s.topics, String), zone, last, since, func.count())
    found = _reachable(query, with_last(t.subscription, first=first)).where(not_(reach.paused(_NOW)))
    # The numbers first: what is grouped is compared many times.
    place = t.subscriber.c.zone_id
    parts = (
        (place, zoned),
        (s.topics, True),
        (s.frequency, True),
        (zone, zoned),
        (last, not first),
        (s.since, came),
    )
    return found.group_by(*(column for column, parted in parts if parted))


def _alone(*, first: bool) -> Select[Any]:
    """The others."""
    s, away = t.subscription.c, reach.paused(_NOW)
    query = select(
        s.frequency,
        plain(s.topics, String),
        t.zone.c.name,
        plain(s.since, BigInteger),
        plain(s.paused_until, BigInteger),
        s.subscriber_id,
    )
    found = _reachable(query, with_last(t.subscription, first=first, outer=True))
    return found.where(away if first else or_(LAST.c.id.is_(None), away)).order_by(s.subscriber_id)


def _reachable(query: Select[Any], subscriptions: FromClause) -> Select[Any]:
    s, p = t.subscription.c, t.subscriber.c
    people = subscriptions.join(t.subscriber, p.id == s.subscriber_id)
    whole = query.select_from(people.outerjoin(t.zone, t.zone.c.id == p.zone_id))
    lists = bindparam("list", type_=String)
    return whole.where(s.newsletter == lists, s.status == "active", reach.allowed(lists, _NOW))


@lru_cache(maxsize=4096)
def _topics(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
