"""Readers' histories -> their portions of an issue. The same question is answered once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.issue.portion import Past, Portion, due, fold, portion
from newsletter.outbox.histories import Histories, Row
from newsletter.outbox.sharing import Group, Sharing

#: So many answers are remembered at once.
_MOST = 10_000
#: Later than anybody came.
_NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Person:
    """A reader who is looked at alone."""

    id: int
    topics: tuple[str, ...]
    since: int  #: milliseconds since 1970


@dataclass(slots=True)
class Decider:
    """Decides for one issue. It reads what earlier ones brought, and writes nothing."""

    sharing: Sharing
    histories: Histories
    _answers: dict[object, Portion] = field(default_factory=dict)
    _seen: tuple[int, ...] = field(init=False)  #: when the articles were first seen, in order
    _corrects: Mapping[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._seen = tuple(sorted(self.sharing.seen.values()))
        self._corrects = self.sharing.corrects

    def of_class(self, group: Group, topics: tuple[str, ...], last: int) -> Portion:
        """What those get who have these topics and whose last issue brought that variant (0: none)."""
        return self._answer((group.frequencies, topics, last), lambda: self.due_to_class(group, last), topics)

    def due_to_class(self, group: Group, last: int) -> frozenset[int]:
        """All that those are due whose last issue brought that variant (0: none), whatever it is about."""
        considered = self.histories.considered(group.before)
        past = (Past(*self.histories.brought(last), considered, True, True),) if last else ()
        return due(past, self.sharing.news(group, _NEVER), self._first, self._corrects)

    def of_each(self, group: Group, people: Sequence[Person]) -> Iterator[tuple[Person, Portion]]:
        """What each of these gets."""
        rows = self.histories.rows({one.id: one.since for one in people})
        for one in people:
            yield one, self._of_person(group, one, rows.get(one.id, ()))

    def due_to_each(self, group: Group, people: Sequence[Person]) -> Iterator[tuple[Person, frozenset[int]]]:
        """All that each of these is due, whatever it is about."""
        rows = self.histories.rows({one.id: one.since for one in people})
        for one in people:
            yield one, self._due(group, one, rows.get(one.id, ()))

    def _of_person(self, group: Group, one: Person, rows: tuple[Row, ...]) -> Portion:
        came = tuple([each.made_at >= one.since for each in rows])
        seen = bisect_left(self._seen, one.since)
        key = (group.frequencies, one.topics, rows, came, seen)
        return self._answer(key, lambda: self._due(group, one, rows), one.topics)

    def _due(self, group: Group, one: Person, rows: tuple[Row, ...]) -> frozenset[int]:
        past = self.histories.past(rows, one.since)
        return due(past, self.sharing.news(group, one.since), self._first, self._corrects)

    @property
    def _first(self) -> str:
        return self.sharing.rules.first_issue

    def _answer(self, key: object, whole: Callable[[], frozenset[int]], topics: tuple[str, ...]) -> Portion:
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= _MOST:
                self._answers.clear()
            sharing = self.sharing
            found = portion(sharing.pool, whole(), fold(topics), sharing.rules)
            self._answers[key] = found
        return found
