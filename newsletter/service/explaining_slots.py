"""The slots that came to nothing -> why somebody got none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from newsletter.audience.explained import Code, Reason
from newsletter.model import Kind
from newsletter.schedule.due import SKIPPED
from newsletter.service.explaining import Whose, not_due, standing
from newsletter.store import tables as t


def skipped(
    whose: Whose, newsletters: Mapping[str, str], readers: Callable[[str, str], tuple[str, ...]]
) -> Iterator[Reason]:
    """The slots of their newsletters that came to nothing, newest first; `newsletters`: name -> title;
    `readers`: the frequencies that a cadence of a newsletter is for."""
    s = t.slot.c
    rows = (
        select(t.slot)
        .where(s.state == SKIPPED, s.newsletter.in_(list(newsletters)), ~_given_up())
        .order_by(s.due_at.desc())
    )
    for row in whose.connection.execute(rows):
        then = whose.stood(row.newsletter, row.due_at)
        code, text = standing(whose, then, row.due_at)
        title = newsletters[row.newsletter]
        if code is None and then.frequency not in readers(row.newsletter, row.cadence):
            code, text = not_due(row.cadence, then)
        if code is None:
            code, text = Code.ISSUE_SKIPPED, f"There was no issue {_of_day(whose, row)}: {row.reason}."
        yield Reason(row.newsletter, "", "", title, code, text, row.decided_at, row.due_at)


def _given_up() -> ColumnElement[bool]:
    """Whether the slot had an issue that somebody gave up: that is told of the issue."""
    i, s = t.issue.c, t.slot.c
    its = i.newsletter == s.newsletter, i.cadence == s.cadence, i.slot_at == s.due_at
    return exists().where(*its, i.kind == Kind.ISSUE.value, i.state == "cancelled")


def _of_day(whose: Whose, row: Any) -> str:
    """The day of a slot: its hour is another one in each reader's zone."""
    try:
        return f"on {date.fromisoformat(row.key):%a %-d %b %Y}"
    except ValueError:  # the slot of an article
        return f"on {whose.say(row.due_at)}"
