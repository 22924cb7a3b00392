"""Format, header -> Translator: Record -> Person, once for each list what its columns mean.

It runs for every row, so that whatever depends on the header alone is found out before.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final

from newsletter.audience import attributes, people, subscriptions
from newsletter.audience.addresses import Address, parse
from newsletter.audience.cells import Record, shown
from newsletter.audience.formats import STATUSES, Format, StatusRule, folded
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import ACTIVE, LEFT, PENDING, Wish
from newsletter.audience.suppression import ALL, Reason, Suppression
from newsletter.store.tables import EPOCH

#: How long somebody rests of whom a list says only that they do.
FOR_GOOD: Final = datetime(9999, 1, 1, tzinfo=UTC)
_SINGLE: Final = "email name first_name last_name language timezone frequency attributes suppressions".split()
_BARRED: Final[Mapping[str, Reason]] = {
    "bounced": Reason.HARD_BOUNCE,
    "complained": Reason.COMPLAINT,
    "blocked": Reason.OPERATOR,
}
_WITH_REASON: Final = frozenset({*_BARRED, "suppressed"})
_NO: Final = _WITH_REASON | {"unsubscribed"}
_RAW: Final = {"unsubscribed": LEFT, "complained": LEFT, "pending": PENDING}
#: In characters: who has more tags than that shares them with nobody.
_OFTEN: Final = 200
_NO_VALUES: Final[Mapping[str, attributes.Value]] = {}
_SPLIT: Final = re.compile(r"[;|,]")


@dataclass(frozen=True, slots=True)
class Kept:
    """What becomes of the columns that the format does not name."""

    attributes: Mapping[str, str]  #: as written -> our name
    ignored: tuple[str, ...]


class Translator:
    """What the rows under one header say. ValueError when it cannot be a list of people."""

    def __init__(self, form: Format, header: Sequence[str], file: str, *, guarded: bool) -> None:
        self._form, self._width, self._guarded = form, len(header), guarded
        self._places: dict[str, tuple[int, ...]] = {}
        self._attributes: list[tuple[int, str]] = []
        self._yes: list[tuple[int, str]] = []
        names = [folded(column) for column in header]
        unknown = self._find(names, header)
        self._email = self._places["email"][0]
        self._rules = tuple((names.index(rule.column), rule) for rule in form.rules if rule.column in names)
        self._fixed = _fixed(form, names, file)
        self.kept = self._keep(unknown, header)
        self._is_ours = "suppressions" in self._places
        has = self._places.keys()
        self._has_place = not has.isdisjoint(("timezone", "language"))
        self._has_parts = not has.isdisjoint(("first_name", "last_name"))
        self._has_tags = "tags" in has or bool(self._yes)
        self._has_wish = not has.isdisjoint(("frequency", "topics", "paused_until"))
        self._has_values = "attributes" in has or bool(self._attributes)
        self._has_times = not has.isdisjoint(("created", "since", "agreed_at", "confirmed_at"))

    def _find(self, names: Sequence[str], header: Sequence[str]) -> list[int]:
        """The place of each known column; those of the unknown ones."""
        unknown: list[int] = []
        ruled = {rule.column for rule in self._form.rules}
        for place, name in enumerate(names):
            ours = self._form.columns.get(name)
            if ours is None and name in ruled:
                ours = ""
            if ours is None:
                unknown.append(place)
            elif ours.startswith("attributes."):
                self._attributes.append((place, ours.removeprefix("attributes.")))
            elif ours:
                self._places[ours] = (*self._places.get(ours, ()), place)
        if "email" not in self._places and self._form.first == "email" and names:
            self._places["email"] = (0,)
            unknown = [place for place in unknown if place]
        if "email" not in self._places:
            guess = [n for n in unknown if re.match(r"e-?mail", header[n].strip(), re.IGNORECASE)]
            if not guess:
                found = ", ".join(shown(cell) or "(blank)" for cell in header[:20])
                raise ValueError(f"no column is named email; found: {found}")
            self._places["email"] = (guess[0],)
            unknown.remove(guess[0])
        for word in _SINGLE:
            if len(self._places.get(word, ())) > 1:
                raise ValueError(f"two columns mean {word}; keep one")
        return unknown

    def _keep(self, unknown: Sequence[int], header: Sequence[str]) -> Kept:
        kept: dict[str, str] = {}
        ignored: list[str] = []
        taken = {name for _, name in self._attributes}
        for place in unknown:
            written, name = shown(header[place]), attributes.name(header[place])
            if not written:
                continue
            if self._form.yes:
                self._yes.append((place, written))
            if name and name not in taken and len(taken) < attributes.MOST:
                taken.add(name)
                self._attributes.append((place, name))
                kept[written] = name
            else:
                ignored.append(written)
        return Kept(kept, tuple(ignored))

    @property
    def statuses(self) -> frozenset[str]:
        """All that :meth:`status` may say."""
        said = {word for _, rule in self._rules for word in (*rule.values.values(), rule.filled) if word}
        floor = STATUSES.index(self._fixed)
        return frozenset({self._fixed, *(word for word in said if STATUSES.index(word) > floor)})

    def status(self, record: Record) -> str:
        """How the person stands, the strictest of what is said. ValueError for a word that nobody knows."""
        said = self._fixed
        for place, rule in self._rules:
            found = _ruled(rule, record.cells[place].strip() if place < len(record.cells) else "")
            if found and found != said and STATUSES.index(found) > STATUSES.index(said):
                said = found
        if said != "skip" and self._form.skip and self._is_nobody(record):
            return "skip"
        return said

    def address(self, record: Record) -> str:
        """The cell that should hold the address."""
        return record.cells[self._email] if self._email < len(record.cells) else ""

    def person(self, record: Record, status: str) -> Person:
        """What the row says. ValueError says why it cannot be imported.

        Where the row says that somebody gets nothing, that counts whatever else is wrong with it.
        """
        cells = record.cells
        if len(cells) != self._width:
            cells = self._squared(cells)
        # The address first: it is told with whatever is wrong with the rest.
        address = parse(self._cell(cells, "email"))
        try:
            return self._whole(record.line, cells, address, status)
        except ValueError as error:
            if status not in _NO:
                raise
            notes = (f"{error}: taken is only that they get nothing",)
            reason = _BARRED.get(status, Reason.OPERATOR)
            barred = () if status == "unsubscribed" else (Suppression(ALL, reason, EPOCH, "as a list said"),)
            raw = _RAW.get(status, ACTIVE)
            return Person(record.line, address, "", (), "", "", notes, status=raw, barred=barred)

    def _whole(self, line: int, cells: Sequence[str], address: Address, status: str) -> Person:
        notes: list[str] = []
        zone, language = self._place(cells, notes) if self._has_place else ("", "")
        created = since = None
        if self._has_times:
            created, since = self._moment(cells, "created", notes), self._moment(cells, "since", notes)
        values = self._values(cells, notes) if self._has_values else _NO_VALUES
        wish = self._wish(cells, status, notes) if self._has_wish or status == "paused" else None
        return Person(
            line,
            address,
            self._name(cells),
            self._tags(cells) if self._has_tags else (),
            zone,
            language,
            tuple(notes),
            values,
            wish,
            _RAW.get(status, ACTIVE),
            self._barred(cells, status) if self._is_ours or status in _WITH_REASON else (),
            created,
            since,
            self._proof(cells, created) if self._has_times else "",
        )

    # ── one field each ──────────────────────────────────────────────────────

    def _squared(self, cells: tuple[str, ...]) -> tuple[str, ...]:
        if any(cell.strip() for cell in cells[self._width :]):
            raise ValueError(f"the row has {len(cells)} cells, the header {self._width}")
        return (*cells[: self._width], *[""] * (self._width - len(cells)))

    def _cell(self, cells: Sequence[str], word: str) -> str:
        places = self._places.get(word)
        if not places or not (text := cells[places[0]]):
            return ""
        if text.isascii() and text.isprintable() and text[0] not in " '" and text[-1] != " ":
            return text  # as most are
        return people.clean(self._plain(text), word.replace("_", " "))

    def _plain(self, text: str) -> str:
        return people.unguarded(text.strip(" \t\xa0")) if self._guarded else text

    def _name(self, cells: Sequence[str]) -> str:
        if name := self._cell(cells, "name"):
            return people.person_name(name)
        if not self._has_parts:
            return ""
        both = (self._cell(cells, "first_name"), self._cell(cells, "last_name"))
        return people.person_name(" ".join(filter(None, both)))

    def _tags(self, cells: Sequence[str]) -> tuple[str, ...]:
        told = [tag for place, tag in self._yes if cells[place].strip().casefold() == "yes"]
        texts = [cells[place] for place in self._places.get("tags", ()) if cells[place]]
        if not told and len(texts) == 1:
            text = self._plain(texts[0])
            return _tags_again(text) if len(text) <= _OFTEN else _tags(text)
        for text in texts:
            told += _tags(self._plain(text))
        return people.tag_names(told) if told else ()

    def _place(self, cells: Sequence[str], notes: list[str]) -> tuple[str, str]:
        zone, wrong_zone = people.zone(self._cell(cells, "timezone"))
        language, wrong_language = people.language(self._cell(cells, "language"))
        notes += filter(None, (wrong_zone, wrong_language))
        return zone, language

    def _wish(self, cells: Sequence[str], status: str, notes: list[str]) -> Wish:
        said = self._cell(cells, "frequency").casefold()
        often = self._form.frequency.get(said)
        if often is None:
            notes.append(f"{said[:40]} is no frequency: left out")
        until = self._moment(cells, "paused_until", notes) or (FOR_GOOD if status == "paused" else None)
        topics = subscriptions.topics(several(self._cell(cells, "topics")))
        return Wish(subscriptions.frequency(often or ""), topics, until)

    def _values(self, cells: Sequence[str], notes: list[str]) -> dict[str, attributes.Value]:
        kept, wrong = attributes.fitting(self._given(cells))
        notes += wrong
        return kept

    def _given(self, cells: Sequence[str]) -> Iterator[tuple[str, object]]:
        if text := (cells[self._places["attributes"][0]].strip() if "attributes" in self._places else ""):
            try:
                found = json.loads(self._plain(text))
            except (json.JSONDecodeError, RecursionError):
                found = None
            if not isinstance(found, dict):
                raise ValueError("the attributes are not a JSON object")
            yield from found.items()
        told = {place for place, _ in self._yes}
        for place, name in self._attributes:
            if (text := self._plain(cells[place])) and not (place in told and _is_answer(text)):
                yield name, attributes.value(text)

    def _barred(self, cells: Sequence[str], status: str) -> tuple[Suppression, ...]:
        found = _suppressions(self._cell(cells, "suppressions")) if self._is_ours else ()
        if status in _BARRED:
            return (*found, Suppression(ALL, _BARRED[status], EPOCH, ""))
        if status == "suppressed" and not found:
            return (Suppression(ALL, Reason.OPERATOR, EPOCH, "was suppressed"),)
        return found

    def _moment(self, cells: Sequence[str], word: str, notes: list[str]) -> datetime | None:
        if word not in self._places:
            return None
        for place in self._places[word]:
            if text := cells[place].strip():
                if (found := moment(text)) is None:
                    notes.append(f"{shown(text)[:40]} is no time: left out")
                return found
        return None

    def _proof(self, cells: Sequence[str], created: datetime | None) -> str:
        if "agreed_at" not in self._places and "confirmed_at" not in self._places:
            return f"there since {written(created)}" if created and not self._is_ours else ""
        said = []
        for word in ("agreed", "confirmed"):
            when = self._moment(cells, f"{word}_at", [])
            where = address_range(self._cell(cells, f"{word}_ip"))
            said += [f"{word} {written(when)}" + (f" from {where}" if where else "")] if when else []
        return "; ".join(said)

    def _is_nobody(self, record: Record) -> bool:
        address = self.address(record).strip().casefold()
        return any(fnmatchcase(address, pattern) for pattern in self._form.skip)


def _tags(text: str) -> tuple[str, ...]:
    return people.tag_names(people.clean(tag, "tags") for tag in several(text))


#: Of few tags, few sets are made.
_tags_again = lru_cache(maxsize=1024)(_tags)


def several(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several: as JSON, quoted, or with ``;``, ``|`` or ``,`` between."""
    if not text:
        return ()
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
    if '"' in text:
        return tuple(cell for row in csv.reader([text], skipinitialspace=True) for cell in row)
    return tuple(_SPLIT.split(text))


