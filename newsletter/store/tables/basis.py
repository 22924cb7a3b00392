"""What all tables share: how a moment is kept, how keys and indexes are named.

Times are whole milliseconds since 1970 in UTC (:class:`Instant`), so that the
indexes stay small and comparisons need no time zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, MetaData, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as milliseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else milliseconds(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant(int(value))


def instant(milliseconds: int) -> datetime:
    """The aware datetime, in UTC, of so many milliseconds since 1970."""
    return EPOCH + milliseconds * MILLISECOND


def milliseconds(when: datetime) -> int:
    """Whole milliseconds since 1970 of an aware datetime; a naive one is a bug."""
    return (when - EPOCH) // MILLISECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
