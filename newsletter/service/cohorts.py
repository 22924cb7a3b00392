"""Readers of whom the same can be foreseen, and how many there are of them where.

Readers are many and cohorts are few: each question is asked once for all who have had the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from newsletter.issue.portion import Past
from newsletter.outbox.sharing import Group
from newsletter.store.tables import milliseconds


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What readers chose, and when they came. One object for all who did the same: it is told by that."""

    frequency: str
    topics: tuple[str, ...]
    paused_until: int  #: milliseconds since 1970; 0 of those who are served
    since: int  #: when they came, as far as it matters

    def is_served(self, at: datetime) -> bool:
        """Whether they take part in what is made then."""
        return self.paused_until <= milliseconds(at)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What earlier issues were to readers. One object for all to whom they were the same."""

    past: tuple[Past, ...]
    last: str  #: the newest issue that they have a row of which counts


class Cohort(NamedTuple):
    """Readers who chose the same, and have had the same."""

    kind: Kind
    history: History


@dataclass(frozen=True, slots=True)
class Cohorts:
    """How many readers there are of each cohort, by time zone."""

    zones: tuple[str, ...]  #: IANA; empty: none was said
    counts: Mapping[Cohort, tuple[int, ...]]  #: in the order of the zones; the last is all of them

    def served(self, groups: Sequence[Group], at: datetime) -> Iterator[tuple[Cohort, Group]]:
        """Those whom an issue that is made then is for."""
        by_frequency = {frequency: group for group in groups for frequency in group.frequencies}
        now = milliseconds(at)
        for one in self.counts:
            group = by_frequency.get(one.kind.frequency)
            if group is not None and one.kind.paused_until <= now:
                yield one, group

    def by_zone(self, cohorts: Collection[Cohort]) -> dict[str, int]:
        """How many these are, by time zone."""
        whole = map(sum, zip(*(self.counts[one] for one in cohorts), strict=True))
        return {zone: count for zone, count in zip(self.zones, whole, strict=False) if count}

    def moved(self, later: Mapping[Cohort, History]) -> Cohorts:
        """The same, where some have another history by now."""
        counts: dict[Cohort, tuple[int, ...]] = {}
        for one, readers in self.counts.items():
            history = later.get(one)
            into = one if history is None else Cohort(one.kind, history)
            there = counts.get(into)
            counts[into] = tuple(map(sum, zip(there, readers, strict=True))) if there else readers
        return Cohorts(self.zones, counts)
