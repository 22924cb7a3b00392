"""Imports that were made: one number for each content and the newsletters that it was read for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from newsletter.audience.import_report import ImportReport
from newsletter.store.database import Database
from newsletter.store.dialect import Hot
from newsletter.store.tables import import_run


@dataclass(frozen=True, slots=True)
class Run:
    """One import."""

    id: int
    path: str
    sha256: str
    newsletters: tuple[str, ...]
    format: str  #: whose list it was
    started_at: datetime
    finished_at: datetime | None = None
    added: int = 0
    updated: int = 0
    rejected: int = 0
    undone_at: datetime | None = None


def begin(connection: Connection, run: Run) -> Run:
    """The run, with its number: that of an earlier one of the same content, which it goes on with, or a new
    one. What was undone is begun anew."""
    r = import_run.c
    same = (r.sha256 == run.sha256) & (r.undone_at.is_(None)) & (r.newsletters == list(run.newsletters))
    id = connection.execute(select(r.id).where(same).order_by(r.id).limit(1)).scalar()
    if id is None:
        row = {
            "path": run.path,
            "sha256": run.sha256,
            "started_at": run.started_at,
            "newsletters": list(run.newsletters),
            "format": run.format,
        }
        key = connection.execute(insert(import_run).values(row)).inserted_primary_key
        assert key is not None
        id = key[0]
    return replace(run, id=int(id))


def count(connection: Connection, id: int, added: int, updated: int) -> None:
    """Add to what the import did so far, in the transaction that does it."""
    if added or updated:
        _count()(connection, which=id, more=added, new=updated)


@cache
def _count() -> Hot:
    r = import_run.c
    more = {"added": r.added + bindparam("more"), "updated": r.updated + bindparam("new")}
    return Hot(update(import_run).where(r.id == bindparam("which")).values(more))


def finish(connection: Connection, run: Run, report: ImportReport) -> None:
    """It came to its end."""
    values = {
        "finished_at": run.started_at,
        "unchanged": report.unchanged,
        "rejected": report.rejected_rows,
    }
    connection.execute(update(import_run).where(import_run.c.id == run.id).values(values))


def find(connection: Connection, id: int) -> Run | None:
    """The import of that number."""
    row = connection.execute(select(import_run).where(import_run.c.id == id)).first()
    return None if row is None else _run(row)


def listed(database: Database, most: int = 100) -> Sequence[Run]:
    """The imports, the newest first."""
    query = select(import_run).order_by(import_run.c.id.desc()).limit(most)
    with database.read() as connection:
        return tuple(map(_run, connection.execute(query)))


def _run(row: Any) -> Run:
    return Run(
        row.id,
        row.path,
        row.sha256,
        tuple(row.newsletters),
        row.format,
        row.started_at,
        row.finished_at,
        row.added,
        row.updated,
        row.rejected,
        row.undone_at,
    )
