"""Which articles a newsletter has had: rows, never a date cursor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update

from newsletter.model import Article, State
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new


@dataclass(frozen=True, slots=True)
class Had:
    """What a newsletter remembers of the folder when it chooses."""

    articles: frozenset[int]  #: ids carried or dropped by an earlier issue of it
    baseline_at: datetime | None  #: None: it has issued nothing yet
    first_seen: Mapping[int, datetime]
    known: Mapping[str, int]  #: article key -> id

    def id_of(self, article: Article) -> int | None:
        """The article's id, by the strongest of its keys that is known; None when it was never seen."""
        return next((self.known[key] for key in article.keys if key in self.known), None)

    def why_not(self, article: Article) -> str:
        """Why the article is no news to this newsletter; empty when it is."""
        id = self.id_of(article)
        if id is None:
            return ""
        if id in self.articles:
            return "already in an earlier issue"
        if self.baseline_at is not None and self.first_seen[id] <= self.baseline_at:
            return "was there before the first issue"
        return ""


NOTHING = Had(frozenset(), None, {}, {})


def had(connection: Connection, newsletter: str) -> Had:
    """Read what a newsletter remembers. Its baseline is its first issue; one that was cancelled
    before anybody got it counts for nothing."""
    reached = t.delivery.c.state.not_in([State.CANCELLED, State.SUPPRESSED])
    counts = and_(
        t.issue.c.newsletter == newsletter,
        t.issue.c.kind == "issue",
        or_(
            t.issue.c.state != "cancelled",
            exists().where(t.delivery.c.issue_id == t.issue.c.id, reached),
        ),
    )
    carried = select(t.issue_article.c.article_id).join(t.issue, t.issue.c.id == t.issue_article.c.issue_id)
    return Had(
        articles=frozenset(connection.execute(carried.where(counts)).scalars()),
        baseline_at=connection.execute(select(func.min(t.issue.c.created_at)).where(counts)).scalar(),
        first_seen={r.id: r.first_seen_at for r in connection.execute(select(t.article))},
        known={r.key: r.article_id for r in connection.execute(select(t.article_key))},
    )


def remember(connection: Connection, articles: Iterable[Article], now: datetime) -> dict[str, int]:
    """Note every article of the folder with all its keys; return identity -> id."""
    known: dict[str, int] = {r.key: r.article_id for r in connection.execute(select(t.article_key))}
    ids: dict[str, int] = {}
    for article in articles:
        id = next((known[key] for key in article.keys if key in known), None)
        if id is None:
            row = insert(t.article).values(title=article.title, path=article.path, first_seen_at=now)
            id = int(connection.execute(row.returning(t.article.c.id)).scalar_one())
        else:
            connection.execute(
                update(t.article)
                .where(t.article.c.id == id, t.article.c.title != article.title)
                .values(title=article.title, path=article.path)
            )
        ids[article.identity] = id
        fresh = [key for key in article.keys if key not in known]
        known |= dict.fromkeys(fresh, id)
        if fresh:
            connection.execute(insert_new(t.article_key), [{"key": k, "article_id": id} for k in fresh])
    return ids


def carry(
    connection: Connection,
    issue_id: str,
    ids: Mapping[str, int],
    carried: Sequence[Article],
    dropped: Sequence[Article],
) -> None:
    """Note what an issue carries, and what it dropped because it did not fit."""
    rows = {ids[article.identity]: 0 for article in dropped} | {
        ids[article.identity]: 1 for article in carried
    }
    if rows:
        connection.execute(
            insert(t.issue_article),
            [
                {"issue_id": issue_id, "article_id": id, "position": position, "carried": flag}
                for position, (id, flag) in enumerate(rows.items())
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
        .where(t.issue_article.c.issue_id == issue_id, t.issue_article.c.carried == 1)
        .order_by(t.issue_article.c.position)
    )
    return tuple(Carried(row.title, row.path) for row in rows)


def free_id(connection: Connection, stem: str) -> str:
    """The first of ``stem1``, ``stem2`` … that no issue has."""
    taken = set(connection.execute(select(t.issue.c.id).where(t.issue.c.id.startswith(stem))).scalars())
    return next(id for n in itertools.count(1) if (id := f"{stem}{n}") not in taken)
