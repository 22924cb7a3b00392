"""WHO: subscribers, their subscriptions, what they agreed to, and the lists that brought them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from newsletter.store.tables.basis import Instant, metadata

zone = Table(
    "zone",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),  # IANA
)

import_run = Table(
    "import_run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("path", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("added", Integer, nullable=False, server_default="0"),
    Column("updated", Integer, nullable=False, server_default="0"),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    Column("rejected", Integer, nullable=False, server_default="0"),
    Column("newsletters", JSON, nullable=False, server_default="[]"),  # that the people were subscribed to
    Column("format", String, nullable=False, server_default=""),  # whose export it was
    Column("undone_at", Instant),
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String, nullable=False),  # as the person writes it: used for sending
    Column("address_key", String, nullable=False, unique=True),  # folded: identity and suppression
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),  # BCP 47; empty = the newsletter's
    Column("zone_id", ForeignKey("zone.id")),
    Column("created_at", Instant, nullable=False),
    Column("import_id", ForeignKey("import_run.id")),
    Column("attributes", JSON, nullable=False, server_default="{}"),  # name -> text, number or truth
    Column(
        "import_mark", LargeBinary
    ),  # of what the import said of them: still so, nobody changed them since
)

subscriber_tag = Table(
    "subscriber_tag",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String, primary_key=True),
    sqlite_with_rowid=False,
)

subscription = Table(
    "subscription",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", String, primary_key=True),
    Column("status", String, nullable=False),  # active, pending, unsubscribed
    Column("since", Instant, nullable=False),
    Column("paused_until", Instant),  # an active one gets nothing until then
    Column("frequency", String, nullable=False, server_default=""),  # each, daily, weekly; empty: none chosen
    Column("topics", JSON, nullable=False, server_default="[]"),  # in order; none means all
    Column("chosen_at", Instant),  # when the frequency last changed; none: it never did
    sqlite_with_rowid=False,
)
Index(
    "ix_subscription_audience",
    subscription.c.newsletter,
    subscription.c.status,
    subscription.c.subscriber_id,
    subscription.c.paused_until,
    # Only so that whom an issue is for, and what of it, is told by the index alone.
    subscription.c.frequency,
    subscription.c.topics,
    subscription.c.since,
    subscription.c.chosen_at,
)

suppression = Table(
    "suppression",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address_key", String, nullable=False),  # or @domain; or : and a keyed hash of one who was erased
    Column("scope", String, nullable=False),  # a newsletter, or * for all
    Column("reason", String, nullable=False),  # unsubscribed, complaint, hard bounce, operator …
    Column("since", Instant, nullable=False),
    Column("note", String, nullable=False),
    Column("until", Instant),  # over by then; without it, until somebody lifts it
    UniqueConstraint("address_key", "scope", "reason"),
)

# How somebody stood before an import changed them, so that it can be taken back.
import_change = Table(
    "import_change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("import_id", ForeignKey("import_run.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("before", JSON, nullable=False),  # what changed -> [before, after]
)

# Lists that are read again whenever they change.
sync_file = Table(
    "sync_file",
    metadata,
    Column("path", String, primary_key=True),
    Column(
        "stamp", String, nullable=False
    ),  # size, time and place: while it is the same, nobody need read it
    Column("sha256", String, nullable=False),
    Column("synced_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# Who agreed to what: only ever added to, which triggers hold. Each row's link covers all before it.
consent = Table(
    "consent",
    metadata,
    Column("id", Integer, primary_key=True),  # 1, 2, 3 … without a gap
    Column("at", Instant, nullable=False),
    Column("subscriber_id", Integer, nullable=False, index=True),  # stays when they are erased
    Column("commitment", LargeBinary, nullable=False),  # to what consent_detail says
    Column("link", LargeBinary, nullable=False),
)

# What is personal in it: goes when the person is erased, and the chain still holds.
consent_detail = Table(
    "consent_detail",
    metadata,
    Column("consent_id", Integer, primary_key=True),  # no foreign key: nothing deletes a consent
    Column("salt", LargeBinary, nullable=False),
    Column("said", Text, nullable=False),  # canonical JSON
)

# What people read when they agreed, word for word.
consent_form = Table(
    "consent_form",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("language", String, nullable=False),
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)
