"""Lists that are kept as files -> subscribers as the files say, whenever one of them changes.

The rule is the import's. That somebody is no longer in a file means nothing unless it was asked for, and then
only of people whom this very file had brought.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from newsletter.audience import source
from newsletter.audience.consent import Evidence
from newsletter.audience.formats import Format
from newsletter.audience.import_report import ImportReport
from newsletter.audience.importing import Imported, import_file
from newsletter.audience.subscribers import leave
from newsletter.audience.subscriptions import LEFT
from newsletter.errors import SubscribersError
from newsletter.store.database import Database
from newsletter.store.tables import import_run, subscriber, subscription, sync_file

#: No more of a file's people may go at once, one person aside, unless an operator says so.
MOST_REMOVED: Final = 0.2
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of one file that had changed."""

    path: Path
    report: ImportReport | None  #: None when it could not be read
    removed: int = 0
    problem: str = ""  #: what a person must do something about


@dataclass(frozen=True, slots=True)
class Sync:
    """What is the same for all files."""

    newsletters: tuple[str, ...]
    formats: Mapping[str, Format]
    removes: bool = False  #: whether who is no longer in a file is unsubscribed
    removes_many: bool = False  #: an operator looked at it: however many that are


@dataclass(frozen=True, slots=True)
class _Last:
    stamp: str
    sha256: str  #: empty: some of its people should go and were too many


def sync(database: Database, files: Sequence[Path], asked: Sync, now: datetime) -> tuple[Synced, ...]:
    """Read the files that changed since they were synced; of the others nothing is told. What is wrong with
    one does not keep the others."""
    with database.read() as connection:
        rows = connection.execute(select(sync_file)).all()
    last = {row.path: _Last(row.stamp, row.sha256) for row in rows}
    told = (_one(database, path, last.get(str(path)), asked, now) for path in files)
    return tuple(one for one in told if one is not None)


def _one(database: Database, path: Path, last: _Last | None, asked: Sync, now: datetime) -> Synced | None:
    try:
        if last is not None and source.stamp(path) == last.stamp and not asked.removes_many:
            return None if last.sha256 or not asked.removes else Synced(path, None, 0, _WAITING)
        look = source.look(path)
        if last is not None and look.sha256 == last.sha256:
            _remember(database, look, look.sha256, now)
            return None
        done = import_file(
            database, look, newsletters=asked.newsletters, now=now, known=asked.formats, through="sync"
        )
    except SubscribersError as error:
        return Synced(path, None, 0, str(error))
    if not done.is_whole:
        return Synced(path, done.report, 0, f"{path}: changed while it was read; it is read again")
    removed, problem = _remove(database, path, done, asked, now) if asked.removes else (0, "")
    _remember(database, look, "" if problem else look.sha256, now)
    return Synced(path, done.report, removed, problem)


_WAITING: Final = (
    "people who are no longer in the file wait for your word: `newsletter subscribers sync --remove-many`"
)


def _remember(database: Database, look: source.Source, sha256: str, now: datetime) -> None:
    path = str(look.path)

    def write(connection: Connection) -> None:
        connection.execute(delete(sync_file).where(sync_file.c.path == path))
        row = {"path": path, "stamp": look.stamp, "sha256": sha256, "synced_at": now}
        connection.execute(insert(sync_file).values(row))

    database.write(write)


# ── who is no longer in it ──────────────────────────────────────────────────


def _remove(database: Database, path: Path, done: Imported, asked: Sync, now: datetime) -> tuple[int, str]:
    """How many were unsubscribed, and why they were not."""
    brought, absent = 0, array("q")
    for id, key in _brought(database, path, asked.newsletters):
        brought += 1
        if not done.is_there(key):
            absent.append(id)
    if why := _hindrance(path, done, brought, len(absent), asked.removes_many):
        return 0, why
    evidence = Evidence(now, "sync", f"import {done.report.import_id}: {path.name}, which has them no more")
    for start in range(0, len(absent), _AT_ONCE):
        some = absent[start : start + _AT_ONCE]
        database.write(partial(_leave, ids=some, newsletters=asked.newsletters, evidence=evidence))
    return len(absent), ""


def _hindrance(path: Path, done: Imported, brought: int, absent: int, many: bool) -> str:
    if not absent:
        return ""
    gone = f"{path}: {absent:,} of the {brought:,} people that it brought are no longer in it"
    if not done.people:
        return f"{gone}, nor is anybody else: nobody is unsubscribed"
    if done.nameless:
        return f"{gone}, but {done.nameless:,} of its lines cannot be read: nobody is unsubscribed"
    if many or absent <= max(1, int(brought * MOST_REMOVED)):
        return ""
    return f"{gone}. If that is so: `newsletter subscribers sync --remove-many`"


def _brought(database: Database, path: Path, newsletters: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Those who came with this file and have a newsletter still."""
    s, runs = subscriber.c, select(import_run.c.id).where(import_run.c.path == str(path))
    with database.read() as connection:
        mine = tuple(connection.execute(runs).scalars())
    stands = (
        select(subscription.c.subscriber_id)
        .where(subscription.c.subscriber_id == s.id, subscription.c.status != LEFT)
        .where(subscription.c.newsletter.in_(newsletters))
        .exists()
    )
    query = select(s.id, s.address_key).where(s.import_id.in_(mine), stands).order_by(s.id)
    after = 0
    while True:
        with database.read() as connection:
            page = connection.execute(query.where(s.id > after).limit(1000)).all()
        if not page:
            return
        yield from ((row.id, row.address_key) for row in page)
        after = page[-1].id


def _leave(
    connection: Connection, ids: Sequence[int], newsletters: Sequence[str], evidence: Evidence
) -> None:
    for id in ids:
        for name in newsletters:
            leave(connection, id, name, evidence)
