"""LONG AGO: deliveries that ended, packed. A delivery stands here or in ``delivery``, never in both."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from newsletter.store.tables.basis import metadata

# Some thousand deliveries of one issue, in the order of their subscribers; blocks do not overlap.
archive = Table(
    "archive",
    metadata,
    Column("issue_id", String, primary_key=True),
    Column("last", Integer, primary_key=True),  # the last subscriber
    Column("first", Integer, nullable=False),
    Column("lowest_id", Integer, nullable=False),  # of the deliveries
    Column("highest_id", Integer, nullable=False),
    Column("rows", LargeBinary, nullable=False),  # newsletter.store.archive.block
)
Index("ix_archive_ids", archive.c.lowest_id, archive.c.highest_id)

# How many of each issue are in the archive.
archive_count = Table(
    "archive_count",
    metadata,
    Column("issue_id", String, primary_key=True),
    Column("state", String, primary_key=True),
    Column("number", Integer, nullable=False),
    sqlite_with_rowid=False,
)
