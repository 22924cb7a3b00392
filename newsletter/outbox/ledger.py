"""Which articles a newsletter has had: rows, never a date cursor."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, not_, or_, select, update

from newsletter.model import Listing, State
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new

#: What an issue was to an article.
CARRIED, DROPPED, BEFORE, OMITTED = "carried", "dropped", "before", "omitted"

_WHY_NOT = {
    CARRIED: "already in an earlier issue",
    DROPPED: "did not fit an earlier issue, and was dropped",
    BEFORE: "was there before the first issue",
    OMITTED: "left out of an earlier issue",
}

#: Who looks so soon after an article's own date has seen it at that date.
AT_ONCE = timedelta(minutes=1)
_A_MOMENT = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Books:
    """What a newsletter remembers of the folder when it chooses. Issues are in the order in which they were
    made; one that was cancelled before anybody got it does not count."""

    known: Mapping[str, int] = field(default_factory=dict)  #: article key -> id
    seen: Mapping[int, datetime] = field(default_factory=dict)  #: article id -> first seen
    fates: Mapping[str, Mapping[int, str]] = field(default_factory=dict)  #: issue -> article id -> its fate
    made: tuple[tuple[str, str, datetime], ...] = ()  #: issues: id, cadence, when it was made
    begun: Mapping[str, datetime] = field(default_factory=dict)  #: cadence -> when its schedule began
    skipped: frozenset[int] = frozenset()  #: articles that were to go out by themselves, and did not
    #: Cadence -> the back catalogue of issues of it that do not count: a first one may be cancelled late.
    catalogue: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def ids(self, articles: Iterable[Listing]) -> dict[str, int]:
        """Identity -> id, by the strongest key that is known; what was never seen gets a number below 0."""
        strangers, known = itertools.count(-1, -1), self.known
        given: dict[str, int] = {}
        for article in articles:
            if article.identity not in given:
                for key in article.keys:
                    if key in known:
                        given[article.identity] = known[key]
                        break
                else:
                    given[article.identity] = next(strangers)
        return given

    def why_not(self, cadence_issues: Iterable[str], id: int) -> str:
        """Why an article is no news after these issues; empty when it is."""
        fate = next(
            (self.fates[issue][id] for issue in cadence_issues if id in self.fates.get(issue, {})), ""
        )
        return _WHY_NOT.get(fate, "")

    def issues_of(self, cadence: str, cadences: Sequence[str]) -> tuple[tuple[str, datetime], ...]:
        """The issues that readers of a cadence had chosen for them: its own, those by hand, and those of
        rhythms that the newsletter has no more. Id and when it was made."""
        others = {each for each in cadences if each != cadence}
        return tuple((id, at) for id, of, at in self.made if of not in others)

    def settled_at(self, issues: Sequence[tuple[str, datetime]], fresh: Collection[int]) -> datetime | None:
        """Who came and chose by then has had nothing but these issues of a cadence to which `fresh` is new;
        None where there are none. An issue of another cadence brought its readers some of it, perhaps, and
        they may be readers of this one by now."""
        own, new = {id for id, _ in issues}, frozenset(fresh)
        others = (at for id, _, at in self.made if id not in own and not new.isdisjoint(self.fates[id]))
        return min((issues[-1][1], *(at - _A_MOMENT for at in others))) if issues else None


NOTHING = Books()


def counted(newsletter: str) -> ColumnElement[bool]:
    """Whether the row's issue has reached the readers of a newsletter, or may yet."""
    reached = t.delivery.c.state.in_([State.SENT, State.IN_DOUBT, State.SENDING])
    return and_(
        t.issue.c.newsletter == newsletter,
        t.issue.c.kind == "issue",
        t.issue.c.state != "held",
        or_(
            t.issue.c.state != "cancelled",
            exists().where(t.delivery.c.issue_id == t.issue.c.id, reached),
            exists().where(t.archive_count.c.issue_id == t.issue.c.id, t.archive_count.c.state == State.SENT),
        ),
    )


def is_publishing(connection: Connection, newsletter: str) -> bool:
    """Whether an issue of it is being queued: until that is complete, nobody knows what its readers had."""
    publishing = t.issue.c.newsletter == newsletter, t.issue.c.state == "publishing"
    return connection.execute(select(t.issue.c.id).where(*publishing).limit(1)).first() is not None


def books(connection: Connection, newsletter: str) -> Books:
    """Read what a newsletter remembers."""
    i, a = t.issue.c, t.issue_article.c
    made = connection.execute(
        select(i.id, i.cadence, i.created_at).where(counted(newsletter)).order_by(i.number)
    ).all()
    fates: dict[str, dict[int, str]] = {row.id: {} for row in made}
    theirs = select(a.issue_id, a.article_id, a.fate).join(t.issue, i.id == a.issue_id)
    for row in connection.execute(theirs.where(counted(newsletter))):
        fates[row.issue_id][row.article_id] = row.fate
    begun = select(t.slot.c.cadence, t.slot.c.due_at).where(
        t.slot.c.newsletter == newsletter, t.slot.c.state == "begun"
    )
    return Books(
        known={row.key: row.article_id for row in connection.execute(select(t.article_key))},
        seen={
            row.id: row.first_seen_at
            for row in connection.execute(select(t.article.c.id, t.article.c.first_seen_at))
        },
        fates=fates,
        made=tuple((row.id, row.cadence, row.created_at) for row in made),
        begun={row.cadence: row.due_at for row in connection.execute(begun)},
        skipped=_skipped(connection, newsletter, fates),
        catalogue=_catalogue(connection, newsletter, fates),
    )


