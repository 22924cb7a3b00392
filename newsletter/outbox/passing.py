"""Domains with a rate of their own -> whose rows are passed over for now, and found again when they may go.

Without it the rows of one slow domain would fill every window, and the readers of all others would wait
for them. Rows are looked at once, in their order; those of a domain without room are set aside by number,
which is all that is remembered. It is a memory of this process only: every row that is taken is looked up
again, so that what another process did meanwhile is seen.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

#: What a row stands behind in the index: priority, due, id.
Place = tuple[int, int, int]
START: Final[Place] = (-1, 0, 0)
#: So many rows are looked at in one statement, and so many times that in one transaction.
PAGE: Final = 200
PAGES: Final = 5
#: After this all is looked at again: something may have been queued behind us.
AGAIN: Final = timedelta(seconds=60)


class Due(NamedTuple):
    """One row that is due, as the outbox gives it."""

    id: int
    kind: str
    subscriber_id: int | None
    variant_id: int
    due_at: int  #: milliseconds since 1970
    attempts: int
    address: str | None  #: None: the person was erased
    name: str
    forbidden: str | None  #: why it must not go any more
    priority: int

    @property
    def refused(self) -> bool:
        return self.forbidden is not None or self.address is None

    @property
    def domain(self) -> str:
        """The recipient's, lower case."""
        return (self.address or "").rpartition("@")[2].lower()


class Rows(Protocol):
    """The rows of one issue that may be taken now."""

    @property
    def id(self) -> str: ...

    @property
    def now(self) -> datetime: ...

    def due(self, behind: Place, most: int) -> list[Due]: ...

    def named(self, ids: Sequence[int]) -> list[Due]: ...


class Passing:
    """What one drain has passed over. `limited` are the domains with a rate of their own, lower case."""

    def __init__(self, limited: frozenset[str]) -> None:
        self.limited = limited
        self.room: dict[str, int] = {}  #: by domain: how many may go now; its giver says it before each use
        self._walks: dict[str, _Walk] = {}

    def rows(self, issue: Rows, most: int) -> list[Due]:
        """At most `most` rows that may go now; none when there are none, or none were found so far."""
        walk = self._walks.setdefault(issue.id, _Walk(issue.now))
        found = self._from_aside(walk, issue, most)
        if len(found) < most:
            found += self._from_ahead(walk, issue, most - len(found))
        if not found and walk.is_over and not walk.aside:
            del self._walks[issue.id]  # what was given back meanwhile is found by who begins anew
            return [] if walk.is_first else self.rows(issue, most)
        return found

    @property
    def has_more(self) -> bool:
        """Whether something could be found at once: it has not been looked for to the end."""
        return any(not walk.is_over or self._ready(walk) for walk in self._walks.values())

    @property
    def waits(self) -> bool:
        """Whether something will go later."""
        return bool(self._walks)

    def keep(self, live: frozenset[str]) -> None:
        """Forget issues that are not live any more."""
        self._walks = {id: walk for id, walk in self._walks.items() if id in live}

    def forget(self) -> None:
        """The transaction came to nothing: look at everything again."""
        self._walks.clear()

    def _ready(self, walk: _Walk) -> bool:
        return any(self.room.get(domain, 0) > 0 for domain in walk.aside)

    def _from_aside(self, walk: _Walk, issue: Rows, most: int) -> list[Due]:
        found: list[Due] = []
        for domain in tuple(walk.aside):
            while (room := min(self.room.get(domain, 0), most - len(found))) > 0 and domain in walk.aside:
                rows = issue.named(walk.back(domain, room))
                self.room[domain] -= sum(1 for row in rows if not row.refused)
                found += rows
        return found

    def _from_ahead(self, walk: _Walk, issue: Rows, most: int) -> list[Due]:
        """Walk on, until enough is found or many have been looked at."""
        if walk.is_over and walk.aside and issue.now - walk.began >= AGAIN:
            walk.begin(issue.now)
        found: list[Due] = []
        page = most
        for _ in range(PAGES):
            if walk.is_over or len(found) >= most:
                break
            rows = issue.due(walk.place, page)
            walk.is_over = len(rows) < page
            page = PAGE
            self._look_at(rows, walk, found, most)
        return found

    def _look_at(self, rows: Sequence[Due], walk: _Walk, found: list[Due], most: int) -> None:
        for row in rows:
            if len(found) >= most:
                walk.is_over = False
                break
            walk.place = (row.priority, row.due_at, row.id)
            if self._may_go(row):
                found.append(row)
            else:
                walk.put_aside(row)

    def _may_go(self, row: Due) -> bool:
        if row.refused or (domain := row.domain) not in self.limited:
            return True
        room = self.room.get(domain, 0)
        self.room[domain] = room - 1 if room > 0 else 0
        return room > 0


class _Walk:
    """How far the rows of one issue have been looked at."""

    def __init__(self, now: datetime) -> None:
        self.is_first = True  #: nothing has been passed over since it began
        self.begin(now)

    def begin(self, now: datetime) -> None:
        self.began = now
        self.place = START
        self.is_over = False
        self.aside: dict[str, array[int]] = {}  #: by domain, in their order

    def put_aside(self, row: Due) -> None:
        self.is_first = False
        self.aside.setdefault(row.domain, array("q")).append(row.id)

    def back(self, domain: str, most: int) -> Sequence[int]:
        """The first of a domain that were put aside, which stand there no more."""
        rows = self.aside[domain]
        first = rows[:most]
        del rows[:most]
        if not rows:
            del self.aside[domain]
        return first.tolist()
