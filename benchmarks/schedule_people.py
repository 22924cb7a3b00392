"""A newsletter with readers of every kind, and issues that were shared out among them.

Sixty in a hundred have chosen no frequency, twenty-five have it daily, fifteen each post; they have one of
forty sets of topics, and live in thirty-eight zones. Two in a hundred are stragglers: half of them were
paused when the last issue went out, half have come back or changed since.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Connection, Table, insert, select, update

from newsletter.issue.portion import Offered, Rules
from newsletter.outbox import frozen, queueing
from newsletter.outbox.sharing import Group, Sharing, document
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.tables import milliseconds
from tests.outbox.publishing import issue

NOW: Final = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOPICS: Final = ("bread", "clocks", "gardens", "letters", "maps", "rivers", "snails", "tools")
ZONES: Final = 38
NEWS: Final = 50
EARLIER: Final = ("before-1", "before-2")
IN_THEM: Final = 30
#: Weekly issues of five years.
YEARS: Final = 261
RULES: Final = Rules(min_items=1, max_items=12, carries=True, first_issue="current")
_GROUPS: Final = {"each": ("each",), "daily": ("daily",), "weekly": ("weekly", "")}
_WEEK: Final = timedelta(days=7)

# In no order: what repeats itself would be packed into nothing.
_PEOPLE = """
WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?)
INSERT INTO subscriber (id, address, address_key, name, language, zone_id, created_at)
SELECT id, 'reader' || id || '@example.org', 'reader' || id || '@example.org', 'Reader ' || id, '',
       1 + (id * id % 1000003 * 31 + id * 7) % 1000003 % 38, 1 FROM n
"""
_SUBSCRIPTIONS = """
INSERT INTO subscription (subscriber_id, newsletter, status, since, frequency, topics)
SELECT people.id, 'weekly', 'active', 1,
       CASE WHEN chance < 60 THEN '' WHEN chance < 85 THEN 'daily' ELSE 'each' END,
       (SELECT value FROM json_each(?) WHERE key = people.topics)
FROM (SELECT id, (id * id % 1000003 * 17 + id) % 1000003 % 100 AS chance,
             (id * id % 1000003 * 7919 + id * 104729) % 1000003 % 40 AS topics FROM subscriber) AS people
