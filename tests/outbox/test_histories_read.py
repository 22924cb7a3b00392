"""What is read of a reader's past decides what all of it would."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Final, Literal

import pytest
from sqlalchemy import Connection, insert, select, update

from newsletter.issue.portion import Offered, Past, Rules, due
from newsletter.outbox import archive, frozen
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import COUNTED, Histories
from newsletter.outbox.sharing import Group, Sharing
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.tables import milliseconds
from tests.outbox.publishing import NOW, issue, subscribe

READERS: Final = 60
ISSUES: Final = 24
ARTICLES: Final = 60
WEEK: Final = timedelta(days=7)
NAMES: Final = tuple(f"weekly-{n:02}" for n in range(ISSUES))
#: When each was made: a clock was set back for one of them.
MADE: Final = [NOW - (ISSUES - n) * WEEK - (5 * WEEK if n == 15 else timedelta(0)) for n in range(ISSUES)]
ENDS: Final = ("sent", "sent", "passed", "failed", "suppressed", "cancelled")
FirstIssue = Literal["current", "after", "newest"]


def _lived(pick: Random, connection: Connection) -> None:
    """Issues that chose among anything, and brought their readers any of it."""
    numbers = range(1, ARTICLES + 1)
    articles = [{"id": n, "title": "", "path": f"{n}.md", "first_seen_at": NOW} for n in numbers]
    connection.execute(insert(t.article), articles)
    for n, name in enumerate(NAMES):
        frozen.put(connection, issue(name, due=MADE[n]), MADE[n])
        connection.execute(update(t.issue).where(t.issue.c.id == name).values(state="finished"))
        there = sorted(pick.sample(range(1, 2 * n + 13), 6))
        fates = [{"issue_id": name, "article_id": id, "position": id, "fate": "carried"} for id in there]
        connection.execute(insert(t.issue_article), fates)
        variants = [_variant(pick, connection, name, there) for _ in range(3)]
        mine = {"kind": "issue", "issue_id": name, "priority": 5, "due_at": MADE[n], "state_at": MADE[n]}
        faithful = [id for id in range(1, READERS + 1) if pick.random() < (0.1, 0.5, 0.95)[id % 3]]
        rows = [
            {**mine, "subscriber_id": id, "variant_id": pick.choice(variants), "state": pick.choice(ENDS)}
            for id in faithful
        ]
        connection.execute(insert(t.delivery), rows)


def _variant(pick: Random, connection: Connection, name: str, there: Sequence[int]) -> int:
    articles, waiting = pick.sample(there, 2), pick.sample(range(1, there[-1] + 1), pick.randrange(3))
    row = insert(t.variant).values(issue_id=name, blocks=[], slots={}, articles=articles, waiting=waiting)
    return int(connection.execute(row.returning(t.variant.c.id)).scalar_one())


def _sharing(pick: Random, first: FirstIssue) -> Sharing:
    """Some of it may be news all the same, and some is corrected."""
    fresh = frozenset(pick.sample(range(ARTICLES - 15, ARTICLES + 1), 4))
    seen = {id: milliseconds(NOW - 2 * WEEK) for id in pick.sample(range(1, ARTICLES + 1), 3)}
    pool = tuple(Offered(id, frozenset(), pick.choice((0, 0, id - 30))) for id in sorted(fresh))
    return Sharing(
        pool=pool,
        rules=Rules(min_items=1, max_items=3, carries=True, first_issue=first),
        groups=(Group("weekly", ("",), fresh, NAMES[-1], milliseconds(MADE[-1])),),
        newest=frozenset(range(1, ARTICLES + 1)),
        seen=seen,
        recent=NAMES,
    )


def _whole_past(connection: Connection, one: Person) -> list[Past]:
    """All that they ever had, by the rows alone."""
    d, v, a = t.delivery.c, t.variant.c, t.issue_article.c
    rows: dict[str, Any] = {
        row.issue_id: row
        for row in connection.execute(
            select(d.issue_id, d.state, v.articles, v.waiting)
            .join(t.variant, v.id == d.variant_id)
            .where(d.subscriber_id == one.id)
        )
    }
    chosen = {
        name: frozenset(connection.execute(select(a.article_id).where(a.issue_id == name)).scalars())
        for name in rows
    }
    return [
        Past(
            tuple(row.articles),
            tuple(row.waiting),
            chosen[name],
            counts=row.state in COUNTED,
            since_they_came=milliseconds(made) >= one.since,
        )
        for name, made in zip(NAMES, MADE, strict=True)
        if (row := rows.get(name))
    ]


@pytest.mark.parametrize("first", ["current", "after", "newest"])
@pytest.mark.parametrize("seed", range(5))
def test_it_decides_what_all_of_it_would(database: Database, seed: int, first: FirstIssue) -> None:
    pick = Random(seed)
    subscribe(database, READERS)
    database.write(partial(_lived, pick))
    sharing = _sharing(pick, first)
    (group,) = sharing.groups
    people = [
        Person(id, (), milliseconds(NOW - pick.randrange(ISSUES + 3) * WEEK)) for id in range(1, READERS + 2)
    ]
    with database.read() as connection:
        pasts = {one.id: _whole_past(connection, one) for one in people}
    expected = {
        one.id: due(pasts[one.id], sharing.news(group, one.since), first, sharing.corrects) for one in people
    }
    for name in NAMES[:-3]:
        while database.write(partial(archive.pack_chunk, issue_id=name, now=NOW + 52 * WEEK)):
            pass

    with database.read() as connection:
        histories = Histories(connection, sharing)
        decided = Decider(sharing, histories).due_to_each(group, people)
        assert {one.id: found for one, found in decided} == expected


def test_of_who_has_read_it_for_years_the_newest_issues_are_read(database: Database) -> None:
    """And of who was away so long, back to the last that came; of a stranger all, and there is nothing."""
    subscribe(database, 3)
    last = {1: ISSUES, 2: ISSUES - 10}

    def write(connection: Connection) -> None:
        for n, name in enumerate(NAMES):
            frozen.put(connection, issue(name, due=MADE[n]), MADE[n])
            connection.execute(insert(t.article).values(id=n + 1, title="", path="", first_seen_at=NOW))
            fate = {"issue_id": name, "article_id": n + 1, "position": 0, "fate": "carried"}
            connection.execute(insert(t.issue_article).values(fate))
            row = insert(t.variant).values(issue_id=name, blocks=[], slots={}, articles=[n + 1])
            variant = connection.execute(row.returning(t.variant.c.id)).scalar_one()
            mine = {"kind": "issue", "issue_id": name, "priority": 5, "due_at": MADE[n], "state_at": MADE[n]}
            theirs = {"variant_id": variant, "state": "sent"}
            rows = [{**mine, **theirs, "subscriber_id": id} for id, until in last.items() if n < until]
            connection.execute(insert(t.delivery), rows)

    database.write(write)
    rules = Rules(min_items=1, max_items=3, carries=True, first_issue="current")
    asked = Sharing((), rules, (), recent=NAMES)
    with database.read() as connection:
        read = Histories(connection, asked).rows(dict.fromkeys((1, 2, 3), milliseconds(MADE[0])))
    assert {id: [row.issue_id for row in rows] for id, rows in read.items()} == {
        1: [*NAMES[-4:]],
        2: [*NAMES[-12:-10]],
    }
