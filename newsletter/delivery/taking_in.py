"""Mails that came back -> what they say, written down and acted upon; then each is put away.

One transaction a mail, put away after its commit: killed in between, it is read again, and known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from newsletter.audience.bounces import Notice, read
from newsletter.audience.bounces_box import Returned
from newsletter.audience.suppression import Soft
from newsletter.audience.tokens import Tokens
from newsletter.delivery.bounced import Recorded, record
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of one mail."""

    mail: str  #: its name, for people
    why_not: str  #: why nothing was made of it; empty when something was
    notices: tuple[tuple[Notice, Recorded], ...]


def take_in(
    database: Database, tokens: Tokens, mails: Iterable[Returned], soft: Soft, now: datetime
) -> Iterator[TakenIn]:
    """Act upon each mail as it is asked for. What `mails` raises goes on to the caller."""
    for mail in mails:
        reading = read(mail.octets, tokens)
        recorded = write_down(database, reading.notices, soft, now)
        mail.put_away(bool(recorded))
        yield TakenIn(mail.name, reading.why_not, tuple(zip(reading.notices, recorded, strict=True)))


def write_down(
    database: Database, notices: tuple[Notice, ...], soft: Soft, now: datetime
) -> tuple[Recorded, ...]:
    """All of `notices` in one transaction."""

    def write(connection: Connection) -> tuple[Recorded, ...]:
        return tuple(record(connection, notice, now, soft) for notice in notices)

    return database.write(write) if notices else ()