ORDER BY people.id
"""


def combinations() -> tuple[tuple[str, ...], ...]:
    """Forty sets of topics; the first is of those who have chosen none."""
    some = itertools.chain(itertools.combinations(TOPICS, 1), itertools.combinations(TOPICS, 2))
    return ((), *some, TOPICS[:3], TOPICS[3:6], TOPICS[5:])


def people(database: Database, number: int) -> None:
    """So many readers. Nobody is a straggler yet."""
    topics = json.dumps([json.dumps(each) for each in combinations()])
    zones = sorted(available_timezones())[::15][:ZONES]

    def write(connection: Connection) -> None:
        connection.execute(insert(t.zone), [{"id": n, "name": name} for n, name in enumerate(zones, 1)])
        connection.exec_driver_sql(_PEOPLE, (number,))
        connection.exec_driver_sql(_SUBSCRIPTIONS, (topics,))

    database.write(write)


def straggle(database: Database, part: int) -> None:
    """One in two hundred … of them is away for the next issue (part 0), or has come again since (part 1)."""
    paused = "UPDATE subscription SET paused_until = ? WHERE subscriber_id % 100 = 17"
    again = "UPDATE subscription SET since = ? WHERE subscriber_id % 100 = 58"
    back = "UPDATE subscription SET paused_until = NULL WHERE paused_until IS NOT NULL"
    at = milliseconds(NOW - timedelta(days=3))
    calls: Sequence[tuple[str, tuple[int, ...]]] = (
        [(paused, (at,))] if part == 0 else [(again, (at,)), (back, ())]
    )
    for statement, values in calls:
        database.write(lambda c, s=statement, v=values: c.exec_driver_sql(s, v).rowcount)  # type: ignore[misc]


def articles(database: Database) -> None:
    """Those of the earlier issues and the new ones, each with a topic or two."""

    def write(connection: Connection) -> None:
        numbers = range(1, len(EARLIER) * IN_THEM + NEWS + 1)
        rows = [
            {"id": n, "title": f"Article {n}", "path": f"{n}.md", "first_seen_at": _seen(n)} for n in numbers
        ]
        connection.execute(insert(t.article), rows)

    database.write(write)


def publishing(database: Database, number: int) -> str:
    """Put the earlier issue 0 or 1, or the one that is measured (2): its readers are to be decided yet."""
    id = (*EARLIER, "measured")[number]
    due = NOW - (len(EARLIER) - number) * _WEEK
    sharing = _sharing(number, due)
    made = replace(issue(id, due=due), cadence="", pool=document(sharing))

    def write(connection: Connection) -> None:
        frozen.put(connection, made, due)
        rows = [
            {"issue_id": id, "article_id": n, "position": n, "fate": "carried"} for n in sorted(_new(number))
        ]
        connection.execute(insert(t.issue_article), rows)

    database.write(write)
    return id


def queued(database: Database, id: str, at: datetime = NOW) -> None:
    """Decide who gets what, as the service does it: chunk by chunk, with the pauses for others."""
    database.write_in_chunks(lambda c: queueing.queue_chunk(c, id, at))


def sent(database: Database, id: str) -> None:
    """All of it went out, some ninety a second, one in a hundred in vain."""
    sent_all = (
        "UPDATE delivery SET attempts = 1, state_at = due_at + id / 90 * 1000 + id % 1000,"
        " token = printf('%016x', id), owner = '0123456789abcdef',"
        " state = CASE WHEN id * id % 1000003 % 100 = 3 THEN 'failed' ELSE 'sent' END,"
        " code = CASE WHEN id * id % 1000003 % 100 = 3 THEN 550 ELSE 250 END, reply = CASE WHEN id % 100 = 3"
        " THEN 'RCPT: 5.1.1 <reader' || subscriber_id || '@example.org>: user unknown in local table'"
        " ELSE '2.0.0 Ok: queued as ' || printf('%010X', id) END WHERE issue_id = ? AND state = 'queued'"
    )
    database.write(lambda c: c.exec_driver_sql(sent_all, (id,)).rowcount)
    finished = update(t.issue).where(t.issue.c.id == id).values(state="finished")
    database.write(lambda c: c.execute(finished).rowcount)


def arrived(database: Database, id: str) -> None:
    """Nothing of it was in vain."""
    change = update(t.delivery).where(t.delivery.c.issue_id == id).values(state="sent", code=250, reply="")
    database.write(lambda c: c.execute(change).rowcount)


def older(database: Database, number: int) -> None:
    """So many issues before them all, each about an article of its own, that are packed as the oldest is."""
    names = [f"older-{n:03}" for n in range(number)]
    first = len(EARLIER) * IN_THEM + NEWS + 1

    def write(connection: Connection) -> None:
        for n, id in enumerate(names):
            at = NOW - (number - n + len(EARLIER)) * _WEEK
            article = {"id": first + n, "title": "", "path": f"{id}.md", "first_seen_at": at}
            connection.execute(insert(t.article).values(article))
            _again(connection, t.issue, {"id": id, "number": n - number, "created_at": at})
            _again(connection, t.archive, {"issue_id": id})
            _again(connection, t.archive_count, {"issue_id": id})
            fate = {"issue_id": id, "article_id": first + n, "position": 0, "fate": "carried"}
            connection.execute(insert(t.issue_article).values(fate))
        pool = connection.execute(select(t.issue.c.pool).where(t.issue.c.id == "measured")).scalar_one()
        known = {**pool, "recent": [*names, *pool["recent"]]}
        connection.execute(update(t.issue).where(t.issue.c.id == "measured").values(pool=known))

    database.write(write)


def _again(connection: Connection, table: Table, other: dict[str, object]) -> None:
    """The rows of the oldest issue once more, but for these columns."""
    mine = table.c.id if table is t.issue else table.c.issue_id
    rows = connection.execute(select(table).where(mine == EARLIER[0])).mappings().all()
    connection.execute(insert(table), [{**row, **other} for row in rows])


def _new(number: int) -> frozenset[int]:
    first = number * IN_THEM + 1
    return frozenset(range(first, first + (IN_THEM if number < len(EARLIER) else NEWS)))


def _seen(article: int) -> datetime:
    number = min((article - 1) // IN_THEM, len(EARLIER))
    return NOW - (len(EARLIER) - number) * _WEEK - timedelta(days=2)


def _sharing(number: int, due: datetime) -> Sharing:
    """As it is put together for an issue by hand, which is for the readers of every frequency."""
    before = EARLIER[number - 1] if number else ""
    before_at = milliseconds(due - _WEEK) if number else 0
    pool = tuple(_offered(n) for earlier in range(number + 1) for n in sorted(_new(earlier)))
    there = [one.id for one in pool]
    return Sharing(
        pool=pool[::-1],
        rules=RULES,
        groups=tuple(
            Group(name, chosen, fresh=_new(number), before=before, before_at=before_at)
            for name, chosen in _GROUPS.items()
        ),
        seen={id: milliseconds(_seen(id)) for id in there if id not in _new(number)},
        recent=EARLIER[:number],
        zones=_dues(due),
    )


def _offered(id: int) -> Offered:
    return Offered(id, frozenset({TOPICS[id % 8], TOPICS[id * 5 // 3 % 8]}))


def _dues(due: datetime) -> dict[int, int]:
    """By zone: nine o'clock there."""
    names = sorted(available_timezones())[::15][:ZONES]
    nine = due.replace(hour=9, minute=0, tzinfo=None)
    return {n: milliseconds(nine.replace(tzinfo=ZoneInfo(name))) for n, name in enumerate(names, 1)}
