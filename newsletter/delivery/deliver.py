"""Everything between a restart and an empty queue: recover, finish what was being queued, wake, drain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from newsletter.delivery.engine import Drained, Line, drain
from newsletter.outbox import queueing, recovery
from newsletter.store import tables as t
from newsletter.store.alive import is_alive
from newsletter.store.database import Database
from newsletter.store.sound import require_room


def deliver(line: Line) -> Drained:
    """Send what is due, after putting right what a crash may have left. Safe beside other processes.

    :class:`StoreError`, before anything is sent, when the disk is too full to write the outcomes down.
    """
    require_room(line.database.path)
    lost = heal(line.database, line.clock(), line.complete)
    return replace(drain(line), lost=lost)


def heal(database: Database, now: datetime, complete: Callable[[str, datetime], None] | None = None) -> int:
    """Put in doubt what a dead process was sending, `complete` what it was queueing, expire what is too late;
    return how many are in doubt or have expired."""
    lost = database.write(
        lambda c: recovery.recover(c, is_alive=lambda owner: is_alive(database.path, owner), now=now)
    )
    with database.read() as connection:
        unfinished = _publishing(connection)
    for issue_id in unfinished:
        if complete:
            complete(issue_id, now)
        else:
            database.write_in_chunks(lambda c, id=issue_id: queueing.queue_chunk(c, id, now))  # type: ignore[misc]
    expired = database.write(lambda c: recovery.wake(c, now))
    return lost + expired


def _publishing(connection: Connection) -> tuple[str, ...]:
    return tuple(connection.execute(select(t.issue.c.id).where(t.issue.c.state == "publishing")).scalars())
