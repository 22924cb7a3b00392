"""The tables that everything rests on.

Times are whole milliseconds since 1970 in UTC (:class:`Instant`), so that the
indexes stay small and comparisons need no time zone. Nothing here is a cursor:
what has been sent to whom is always a row.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

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

# ── WHO ─────────────────────────────────────────────────────────────────────

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
    Column("frequency", String, nullable=False, server_default="each"),  # each, daily, weekly
    Column("topics", JSON, nullable=False, server_default="[]"),  # in order; none means all
    sqlite_with_rowid=False,
)
Index(
    "ix_subscription_audience",
    subscription.c.newsletter,
    subscription.c.status,
    subscription.c.subscriber_id,
    subscription.c.paused_until,
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

# ── WHO ASKS ────────────────────────────────────────────────────────────────

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

# ── WHAT ────────────────────────────────────────────────────────────────────

article = Table(
    "article",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", String, nullable=False),  # as last seen, for people
    Column("path", String, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
)

# Every key under which an article was ever seen: renaming or retitling keeps at least one.
article_key = Table(
    "article_key",
    metadata,
    Column("key", String, primary_key=True),
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    sqlite_with_rowid=False,
)

# ── WHEN ────────────────────────────────────────────────────────────────────

slot = Table(
    "slot",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("cadence", String, primary_key=True),
    Column("local_date", String, primary_key=True),  # ISO; the primary key is what makes a slot fire once
    Column("due_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # issued, skipped
    Column("reason", String, nullable=False),  # why it was skipped; empty when issued
    Column("issue_id", String),
    Column("decided_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# ── THE ISSUE, frozen ───────────────────────────────────────────────────────

issue = Table(
    "issue",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # issue, test, or the name of a letter
    Column("newsletter", String, nullable=False),
    Column("cadence", String, nullable=False),  # empty for a manual one
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # publishing, open, paused, finished, cancelled
    Column("state_reason", String, nullable=False),
    Column("queued_to", Integer, nullable=False),  # publishing: how far (newsletter.outbox.queueing)
    Column("subject", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("message_key", LargeBinary, nullable=False),  # Message-IDs are made with it, for ever the same
    Column("in_doubt", String, nullable=False),  # hold, resend
    Column("stale_at", Instant, nullable=False),  # what is not sent by then has expired
    Column("identity", JSON, nullable=False),  # From, List-Id, links …: newsletter.message.Identity
    Column("segment", String, nullable=False, server_default=""),  # who of its readers; empty is all
)
Index("ix_issue_live", issue.c.state, issue.c.due_at)
Index("ix_issue_newsletter", issue.c.newsletter, issue.c.due_at)

issue_article = Table(
    "issue_article",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("fate", String, nullable=False),  # carried; dropped: it did not fit; before: the back catalogue
    sqlite_with_rowid=False,
)
Index("ix_issue_article_article", issue_article.c.article_id)

frame = Table(
    "frame",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String, primary_key=True),
    Column("subject", String, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("mjml", Text, nullable=False),
)

block = Table(
    "block",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
)

variant = Table(
    "variant",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("blocks", JSON, nullable=False),  # keys, in order
    Column("slots", JSON, nullable=False),  # name -> value: what depends on the variant
)

media = Table(
    "media",
    metadata,
    Column("name", String, primary_key=True),
    Column("mime", String, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

issue_media = Table(
    "issue_media",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("name", ForeignKey("media.name"), primary_key=True),
    sqlite_with_rowid=False,
)

# ── THE OUTBOX ──────────────────────────────────────────────────────────────

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
    postgresql_where=text("state = 'queued'"),
)
Index(
    "ix_delivery_deferred",
    delivery.c.next_at,
    sqlite_where=text("state = 'deferred'"),
    postgresql_where=text("state = 'deferred'"),
)
Index(
    "ix_delivery_sending",
    delivery.c.owner,
    sqlite_where=text("state = 'sending'"),
    postgresql_where=text("state = 'sending'"),
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
    postgresql_where=text("dedupe_key IS NOT NULL"),
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

# ── THIS COPY ───────────────────────────────────────────────────────────────

# One row: which database this is, and how often it has begun to send. The same stands outside the file, so
# that a copy of it can be told from the one that sends.
instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("name", String, nullable=False),
    Column("epoch", Integer, nullable=False),
)
