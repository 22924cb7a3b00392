"""What earlier issues were to readers, read from the rows: deliveries, and the articles of their variants.

A newsletter has hundreds of issues behind it, most of them archived. Of a reader those are read that can
still matter: the newest, back to one that came; and those that chose among what the reader may be due.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from newsletter.issue.portion import NOTHING, Past
from newsletter.model import State
from newsletter.outbox.sharing import Sharing
from newsletter.store import tables as t
from newsletter.store.archive.reading import of_people
from newsletter.store.dialect import numbers
from newsletter.store.tables import milliseconds

#: A row in one of these has brought its articles, or may yet; one that was passed had none to bring.
COUNTED: Final = (
    State.QUEUED,
    State.SENDING,
    State.DEFERRED,
    State.SENT,
    State.IN_DOUBT,
    State.PASSED,
)
_COUNTED: Final = frozenset(state.value for state in COUNTED)

#: So many of the newest issues are read first; then twice as many, as long as it does not suffice.
_FIRST: Final = 4

_Found = tuple[int, int | None, str]  #: reader, variant, state


@dataclass(frozen=True, slots=True)
class Row:
    """One reader's row of an earlier issue."""

    issue_id: str
    variant_id: int | None
    counts: bool
    made_at: int  #: when that issue was made, in milliseconds since 1970


