"""What became of each row -> ImportReport. However long the list, only so much of it is held in memory."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TextIO

from newsletter.audience.cells import Rejected
from newsletter.audience.enrolling import Change, Enrolled
from newsletter.audience.people import guarded

#: So many rejected rows and notes are told one by one; the file of rejected rows has all.
TOLD: Final = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """A row that was imported, but not quite as it was written."""

    line: int  #: 0 when it concerns the whole file
    address: str  #: empty when it concerns the file
    text: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the file; every row that is not blank is in exactly one of the first five counts."""

    added: int
    updated: int
    unchanged: int
    rejected_rows: int
    skipped: int  #: rows that their own program says are nobody's
    kept_out: int  #: of the updated and unchanged: people who left, or never confirmed, and stay so
    statuses: tuple[tuple[str, int], ...]  #: how the people stand who were taken, as the list says
    rejected: tuple[Rejected, ...]  #: the first :data:`TOLD` of them
    notes: tuple[Note, ...]  #: the same
    ignored_columns: tuple[str, ...]
    kept_columns: tuple[tuple[str, str], ...]  #: columns that became an attribute: as written, our name
    import_id: int  #: 0 for a dry run
    format: str  #: the title of whose list it is


@dataclass(slots=True)
class Tally:
    """The counts so far."""

    reject_to: TextIO | None = None
    counts: Counter[Change] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    skipped: int = 0
    kept_out: int = 0
    refusals: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    more_notes: int = 0
    legacy: int = 0
    first_legacy: int = 0
    #: Rows that were not taken and of whom nobody can say who they are.
    nameless: int = 0

    def reject(self, one: Rejected) -> None:
        """A row that is not taken."""
        self.refusals += 1
        if len(self.rejected) < TOLD:
            self.rejected.append(one)
        if self.reject_to is not None:
            write_rejected(self.reject_to, (one,))

    def note(self, line: int, address: str, text: str) -> None:
        """Something that a person should look at."""
        if len(self.notes) < TOLD:
            self.notes.append(Note(line, address, text))
        else:
            self.more_notes += 1

    def take(self, answers: Iterable[Enrolled]) -> None:
        """What became of some people."""
        for answer in answers:
            one = answer.person
            if answer.change is Change.REFUSED:
                reason = f"is on the suppression list: {answer.why}"
                self.reject(Rejected(one.line, one.address.address, reason))
                continue
            self.counts[answer.change] += 1
            self.kept_out += bool(answer.kept_out) and answer.change is not Change.ADDED
            if one.notes or answer.no_room:
                for text in filter(None, (*one.notes, answer.no_room)):
                    self.note(one.line, one.address.address, text)

    def report(
        self,
        *,
        ignored: Iterable[str],
        kept: Iterable[tuple[str, str]],
        import_id: int,
        title: str,
    ) -> ImportReport:
        """All of it."""
        return ImportReport(
            self.counts[Change.ADDED],
            self.counts[Change.UPDATED],
            self.counts[Change.UNCHANGED],
            self.refusals,
            self.skipped,
            self.kept_out,
            tuple(sorted(self.statuses.items())),
            tuple(sorted(self.rejected, key=lambda one: one.line)),
            tuple(sorted((*self.notes, *self._last()), key=lambda note: note.line)),
            tuple(dict.fromkeys(ignored)),
            tuple(dict.fromkeys(kept)),
            import_id,
            title,
        )

    def _last(self) -> list[Note]:
        told = []
        if self.legacy:
            text = f"not UTF-8, read as Windows-1252 ({self.legacy} such rows): check the accents"
            told.append(Note(self.first_legacy, "", text))
        if self.more_notes:
            told.append(Note(0, "", f"{self.more_notes:,} more notes are not shown"))
        return told


def write_rejected(out: TextIO, rows: Iterable[Rejected]) -> None:
    """Rows of `line,email,reason` (RFC 4180) that no spreadsheet runs."""
    table = csv.writer(out, lineterminator="\r\n")
    table.writerows((one.line, guarded(one.address), guarded(one.reason)) for one in rows)
