"""Rows that an operator wants sent again -> the issues that have brought their readers the same since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, or_, select

from newsletter.model import Kind, State
from newsletter.outbox.histories import COUNTED
from newsletter.store import tables as t


def elsewhere(connection: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """Of these deliveries, those whose reader has or gets an article of theirs by another issue: by which.

    What failed is news for the next issue. Of several that failed, of one reader, the first may go.
    """
    mine, other = t.delivery.alias(), t.delivery.alias()
    brings, brought = t.variant.alias(), t.variant.alias()
    found = (
        select(mine.c.id, brings.c.articles, other.c.issue_id, brought.c.articles.label("had"))
        .join(brings, brings.c.id == mine.c.variant_id)
        .join(other, (other.c.subscriber_id == mine.c.subscriber_id) & (other.c.id != mine.c.id))
        .join(brought, brought.c.id == other.c.variant_id)
        .where(
            mine.c.id.in_(ids),
            other.c.issue_id.in_(_beside(connection, ids)),
            or_(
                other.c.state.in_(COUNTED),
                (other.c.state == State.FAILED) & other.c.id.in_(ids) & (other.c.id < mine.c.id),
            ),
        )
        .order_by(mine.c.id, other.c.id)
    )
    rows = reversed(connection.execute(found).all())
    return {row.id: row.issue_id for row in rows if not set(row.had).isdisjoint(row.articles)}


def _beside(connection: Connection, ids: Sequence[int]) -> Sequence[str]:
    """The issues that may have what those lack. What was too late when another was made, and left its
    articles to it, stays too late."""
    own, its = t.issue.alias(), t.issue.alias()
    theirs = own.c.id.in_(select(t.delivery.c.issue_id).where(t.delivery.c.id.in_(ids)))
    same = (its.c.newsletter == own.c.newsletter) & (its.c.stale_at > own.c.created_at)
    found = select(its.c.id).select_from(own).join(its, same).where(theirs, its.c.kind == Kind.ISSUE)
    return connection.execute(found.distinct()).scalars().all()
