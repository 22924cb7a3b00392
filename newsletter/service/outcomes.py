"""What an issue to come brings to cohorts, and what they are behind it.

What it brings them is found by the rule that queues it, so that what is foreseen is what will be; and what
somebody had is kept only as far as it can still matter, so that cohorts become the same again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.issue.portion import NOTHING, Past, Portion, Portions, due
from newsletter.outbox.choosing import Demand
from newsletter.outbox.ledger import Fate
from newsletter.outbox.served import is_first
from newsletter.outbox.sharing import Group, Sharing
from newsletter.service.cohorts import Cohort, Cohorts, History


@dataclass(frozen=True, slots=True)
class Folded:
    """A history behind an issue that has decided about all its articles."""

    failed: tuple[Past, ...]  #: what did not count
    matters: frozenset[int]  #: the articles of that: it is asked for ever whether they came after all
    had: frozenset[int]  #: of those
    considered: frozenset[int]  #: all that was decided


@dataclass(slots=True)
class Histories:
    """All that there is at a time: who has come to the same is the same from then on."""

    _known: dict[object, History] = field(default_factory=dict)

    def after(self, one: Folded, share: Portion, id: str) -> History:
        """What is left of a history once that issue has brought its readers that."""
        had = one.had.union(one.matters.intersection(share.articles)) if one.matters else NOTHING
        key = (one.failed, had, frozenset(share.waiting), one.considered, id)
        if key not in self._known:
            whole = Past(tuple(sorted(had)), tuple(sorted(share.waiting)), one.considered, True, True)
            self._known[key] = History((*one.failed, whole), id)
        return self._known[key]


@dataclass(slots=True)
class Outcomes:
    """What one issue is to cohorts: each question is answered once."""

    sharing: Sharing
    histories: Histories
    fates: Sequence[Fate] = ()
    corrected: frozenset[int] = NOTHING  #: articles of which it may yet be asked who had them
    _due: dict[object, frozenset[int]] = field(default_factory=dict)
    _folded: dict[History, Folded] = field(default_factory=dict)
    _after: dict[tuple[History, Portion], History] = field(default_factory=dict)

    def demands(self, there: Cohorts, at: datetime) -> Iterator[Demand]:
        """What those are due whom it is for."""
        groups, found = self.sharing.groups, self._due
        first = {group.cadence for group in groups if is_first(self.sharing, group)}
        apart = {group.cadence for group in groups if self.sharing.corrects_anew(group)}
        for one, group, readers in there.served(groups, at):
            kind, history = one
            cadence, before = group.cadence, group.before
            is_class = (history.last == before != "" or cadence in first) and cadence not in apart
            whole = found.get((history, kind.since, cadence))
            if whole is None:
                whole = self._whole(one, group)
            yield Demand(kind.topics, whole, readers[-1], is_class)

    def after(self, there: Cohorts, at: datetime, id: str) -> tuple[dict[Cohort, History], list[Cohort]]:
        """What those have had behind the issue whom it is for; and those of them whom it brought anything."""
        portions = Portions(self.sharing.pool, self.sharing.rules)
        later: dict[Cohort, History] = {}
        reached: list[Cohort] = []
        for one, group, _ in there.served(self.sharing.groups, at):
            kind, history = one
            whole = self._due.get((history, kind.since, group.cadence))
            if whole is None:
                whole = self._whole(one, group)
            share = portions.of(whole, kind.topics)
            then = self._after.get((history, share))
            if then is None:
                then = self._after[history, share] = self.histories.after(self._fold(history), share, id)
            later[one] = then
            if share.articles:
                reached.append(one)
        return later, reached

    def _whole(self, one: Cohort, group: Group) -> frozenset[int]:
        kind, history = one
        news, rules = self.sharing.news(group, kind.since), self.sharing.rules
        whole = due(history.past, news, rules.first_issue, self.sharing.corrects)
        self._due[history, kind.since, group.cadence] = whole
        return whole

    def _fold(self, history: History) -> Folded:
        if history not in self._folded:
            counted = [one for one in history.past if one.counts]
            failed = tuple(one for one in history.past if not one.counts)
            matters = self.corrected.union(*(one.articles for one in failed))
            had = matters.intersection(*[NOTHING.union(*(one.articles for one in counted))])
            mine = frozenset(fate.article_id for fate in self.fates)
            considered = mine.union(*(one.considered for one in counted))
            self._folded[history] = Folded(failed, matters, had, considered)
        return self._folded[history]