def _catalogue(
    connection: Connection, newsletter: str, counted: Collection[str]
) -> dict[str, frozenset[int]]:
    i, a = t.issue.c, t.issue_article.c
    theirs = select(i.id, i.cadence, a.article_id).join(t.issue_article, i.id == a.issue_id)
    gone = i.newsletter == newsletter, i.kind == "issue", i.state == "cancelled", a.fate == BEFORE
    found: dict[str, set[int]] = {}
    for row in connection.execute(theirs.where(*gone)):
        if row.id not in counted:
            found.setdefault(row.cadence, set()).add(row.article_id)
    return {cadence: frozenset(articles) for cadence, articles in found.items()}


def _skipped(
    connection: Connection, newsletter: str, fates: Mapping[str, Mapping[int, str]]
) -> frozenset[int]:
    """Those whose slot is decided, and whose issue is none that counts, or was full of others. One that is
    held may still go."""
    s = t.slot.c
    decided = s.newsletter == newsletter, s.cadence == "each", s.state != "begun"
    held = exists().where(t.issue.c.id == s.issue_id, t.issue.c.state == "held")
    rows = connection.execute(select(s.key, s.issue_id).where(*decided, not_(held))).all()
    found = ((int(row.key.removeprefix("article:")), row.issue_id) for row in rows)
    return frozenset(id for id, issue in found if id not in fates.get(issue or "", ()))


# ── the folder, as it is known ──────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Learned:
    """What a look at the folder found that was not known yet."""

    strangers: tuple[Listing, ...]  #: articles that were never seen
    keys: Mapping[str, int]  #: that known ones have got since: key -> id
    titles: Mapping[int, Listing]  #: of those that are called or kept otherwise by now

    def __bool__(self) -> bool:
        return bool(self.strangers or self.keys or self.titles)


def unlearned(connection: Connection, articles: Iterable[Listing]) -> Learned:
    """What :func:`learn` would write down. It only reads.

    Asked at every look at the folder: an article that is renamed today and edited tomorrow is still the same
    the day after, and when it was first seen is when it was seen.
    """
    known = {r.key: r.article_id for r in connection.execute(select(t.article_key))}
    called = {r.id: (r.title, r.path) for r in connection.execute(select(t.article))}
    strangers: dict[str, Listing] = {}
    keys: dict[str, int] = {}
    called_now: dict[int, list[Listing]] = {}
    for article in articles:
        id = next((known[key] for key in article.keys if key in known), None)
        if id is None:
            strangers.setdefault(article.identity, article)
            continue
        keys |= {key: id for key in article.keys if key not in known and key not in keys}
        called_now.setdefault(id, []).append(article)
    # An article in two languages has two titles, one of which is noted.
    renamed = {
        id: those[0]
        for id, those in called_now.items()
        if called[id] not in [(article.title, article.path) for article in those]
    }
    return Learned(tuple(strangers.values()), keys, renamed)


def learn(connection: Connection, articles: Sequence[Listing], now: datetime) -> None:
    """Note every article of the folder with all its keys, and when it was first seen."""
    found = unlearned(connection, articles)
    for id, article in found.titles.items():
        change = update(t.article).where(t.article.c.id == id)
        connection.execute(change.values(title=article.title, path=article.path))
    keys = [{"key": key, "article_id": id} for key, id in found.keys.items()]
    for article in found.strangers:
        at = article.date if article.date and timedelta(0) <= now - article.date <= AT_ONCE else now
        row = insert(t.article).values(title=article.title, path=article.path, first_seen_at=at)
        id = int(connection.execute(row.returning(t.article.c.id)).scalar_one())
        same = (other for other in articles if other.identity == article.identity)
        keys += [{"key": key, "article_id": id} for other in same for key in other.keys]
    if keys:
        connection.execute(insert_new(t.article_key), keys)


# ── what issues were to articles ────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fate:
    """What an issue is to an article."""

    article_id: int
    fate: str
    reason: str = ""


def carry(connection: Connection, issue_id: str, fates: Iterable[Fate]) -> None:
    """Note what an issue is to articles, in its order; each article once."""
    rows = {one.article_id: one for one in fates}
    if rows:
        connection.execute(
            insert(t.issue_article),
            [
                {
                    "issue_id": issue_id,
                    "article_id": one.article_id,
                    "position": position,
                    "fate": one.fate,
                    "reason": one.reason,
                }
                for position, one in enumerate(rows.values())
            ],
        )


@dataclass(frozen=True, slots=True)
class Carried:
    """An article of an issue, as it was last seen."""

    title: str
    path: str


def carried(connection: Connection, issue_id: str) -> tuple[Carried, ...]:
    """The articles that an issue carries, in its order."""
    rows = connection.execute(
        select(t.article.c.title, t.article.c.path)
        .join(t.issue_article, t.issue_article.c.article_id == t.article.c.id)
        .where(t.issue_article.c.issue_id == issue_id, t.issue_article.c.fate == CARRIED)
        .order_by(t.issue_article.c.position)
    )
    return tuple(Carried(row.title, row.path) for row in rows)


def free_id(connection: Connection, wanted: str, mark: str = "") -> str:
    """An id that no issue has: ``wanted-m1``, ``wanted-m2`` … with the mark ``m``;
    without a mark ``wanted`` itself, else ``wanted-2`` …"""
    taken = connection.execute(select(t.issue.c.id).where(t.issue.c.id.startswith(wanted))).scalars()
    return free_among(set(taken), wanted, mark)


def free_among(taken: Collection[str], wanted: str, mark: str = "") -> str:
    """The same where these ids are taken."""
    if not mark and wanted not in taken:
        return wanted
    first = 1 if mark else 2
    return next(id for n in itertools.count(first) if (id := f"{wanted}-{mark}{n}") not in taken)
