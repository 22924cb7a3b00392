"""One person's rows -> one reason for each article, in each newsletter that they have to do with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from newsletter.audience.explained import Code, Reason
from newsletter.issue.portion import fold, wants
from newsletter.outbox.histories import COUNTED
from newsletter.outbox.ledger import BEFORE, CARRIED, DROPPED, OMITTED
from newsletter.outbox.sharing import of_document
from newsletter.service.explaining import Delivered, Told, Whose, of_none, of_row, standing
from newsletter.store import tables as t

#: So many articles are told of somebody when nobody asks for one.
MOST: Final = 20

_LEFT_OUT: Final = {
    DROPPED: "It did not fit {issue}, and was dropped.",
    BEFORE: "It was there before the first issue.",
    OMITTED: "It was left out of {issue}.",
}

_DROPPED: Final = "It did not fit their mail of {issue}, and was dropped."


@dataclass(frozen=True, slots=True)
class Article:
    """An article that was ever seen."""

    id: int
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An issue that chose among articles of which one is asked for, and the person's row of it."""

    row: Any
    had: Delivered | None
    articles: tuple[int, ...]  #: that it brought them, or was to bring
    waiting: frozenset[int]
    fate: str
    reason: str

    @property
    def counts(self) -> bool:
        return self.had is not None and self.had.state in COUNTED


def find(connection: Connection, asked: str) -> tuple[Article, ...]:
    """The articles of that file, title or id."""
    a, k = t.article.c, t.article_key.c
    keys = select(k.article_id).where(or_(k.key == asked, k.key == f"id:{asked}", k.key == f"url:{asked}"))
    named = or_(a.path == asked, a.title == asked, a.id.in_(keys))
    return tuple(
        Article(row.id, row.title, row.path) for row in connection.execute(select(t.article).where(named))
    )


def newest(connection: Connection, newsletters: Sequence[str]) -> tuple[Article, ...]:
    """The newest articles that issues of these newsletters brought anybody."""
    a, c, i = t.article.c, t.issue_article.c, t.issue.c
    query = (
        select(a.id, a.title, a.path)
        .join(t.issue_article, c.article_id == a.id)
        .join(t.issue, i.id == c.issue_id)
        .where(i.newsletter.in_(newsletters), c.fate == CARRIED)
        .group_by(a.id)
        .order_by(a.first_seen_at.desc(), a.id.desc())
        .limit(MOST)
    )
    return tuple(Article(row.id, row.title, row.path) for row in connection.execute(query))


def of_issue(connection: Connection, issue_id: str) -> tuple[Article, ...]:
    """The articles of an issue, in its order."""
    a, c = t.article.c, t.issue_article.c
    query = (
        select(a.id, a.title, a.path)
        .join(t.issue_article, c.article_id == a.id)
        .where(c.issue_id == issue_id, c.fate == CARRIED)
        .order_by(c.position)
    )
    return tuple(Article(row.id, row.title, row.path) for row in connection.execute(query))


def reasons(
    whose: Whose,
    rows: Sequence[tuple[Any, Delivered | None]],
    newsletter: str,
    articles: Sequence[Article],
    left_out: Mapping[int, str],
) -> Iterator[Reason]:
    """Why they got each of these articles in a newsletter, or not. `rows`: its issues, newest first;
    `left_out`: why an article may be in none of them."""
    fates = _fates(whose.connection, [row.id for row, _ in rows], [one.id for one in articles])
    contents = {row.id: _contents(whose.connection, had) for row, had in rows}
    for one in articles:
        places = [
            _Place(row, had, *contents[row.id], *fates.get((row.id, one.id), ("", ""))) for row, had in rows
        ]
        issue, (code, text, at) = _reason(whose, newsletter, one.id, places, left_out)
        yield Reason(newsletter, issue, one.path, one.title, code, text, at)


def _reason(
    whose: Whose, newsletter: str, id: int, places: Sequence[_Place], left_out: Mapping[int, str]
) -> tuple[str, Told]:
    for place in places:
        if id in place.articles and place.had is not None:
            return place.row.id, of_row(whose, place.row, place.had)
    last = next((place for place in places if place.counts), None)
    if last is not None and id in last.waiting:
        text = f"It did not fit {last.row.id}; it waits for their next issue."
        return last.row.id, (Code.LEFT_OUT, text, last.had.at if last.had else None)
    chose = [place for place in places if place.fate]
    # What was decided once is not decided again, though a later issue chose among it, too.
    for place in reversed(chose):
        if place.counts and id not in place.waiting:
            had = {each for one in places if one.counts for each in one.articles}
            return place.row.id, _decided(whose, id, place, had)
    for place in chose:
        if place.fate == CARRIED:
            return place.row.id, _missed(whose, newsletter, id, place)
    if chose:
        return chose[0].row.id, _left_out(chose[0])
    return "", _to_come(whose, newsletter, left_out.get(id, ""))


