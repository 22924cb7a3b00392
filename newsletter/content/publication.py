"""A page -> when it was published, and the other dates that it names.

The order is: a field, the name of the file or bundle, the ``path`` field, the page's own
text. The time at which a file was changed is never a date: in a fresh copy it is now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from newsletter.content import dates
from newsletter.content import fields as names
from newsletter.content.fields import Fields
from newsletter.content.making import Folder, Making
from newsletter.content.page import Page
from newsletter.content.plain import squeeze

_PATH_DATE = re.compile(r"(?:^|/)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?=[-_./ ]|$)")

#: The setting's default: nobody says where the site stands.
_NO_ZONE = ("UTC", "Etc/UTC")


def votes(page: Page) -> list[dates.Written]:
    """Every date of a page that may vote on the order of day and month."""
    found = []
    for fields, keys in (
        (page.fields, (*names.DATE, *names.UPDATED, *names.EXPIRES)),
        (page.said, ("date", "updated", "dateline")),
    ):
        for _, value in fields.given(keys):
            written = dates.read(value) if isinstance(value, str) else None
            found += [written] if written else []
    return found


@dataclass(frozen=True, slots=True)
class Published:
    """When an article was published."""

    instant: datetime | None = None  #: UTC; None when nobody says
    precision: Literal["day", "time", "none"] = "none"
    local: datetime | None = None  #: the same instant where the site stands: its day is in the address
    key_day: str = ""  #: the day in the key that recognises it: of a moment, the day in UTC


def published(making: Making) -> Published:
    """Publication: a field, the file's or bundle's name, the `path` field, the page itself."""
    page, folder = making.page, making.folder
    return (
        _field_date(making, page.fields, names.DATE)
        or _path_date(page, folder)
        or _field_date(making, page.said, ("date", "dateline"))
        or Published()
    )


def _published(written: dates.Written, folder: Folder) -> Published | None:
    """As the author wrote it; None when there is no such day.

    A site without a configured zone is built where its authors write: their offset is its own.
    """
    local = dates.written_in(written, folder.order, folder.zone)
    if local is None:
        return None
    instant = local.astimezone(UTC)
    day = (instant if written.clock else local).date().isoformat()
    placed = local if str(folder.zone) in _NO_ZONE else local.astimezone(folder.zone)
    return Published(instant, "time" if written.clock else "day", placed, day)


def _field_date(making: Making, fields: Fields, keys: tuple[str, ...]) -> Published | None:
    folder = making.folder
    for name, value in fields.given(keys):
        if not isinstance(value, str) or fields.truth(name) is not None:
            continue
        written = dates.read(value)
        found = _published(written, folder) if written else None
        line = fields.line(name)
        if not written or not found:
            if fields is making.page.fields and "{{" not in value:
                making.wrong(
                    line,
                    f'"{squeeze(value)[:60]}" is no date; write it as 2026-11-23 or 2026-11-23 09:00 +01:00',
                )
            continue
        if written.note:
            making.wrong(line, written.note)
        if written.ambiguous:
            making.asked_order = True
            _ambiguous(making, line, value, folder.order)
        return found
    return None


def _ambiguous(making: Making, line: int, value: str, order: dates.Order) -> None:
    first = "day" if order == "dmy" else "month"
    by = "as elsewhere in this folder" if making.folder.voted else "by the language: no date here settles it"
    making.wrong(line, f'"{squeeze(value)[:40]}" could be two dates; read with the {first} first, {by}')


def _path_date(page: Page, folder: Folder) -> Published | None:
    for text in (page.path, page.fields.raw(("path", "permalink", "url"))[0]):
        # the last one: the file's own name stands behind its folders'
        found = next(reversed(list(_PATH_DATE.finditer(text[-500:]))), None)
        if found and 1900 <= int(found[1]) <= 2199:
            written = dates.Written(int(found[1]), int(found[3]), int(found[2]), numeric=False)
            published = _published(written, folder)
            if published:
                return published
    return None


def moment(making: Making, fields: Fields, keys: tuple[str, ...]) -> datetime | None:
    """The instant that the first of these fields with a date names."""
    found = _field_date(making, fields, keys)
    return found.instant if found else None
