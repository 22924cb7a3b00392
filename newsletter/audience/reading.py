"""Source -> Person, Person …: who left before who stays.

So of two rows for one address the stricter counts, and at no time the other.

A list that says how people stand is read several times for that; one that does not, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from newsletter.audience.addresses import parse
from newsletter.audience.cells import Record, Rejected, Rows, shown
from newsletter.audience.formats import PLAIN, Format, folded, recognised
from newsletter.audience.import_report import ImportReport, Tally
from newsletter.audience.objects import Objects
from newsletter.audience.people import Person
from newsletter.audience.seen import Seen
from newsletter.audience.source import Part, Source
from newsletter.audience.translating import Translator
from newsletter.errors import SubscribersError

#: Octets of a row, to guess how many there are.
_SHORT_ROW: Final = 24
_MOST_GUESSED: Final = 1_100_000
#: So many different sets of keys may the objects of one JSON file have.
_MOST_HEADERS: Final = 200
#: One after the other: who left, who waits, who rests, who gets mail.
_ROUNDS: Final = (
    frozenset({"unsubscribed", "suppressed", "blocked", "bounced", "complained", "skip"}),
    frozenset({"pending"}),
    frozenset({"paused"}),
    frozenset({"active"}),
)
_STRICT, _LAST = _ROUNDS[0], _ROUNDS[-1]
_LINE_BITS: Final = 24
_EMPTY: Final = "is empty; the first line must name the columns, one of them email"


@dataclass(slots=True)
class Reading:
    """A file, and what has been found in it so far."""

    look: Source
    known: Mapping[str, Format]
    form: str  #: empty: to be recognised
    on_row: Callable[[int], None] | None
    tally: Tally
    _seen: Seen = field(init=False)
    _refused: Seen = field(default_factory=Seen)
    _translators: dict[tuple[str, tuple[str, ...]], Translator] = field(default_factory=dict)
    _forms: dict[str, Format] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        rows = sum(part.octets for part in self.look.parts) // _SHORT_ROW
        self._seen = Seen(min(rows, _MOST_GUESSED))

    def title(self, part: Part) -> str:
        """Whose list that is. :class:`SubscribersError` when it is none."""
        with self._open(part):
            pass
        return self._forms[part.name].title

    def rounds(self) -> Iterator[Iterator[Person]]:
        """The people to be taken, the strict ones first. Rows that are not taken go to the tally."""
        for wanted in _ROUNDS:
            if wanted is _LAST or wanted & self._possible():
                yield self._people(wanted)

    def is_there(self, key: str) -> bool:
        """Whether somebody with that address key stands in the file, in whatever row."""
        return key in self._seen or key in self._refused

    def report(self, import_id: int, title: str) -> ImportReport:
        """What came of it."""
        kept = [one.kept for one in self._translators.values()]
        for text in sorted({one.note for one in self._forms.values() if one.note}):
            self.tally.note(0, "", text)
        for name in self.look.left_out:
            self.tally.note(0, "", f"{shown(name)} is no list: left out")
        return self.tally.report(
            ignored=[name for one in kept for name in one.ignored],
            kept=[pair for one in kept for pair in one.attributes.items()],
            import_id=import_id,
            title=title,
        )

    # ── rows ────────────────────────────────────────────────────────────────

    def _possible(self) -> set[str]:
        """Before the first round whatever the columns can say, after it what they did say."""
        if self._met or any(part.kind == "json" for part in self.look.parts):
            return self._met or {status for wanted in _ROUNDS for status in wanted}
        return {status for one in self._translators.values() for status in one.statuses}

    def _people(self, wanted: frozenset[str]) -> Iterator[Person]:
        bits = _LINE_BITS - (len(self.look.parts) - 1).bit_length()
        for place, part in enumerate(self.look.parts):
            for row, reader in self._rows(part):
                one = self._one(row, reader, wanted, place << bits)
                if one is not None:
                    yield one

    def _rows(self, part: Part) -> Iterator[tuple[Record | Rejected, Translator]]:
        with self._open(part) as (rows, reader):
            names: tuple[str, ...] = ()
            for row in rows:
                if isinstance(row, Record) and row.names != names:
                    names = row.names
                    try:
                        reader = self._translator(part, names)
                    except SubscribersError as error:
                        yield Rejected(row.line, "", str(error)), reader
                        names = ()
                        continue
                yield row, reader

    @contextmanager
    def _open(self, part: Part) -> Iterator[tuple[Rows | Objects, Translator]]:
        with self.look.opened(part) as raw:
            rows = Rows(raw) if part.kind == "csv" else Objects(raw)
            try:
                yield rows, self._translator(part, self._header(part, rows))
            finally:
                rows.release()

    def _one(
        self, row: Record | Rejected, reader: Translator, wanted: frozenset[str], offset: int
    ) -> Person | None:
        if isinstance(row, Rejected):
            if wanted is _LAST:
                self._read(row.line)
                self.tally.nameless += 1
                self.tally.reject(row)
            return None
        try:
            status = reader.status(row)
        except ValueError as error:
            if wanted is _LAST:
                self._read(row.line)
                self._refuse(row, reader, str(error))
            return None
        if wanted is _STRICT:
            self._met.add(status)
        if status not in wanted:
            return None
        self._read(row.line)
        if status == "skip":
            self.tally.skipped += 1
            return None
        return self._taken(row, reader, status, offset)

    def _read(self, line: int) -> None:
        if self.on_row is not None:
            self.on_row(line)

    def _taken(self, row: Record, reader: Translator, status: str, offset: int) -> Person | None:
        try:
            one = reader.person(row, status)
        except ValueError as error:
            self._refuse(row, reader, str(error))
            return None
        if first := self._seen.line(one.address.key, offset + row.line):
            return self._again(one, status, first)
        self.tally.statuses[status] += 1
        if row.legacy:
            self.tally.legacy += 1
            self.tally.first_legacy = self.tally.first_legacy or row.line
        return one

    def _again(self, one: Person, status: str, first: int) -> Person | None:
        """A second row for an address: told, and nothing of it taken but that they left."""
        place, line = divmod(first, 1 << (_LINE_BITS - (len(self.look.parts) - 1).bit_length()))
        where = f"line {line}" + (f" of {self.look.parts[place].name}" if place else "")
        stricter = (
            "; the stricter status counts"
            if status in ("active", *_ROUNDS[1], *_ROUNDS[2]) and line > one.line
            else ""
        )
        self.tally.reject(
            Rejected(one.line, one.address.address, f"is in the file already, in {where}{stricter}")
        )
        if status not in _STRICT:
            return None
        return Person(0, one.address, "", (), "", "", status=one.status, barred=one.barred, since=one.since)

    def _refuse(self, row: Record, reader: Translator, why: str) -> None:
        cell = reader.address(row)
        if folded(cell) in ("email", "emailaddress"):
            why = "the header stands here once more"
        try:
            self._refused.line(parse(cell.strip()).key, row.line)
        except ValueError:
            self.tally.nameless += 1
        self.tally.reject(Rejected(row.line, shown(cell), why))

    # ── headers ─────────────────────────────────────────────────────────────

    def _header(self, part: Part, rows: Rows | Objects) -> tuple[str, ...]:
        try:
            header = rows.header(self._score) if isinstance(rows, Rows) else rows.header()
        except ValueError as error:
            raise SubscribersError(f"{self._where(part)}: {error}") from error
        if not header:
            raise SubscribersError(f"{self._where(part)}: {_EMPTY}")
        return header

    def _translator(self, part: Part, header: tuple[str, ...]) -> Translator:
        made = self._translators.get((part.name, header))
        if made is not None:
            return made
        if len(self._translators) >= _MOST_HEADERS:
            raise SubscribersError(f"has keys like no {_MOST_HEADERS} objects before it")
        form = self._forms.setdefault(part.name, self._recognised(header))
        try:
            made = Translator(form, header, part.name, guarded=part.kind == "csv")
        except ValueError as error:
            raise SubscribersError(f"{self._where(part)}: {error}") from error
        return self._translators.setdefault((part.name, header), made)

    def _recognised(self, header: tuple[str, ...]) -> Format:
        return self.known[self.form] if self.form else recognised(header, self.known)

    def _score(self, cells: tuple[str, ...]) -> int:
        """How likely it is that a header is cut rightly."""
        names = {folded(cell) for cell in cells}
        return sum(name in self.known[PLAIN].columns for name in names) * 1000 + min(len(cells), 999)

    def _where(self, part: Part) -> str:
        return f"{self.look.path}" + (f": {part.name}" if part.member else "")
