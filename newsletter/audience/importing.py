"""A list of people as a file -> ImportReport: in chunks, again and again if need be.

Killed in the middle, it is simply run again: what is there already is "unchanged".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import Connection

from newsletter.audience import formats, import_runs, source
from newsletter.audience.consent import Evidence
from newsletter.audience.enrolling import Change, Enrolled, enrol
from newsletter.audience.erased import Erased
from newsletter.audience.formats import Format
from newsletter.audience.import_report import ImportReport, Tally
from newsletter.audience.people import Person
from newsletter.audience.reading import Reading
from newsletter.audience.source import Source
from newsletter.errors import SubscribersError
from newsletter.store.database import CHUNK, PAUSE_SECONDS, Database

#: A person is several rows (subscriber, subscriptions, tags): fewer people than rows fit one transaction.
PEOPLE_AT_ONCE: Final = CHUNK // 4


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import leaves for whoever goes on with it."""

    report: ImportReport
    is_there: Callable[[str], bool]  #: whether an address key stands in the file
    people: int  #: rows that can be taken, or were before
    nameless: int  #: rows of whom nobody can say who they are
    is_whole: bool  #: the file was the same before and after


def import_list(
    database: Database,
    path: Path,
    *,
    newsletters: tuple[str, ...],
    now: datetime,
    form: str = "",
    own_formats: Path | None = None,
    dry: bool = False,
    rejected_to: TextIO | None = None,
    on_row: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import the people in a file and subscribe them to `newsletters`, as the file says that they stand.

    A list without further ado is the operator's word that these people agreed; but nobody
    who left, or never confirmed, is brought back. `form` names the format where it is not to be recognised by
    the columns; `own_formats` is a folder with more of them. With `dry` nothing is written, and the report is
    what it would be. `on_row` is called with the line number of each row as it is read.
    :class:`SubscribersError` when the file as a whole cannot be used; a single bad row is in the report, and
    the rest goes on.
    """
    look = source.look(path)
    return import_file(
        database,
        look,
        newsletters=newsletters,
        now=now,
        known=formats.load(own_formats),
        form=form,
        dry=dry,
        rejected_to=rejected_to,
        on_row=on_row,
    ).report


def import_file(
    database: Database,
    look: Source,
    *,
    newsletters: tuple[str, ...],
    now: datetime,
    known: Mapping[str, Format],
    form: str = "",
    through: str = "import",
    dry: bool = False,
    rejected_to: TextIO | None = None,
    on_row: Callable[[int], None] | None = None,
) -> Imported:
    """As :func:`import_list`, of a file that was looked at."""
    if form and form not in known:
        raise SubscribersError(f"there is no format {form}; there are: {', '.join(sorted(known))}")
    reading = Reading(look, known, form, on_row, Tally(rejected_to))
    titles = ", ".join(dict.fromkeys(reading.title(part) for part in look.parts))
    run = import_runs.Run(0, str(look.path), look.sha256, newsletters, titles, now)
    store = _Store(database, run, Evidence(now, through), Erased(database.path), dry)
    store.begin(look.path.name)
    for people in reading.rounds():
        for chunk in _chunks(people):
            reading.tally.take(store.enrol(chunk))
    is_whole = look.is_unchanged()
    if not is_whole:
        reading.tally.note(0, "", "the file changed while it was read: import it again")
    report = reading.report(store.run.id, titles)
    store.finish(report)
    taken = report.added + report.updated + report.unchanged
    return Imported(report, reading.is_there, taken, reading.tally.nameless, is_whole)


def _chunks(people: Iterator[Person]) -> Iterator[list[Person]]:
    """People in their order, no address twice in one chunk."""
    chunk: dict[str, Person] = {}
    for one in people:
        if len(chunk) == PEOPLE_AT_ONCE or one.address.key in chunk:
            yield list(chunk.values())
            chunk = {}
        chunk[one.address.key] = one
    if chunk:
        yield list(chunk.values())


class _Store:
    """Where people go: into the database, or, of a dry run, into a transaction that is thrown away."""

    def __init__(
        self, database: Database, run: import_runs.Run, evidence: Evidence, erased: Erased, dry: bool
    ) -> None:
        self.run, self._database, self._evidence, self._erased = run, database, evidence, erased
        self._dry = dry
        self._wrote_at = 0.0

    def begin(self, name: str) -> None:
        if not self._dry:
            self.run = self._database.write(lambda connection: import_runs.begin(connection, self.run))
        source = f"import {self.run.id}: {name}"
        self._evidence = replace(self._evidence, source=source)

    def enrol(self, people: Sequence[Person]) -> tuple[Enrolled, ...]:
        """A chunk in one transaction, with its counts: what is counted is there."""
        if self._dry:
            return self._tried(people)
        # What it took to read these people was most of the pause.
        time.sleep(max(0.0, self._wrote_at + PAUSE_SECONDS - time.monotonic()))
        answers = self._database.write(lambda connection: self._enrol(connection, people, self.run.id))
        self._wrote_at = time.monotonic()
        return answers

    def finish(self, report: ImportReport) -> None:
        if not self._dry:
            self._database.write(lambda connection: import_runs.finish(connection, self.run, report))

    def _enrol(self, connection: Connection, people: Sequence[Person], id: int) -> tuple[Enrolled, ...]:
        answers = enrol(
            connection,
            people,
            newsletters=self.run.newsletters,
            evidence=self._evidence,
            erased=self._erased,
            import_id=id,
        )
        changes = [answer.change for answer in answers if answer.person.line]
        import_runs.count(connection, id, changes.count(Change.ADDED), changes.count(Change.UPDATED))
        return answers

    def _tried(self, people: Sequence[Person]) -> tuple[Enrolled, ...]:
        def attempt(connection: Connection) -> None:
            raise _Tried(self._enrol(connection, people, import_runs.begin(connection, self.run).id))

        try:
            self._database.write(attempt)
        except _Tried as tried:
            return tried.answers
        raise AssertionError("a trial is never committed")


class _Tried(Exception):
    """Takes the answers out of a transaction that is rolled back."""

    def __init__(self, answers: tuple[Enrolled, ...]) -> None:
        self.answers = answers
