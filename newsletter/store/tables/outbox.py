"""THE OUTBOX: one row for each message, what came back, and which copy of the file this is."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from newsletter.store.tables.basis import Instant, metadata

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("dedupe_key", String),  # of what names no subscriber: a test
    # No foreign keys: asked of each row they cost a fifth of the queueing, and nothing deletes what is named
    Column("issue_id", String, nullable=False),
    Column("subscriber_id", Integer),  # may name nobody: erasing a person leaves the count
    Column("variant_id", Integer),
    Column("address", String),  # of a test; a subscriber's is read when the intent is committed
    Column("priority", Integer, nullable=False),  # smaller goes first
    Column("due_at", Instant, nullable=False),  # nominal: the Date header of every attempt
    Column("next_at", Instant),  # deferred: not before
    Column("state", String, nullable=False),
    Column("token", String),  # fences: only who holds it may record
    Column("lease_until", Instant),
    Column("owner", String),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column(
        "doubt", Integer, nullable=False, server_default="0"
    ),  # attempts of which nobody knows, and which were sent again or left as failed
    Column("code", Integer, nullable=False, server_default="0"),  # last SMTP reply
    Column("reply", String, nullable=False, server_default=""),
    Column("state_at", Instant, nullable=False),
)
# In the order of the claim's ORDER BY, and only the rows that can be claimed:
# otherwise SQLite walks over everything already sent. The issue stands first, so
# that a paused or unfinished issue costs the others nothing.
Index(
    "ix_delivery_claim",
    delivery.c.issue_id,
    delivery.c.priority,
    delivery.c.due_at,
    delivery.c.id,
    sqlite_where=text("state = 'queued'"),
)
Index(
    "ix_delivery_deferred",
    delivery.c.next_at,
    sqlite_where=text("state = 'deferred'"),
)
Index(
    "ix_delivery_sending",
    delivery.c.owner,
    sqlite_where=text("state = 'sending'"),
)
# Descending: "queued" then comes after "sent" and "suppressed", and a queued row is added at the end.
Index("ix_delivery_issue", delivery.c.issue_id, delivery.c.state.desc())
# What makes that everybody is queued once. There is none over the subscribers of all issues: it would be as
# large as the table, and each issue would touch every page of it.
Index("ix_delivery_recipient", delivery.c.issue_id, delivery.c.subscriber_id, unique=True)
Index(
    "ix_delivery_dedupe_key",
    delivery.c.dedupe_key,
    unique=True,
    sqlite_where=text("dedupe_key IS NOT NULL"),
)

# What came back about a delivery after the next hop had it. The same news twice is one row.
bounce = Table(
    "bounce",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("at", Instant, nullable=False),  # when it was read
    Column("action", String, nullable=False),  # of RFC 3464: failed, delayed …; or complaint
    Column("status", String, nullable=False),  # RFC 3463: 5.1.1; empty for a complaint
    Column("text", String, nullable=False),  # the server's words
    UniqueConstraint("delivery_id", "action", "status"),
)

# A provider's call that was acted upon, so that nobody can play it again; gone when too old to be taken.
hook_call = Table(
    "hook_call",
    metadata,
    Column("provider", String, primary_key=True),
    Column("id", String, primary_key=True),  # the provider's own
    Column("at", Instant, nullable=False, index=True),
    sqlite_with_rowid=False,
)

# One row: which database this is, and how often it has begun to send. The same stands outside the file, so
# that a copy of it can be told from the one that sends.
instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("name", String, nullable=False),
    Column("epoch", Integer, nullable=False),
)
