"""Which articles a newsletter has had: rows, never a date cursor."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from newsletter.model import Listing, State
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new

CARRIED, DROPPED, BEFORE = "carried", "dropped", "before"  #: what an issue was to an article

_WHY_NOT = {
    CARRIED: "already in an earlier issue",
    DROPPED: "did not fit an earlier issue, and was dropped",
    BEFORE: "was there before the first issue",
}


@dataclass(frozen=True, slots=True)
class Had:
    """What a newsletter remembers of the folder when it chooses."""

    fates: Mapping[int, str]  #: article id -> what an earlier issue was to it
    known: Mapping[str, int]  #: article key -> id
    first: bool  #: there was no issue yet: the newest make one, and the rest is no news

    def id_of(self, article: Listing) -> int | None:
        """The article's id, by the strongest of its keys that is known; None when it was never seen."""
        return next((self.known[key] for key in article.keys if key in self.known), None)

    def why_not(self, article: Listing) -> str:
        """Why the article is no news to this newsletter; empty when it is."""
        id = self.id_of(article)
        return "" if id is None or id not in self.fates else _WHY_NOT[self.fates[id]]


NOTHING = Had({}, {}, True)


def had(connection: Connection, newsletter: str) -> Had:
    """Read what a newsletter remembers. An issue that was cancelled before anybody got it does not count."""
    reached = t.delivery.c.state.in_([State.SENT, State.IN_DOUBT, State.SENDING])
    counted = and_(
        t.issue.c.newsletter == newsletter,
        t.issue.c.kind == "issue",
        or_(
            t.issue.c.state != "cancelled",
            exists().where(t.delivery.c.issue_id == t.issue.c.id, reached),
        ),
    )
    articles = select(t.issue_article.c.article_id, t.issue_article.c.fate)
    rows = connection.execute(
        articles.join(t.issue, t.issue.c.id == t.issue_article.c.issue_id).where(counted)
    )
    return Had(
        fates={row.article_id: row.fate for row in rows},
        known={r.key: r.article_id for r in connection.execute(select(t.article_key))},
        first=connection.execute(select(t.issue.c.id).where(counted).limit(1)).first() is None,
    )


def news_of_the_known(connection: Connection, articles: Iterable[Listing]) -> dict[str, int]:
    """Keys that articles of the ledger have got since: key -> id. `follow` writes them down.

    Done at every look at the folder: an article that is renamed today and edited
    tomorrow is still the same the day after.
    """
    known = {r.key: r.article_id for r in connection.execute(select(t.article_key))}
    fresh: dict[str, int] = {}
    for article in articles:
        id = next((known[key] for key in article.keys if key in known), None)
        if id is not None:
            fresh |= {key: id for key in article.keys if key not in known and key not in fresh}
    return fresh


def follow(connection: Connection, fresh: Mapping[str, int]) -> None:
    """Write down what `news_of_the_known` found."""
    connection.execute(insert_new(t.article_key), [{"key": k, "article_id": id} for k, id in fresh.items()])


def remember(connection: Connection, articles: Iterable[Listing], now: datetime) -> dict[str, int]:
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
    connection: Connection, issue_id: str, ids: Mapping[str, int], fates: Mapping[str, Sequence[Listing]]
) -> None:
    """Note what an issue was to the articles: `fates` names them by ``carried``, ``dropped``, ``before``."""
    rows = {
        ids[article.identity]: fate
        for fate in (BEFORE, DROPPED, CARRIED)  # the strongest last: variants share an identity
        for article in fates.get(fate, ())
    }
    if rows:
        connection.execute(
            insert(t.issue_article),
            [
                {"issue_id": issue_id, "article_id": id, "position": position, "fate": fate}
                for position, (id, fate) in enumerate(rows.items())
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
    taken = set(connection.execute(select(t.issue.c.id).where(t.issue.c.id.startswith(wanted))).scalars())
    if not mark and wanted not in taken:
        return wanted
    first = 1 if mark else 2
    return next(id for n in itertools.count(first) if (id := f"{wanted}-{mark}{n}") not in taken)
