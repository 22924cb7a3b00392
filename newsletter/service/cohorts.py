"""Readers of whom the same can be foreseen, and how many there are of them where.

Readers are many and cohorts are few: each question is asked once for all who have had the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

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


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """What earlier issues were to readers. One object for all to whom they were the same."""

    past: tuple[Past, ...]
    last: str  #: the newest issue that they have a row of which counts


class Cohort(NamedTuple):
    """Readers who chose the same, and have had the same."""

    kind: Kind
    history: History


#: How many there are, in the order of the zones; the last is all of them.
Readers = tuple[int, ...]

_NOBODY: Final[Mapping[Cohort, Readers]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Cohorts:
    """How many readers there are of each cohort, by time zone."""

    zones: tuple[str, ...]  #: IANA; empty: none was said
    counts: Mapping[str, Mapping[Cohort, Readers]]  #: by frequency: an issue asks of few

    def served(self, groups: Sequence[Group], at: datetime) -> Iterator[tuple[Cohort, Group, Readers]]:
        """Those whom an issue that is made then is for."""
        now = milliseconds(at)
        for group in groups:
            for frequency in group.frequencies:
                for one, readers in self.counts.get(frequency, _NOBODY).items():
                    if one.kind.paused_until <= now:
                        yield one, group, readers

    def anybody(self, at: datetime) -> bool:
        """Whether anybody takes part in what is made then."""
        now = milliseconds(at)
        return any(one.kind.paused_until <= now for there in self.counts.values() for one in there)

    def by_zone(self, cohorts: Collection[Cohort]) -> dict[str, int]:
        """How many these are, by time zone."""
        whole = map(sum, zip(*(self.counts[one.kind.frequency][one] for one in cohorts), strict=True))
        return {zone: count for zone, count in zip(self.zones, whole, strict=False) if count}

    def moved(self, later: Mapping[Cohort, History]) -> Cohorts:
        """The same, where some have another history by now."""
        changed = {one.kind.frequency for one in later}
        return replace(
            self,
            counts={
                frequency: _moved(there, later) if frequency in changed else there
                for frequency, there in self.counts.items()
            },
        )


def _moved(before: Mapping[Cohort, Readers], later: Mapping[Cohort, History]) -> dict[Cohort, Readers]:
    counts: dict[Cohort, Readers] = {}
    for one, readers in before.items():
        history = later.get(one)
        into = one if history is None else Cohort(one.kind, history)
        there = counts.get(into)
        counts[into] = tuple(map(sum, zip(there, readers, strict=True))) if there else readers
    return counts
