"""WHO ASKS: sign-ups and the letters that answer them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Integer, String, Table

from newsletter.store.tables.basis import Instant, metadata

# A sign-up that was answered and is not yet looked at; gone once it is.
wish = Table(
    "wish",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("address", String, nullable=False),
    Column("address_key", String, nullable=False),
    Column("newsletters", JSON, nullable=False),
    Column("language", String, nullable=False),
    Column("zone", String, nullable=False),  # IANA
    Column("frequency", String, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("source", String, nullable=False),  # a range of addresses
    Column("form", String, nullable=False),  # consent_form.sha256; empty: nobody showed one
)

# A letter that is to be written to a subscriber; gone once it is queued.
letter = Table(
    "letter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("kind", String, nullable=False),  # confirm, welcome, goodbye
    Column("subscriber_id", Integer, nullable=False),
    Column("newsletters", JSON, nullable=False),
    Column("language", String, nullable=False),  # of the letter: one that it is written in
)

# How far a limit is used up: the moment at which it would be unused again. Past ones are deleted.
allowance = Table(
    "allowance",
    metadata,
    Column("key", String, primary_key=True),  # range …, domain …, all
    Column("until", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# When an address was asked to confirm, lately: a keyed hash, for its owner may be forgotten since.
invitation = Table(
    "invitation",
    metadata,
    Column("mark", String, primary_key=True),
    Column("at", Instant, primary_key=True),
    sqlite_with_rowid=False,
)
