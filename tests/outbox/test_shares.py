"""Who is of a class gets what they would get if they were looked at alone, however the chunks fall."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

import pytest
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy import table as named

from newsletter.issue.portion import Offered, Rules
from newsletter.outbox import frozen, queueing
from newsletter.outbox.deciding import Decider, Person
from newsletter.outbox.histories import Histories
from newsletter.outbox.sharing import Group, Sharing, document
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.tables import milliseconds
from tests.outbox.publishing import NOW, issue, subscribe

READERS: Final = 160
DAY: Final = timedelta(days=1)
MADE: Final = {"first": NOW - 14 * DAY, "second": NOW - 7 * DAY, "third": NOW, "fourth": NOW}
FRESH: Final = {"first": (1, 2, 3), "second": (4, 5), "third": (6, 7, 8), "fourth": (6, 7, 8)}
TAGS: Final = ({"cats"}, {"dogs"}, {"cats", "dogs"}, {"owls"})
TOPICS: Final[tuple[list[str], ...]] = ([], ["cats"], ["Dogs", "owls"], ["owls"], ["newts"])
SERVED: Final = {"daily": ("daily",), "weekly": ("weekly", "")}

Got = tuple[tuple[int, ...], tuple[int, ...], str, int]  #: articles, waiting, state, due


class Broken(Exception):
    pass


def _sharing(id: str, rules: Rules) -> Sharing:
    order = list(FRESH)[: list(FRESH).index(id)]
    earlier = tuple(each for each in order if MADE[each] < MADE[id])
    there = sorted({n for each in (*earlier, id) for n in FRESH[each]}, reverse=True)
    before = earlier[-1] if earlier else ""
    before_at = milliseconds(MADE[before]) if before else 0
    return Sharing(
        pool=tuple(Offered(n, frozenset(TAGS[n % 4])) for n in there),
        rules=rules,
        groups=tuple(Group(c, f, frozenset(FRESH[id]), before, before_at) for c, f in SERVED.items()),
        newest=frozenset(there[:2]),
        seen={n: milliseconds(MADE[each] - DAY) for each in earlier for n in FRESH[each]},
        recent=earlier,
        zones={0: milliseconds(MADE[id]), 1: milliseconds(MADE[id]) + 1, 2: milliseconds(MADE[id]) + 2},
    )


def _publish(database: Database, id: str, rules: Rules) -> Sharing:
    sharing = _sharing(id, rules)
    late = NOW + DAY  # so long an issue may be sent
    made = replace(issue(id, due=MADE[id]), cadence="", pool=document(sharing), stale_at=late)

    def write(connection: Connection) -> None:
        frozen.put(connection, made, MADE[id])
        chosen = [
            {"issue_id": id, "article_id": each.id, "position": 0, "fate": "carried"} for each in sharing.pool
        ]
        connection.execute(insert(t.issue_article), chosen)

    database.write(write)
    return sharing


def _people(pick: Random, connection: Connection) -> None:
    """Readers of every kind."""
    connection.execute(insert(t.zone), [{"id": n, "name": f"Zone/{n}"} for n in (1, 2, 3)])
    articles = [{"id": n, "title": "", "path": f"{n}.md", "first_seen_at": NOW} for n in range(1, 9)]
    connection.execute(insert(t.article), articles)
    p, s = t.subscriber.c, t.subscription.c
    for id in range(1, READERS + 1):
        kind = {"frequency": pick.choice(("", "weekly", "daily", "each")), "topics": pick.choice(TOPICS)}
        since = NOW - pick.choice((20, 20, 20, 10, 3)) * DAY
        paused = pick.choice((None, None, None, NOW - 5 * DAY))  # while the second issue is queued
        chosen_at = pick.choice((None, None, None, NOW - 10 * DAY, NOW - 3 * DAY))
        times = {"since": since, "paused_until": paused, "chosen_at": chosen_at}
        connection.execute(update(t.subscription).where(s.subscriber_id == id).values(**times, **kind))
        lives = pick.choice((None, 1, 2, 3))
        connection.execute(update(t.subscriber).where(p.id == id).values(zone_id=lives))


def _ended(pick: Random, id: str, at: datetime, connection: Connection, *, some: bool = False) -> None:
    """Anything may have become by then of what waits of an issue, or of some of it."""
    d, ends = t.delivery.c, ("sent", "sent", "sent", "in_doubt", "deferred", "failed", "cancelled")
    queued = d.issue_id == id, d.state == "queued"
    for row in connection.execute(select(d.id).where(*queued)).scalars().all():
        became = {"state": pick.choice((*ends, "suppressed")), "state_at": at}
        if not some or pick.random() < 0.5:
            connection.execute(update(t.delivery).where(d.id == row).values(became))


def _lived(database: Database, seed: int, rules: Rules) -> None:
    """Readers of every kind, and two issues of which everything may have become, of the first some only when
    the second had been made."""
    pick = Random(seed)
    subscribe(database, READERS)
    database.write(partial(_people, pick))
    for id in ("first", "second"):
        _publish(database, id, rules)
        while database.write(partial(queueing.queue_chunk, issue_id=id, now=MADE[id])):
            pass
        database.write(partial(_ended, pick, id, MADE[id] + DAY, some=True))
    database.write(partial(_ended, pick, "first", NOW - 3 * DAY))


def _alone(database: Database, sharing: Sharing) -> dict[int, Got]:
    """What each gets who is looked at alone."""
    s, found = t.subscription.c, dict[int, Got]()
    with database.read() as connection:
        decider = Decider(sharing, Histories(connection, sharing))
        query = select(s.subscriber_id, s.frequency, s.topics, s.since, t.subscriber.c.zone_id)
        for row in connection.execute(query.join(t.subscriber)).all():
            for group in sharing.groups:
                if row.frequency in group.frequencies:
                    one = Person(row.subscriber_id, tuple(row.topics), milliseconds(row.since))
                    [(_, part)] = decider.of_each(group, [one])
                    due = sharing.zones.get(row.zone_id or 0, sharing.zones[0])
                    state = "queued" if part.articles else "passed"
                    found[row.subscriber_id] = (part.articles, part.waiting, state, due)
    return found


def _got(database: Database, id: str) -> Mapping[int, Got]:
    d, v = t.delivery.c, t.variant.c
    query = select(d.subscriber_id, v.articles, v.waiting, d.state, d.due_at).join_from(
        t.delivery, t.variant, v.id == d.variant_id
    )
    with database.read() as connection:
        rows = connection.execute(query.where(d.issue_id == id)).all()
    return {
        row.subscriber_id: (tuple(row.articles), tuple(row.waiting), row.state, milliseconds(row.due_at))
        for row in rows
    }


def _chunk(database: Database, id: str, rows: int) -> bool:
    return database.write(lambda c: queueing.queue_chunk(c, id, NOW, rows=rows))


def _at_once(database: Database, id: str) -> None:
    while _chunk(database, id, 1000):
        pass


def _in_sevens(database: Database, id: str) -> None:
    while _chunk(database, id, 7):
        pass


def _beside_another(database: Database, id: str) -> None:
    """Two issues on one connection, in turn."""
    _publish(database, "fourth", _RULES)
    while any([_chunk(database, id, 11), _chunk(database, "fourth", 13)]):
        pass


def _broken_off(database: Database, id: str) -> None:
    """Each transaction comes to nothing once, when it has done all."""

    def broken(connection: Connection) -> None:
        queueing.queue_chunk(connection, id, NOW, rows=9)
        raise Broken

    more = True
    while more:
        with pytest.raises(Broken):
            database.write(broken)
        more = _chunk(database, id, 9)


_RULES: Final = Rules(min_items=1, max_items=2, carries=True, first_issue="current")


@pytest.mark.parametrize("way", [_at_once, _in_sevens, _beside_another, _broken_off])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_gets_what_they_would_get_alone(
    database: Database, seed: int, way: Callable[[Database, str], None]
) -> None:
    _lived(database, seed, _RULES)
    sharing = _publish(database, "third", _RULES)
    expected = _alone(database, sharing)

    way(database, "third")

    assert _got(database, "third") == expected
    assert len({state for _, _, state, _ in expected.values()}) == 2


@pytest.mark.parametrize(
    "rules",
    [
        Rules(min_items=2, max_items=3, carries=True, first_issue="after"),
        Rules(min_items=1, max_items=1, carries=False, first_issue="newest"),
    ],
    ids=lambda rules: str(rules.first_issue),
)
def test_each_gets_what_they_would_get_alone_by_other_rules(database: Database, rules: Rules) -> None:
    _lived(database, 4, rules)
    sharing = _publish(database, "third", rules)
    expected = _alone(database, sharing)

    _in_sevens(database, "third")

    assert _got(database, "third") == expected


def test_nothing_of_the_readers_is_kept_once_an_issue_is_queued(database: Database) -> None:
    _lived(database, 5, _RULES)
    _publish(database, "third", _RULES)
    _in_sevens(database, "third")

    with_names = "SELECT name FROM temp.sqlite_schema WHERE type = 'table'"
    names = database.write(lambda c: c.exec_driver_sql(with_names).scalars().all())
    count = select(func.count())
    counts = {
        each: database.write(lambda c, n=each: c.execute(count.select_from(named(n))).scalar_one())  # type: ignore[misc]
        for each in names
    }

    assert counts == {"next_class": 0, "next_reader": 0, "next_turned": 0, "next_zone": 0}
