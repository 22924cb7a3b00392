"""One chunk of an issue's readers -> their rows: each class is decided once, who is of none is decided alone.

What is learnt of a class of readers is kept for the chunks to come.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.sql.dml import Insert

from newsletter.issue.portion import Portion
from newsletter.model import State
from newsletter.outbox import served, sorting
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import Histories
from newsletter.outbox.sharing import FREQUENCIES, Group, Sharing
from newsletter.store import tables as t

#: Readers of the first chunk, in which most of the classes are learnt. Each has twice as many as the last.
FIRST: Final = 2500
#: With more of no class in a chunk the next is smaller: each takes some twenty microseconds, not two.
MANY: Final = 2000


@dataclass(slots=True)
class Shares:
    """How an issue is shared out, as far as it is known by now. If a transaction came to nothing, begin with
    another one."""

    connection: Connection
    issue_id: str
    newsletter: str
    segment: str
    due_at: int  #: milliseconds since 1970
    priority: int
    sharing: Sharing
    done_to: int  #: the last of those who have their rows
    _decider: Decider = field(init=False)
    _next: Insert = field(init=False)
    _groups: dict[str, Group] = field(default_factory=dict)  #: by frequency
    _variants: dict[Portion, int] = field(default_factory=dict)
    _most: int = FIRST  #: readers of the next chunk

    def __post_init__(self) -> None:
        self._decider = Decider(self.sharing, Histories(self.connection, self.sharing))
        turned = json.loads(served.turned(self.connection, self.sharing))
        sorting.begin(self.connection, self.sharing, turned)
        self._groups = {each: group for group in self.sharing.groups for each in group.frequencies}
        self._next = sorting.next_readers(self.sharing, self.segment, self.frequencies)
        v = t.variant.c
        there = select(v.id, v.articles, v.waiting).where(v.issue_id == self.issue_id)
        for row in self.connection.execute(there):
            self._variants[Portion(tuple(row.articles), tuple(row.waiting))] = row.id

    @property
    def frequencies(self) -> tuple[str, ...]:
        """Of those whom the issue is for."""
        return tuple(each for each in FREQUENCIES if each in self._groups)

    def look(self, connection: Connection, most: int, now: datetime) -> int | None:
        """Look at the next readers, at most so many. The last of them; None when there is none, and what is
        known is let go."""
        self.connection = self._decider.histories.connection = connection
        given = {"list": self.newsletter, "after": self.done_to, "most": min(most, self._most), "now": now}
        connection.execute(self._next, given | {"due": self.due_at})
        last: int | None = connection.execute(select(func.max(sorting.READER.c.subscriber_id))).scalar_one()
        if last is None:
            sorting.end(connection)
        return last

    def queue(self, last: int, now: datetime) -> None:
        """Rows for those who were looked at, up to `last`, and have none yet."""
        after, self.done_to = self.done_to, last
        theirs = {"of": self.issue_id, "after": after, "last": last}
        self.connection.execute(sorting.without_those_queued(), theirs)
        self._learn()
        self._most = max(FIRST, self._most // 2) if self._decide_alone() > MANY else self._most * 2
        values = {"of": self.issue_id, "priority": self.priority, "now": now}
        self.connection.execute(sorting.rows(), values)
        self.connection.execute(sorting.no_readers())

    def _learn(self) -> None:
        """What the classes get that nobody has asked for."""
        found = self.connection.execute(sorting.unknown_classes()).all()
        for frequency, topics, last in found:
            portion = self._decider.of_class(self._groups[frequency], _wanted(topics), last)
            learnt = (last, topics, frequency, *self._variant(portion))
            sorting.learnt()(self.connection, [learnt])
        if found:
            self.connection.execute(sorting.classes_known())

    def _decide_alone(self) -> int:
        """What each gets who is of no class; how many they are."""
        people: dict[str, list[Person]] = {}
        for id, frequency, topics, since in self.connection.execute(sorting.alone()).all():
            people.setdefault(frequency, []).append(Person(id, _wanted(topics), since))
        found = [
            (one.id, *self._variant(portion), 0)
            for frequency, theirs in people.items()
            for one, portion in self._decider.of_each(self._groups[frequency], theirs)
        ]
        sorting.decided()(self.connection, found)
        return len(found)

    def _variant(self, portion: Portion) -> tuple[int, str]:
        """The variant that brings that, and its rows' state. Its blocks are chosen once all are known."""
        id = self._variants.get(portion)
        if id is None:
            row = insert(t.variant).values(
                issue_id=self.issue_id,
                blocks=[],
                slots={},
                articles=portion.articles,
                waiting=portion.waiting,
            )
            id = int(self.connection.execute(row.returning(t.variant.c.id)).scalar_one())
            self._variants[portion] = id
        return id, (State.QUEUED if portion.articles else State.PASSED).value


@lru_cache(maxsize=4096)
def _wanted(topics: str) -> tuple[str, ...]:
    return tuple(json.loads(topics))