def moment(text: str) -> datetime | None:
    """The time that is meant, in UTC where nothing else is said; None when it is none, or before 1970."""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        return None
    found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found >= EPOCH else None


def written(when: datetime) -> str:
    """A time for people and programs: ISO 8601, in UTC, no finer than milliseconds."""
    spec = "milliseconds" if when.microsecond >= 1000 else "seconds"
    return when.astimezone(UTC).isoformat(timespec=spec).replace("+00:00", "Z")


def address_range(text: str) -> str:
    """The network that an IP address is in, /24 or /48; empty when it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    return str(ip_network((found, 24 if found.version == 4 else 48), strict=False))


def _fixed(form: Format, names: Sequence[str], file: str) -> str:
    """What the file's name and the columns that it has say of everybody in it."""
    said = ["active", *(rule.there for rule in form.rules if rule.there and rule.column in names)]
    said += [status for pattern, status in form.files.items() if fnmatchcase(file.casefold(), pattern)][:1]
    return max(said, key=STATUSES.index)


def _ruled(rule: StatusRule, cell: str) -> str:
    if rule.values:
        found = rule.values.get(cell.casefold())
        if found is None:
            what = f"is {shown(cell)[:40]}" if cell else "is empty"
            raise ValueError(f"the status {what}, which is none that is known")
        return found
    return rule.filled if cell else ""


def _is_answer(text: str) -> bool:
    return text.casefold() in ("yes", "no")


def _suppressions(text: str) -> tuple[Suppression, ...]:
    """What our own export says, and nothing else."""
    if not text:
        return ()
    try:
        return tuple(_suppression(one) for one in json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the suppressions are not as an export writes them") from error


def _suppression(one: dict[str, Any]) -> Suppression:
    since, until = moment(one["since"]), moment(one["until"]) if one.get("until") else None
    if since is None or (one.get("until") and until is None):
        raise ValueError
    note = people.clean(str(one.get("note", "")), "note")[:1000]
    reason = Reason(one["reason"])
    # Somebody else's word on a whole domain is one on this address here; an erased one has no row.
    reason = Reason.OPERATOR if reason in (Reason.DOMAIN, Reason.ERASED) else reason
    return Suppression(ALL if one.get("all") else "", reason, since, note, until)
