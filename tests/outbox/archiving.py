"""An old issue whose deliveries ended in every way there is, and newer ones behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, update

from newsletter.model import State
from newsletter.outbox.archive import ArchivedRow
from newsletter.store import tables as t
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue, publish

OLD = NOW - timedelta(days=90)
SECOND = timedelta(seconds=1)
NAME = "weekly-old"

#: How the deliveries to readers 1, 2, 3 … ended; the others were sent.
ENDS: Mapping[int, tuple[State, dict[str, Any]]] = {
    2: (State.FAILED, {"code": 550, "reply": "RCPT: 5.1.1 <r2@example.org> unknown", "attempts": 1}),
    3: (State.SUPPRESSED, {"code": 0, "reply": "on the suppression list"}),
    5: (State.CANCELLED, {"attempts": 2, "code": 451, "reply": "4.3.0 later, r5@example.org"}),
    7: (State.PASSED, {}),
    8: (State.FAILED, {"attempts": 3, "doubt": 1, "reply": "connection lost", "code": 0}),
    9: (State.SENT, {"attempts": 4, "doubt": 2, "code": 250, "reply": "2.6.0 accepted"}),
}
_SENT = {"attempts": 1, "code": 250, "reply": "2.0.0 Ok: queued as 4X1"}


def old_issue(database: Database, readers: int = 10, name: str = NAME, due: datetime = OLD) -> None:
    """An issue to readers 1, 2, 3 … that has come to its end."""
    publish(database, issue(name, due=due), due)
    database.write(lambda connection: _end(connection, readers, name, due))


def newer_issues(database: Database, number: int = 2) -> None:
    """Issues of the same cadence that came behind; nobody is sent anything of them yet."""
    for n in range(number):
        publish(database, issue(f"weekly-new{n}", due=NOW + n * SECOND), NOW)


def ended(readers: int = 10, name: str = NAME, due: datetime = OLD, first_id: int = 1) -> list[ArchivedRow]:
    """What is remembered of them: the words of those who said yes are shortened."""
    return [_row(reader, name, due, first_id + reader - 1) for reader in range(1, readers + 1)]


def _row(reader: int, name: str, due: datetime, id: int) -> ArchivedRow:
    state, how = ENDS.get(reader, (State.SENT, _SENT))
    reply = str(how.get("reply", ""))
    return ArchivedRow(
        delivery_id=id,
        issue_id=name,
        subscriber_id=reader,
        variant_id=1,
        state=state,
        at=due + reader * SECOND,
        due_at=due,
        attempts=how.get("attempts", 0),
        doubt=how.get("doubt", 0),
        code=how.get("code", 0),
        reply=reply.split()[0] if state is State.SENT else reply,
    )


def _end(connection: Connection, readers: int, name: str, due: datetime) -> None:
    d = t.delivery.c
    for reader in range(1, readers + 1):
        state, how = ENDS.get(reader, (State.SENT, _SENT))
        mine = d.issue_id == name, d.subscriber_id == reader
        # The archive keeps whole seconds.
        at = due + reader * SECOND + timedelta(milliseconds=reader % 1000)
        connection.execute(update(t.delivery).where(*mine).values(state=state, state_at=at, **how))
    connection.execute(update(t.issue).where(t.issue.c.id == name).values(state="finished"))