class Histories:
    """The earlier issues that may matter, in their order, as far as they were asked for."""

    def __init__(self, connection: Connection, sharing: Sharing) -> None:
        self.connection = connection  #: whoever keeps us for longer than it lasts gives us another
        self._issues = issues = sharing.recent
        #: A first issue may bring whatever they never had: of who gets one all is read.
        self._asks_all = sharing.rules.first_issue == "newest"
        self._news = NOTHING.union(
            *(one.fresh for one in sharing.groups), sharing.seen, sharing.corrects.values()
        )
        self._variants: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._known: dict[tuple[str, int | None, bool], Row] = {}
        self._considered = _considered(connection, self._issues)
        self._made_at = _made_at(connection, self._issues)
        made = (self._made_at.get(each, 0) for each in issues)
        #: Up to each of them, when the last was made: clocks are set back, too.
        self._made_by = (0, *accumulate(made, max))
        packed = select(t.archive_count.c.issue_id).distinct()
        self._packed = frozenset(connection.execute(packed).scalars()) & frozenset(issues)

    def rows(self, people: Mapping[int, int]) -> Mapping[int, tuple[Row, ...]]:
        """What each of these readers has, who came then (milliseconds since 1970), in the order of the
        issues, as far as it can matter to what they are due. Who has nothing is not there."""
        found: dict[int, list[Row]] = {}
        depths: dict[int, list[int]] = {}  # how far it was read -> of whom
        wanted, depth, size = dict(people), len(self._issues), _FIRST
        while wanted and depth:
            depth, before = max(0, depth - size), depth
            newer = self._read(self._issues[depth:before], [*wanted])
            for id, rows in newer.items():
                found[id] = rows + found.get(id, [])
            done = [id for id, since in wanted.items() if self._is_enough(found.get(id, ()), since, depth)]
            depths[depth] = done
            wanted, size = {id: wanted[id] for id in wanted.keys() - {*done}}, size * 2
        for depth, those in depths.items():
            self._read_before(depth, those, found)
        return {id: tuple(rows) for id, rows in found.items()}

    def _is_enough(self, rows: Sequence[Row], since: int, depth: int) -> bool:
        """Whether it is known which issue came last, and whether any did since they came."""
        counted = [row for row in rows if row.counts]
        if any(row.made_at >= since for row in counted):
            return True
        return bool(counted) and not self._asks_all and self._made_by[depth] < since

    def _read_before(self, depth: int, readers: Sequence[int], found: dict[int, list[Row]]) -> None:
        """Those of the older issues that chose among what these may be due."""
        left = {id for reader in readers for row in found.get(reader, ()) for id in self._left(row)}
        news = self._news.union(left)
        older = [each for each in self._issues[:depth] if not news.isdisjoint(self.considered(each))]
        for id, rows in self._read(older, readers).items():
            found[id] = rows + found.get(id, [])

    def _left(self, row: Row) -> tuple[int, ...]:
        """What they were to get by it, and may be due for that."""
        articles, waiting = self.brought(row.variant_id)
        return waiting if row.counts else (*articles, *waiting)

    def _read(self, issues: Sequence[str], readers: Sequence[int]) -> dict[int, list[Row]]:
        if not issues or not readers:
            return {}
        asked = {"readers": json.dumps(readers), "issues": json.dumps(issues)}
        there: dict[str, list[_Found]] = {}
        for id, issue_id, variant, state in self.connection.execute(_rows(), asked).all():
            there.setdefault(issue_id, []).append((id, variant, state))
        found: dict[int, list[Row]] = {}
        for issue_id in issues:
            for id, variant, state in (*there.get(issue_id, ()), *self._archived(issue_id, readers)):
                found.setdefault(id, []).append(self._row(issue_id, variant, state in _COUNTED))
        return found

    def _row(self, issue_id: str, variant: int | None, counts: bool) -> Row:
        """One for all who have the same."""
        key = (issue_id, variant, counts)
        row = self._known.get(key)
        if row is None:
            row = self._known[key] = Row(issue_id, variant, counts, self._made_at.get(issue_id, 0))
        return row

    def _archived(self, issue_id: str, readers: Sequence[int]) -> list[_Found]:
        if issue_id not in self._packed:
            return []
        rows = of_people(self.connection, readers, (issue_id,))
        return [(row.subscriber_id, row.variant_id, row.state) for row in rows]

    def past(self, rows: Sequence[Row], since: int) -> tuple[Past, ...]:
        """The same, as it is decided upon; `since`: when the reader came, in milliseconds since 1970."""
        return tuple(
            Past(
                *self.brought(row.variant_id),
                considered=self._considered.get(row.issue_id, NOTHING),
                counts=row.counts,
                since_they_came=row.made_at >= since,
            )
            for row in rows
        )

    def brought(self, variant_id: int | None) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The articles of a variant, and those that it left waiting."""
        if variant_id is None:
            return (), ()
        if variant_id not in self._variants:
            v = t.variant.c
            row = self.connection.execute(select(v.articles, v.waiting).where(v.id == variant_id)).one()
            self._variants[variant_id] = (tuple(row.articles), tuple(row.waiting))
        return self._variants[variant_id]

    def considered(self, issue_id: str) -> frozenset[int]:
        """All articles that an issue chose among."""
        return self._considered.get(issue_id, NOTHING)


@cache
def _rows() -> Select[Any]:
    d = t.delivery.c
    mine = d.issue_id.in_(numbers("issues")), d.subscriber_id.in_(numbers("readers"))
    return select(d.subscriber_id, d.issue_id, d.variant_id, d.state).where(*mine)


def _considered(connection: Connection, issues: Sequence[str]) -> dict[str, frozenset[int]]:
    a, found = t.issue_article.c, dict[str, set[int]]()
    asked = select(a.issue_id, a.article_id).where(a.issue_id.in_(numbers("issues")))
    for row in connection.execute(asked, {"issues": json.dumps(issues)}):
        found.setdefault(row.issue_id, set()).add(row.article_id)
    return {id: frozenset(articles) for id, articles in found.items()}


def _made_at(connection: Connection, issues: Sequence[str]) -> dict[str, int]:
    i = t.issue.c
    asked: Any = select(i.id, i.created_at).where(i.id.in_(numbers("issues")))
    return {
        row.id: milliseconds(row.created_at)
        for row in connection.execute(asked, {"issues": json.dumps(issues)})
    }
