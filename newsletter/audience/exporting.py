"""Subscribers -> CSV that `import` reads back, and that no spreadsheet runs."""

from __future__ import annotations

import csv
from datetime import datetime
from typing import TextIO

from newsletter.audience.people import guarded
from newsletter.audience.subscribers import Subscriber, listed
from newsletter.store.database import Database

COLUMNS = ("email", "name", "tags", "timezone", "language", "status", "since")


def export_csv(database: Database, out: TextIO, newsletter: str, now: datetime) -> int:
    """Write everyone who has or had the newsletter, one row each, as they stand at that time
    (RFC 4180, CRLF); return how many.

    `out` is opened with ``newline=""``. What a spreadsheet would take for a formula gets ``'``
    before it, which the import takes off again. People who left keep their status, so that reading
    the file back brings no one back.
    """
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    written = after = 0
    while page := listed(database, newsletter, after=after):
        table.writerows(_row(one, newsletter, now) for one in page)
        written += len(page)
        after = page[-1].id
    return written


def _row(one: Subscriber, newsletter: str, now: datetime) -> tuple[str, ...]:
    since = next(held.since for held in one.subscriptions if held.newsletter == newsletter)
    return (
        guarded(one.address),
        guarded(one.name),
        guarded(";".join(one.tags)),
        one.zone,
        one.language,
        one.standing(newsletter, now) or "",
        since.isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
