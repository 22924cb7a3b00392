"""A provider's call, verified -> its news written down, once: whoever plays it again changes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete

from newsletter.audience.bounces import Notice
from newsletter.audience.suppression import Soft
from newsletter.delivery.bounced import Recorded, record
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.dialect import insert_new
from newsletter.store.writer import Priority

#: Longer than any adapter takes a call for new.
_KEPT: Final = timedelta(days=7)


def act(
    database: Database, provider: str, id: str, notices: tuple[Notice, ...], soft: Soft, now: datetime
) -> tuple[Recorded, ...] | None:
    """Act upon a call to which its provider gave that `id`, or none, in one transaction. None when that was
    done before."""

    def write(connection: Connection) -> tuple[Recorded, ...] | None:
        if id and not _is_new(connection, provider, id, now):
            return None
        return tuple(record(connection, notice, now, soft) for notice in notices)

    return database.write(write, Priority.WEB) if id or notices else ()


def _is_new(connection: Connection, provider: str, id: str, now: datetime) -> bool:
    connection.execute(delete(t.hook_call).where(t.hook_call.c.at < now - _KEPT))
    row = {"provider": provider, "id": id, "at": now}
    return connection.execute(insert_new(t.hook_call).values(row)).rowcount > 0
