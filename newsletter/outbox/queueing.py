"""Frozen issue -> delivery rows: in small transactions, each of which may be repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, exists, func, insert, literal, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import Kind, State
from newsletter.store import tables as t
from newsletter.store.database import CHUNK
from newsletter.store.dialect import insert_new

#: Smaller goes first. Transactional mail must never wait behind a bulk issue.
PRIORITY = {Kind.TEST: 1, Kind.ISSUE: 5}


def suppressed(newsletter: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether the suppression list forbids mail of that newsletter to the row's subscriber."""
    return exists().where(
        t.suppression.c.address_key == t.subscriber.c.address_key,
        or_(t.suppression.c.scope == "*", t.suppression.c.scope == newsletter),
    )


def queue_chunk(connection: Connection, issue_id: str, now: datetime) -> bool:
    """Queue the next subscribers of a publishing issue; False when it is complete and open."""
    issue = connection.execute(select(t.issue).where(t.issue.c.id == issue_id)).one()
    if issue.state != "publishing":
        return False
    last = connection.execute(_last_of_chunk(issue)).scalar()
    if last is None:
        connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(state="open"))
        return False
    connection.execute(
        insert_new(t.delivery).from_select(
            [
                "kind", "dedupe_key", "issue_id", "subscriber_id", "variant_id",
                "priority", "due_at", "state", "reply", "state_at",
            ],
            _rows(issue, last, _only_variant(connection, issue_id), now),
        )
    )  # fmt: skip
    connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(queued_to=last))
    return True


def _audience(issue: Any) -> ColumnElement[bool]:
    return and_(
        t.subscription.c.newsletter == issue.newsletter,
        t.subscription.c.status == "active",
        t.subscription.c.subscriber_id > issue.queued_to,
    )


def _last_of_chunk(issue: Any) -> Select[Any]:
    chunk = (
        select(t.subscription.c.subscriber_id)
        .where(_audience(issue))
        .order_by(t.subscription.c.subscriber_id)
        .limit(CHUNK)
        .subquery()
    )
    return select(func.max(chunk.c.subscriber_id))


def _rows(issue: Any, last: int, variant_id: int, now: datetime) -> Select[Any]:
    forbidden = suppressed(t.subscription.c.newsletter)
    return (
        select(
            literal(Kind.ISSUE.value),
            literal(issue.id + ":").concat(t.subscriber.c.id),
            literal(issue.id),
            t.subscriber.c.id,
            literal(variant_id),
            literal(PRIORITY[Kind.ISSUE]),
            literal(issue.due_at, t.Instant),
            case((forbidden, State.SUPPRESSED.value), else_=State.QUEUED.value),
            case((forbidden, "on the suppression list"), else_=""),
            literal(now, t.Instant),
        )
        .join_from(t.subscription, t.subscriber, t.subscriber.c.id == t.subscription.c.subscriber_id)
        .where(_audience(issue), t.subscription.c.subscriber_id <= last)
    )


def queue_test(connection: Connection, issue_id: str, address: str, now: datetime) -> None:
    """Queue one test mail of a test issue to any address, and open the issue."""
    connection.execute(
        insert(t.delivery).values(
            kind=Kind.TEST,
            dedupe_key=f"{issue_id}:test",
            issue_id=issue_id,
            variant_id=_only_variant(connection, issue_id),
            address=address,
            priority=PRIORITY[Kind.TEST],
            due_at=now,
            state=State.QUEUED,
            state_at=now,
        )
    )
    connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(state="open"))


def _only_variant(connection: Connection, issue_id: str) -> int:
    return int(
        connection.execute(select(t.variant.c.id).where(t.variant.c.issue_id == issue_id)).scalar_one()
    )
