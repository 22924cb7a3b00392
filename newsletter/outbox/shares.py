"""One chunk of an issue's readers -> their rows: most by one statement, the others one by one.

The first chunk knows nobody: each of its readers is looked at. What is learnt of a class of readers goes into
the statement of the next.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    select,
)
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.selectable import FromClause

from newsletter.issue.portion import Portion
from newsletter.model import Kind, State
from newsletter.outbox import served
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import Histories
from newsletter.outbox.sharing import FREQUENCIES, Group, Sharing
from newsletter.store import tables as t
from newsletter.store.dialect import Bulk, insert_new, lookup, numbers
from newsletter.store.tables import milliseconds

#: Readers by whom the classes of the first chunk are learnt.
LEARNT: Final = 2000

Class = tuple[str, int]  #: topics as they are kept, and the last variant


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
    _turned: str = field(init=False)
    _classes: dict[tuple[str, ...], dict[Class, int]] = field(default_factory=dict)  #: by group: -> variant
    _variants: dict[Portion, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._decider = Decider(self.sharing, Histories(self.connection, self.sharing.recent))
        self._turned = served.turned(self.connection, self.sharing)
        v = t.variant.c
        there = select(v.id, v.articles, v.waiting).where(v.issue_id == self.issue_id)
        for row in self.connection.execute(there):
            self._variants[Portion(tuple(row.articles), tuple(row.waiting))] = row.id

    @property
    def frequencies(self) -> tuple[str, ...]:
        """Of those whom the issue is for."""
        theirs = {each for group in self.sharing.groups for each in group.frequencies}
        return tuple(each for each in FREQUENCIES if each in theirs)

    def queue(self, connection: Connection, last: int, readers: int, now: datetime) -> None:
        """Rows for the next readers, up to `last`, who have none yet; so many they are in all."""
        self.connection = self._decider.histories.connection = connection
        after, self.done_to = self.done_to, last
        done = 0
        if not self._classes:
            some = self._without_row(after, last, now)[:LEARNT]
            self._queue_others(some, now)
            done = len(some)
        done += self._queue_known(after, last, now)
        if done < readers:
            self._queue_others(self._without_row(after, last, now), now)

    def _without_row(self, after: int, last: int, now: datetime) -> list[int]:
        """Those of the chunk who have no row yet."""
        statement = _without_row(self.segment, self.frequencies)
        given = {"of": self.issue_id, "list": self.newsletter, "after": after, "last": last, "now": now}
        return list(self.connection.execute(statement, given).scalars())

    def _queue_known(self, after: int, last: int, now: datetime) -> int:
        """Rows for those of the known classes, of all groups; how many."""
        empty = {id for portion, id in self._variants.items() if not portion.articles}
        groups, shares = [], []
        for number, group in enumerate(self.sharing.groups):
            groups += [(each, number, group.before, group.before_at) for each in group.frequencies]
            for one, id in self._classes.get(group.frequencies, {}).items():
                shares.append((number, *one, id, State.PASSED if id in empty else State.QUEUED))
        first = all(served.is_first(self.sharing, group) for group in self.sharing.groups)
        local = bool(self.sharing.zones)
        values: dict[str, Any] = {"groups": json.dumps(groups), "shares": json.dumps(shares)}
        values |= {"of": self.issue_id, "due": self.due_at, "now": now, "priority": self.priority}
        values |= {"list": self.newsletter, "after": after, "last": last}
        if not first:
            values["turned"] = self._turned
        if local:
            values["zones"] = json.dumps([*self.sharing.zones.items()])
        return self.connection.execute(
            _known(self.segment, self.frequencies, first=first, local=local), values
        ).rowcount

    def _queue_others(self, readers: Sequence[int], now: datetime) -> None:
        """Rows for these, each looked at."""
        for group in self.sharing.groups if readers else ():
            first = served.is_first(self.sharing, group)
            statement = _others(group.frequencies, first=first)
            given: dict[str, Any] = {"list": self.newsletter, "readers": json.dumps(readers)}
            if not first:
                given |= {
                    "before": group.before,
                    "before_at": t.instant(group.before_at),
                    "turned": self._turned,
                }
            self._queue_each(group, self.connection.execute(statement, given).all(), now)

    def _queue_each(self, group: Group, found: Sequence[Any], now: datetime) -> None:
        rows: list[tuple[int, int | None, Portion]] = []
        alone: list[Any] = []
        classes = self._classes.setdefault(group.frequencies, {})
        for row in found:
            if row.last is None:
                alone.append(row)
                continue
            portion = self._decider.of_class(group, tuple(row.topics), row.last)
            rows.append((row.subscriber_id, row.zone_id, portion))
            classes[row.kept, row.last] = self._variant(portion)
        people = [Person(row.subscriber_id, tuple(row.topics), milliseconds(row.since)) for row in alone]
        each = self._decider.of_each(group, people)
        rows += [(one.id, row.zone_id, portion) for row, (one, portion) in zip(alone, each, strict=True)]
        self._insert(rows, now)

    def _insert(self, rows: Sequence[tuple[int, int | None, Portion]], now: datetime) -> None:
        at, zones = milliseconds(now), self.sharing.zones
        _rows()(
            self.connection,
            [
                (
                    Kind.ISSUE.value,
                    self.issue_id,
                    subscriber,
                    self._variant(portion),
                    self.priority,
                    zones.get(zone or 0, self.due_at),
                    (State.QUEUED if portion.articles else State.PASSED).value,
                    at,
                    "",
                )
                for subscriber, zone, portion in sorted(rows, key=lambda row: row[0])
            ],
        )

    def _variant(self, portion: Portion) -> int:
        """The variant that brings that. Its blocks are chosen once all are known."""
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
        return id


@cache
def _known(segment: str, frequencies: tuple[str, ...], *, first: bool, local: bool) -> Insert:
    """Rows for those of the known classes. Along the index of the audience, beside the rows of the issue
    before, which stand in the same order."""
    s = t.subscription.c
    group = lookup("groups", frequency=String, number=Integer, before=String, before_at=Integer)
    share = lookup("shares", group=Integer, topics=String, last=Integer, variant=Integer, state=String)
    joined: FromClause = t.subscription.join(group, group.c.frequency == s.frequency)
    joined = served.with_last(joined, first=first, before=(group.c.before, group.c.before_at))
    last = served.last_variant(first=first)
    its_own = (share.c.group == group.c.number, share.c.topics == s.topics, share.c.last == last)
    joined = joined.join(share, and_(*its_own))
    due: Any = bindparam("due")
    if local:
        zone = lookup("zones", zone=Integer, due=Integer)
        joined = joined.join(t.subscriber, t.subscriber.c.id == s.subscriber_id)
        joined = joined.join(zone, zone.c.zone == t.subscriber.c.zone_id, isouter=True)
        due = func.coalesce(zone.c.due, due)
    query = select(
        bindparam("kind", Kind.ISSUE.value),
        bindparam("of"),
        s.subscriber_id,
        share.c.variant,
        bindparam("priority"),
        due,
        share.c.state,
        bindparam("now", type_=t.Instant),
    )
    rows = served.audience(query.select_from(joined), segment, frequencies)
    columns = ["kind", "issue_id", "subscriber_id", "variant_id", "priority", "due_at", "state", "state_at"]
    return insert_new(t.delivery).from_select(columns, rows.where(s.subscriber_id <= bindparam("last")))


@cache
def _without_row(segment: str, frequencies: tuple[str, ...]) -> Select[Any]:
    """Those of the chunk who have no row of the issue yet; asked of two indexes alone."""
    s, d = t.subscription.c, t.delivery.c
    has_one = exists().where(d.issue_id == bindparam("of"), d.subscriber_id == s.subscriber_id)
    rows = served.audience(select(s.subscriber_id), segment, frequencies)
    return rows.where(s.subscriber_id <= bindparam("last"), ~has_one.correlate(t.subscription))


@cache
def _others(frequencies: tuple[str, ...], *, first: bool) -> Select[Any]:
    """Of some readers: subscriber, zone, topics, also as they are kept, since, last variant or null."""
    s = t.subscription.c
    joined = served.with_last(t.subscription, first=first, outer=True)
    joined = joined.join(t.subscriber, t.subscriber.c.id == s.subscriber_id)
    last = served.last_variant(first=first).label("last")
    kept = cast(s.topics, String).label("kept")
    query = select(s.subscriber_id, t.subscriber.c.zone_id, s.topics, kept, s.since, last).select_from(joined)
    # No more is asked of them: they are of the audience, and SQLite would look for them along its index.
    mine = s.subscriber_id.in_(numbers("readers")), s.newsletter == bindparam("list")
    return query.where(*mine, s.frequency.in_([literal_column(f"'{each}'") for each in frequencies]))


@cache
def _rows() -> Bulk:
    columns = "kind issue_id subscriber_id variant_id priority due_at state state_at reply".split()
    return Bulk(insert_new(t.delivery), *columns)
