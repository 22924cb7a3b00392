"""A publication whose operators want to be told, a real mail server behind it, and what may befall it."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from newsletter.issue.notices import Notice, What
from newsletter.model import State
from newsletter.outbox import frozen
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.web.maildrop import MailDrop
from tests.outbox.publishing import issue, publish, subscribe
from tests.signup.signing import Publication, publication

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKLY = "weekly-2026-11-23"
HASH = "9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707f3cdb5d4f1a6f0b"
EVERYBODY = '[notify]\nto = ["ida@slowpost.example", "ole@slowpost.example"]\n'


def newsroom(folder: Path, database: Database, drop: MailDrop, notify: str = EVERYBODY) -> Publication:
    """The Slow Post, with that table in its configuration."""
    (folder / "content").mkdir(exist_ok=True)
    return publication(folder, database, drop, notify)


def notice(what: What = What.SKIPPED, **more: object) -> Notice:
    """Something that may be told."""
    given = Notice(
        what, WEEKLY, "weekly", NOW, issue_id=WEEKLY, subject="A snail, timed", reason="nothing new"
    )
    return replace(given, **more)  # type: ignore[arg-type]


def skip(
    database: Database, at: datetime, reason: str = "nothing new", due: datetime | None = None, key: str = ""
) -> None:
    """A slot was decided at that time: no issue."""
    due = due or at
    row = {"newsletter": "weekly", "cadence": "weekly", "key": key or f"{due:%Y-%m-%d}", "due_at": due}
    row |= {"state": "skipped", "reason": reason, "issue_id": None, "decided_at": at}
    database.write(lambda c: c.execute(insert(t.slot).values(row)))


def issued(database: Database, at: datetime, due: datetime, id: str = WEEKLY) -> None:
    """An issue was made then for a slot that was due at another time."""
    publish(database, issue(id, due=due), at)
    row = {"newsletter": "weekly", "cadence": "weekly", "key": f"{due:%Y-%m-%d}", "due_at": due}
    row |= {"state": "issued", "reason": "", "issue_id": id, "decided_at": at}
    database.write(lambda c: c.execute(insert(t.slot).values(row)))


def hold(
    database: Database, due: datetime = NOW + DAY, hash: str = HASH, manifest: dict[str, object] | None = None
) -> None:
    """The issue is made, and waits for somebody's word; made anew if it was held before."""

    def write(connection: Connection) -> None:
        if connection.execute(select(t.issue.c.id).where(t.issue.c.id == WEEKLY)).first() is None:
            frozen.put(connection, issue(due=due), NOW)
        values = {"state": "held", "state_reason": "waits for approval", "approval_hash": hash}
        values["manifest"] = manifest or {}
        connection.execute(update(t.issue).where(t.issue.c.id == WEEKLY).values(values))

    database.write(write)


def open_issue(database: Database, readers: int = 3, at: datetime = NOW) -> None:
    """An issue that is queued for so many."""
    subscribe(database, readers)
    publish(database, issue(due=at), at)


def change(database: Database, state: str, reason: str = "") -> None:
    """The issue comes into another state."""
    values = {"state": state, "state_reason": reason}
    database.write(lambda c: c.execute(update(t.issue).where(t.issue.c.id == WEEKLY).values(values)))


def deliveries(database: Database, *states: State, at: datetime = NOW) -> None:
    """The issue's rows come into these states, one after the other."""

    def write(connection: Connection) -> None:
        d = t.delivery.c
        ids = connection.execute(select(d.id).where(d.issue_id == WEEKLY).order_by(d.id)).scalars().all()
        for id, state in zip(ids, states, strict=True):
            values = {"state": state, "state_at": at, "attempts": 1}
            connection.execute(update(t.delivery).where(d.id == id).values(values))

    database.write(write)


def commands(text: str) -> list[list[str]]:
    """The commands in a notice, as words."""
    return [found.split() for found in re.findall(r"(?m)^ {4}newsletter (.+)$", text)]