def _decided(whose: Whose, id: int, place: _Place, had: Collection[int]) -> Told:
    """Why an issue that they had, or that had nothing for them, did not bring it."""
    at = place.had.at if place.had else None
    if place.fate != CARRIED:
        return _left_out(place)
    shared = of_document(place.row.pool)
    found = next((one for one in shared.pool if one.id == id), None) if shared else None
    tags = found.tags if found else frozenset[str]()
    topics = _topics(whose, place)
    if found and found.corrects and found.corrects not in had:
        return Code.LEFT_OUT, "It corrects an article that they have not had.", at
    if topics and not wants(fold(topics), tags):
        about = ", ".join(sorted(tags)) or "nothing with a name"
        text = f"It is about {about}; they had chosen {', '.join(topics)}."
        return Code.TOPIC_NOT_CHOSEN, text, at
    if shared is not None and not shared.rules.carries:
        return Code.LEFT_OUT, _DROPPED.format(issue=place.row.id), at
    if found and not found.corrects:
        return Code.LEFT_OUT, f"They had missed it before, and {place.row.id} found it too old.", at
    return Code.ALREADY_HAD, "They had it before, in another form.", at


def _left_out(place: _Place) -> Told:
    told = f"It was left out of {place.row.id}: {place.reason}." if place.reason else ""
    return Code.LEFT_OUT, told or _LEFT_OUT[place.fate].format(issue=place.row.id), place.row.created_at


def _missed(whose: Whose, newsletter: str, id: int, place: _Place) -> Told:
    """Why an issue that brought it did not bring it to them."""
    if place.counts and place.had is not None:  # it was left waiting, and they left before it came
        text = f"It did not fit {place.row.id}, and was too old, or they were gone, when it could have come."
        told: Told = Code.LEFT_OUT, text, place.had.at
    elif place.had is not None and _was_dropped(whose, place, id):
        told = Code.LEFT_OUT, _DROPPED.format(issue=place.row.id), place.had.at
    else:
        told = of_row(whose, place.row, place.had) if place.had else of_none(whose, place.row)
    now = standing(whose, whose.stood(newsletter, whose.now), whose.now)
    if now[0] is not None:
        return now[0], now[1], told[2]
    if told[0] in (Code.PAUSED, Code.NOT_DUE):
        return told[0], f"{told[1]} It comes with their next issue, as long as it is not too old.", told[2]
    return told


def _was_dropped(whose: Whose, place: _Place, id: int) -> bool:
    """Whether their mail, which did not come, was too full for it, of a newsletter where nothing waits."""
    shared = of_document(place.row.pool)
    found = next((one for one in shared.pool if one.id == id), None) if shared else None
    if found is None or shared is None or shared.rules.carries or not place.articles:
        return False
    return id not in place.waiting and wants(fold(_topics(whose, place)), found.tags)


def _topics(whose: Whose, place: _Place) -> tuple[str, ...]:
    """What they had chosen to read about when the issue was made."""
    return whose.stood(place.row.newsletter, place.row.created_at).topics


def _to_come(whose: Whose, newsletter: str, why: str) -> Told:
    """Why an article that was in no issue yet has not come."""
    code, text = standing(whose, whose.stood(newsletter, whose.now), whose.now)
    if code is not None:
        return code, text, None
    if why:
        return Code.LEFT_OUT, f"It is left out: {why}.", None
    return Code.NOT_DUE, "It has been in no issue yet: the next may bring it.", None


def _fates(
    connection: Connection, issues: Sequence[str], articles: Sequence[int]
) -> dict[tuple[str, int], tuple[str, str]]:
    c = t.issue_article.c
    rows = connection.execute(select(t.issue_article).where(c.article_id.in_(articles)))
    there = set(issues)
    return {(row.issue_id, row.article_id): (row.fate, row.reason) for row in rows if row.issue_id in there}


def _contents(connection: Connection, had: Delivered | None) -> tuple[tuple[int, ...], frozenset[int]]:
    """What a person's row brings them, and what it leaves waiting."""
    if had is None or had.variant_id is None:
        return (), frozenset()
    v = t.variant.c
    row = connection.execute(select(v.articles, v.waiting).where(v.id == had.variant_id)).one()
    return tuple(row.articles), frozenset(row.waiting)
