"""What each reader is owed, kept beside the database in plain sets; and what the rows must therefore say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from newsletter.outbox import archive
from newsletter.service.explained import Code
from newsletter.store import tables as t
from newsletter.store.database import Database

COUNTED = frozenset({"queued", "sending", "deferred", "sent", "in_doubt", "passed"})
#: Of an issue whose readers have no rows yet.
UNQUEUED = frozenset({"held", "publishing"})


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

    issue: str
    reader: int
    state: str
    articles: tuple[int, ...]
    is_packed: bool = False

    @property
    def counts(self) -> bool:
        return self.state in COUNTED


@dataclass(frozen=True)
class Folder:
    """What the editor knows."""

    tags: Mapping[int, frozenset[str]]  #: of each article
    pins: Mapping[str, tuple[int, ...]]  #: by the id of an issue, in their order
    omitted: Mapping[str, frozenset[int]]
    corrects: Mapping[int, int]  #: correction -> the article that it is of


@dataclass
class Oracle:
    """Told of everything that readers say; looks into the database for what became of it."""

    drops: frozenset[str]  #: newsletters that drop what does not fit
    cadences: dict[str, tuple[str, ...]]
    defaults: dict[str, str]
    catch_up: timedelta  #: older, an article need not come any more to who missed it
    readers: dict[tuple[int, str], Reader] = field(default_factory=dict)
    first_seen: dict[int, datetime] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  #: issue -> its newsletter
    states: dict[str, str] = field(default_factory=dict)  #: issue -> its state
    rows: dict[int, Row] = field(default_factory=dict)
    mine: dict[tuple[int, str], int] = field(default_factory=dict)  #: reader and issue -> row
    #: Why somebody has no row of an issue: as they stood when it was made, or queued, or given up.
    none: dict[tuple[int, str], set[Code]] = field(default_factory=dict)
    judged: set[str] = field(default_factory=set)  #: issues of which that is known
    #: Reader, newsletter, article: the row by which it was decided that it does not come, and why.
    decided: dict[tuple[int, str, int], tuple[int, str]] = field(default_factory=dict)
    gone: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  #: dropped, left out
    _times: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    _variants: dict[int, Any] = field(default_factory=dict)
    _fates: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def look(self, database: Database, folder: Folder, now: datetime) -> None:
        """After everything that happens."""
        with database.read() as connection:
            self._articles(connection, folder)
            issues = self._issues(connection)
            v, d = t.variant.c, t.delivery.c
            wanted = select(v.id, v.articles, v.waiting).where(v.id > max(self._variants, default=0))
            self._variants |= {row.id: row for row in connection.execute(wanted)}
            columns = select(d.id, d.issue_id, d.subscriber_id, d.variant_id, d.state)
            found = connection.execute(columns.where(d.kind == "issue").order_by(d.id)).all()
            self._packed(connection, {row.id for row in found})
        for row in found:
            before = self.rows.get(row.id)
            if before is None or before.state != row.state or before.is_packed:
                self._row(row, before, folder, now)
        for (_, name), reader in self.readers.items():
            reader.owed -= self.gone[name]
        for issue in issues:
            self._of_none(issue, now)
        found_twice = self.repeats()
        assert not found_twice, "\n".join(found_twice)

    def repeats(self) -> list[str]:
        """Of what came more than once: to whom, and with which issues."""
        twice = [key for key, number in self._times.items() if number > 1]
        return [
            f"{id} has got {article} of {name} with "
            + ", ".join(f"{row.issue} ({row.state})" for row in self.of(id, name) if article in row.articles)
            for id, name, article in twice
        ]

    def _articles(self, connection: Connection, folder: Folder) -> None:
        for id, at in connection.execute(select(t.article.c.id, t.article.c.first_seen_at)).all():
            if id in self.first_seen:
                continue
            self.first_seen[id] = at
            for whose, reader in self.readers.items():
                if reader.since is not None and reader.since <= at and self._concerns(whose, id, folder):
                    reader.owed.add(id)

    def _concerns(self, whose: tuple[int, str], id: int, folder: Folder) -> bool:
        """A correction is for those who have had its article."""
        return id not in folder.corrects or self._times[(*whose, folder.corrects[id])] > 0

    def _issues(self, connection: Connection) -> list[Any]:
        """Those of which it is not known yet who has no row of them."""
        i, a = t.issue.c, t.issue_article.c
        columns = select(i.id, i.newsletter, i.state, i.cadence, i.created_at).where(i.kind == "issue")
        issues = connection.execute(columns).all()
        self.names |= {row.id: row.newsletter for row in issues}
        self.states = {row.id: row.state for row in issues}
        new = [row for row in issues if row.id not in self.judged]
        for id in (row.id for row in new):
            fates = connection.execute(select(a.article_id, a.fate).where(a.issue_id == id))
            self._fates[id] = dict(map(tuple, fates))
        return new

    def _packed(self, connection: Connection, there: set[int]) -> None:
        """What is no row any more is in the archive, as it was."""
        for id, row in self.rows.items():
            if id not in there and not row.is_packed:
                kept = archive.of_number(connection, id)
                assert kept is not None, f"row {id} of {row.issue} is nowhere"
                variant = self._variants.get(kept.variant_id or 0)
                brought = tuple(variant.articles) if variant else ()
                assert row == Row(kept.issue_id, kept.subscriber_id, kept.state, brought)
                row.is_packed = True

    def _row(self, row: Any, before: Row | None, folder: Folder, now: datetime) -> None:
        name, variant = self.names[row.issue_id], self._variants.get(row.variant_id)
        reader = self.readers[row.subscriber_id, name]
        brought = tuple(variant.articles) if variant else ()
        after = self.rows[row.id] = Row(row.issue_id, row.subscriber_id, row.state, brought)
        self.mine[row.subscriber_id, row.issue_id] = row.id
        counted = before is not None and before.counts
        if before is None and variant is not None:
            self._decides(row, name, variant, folder, now)
        if after.counts and not counted:
            reader.owed -= set(brought)
            self._times.update((row.subscriber_id, name, id) for id in brought)
        if counted and not after.counts:
            self._times.subtract((row.subscriber_id, name, id) for id in brought)
            undone = [key for key, (by, _) in self.decided.items() if by == row.id]
            for key in undone:
                del self.decided[key]
            if reader.since is not None:
                again = {*brought, *(id for _, _, id in undone)}
                reader.owed |= {id for id in again if self.first_seen[id] >= reader.since}

    def _decides(self, row: Any, name: str, variant: Any, folder: Folder, now: datetime) -> None:
        """Whoever has a row of an issue has been told of all that it is about, or waits for it."""
        reader, fates = self.readers[row.subscriber_id, name], self._fates[row.issue_id]
        whose = f"{row.subscriber_id} has {variant.articles} of {row.issue_id}"
        for id in sorted(reader.owed & fates.keys() - {*variant.articles, *variant.waiting}):
            is_for_them = fates[id] == "carried" and name not in self.drops
            is_for_them &= self._concerns((row.subscriber_id, name), id, folder)
            wanted = reader.wants(folder.tags.get(id, frozenset()))
            is_old = self.first_seen[id] < now - self.catch_up
            assert is_old or not (is_for_them and wanted), f"{whose}, and it forgot {id}"
            if is_for_them:
                self.decided[row.subscriber_id, name, id] = row.id, "too old" if wanted else "topic"
            reader.owed.discard(id)
        strange = [id for id in variant.articles if not self._concerns((row.subscriber_id, name), id, folder)]
        assert not strange, f"{whose}, and {strange} correct what they never had"
        pins = [id for id in folder.pins.get(row.issue_id, ()) if id in variant.articles]
        assert list(variant.articles[: len(pins)]) == pins, f"{whose}, and {pins} are pinned"
        omitted = self.left_out(name) | folder.omitted.get(row.issue_id, frozenset())
        assert omitted.isdisjoint(variant.articles), f"{whose}, and {omitted} are left out by briefs"

    def _of_none(self, issue: Any, now: datetime) -> None:
        """Who has no row of an issue that was just queued, and why: as they stood."""
        is_queued, is_given_up = issue.state not in UNQUEUED, issue.state == "cancelled"
        theirs = {id: one for (id, name), one in self.readers.items() if name == issue.newsletter}
        for id, reader in theirs.items():
            why = self.why_not(reader, issue.newsletter, issue.cadence, now)
            has = (id, issue.id) in self.mine
            if is_queued and not is_given_up:
                assert has == (why is None), f"{id} and {issue.id}: a row {has}, and {why}"
                self.none[id, issue.id] = set()
            accepted = {Code.CANCELLED} if is_given_up else set()
            if is_given_up and reader.since is not None and reader.since > issue.created_at:
                accepted.add(Code.NOT_SUBSCRIBED_THEN)
            accepted |= {why} if why is not None else set()
            self.none.setdefault((id, issue.id), set()).update(accepted)
        if not is_queued:
            return
        self.judged.add(issue.id)
        if not is_given_up:
            fates = self._fates[issue.id]
            self.gone[issue.newsletter] |= {id for id, fate in fates.items() if fate != "carried"}

    def why_not(self, reader: Reader, name: str, cadence: str, now: datetime) -> Code | None:
        """Why an issue of that cadence, queued now, is not for somebody."""
        if reader.since is None:
            return Code.NOT_SUBSCRIBED_THEN
        if not reader.is_served(now):
            return Code.PAUSED
        cadences = self.cadences[name]
        own = reader.frequency if reader.frequency in cadences else self.defaults.get(name, "")
        return None if not cadences or not cadence or own == cadence else Code.NOT_DUE

    def left_out(self, name: str) -> frozenset[int]:
        """What briefs of a newsletter omitted; that of an issue which was cancelled before anybody got it
        omits nothing."""
        came = {row.issue for row in self.rows.values() if row.state in {"sent", "in_doubt", "sending"}}
        found = {
            id
            for issue in self.judged
            if self.names[issue] == name and (self.states[issue] != "cancelled" or issue in came)
            for id, fate in self._fates[issue].items()
            if fate == "omitted"
        }
        return frozenset(found)

    def carried(self, issue: str) -> frozenset[int]:
        """The articles of an issue."""
        return frozenset(id for id, fate in self._fates[issue].items() if fate == "carried")

    def of(self, id: int, name: str) -> list[Row]:
        """Their rows of a newsletter."""
        return [
            self.rows[row]
            for (reader, issue), row in self.mine.items()
            if reader == id and self.names[issue] == name
        ]
