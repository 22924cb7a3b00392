"""Articles as they appeared -> the slots of a cadence that mails each of them by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from newsletter.schedule.due import BEGUN, SLACK, begin, begun, decided
from newsletter.schedule.quiet import Quiet, next_open
from newsletter.store import tables as t
from newsletter.store.database import Database

#: SQLite takes so many values in one question with ease.
_CHUNK = 500
_ARTICLE = "article:"


@dataclass(frozen=True, slots=True)
class ArticleSlot:
    """The send time of one article."""

    article_id: int
    due_at: datetime  #: UTC

    @property
    def key(self) -> str:
        """What it is called in the slot table."""
        return f"{_ARTICLE}{self.article_id}"


def undecided_articles(
    database: Database,
    newsletter: str,
    cadence: str,
    appeared: Mapping[int, datetime],
    now: datetime,
    *,
    wait: timedelta,
    zone: ZoneInfo,
    quiet: Quiet | None = None,
    holidays: tuple[str, ...] = (),
) -> tuple[ArticleSlot, ...]:
    """The slots that are not decided of the articles that `appeared` (id -> when it was first seen), in the
    order in which they are due; also of those that are due after `now`.

    What was there when the cadence was first seen is past, and is not sent. An article that a clock that
    ran ahead saw is due at once.
    """
    with database.read() as connection:
        since = begun(connection, newsletter, cadence, now)
    if since is None:
        database.write(lambda c: begin(c, newsletter, cadence, now))
        return ()
    slots = [
        ArticleSlot(
            id, next_open((seen if seen <= now + SLACK else now - wait) + wait, quiet, holidays, zone)
        )
        for id, seen in appeared.items()
        if seen > since
    ]
    taken = _taken(database, newsletter, cadence, [slot.key for slot in slots], now)
    return tuple(
        sorted(
            (slot for slot in slots if slot.key not in taken), key=lambda slot: (slot.due_at, slot.article_id)
        )
    )


def decided_articles(
    connection: Connection, newsletter: str, cadence: str, *, but: Collection[str] = ()
) -> frozenset[int]:
    """The articles whose slot is decided, whatever became of it; `but`: for issues that do not count."""
    s = t.slot.c
    rows = select(s.key, s.issue_id).where(s.newsletter == newsletter, s.cadence == cadence, s.state != BEGUN)
    found = (row.key for row in connection.execute(rows) if row.issue_id not in but)
    return frozenset(int(key.removeprefix(_ARTICLE)) for key in found)


def _taken(
    database: Database, newsletter: str, cadence: str, keys: list[str], now: datetime
) -> frozenset[str]:
    with database.read() as connection:
        chunks = (keys[at : at + _CHUNK] for at in range(0, len(keys), _CHUNK))
        return frozenset().union(*(decided(connection, newsletter, cadence, chunk, now) for chunk in chunks))
