"""CSV file -> ImportReport: a list of people who agreed to get mail, in chunks, again and again if need be.

Killed in the middle, it is simply run again: what is there already is "unchanged".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, insert, update

from newsletter.audience import people
from newsletter.audience.cells import DELIMITERS, Record, Rejected, Rows, fingerprint, opened, shown
from newsletter.audience.consent import Evidence
from newsletter.audience.enrolling import Change, Enrolled, enrol
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.errors import SubscribersError
from newsletter.store.database import CHUNK, PAUSE_SECONDS, Database
from newsletter.store.tables import import_run

#: A person is several rows (subscriber, subscriptions, tags): fewer people than rows fit one transaction.
PEOPLE_AT_ONCE = CHUNK // 4


@dataclass(frozen=True, slots=True)
class Note:
    """A row that was imported, but not quite as it was written."""

    line: int
    address: str  #: empty when it concerns the file
    text: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the file; every row that is not blank is in exactly one of the first four."""

    added: int
    updated: int
    unchanged: int
    rejected: tuple[Rejected, ...]
    kept_out: int  #: of the updated and unchanged: people who left, or never confirmed, and stay so
    notes: tuple[Note, ...]
    ignored_columns: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    counts: dict[Change, int] = field(default_factory=lambda: dict.fromkeys(Change, 0))
    kept_out: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    legacy: list[int] = field(default_factory=list)

    def take(self, answers: tuple[Enrolled, ...]) -> None:
        for answer in answers:
            line, address = answer.person.line, answer.person.address.address
            self.counts[answer.change] += 1
            if answer.change is Change.REFUSED:
                reason = f"is on the suppression list: {answer.why}"
                self.rejected.append(Rejected(line, address, reason))
                continue
            self.kept_out += bool(answer.kept_out) and answer.change is not Change.ADDED
            self.notes += (Note(line, address, text) for text in answer.person.notes)

    def report(self, ignored: tuple[str, ...]) -> ImportReport:
        notes = sorted(self.notes + self._legacy_note(), key=lambda note: note.line)
        return ImportReport(
            self.counts[Change.ADDED],
            self.counts[Change.UPDATED],
            self.counts[Change.UNCHANGED],
            tuple(sorted(self.rejected, key=lambda one: one.line)),
            self.kept_out,
            tuple(notes),
            ignored,
        )

    def _legacy_note(self) -> list[Note]:
        if not self.legacy:
            return []
        text = f"not UTF-8, read as Windows-1252 ({len(self.legacy)} such rows): check the accents"
        return [Note(self.legacy[0], "", text)]


def import_csv(
    database: Database,
    path: Path,
    *,
    newsletters: tuple[str, ...],
    now: datetime,
    on_row: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import the people in a CSV file and subscribe the new ones to `newsletters`.

    A list without further ado is the operator's word that these people agreed; but nobody
    who left, or never confirmed, is brought back. `on_row` is called with the line number of each row
    as it is read. :class:`SubscribersError` when the file as a whole cannot be used; a
    single bad row is in the report, and the rest goes on.
    """
    digest = fingerprint(path)
    tally = _Tally()
    with opened(path) as rows:
        columns, ignored = _columns(path, rows)
        run = database.write(lambda connection: _begin(connection, path, digest, now))
        evidence, erased = Evidence(now, "import", f"import {run}: {path.name}"), Erased(database.path)
        waiting = _people(rows, columns, tally, on_row)
        while chunk := tuple(islice(waiting, PEOPLE_AT_ONCE)):
            tally.take(_store(database, chunk, newsletters, evidence, erased, run))
            time.sleep(PAUSE_SECONDS)
    report = tally.report(ignored)
    database.write(lambda connection: _finish(connection, run, report, now))
    return report


def _store(
    database: Database,
    chunk: tuple[Person, ...],
    newsletters: tuple[str, ...],
    evidence: Evidence,
    erased: Erased,
    run: int,
) -> tuple[Enrolled, ...]:
    return database.write(
        lambda connection: enrol(
            connection, chunk, newsletters=newsletters, evidence=evidence, erased=erased, import_id=run
        )
    )


def _columns(path: Path, rows: Rows) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Our name for each column (empty for those we do not know), and the unknown ones as written."""
    header = rows.header()
    if not header:
        raise SubscribersError(f"{path}: is empty; the first line must name the columns, one of them email")
    delimiter = max(DELIMITERS, key=lambda sign: sum(map(bool, map(people.column, rows.cut(header, sign)))))
    written = rows.cut(header, delimiter)
    columns = tuple(people.column(cell) for cell in written)
    if "email" not in columns:
        found = ", ".join(shown(cell) or "(blank)" for cell in written[:20])
        raise SubscribersError(f"{path}: no column is named email; found: {found}")
    for name in {name for name in columns if name and columns.count(name) > 1}:
        raise SubscribersError(f"{path}: two columns mean {name}; keep one")
    ignored = tuple(
        shown(cell) for cell, name in zip(written, columns, strict=True) if not name and cell.strip()
    )
    return columns, ignored


def _people(
    rows: Rows, columns: tuple[str, ...], tally: _Tally, on_row: Callable[[int], None] | None
) -> Iterator[Person]:
    """The rows that may be imported; the others go to the tally."""
    seen: dict[str, int] = {}
    for row in rows:
        if on_row:
            on_row(row.line)
        one = row if isinstance(row, Rejected) else _person(row, columns)
        if isinstance(one, Person) and (first := seen.setdefault(one.address.key, one.line)) != one.line:
            one = Rejected(one.line, one.address.address, f"is in the file already, in line {first}")
        if isinstance(one, Rejected):
            tally.rejected.append(one)
            continue
        if isinstance(row, Record) and row.legacy:
            tally.legacy.append(row.line)
        yield one


def _person(row: Record, columns: tuple[str, ...]) -> Person | Rejected:
    try:
        return people.person(row, columns)
    except ValueError as error:
        place = columns.index("email")
        cell = row.cells[place] if place < len(row.cells) else ""
        return Rejected(row.line, shown(cell), str(error))


def _begin(connection: Connection, path: Path, digest: str, now: datetime) -> int:
    row = {"path": str(path), "sha256": digest, "started_at": now}
    key = connection.execute(insert(import_run).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _finish(connection: Connection, run: int, report: ImportReport, now: datetime) -> None:
    values = {
        "finished_at": now,
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "rejected": len(report.rejected),
    }
    connection.execute(update(import_run).where(import_run.c.id == run).values(values))
