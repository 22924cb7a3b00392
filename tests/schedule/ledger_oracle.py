"""What each reader is owed, kept beside the database in plain sets; and what the rows must therefore say."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from newsletter.service.explained import Code, Explanation
from newsletter.store import tables as t
from newsletter.store.database import Database

COUNTED = frozenset({"queued", "sending", "deferred", "sent", "in_doubt", "passed"})
#: What may be said of a row in a state.
OF_STATE = {
    "queued": {Code.QUEUED, Code.WAITING_FOR_TIME, Code.HELD},
    "sending": {Code.QUEUED, Code.HELD},
    "deferred": {Code.DEFERRED},
    "sent": {Code.SENT},
    "in_doubt": {Code.IN_DOUBT},
    "failed": {Code.FAILED, Code.EXPIRED},
    "cancelled": {Code.CANCELLED},
    "suppressed": {Code.SUPPRESSED, Code.PAUSED, Code.NOT_SUBSCRIBED_THEN},
    "passed": {Code.LEFT_OUT, Code.TOPIC_NOT_CHOSEN, Code.ALREADY_HAD},
}


@dataclass
class Reader:
    """One person and one newsletter, as the person knows it."""

    since: datetime | None = None  #: None: they do not get it
    frequency: str = ""
    topics: tuple[str, ...] = ()
    paused_until: datetime | None = None
    owed: set[int] = field(default_factory=set)

    def is_served(self, now: datetime) -> bool:
        return self.since is not None and not (self.paused_until and now < self.paused_until)

    def wants(self, tags: frozenset[str]) -> bool:
        return not self.topics or not tags.isdisjoint(self.topics)


@dataclass
class Row:
    """A delivery, as it was when we last looked."""

    state: str
    articles: tuple[int, ...]


@dataclass
class Oracle:
    """Told of everything that readers say; looks into the database for what became of it."""

    drops: frozenset[str]  #: newsletters that drop what does not fit
    cadences: dict[str, tuple[str, ...]]
    defaults: dict[str, str]
    readers: dict[tuple[int, str], Reader] = field(default_factory=dict)
    first_seen: dict[int, datetime] = field(default_factory=dict)
    variants: dict[int, Any] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    none: dict[tuple[int, str], Code] = field(default_factory=dict)  #: why somebody has no row of an issue
    judged: set[str] = field(default_factory=set)  #: issues of which that is known
    topical: set[tuple[int, str, int]] = field(default_factory=set)  #: not wanted when it was decided

    def look(self, database: Database, tags: dict[int, frozenset[str]], now: datetime) -> None:
        """After everything that happens."""
        with database.read() as connection:
            articles = connection.execute(select(t.article.c.id, t.article.c.first_seen_at)).all()
            i, v = t.issue.c, t.variant.c
            columns = select(i.id, i.newsletter, i.state, i.cadence).where(i.kind == "issue")
            issues = connection.execute(columns).all()
            wanted = select(v.id, v.articles, v.waiting).where(v.id > max(self.variants, default=0))
            self.variants |= {row.id: row for row in connection.execute(wanted)}
            fates: dict[str, dict[int, str]] = defaultdict(dict)
            for row in connection.execute(select(t.issue_article)):
                fates[row.issue_id][row.article_id] = row.fate
            d = t.delivery.c
            found = connection.execute(
                select(d.id, d.issue_id, d.subscriber_id, d.variant_id, d.state).order_by(d.id)
            ).all()
        for id, at in articles:
            if id not in self.first_seen:
                self.first_seen[id] = at
                for reader in self.readers.values():
                    if reader.since is not None and reader.since <= at:
                        reader.owed.add(id)
        names = {row.id: row.newsletter for row in issues}
        for row in found:
            if row.issue_id in names:
                self._row(
                    row, names[row.issue_id], self.variants.get(row.variant_id), fates[row.issue_id], tags
                )
        for issue, name in names.items():  # what is dropped or left out is so for everybody
            gone = {id for id, fate in fates[issue].items() if fate != "carried"}
            for (_, of), reader in self.readers.items():
                reader.owed -= gone if of == name else set()
        have = {(row.issue_id, row.subscriber_id) for row in found}
        for issue in issues:
            if issue.state != "publishing" and issue.id not in self.judged:
                self.judged.add(issue.id)
                self._of_none(issue, have, now)
        self._no_repeat(found, names)

    def _row(
        self, row: Any, name: str, variant: Any, fates: dict[int, str], tags: dict[int, frozenset[str]]
    ) -> None:
        reader = self.readers[row.subscriber_id, name]
        before = self.rows.get(row.id)
        brought = tuple(variant.articles) if variant else ()
        self.rows[row.id] = Row(row.state, brought)
        self._places[row.id] = (row.subscriber_id, name)
        counts, counted = row.state in COUNTED, before is not None and before.state in COUNTED
        if counts and before is None:
            for id in sorted(reader.owed & fates.keys() - {*variant.articles, *variant.waiting}):
                is_for_them = fates[id] == "carried" and name not in self.drops
                told = f"{row.subscriber_id} is owed article {id} of {name}, and {row.issue_id} forgot it"
                assert not is_for_them or not reader.wants(tags.get(id, frozenset())), told
                if is_for_them:
                    self.topical.add((row.subscriber_id, name, id))
                reader.owed.discard(id)
            reader.owed -= set(brought)
        if counted and not counts and reader.since is not None:
            reader.owed |= {id for id in brought if self.first_seen[id] >= reader.since}

    def _of_none(self, issue: Any, have: set[tuple[str, int]], now: datetime) -> None:
        """Who has no row of an issue that was just queued, and why: as they stood."""
        cadences = self.cadences[issue.newsletter]
        for (id, name), reader in self.readers.items():
            if name != issue.newsletter:
                continue
            served = not cadences or not issue.cadence or self._cadence(reader, name) == issue.cadence
            why = None
            if reader.since is None:
                why = Code.NOT_SUBSCRIBED_THEN
            elif not reader.is_served(now):
                why = Code.PAUSED
            elif not served:
                why = Code.NOT_DUE
            has = (issue.id, id) in have
            if issue.state != "cancelled":
                assert has == (why is None), f"{id} and {issue.id}: a row {has}, and {why}"
            if why is not None:
                self.none[id, issue.id] = why

    def _cadence(self, reader: Reader, name: str) -> str:
        return reader.frequency if reader.frequency in self.cadences[name] else self.defaults[name]

    def _no_repeat(self, found: Any, names: dict[str, str]) -> None:
        times = Counter(
            (row.subscriber_id, names[row.issue_id], id)
            for row in found
            if row.issue_id in names and row.state in COUNTED
            for id in self.variants[row.variant_id].articles
        )
        assert {key: number for key, number in times.items() if number > 1} == {}

    # ── what is explained ───────────────────────────────────────────────────

    def explains(self, database: Database, id: int, told: Explanation) -> None:
        """Exactly one reason for each issue of the newsletters that they ever had, and the right one."""
        with database.read() as connection:
            i = t.issue.c
            issues = connection.execute(select(i.id, i.newsletter).where(i.kind == "issue")).all()
            mine = connection.execute(select(t.delivery).where(t.delivery.c.subscriber_id == id)).all()
        states = {row.issue_id: row.state for row in mine}
        theirs = [one for one in issues if (id, one.newsletter) in self.readers]
        assert sorted(one.issue_id for one in told.issues if one.issue_id) == sorted(one.id for one in theirs)
        for one in told.issues:
            if one.issue_id in states:
                assert one.code in OF_STATE[states[one.issue_id]], one
            elif (id, one.issue_id) in self.none:
                assert one.code is self.none[id, one.issue_id], one

    def explains_article(self, id: int, article: int, told: Explanation) -> None:
        """Exactly one reason in each newsletter that they ever had, and the right one."""
        names = [name for reader, name in self.readers if reader == id]
        assert sorted(one.newsletter for one in told.articles) == sorted(names), (article, told.articles)
        for one in told.articles:
            reader = self.readers[id, one.newsletter]
            brought = [row for row in self.of(id, one.newsletter) if article in row.articles]
            got = [row for row in brought if row.state in COUNTED]
            if got:
                assert one.code in OF_STATE[got[0].state], one
                continue
            assert one.code is not Code.SENT, one
            if reader.since is not None and article in reader.owed:
                assert one.code not in {Code.ALREADY_HAD, Code.TOPIC_NOT_CHOSEN, Code.NOT_SUBSCRIBED_THEN}, (
                    one
                )
            elif (id, one.newsletter, article) in self.topical and reader.since is not None and not brought:
                assert one.code in {Code.TOPIC_NOT_CHOSEN, Code.PAUSED}, one

    def of(self, id: int, name: str) -> list[Row]:
        """Their rows of a newsletter."""
        return [self.rows[row] for row, of in self._places.items() if of == (id, name)]

    _places: dict[int, tuple[int, str]] = field(default_factory=dict)
