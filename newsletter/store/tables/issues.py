"""WHAT and WHEN: articles, slots, and issues as they were frozen."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from newsletter.store.tables.basis import Instant, metadata

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

slot = Table(
    "slot",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("cadence", String, primary_key=True),
    # an ISO date, or article:<id> of one that goes out alone: the primary key makes a slot fire once
    Column("key", String, primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # issued, skipped
    Column("reason", String, nullable=False),  # why it was skipped; empty when issued
    Column("issue_id", String),
    Column("decided_at", Instant, nullable=False),
    sqlite_with_rowid=False,
)

# Newsletters that make no issues for a while; their articles wait.
newsletter_pause = Table(
    "newsletter_pause",
    metadata,
    Column("newsletter", String, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant),  # over by then; without it, until somebody resumes it
    Column("reason", String, nullable=False),
    sqlite_with_rowid=False,
)

issue = Table(
    "issue",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # issue, test, or the name of a letter
    Column("newsletter", String, nullable=False),
    Column("cadence", String, nullable=False),  # empty for a manual one
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String, nullable=False),  # held, publishing, open, paused, finished, cancelled
    Column("state_reason", String, nullable=False),
    Column("queued_to", Integer, nullable=False),  # publishing: how far (newsletter.outbox.queueing)
    Column("subject", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("message_key", LargeBinary, nullable=False),  # Message-IDs are made with it, for ever the same
    Column("in_doubt", String, nullable=False),  # hold, resend
    Column("stale_at", Instant, nullable=False),  # what is not sent by then has expired
    Column("identity", JSON, nullable=False),  # From, List-Id, links …: newsletter.message.Identity
    Column("segment", String, nullable=False, server_default=""),  # who of its readers; empty is all
    Column("number", Integer, nullable=False, server_default="0"),  # 1, 2, 3 … as they were published
    Column("slot_at", Instant),  # the slot in the newsletter's own zone; due_at is when the first may go
    Column("approval_hash", String, nullable=False, server_default=""),  # what a person agrees to
    Column(
        "pool", JSON, nullable=False, server_default="{}"
    ),  # newsletter.outbox.sharing: who gets what of it
    Column("manifest", JSON, nullable=False, server_default="{}"),  # all that it was made of, with hashes
)
Index("ix_issue_live", issue.c.state, issue.c.due_at)
Index("ix_issue_newsletter", issue.c.newsletter, issue.c.due_at)

issue_article = Table(
    "issue_article",
    metadata,
    Column("issue_id", ForeignKey("issue.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    # carried; dropped: it did not fit; before: the back catalogue; omitted: for the reason
    Column("fate", String, nullable=False),
    Column("reason", String, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)
Index("ix_issue_article_article", issue_article.c.article_id)

# Somebody agreed to exactly these contents for these readers at that time.
approval = Table(
    "approval",
    metadata,
    Column("issue_id", String, primary_key=True),  # may be of one that is not made yet
    Column("hash", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),  # a name, or the file that says it
    sqlite_with_rowid=False,
)

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
    Column("articles", JSON, nullable=False, server_default="[]"),  # ids, in order
    Column("waiting", JSON, nullable=False, server_default="[]"),  # ids that its readers are still due
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
