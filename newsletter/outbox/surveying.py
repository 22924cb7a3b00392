"""Whom an issue would be for, and what they are due: asked before it is made, so that it is made of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from newsletter.outbox import served
from newsletter.outbox.choosing import Demand
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import Histories
from newsletter.outbox.sharing import Group, Sharing
from newsletter.store import tables as t
from newsletter.store.tables import milliseconds

#: So many who are looked at alone are asked about at once.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Survey:
    """The readers of a newsletter, as the database has them at a moment."""

    connection: Connection
    newsletter: str
    segment: str
    now: datetime

    def __call__(self, sharing: Sharing) -> Iterator[Demand]:
        """What they are due of what could be shared out."""
        decider = Decider(sharing, Histories(self.connection, sharing))
        turned = served.turned(self.connection, sharing)
        for group in sharing.groups:
            first = served.is_first(sharing, group)
            asked = served.classes(self.segment, group.frequencies, first=first)
            for row in self.connection.execute(asked, self._given(group, turned, first=first)):
                topics = tuple(row.topics)
                due = decider.due_to_class(group, row.last)
                yield Demand(topics, due, row.readers, True)
            if not first:
                yield from self._alone(group, decider, turned)

    def _alone(self, group: Group, decider: Decider, turned: str) -> Iterator[Demand]:
        asked = served.stragglers(self.segment, group.frequencies)
        found = self.connection.execute(asked, self._given(group, turned, first=False))
        readers: Counter[tuple[tuple[str, ...], frozenset[int]]] = Counter()  # they may be all there are
        for rows in found.partitions(_AT_ONCE):
            people = [_person(row) for row in rows]
            readers.update((one.topics, due) for one, due in decider.due_to_each(group, people))
        for (topics, due), count in readers.items():
            yield Demand(topics, due, count, False)

    def _given(self, group: Group, turned: str, *, first: bool) -> dict[str, Any]:
        whole = {"list": self.newsletter, "after": 0, "now": self.now}
        if first:
            return whole
        return whole | {"before": group.before, "before_at": t.instant(group.before_at), "turned": turned}


def _person(row: Row[Any]) -> Person:
    return Person(row.subscriber_id, tuple(row.topics), milliseconds(row.since))


#: Nobody is known: as long as there is no database.
NOBODY: Callable[[Sharing], tuple[Demand, ...]] = lambda sharing: ()  # noqa: E731
