"""Subscribers -> a list that `import` reads back, or another program does, and that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, TextIO

from newsletter.audience.formats import Format, Sheet
from newsletter.audience.people import guarded
from newsletter.audience.subscribers import Subscriber, listed
from newsletter.audience.subscriptions import ACTIVE, LEFT, PENDING, Subscription
from newsletter.audience.suppression import Reason, Suppression
from newsletter.audience.translating import written
from newsletter.store.database import Database

#: Reasons in the words of a list's status, the strictest first.
_REASONS: Final[Mapping[str, str]] = {
    Reason.COMPLAINT: "complained",
    Reason.HARD_BOUNCE: "bounced",
    Reason.OPERATOR: "blocked",
    Reason.DOMAIN: "blocked",
    Reason.ERASED: "blocked",
    Reason.UNSUBSCRIBED: "unsubscribed",
    Reason.SOFT_BOUNCES: "paused",
}
#: For who gets nothing, a program that has no word for why has at least one for that.
_OUT: Final = ("bounced", "complained", "blocked", "unsubscribed")
_SPECIAL: Final = re.compile(r'[;|,"]|^\[')


@dataclass(frozen=True, slots=True)
class Exported:
    """How many people."""

    written: int
    #: Who waits or rests, and is not in the list, because the other program would send them mail.
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _One:
    """A person, as one newsletter sees them at some time."""

    person: Subscriber
    held: Subscription
    reasons: tuple[Suppression, ...]
    standing: str  #: as in :data:`newsletter.audience.formats.STATUSES`


def export_list(database: Database, out: TextIO, newsletter: str, now: datetime, form: Format) -> Exported:
    """Write everyone who has or had the newsletter, one row each, as they stand at that time.

    RFC 4180, with CRLF; `out` is opened with ``newline=""``. What a spreadsheet would take for a formula gets
    ``'`` before it, which the import takes off again. People who left keep their status, so that reading the
    file back brings no one back.
    """
    return _write(database, out, newsletter, now, form, None)


def export_zip(database: Database, out: BinaryIO, newsletter: str, now: datetime, form: Format) -> Exported:
    """The same for a program whose lists are several files: a zip of them."""
    total, left_out = 0, 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for sheet in form.written.sheets:
            named = zipfile.ZipInfo(sheet.name, now.astimezone(UTC).timetuple()[:6])
            named.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(named, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as text:
                done = _write(database, text, newsletter, now, form, sheet)
            total, left_out = total + done.written, done.left_out
    return Exported(total, left_out)


def export_json(database: Database, out: TextIO, newsletter: str, now: datetime, form: Format) -> Exported:
    """The same people as a JSON array, an object each, with the columns of `form`."""
    count, values = 0, _values(form)
    for one in _people(database, newsletter, now):
        row = {name: values[word](one) for name, word in form.written.columns.items()}
        out.write(("[\n" if not count else ",\n") + json.dumps(row, ensure_ascii=False))
        count += 1
    out.write("\n]\n" if count else "[]\n")
    return Exported(count)


def _write(
    database: Database, out: TextIO, newsletter: str, now: datetime, form: Format, sheet: Sheet | None
) -> Exported:
    columns = {**form.written.columns, **(sheet.more if sheet else {})}
    values = _values(form)
    pick = [values.get(word) or _attribute(word) for word in columns.values()]
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(columns)
    count = left_out = 0
    for one in _people(database, newsletter, now):
        if not _fits(form, one):
            left_out += 1
        elif sheet is None or _told(one) in sheet.statuses:
            table.writerow([_cell(value(one)) for value in pick])
            count += 1
    return Exported(count, left_out)


def _people(database: Database, newsletter: str, now: datetime) -> Iterator[_One]:
    after = 0
    while page := listed(database, newsletter, after=after):
        for person in page:
            held = next(one for one in person.subscriptions if one.newsletter == newsletter)
            reasons = tuple(one for one in person.suppressions if one.covers(newsletter))
            yield _One(person, held, reasons, _standing(held, reasons, now))
        after = page[-1].id


def _standing(held: Subscription, reasons: Sequence[Suppression], now: datetime) -> str:
    if held.status in (LEFT, PENDING):
        return held.status
    if any(one.holds(now) for one in reasons):
        return "suppressed"
    return "paused" if held.is_paused(now) else ACTIVE


def _told(one: _One) -> str:
    """The status in a word for other programs: why somebody gets nothing, if they do."""
    if one.standing == ACTIVE:
        return ACTIVE
    reasons = {reason.reason for reason in one.reasons}
    words = [word for reason, word in _REASONS.items() if reason in reasons]
    rests = [word for word in words if word != "paused"]
    return next(iter(rests), "paused" if one.standing == "suppressed" else one.standing)


def _fits(form: Format, one: _One) -> bool:
    """Whether a program can be told of somebody without sending them mail that they do not want."""
    told, sheets = _told(one), form.written.sheets
    if "standing" in form.written.columns.values():
        return True
    if sheets:
        return any(told in sheet.statuses for sheet in sheets)
    return told in form.written.status or told in _OUT


# ── one column each ─────────────────────────────────────────────────────────

_Value = Callable[[_One], Any]


def _values(form: Format) -> Mapping[str, _Value]:
    """What stands in a column, by what it means."""
    status, frequency = form.written.status, form.written.frequency
    return {
        "": lambda one: "",
        "email": lambda one: one.person.address,
        "name": lambda one: one.person.name,
        "first_name": lambda one: one.person.name.partition(" ")[0],
        "last_name": lambda one: one.person.name.partition(" ")[2],
        "status": lambda one: status.get(_told(one)) or status.get("unsubscribed") or _told(one),
        "standing": lambda one: one.standing,
        "tags": lambda one: list(one.person.tags),
        "attributes": lambda one: dict(one.person.attributes),
        "language": lambda one: one.person.language,
        "timezone": lambda one: one.person.zone,
        "frequency": lambda one: frequency.get(one.held.frequency, one.held.frequency),
        "topics": lambda one: list(one.held.topics),
        "paused_until": lambda one: one.held.paused_until and written(one.held.paused_until),
        "since": lambda one: written(one.held.since),
        "created": lambda one: written(one.person.created_at),
        "time since": lambda one: f"{one.held.since.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "time created": lambda one: f"{one.person.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "suppressions": lambda one: [_reason(each) for each in one.reasons],
    }


def _attribute(word: str) -> _Value:
    name = word.removeprefix("attributes.")
    return lambda one: one.person.attributes.get(name)


def _reason(one: Suppression) -> dict[str, Any]:
    told: dict[str, Any] = {"reason": str(one.reason), "all": one.scope == "*", "since": written(one.since)}
    if one.until:
        told["until"] = written(one.until)
    return told | ({"note": one.note} if one.note else {})


def _cell(value: Any) -> str:
    """A value as a spreadsheet may show it."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return guarded(_joined(value))
    return guarded(json.dumps(value, ensure_ascii=False))


def _joined(parts: Sequence[str]) -> str:
    """Several in one cell; in quotes where one of them has what stands between them."""
    if not any(_SPECIAL.search(part) for part in parts):
        return ",".join(parts)
    return ",".join('"' + part.replace('"', '""') + '"' for part in parts)
