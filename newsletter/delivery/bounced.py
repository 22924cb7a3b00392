"""Notice -> its delivery annotated, an address suppressed: the late answer to what the next hop had taken.

All inside the caller's transaction. The same news twice is one row of ``bounce`` and has its effect once, so
an address that a reader has confirmed again is not shut out by a mail that is read a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from newsletter.audience.bounces import Action, Notice
from newsletter.audience.consent import Evidence
from newsletter.audience.subscribers import leave
from newsletter.audience.suppression import ALL, SOFT, Reason, Soft, suppress, suppress_soft
from newsletter.delivery.failing import failures
from newsletter.delivery.named import named
from newsletter.model import Fault, State
from newsletter.outbox import archive, operate, states
from newsletter.senders.smtp_replies import Reply
from newsletter.senders.smtp_verdict import Stage, judge
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new


class Effect(StrEnum):
    """What a notice changed."""

    SUPPRESSED = "suppressed"  #: the address gets nothing any more
    COUNTED = "counted"  #: it may pass: a full mailbox, a server that is away
    ABOUT_US = "about us"  #: our reputation, content or authentication: no reader's fault
    NOTED = "noted"  #: nothing follows from it
    KNOWN = "known"  #: the same was read before
    NOT_OURS = "not ours"  #: it names no delivery of this database


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of one notice."""

    effect: Effect
    delivery_id: int  #: 0 when it names none of ours
    issue_id: str
    address: str  #: of the subscriber, or of the test; empty when erased
    resolved: str = ""  #: the state that a row in doubt went to; empty when it was not in doubt
    failures: int = 0  #: of this address within the time that counts, this one included


def record(connection: Connection, notice: Notice, now: datetime, soft: Soft = SOFT) -> Recorded:
    """Annotate the delivery that `notice` is about, and do what follows from it."""
    id = named(connection, notice)
    row = _delivery(connection, id)
    if row is None and archive.bring_back(connection, id):
        row = _delivery(connection, id)
    if row is None:
        return Recorded(Effect.NOT_OURS, 0, "", "")
    if _is_usual(notice, row):
        return Recorded(Effect.NOTED, row.id, row.issue_id, row.address)
    values = {
        "delivery_id": row.id,
        "at": now,
        "action": notice.action.value,
        "status": notice.status,
        "text": notice.diagnostic if row.address else "",  # their words name the address; this one was erased
    }
    if not connection.execute(insert_new(t.bounce).values(values)).rowcount:
        return Recorded(Effect.KNOWN, row.id, row.issue_id, row.address)
    number = _failures(connection, row, now, soft) if notice.action is Action.FAILED else 0
    return Recorded(
        _effect(connection, notice, row, now, number, soft),
        row.id,
        row.issue_id,
        row.address,
        _resolved(connection, notice, row, now),
        number,
    )


@dataclass(frozen=True, slots=True)
class Bounced:
    """One row of what came back, for people."""

    delivery_id: int
    issue_id: str
    address: str  #: empty when erased
    at: datetime
    action: str
    status: str
    text: str


def bounced(connection: Connection, *, issue_id: str | None = None, limit: int = 100) -> tuple[Bounced, ...]:
    """What came back, the newest first: of one issue, or of all."""
    b, d = t.bounce.c, t.delivery.c
    query = (
        select(
            b.delivery_id,
            d.issue_id,
            func.coalesce(d.address, t.subscriber.c.address, "").label("address"),
            b.at,
            b.action,
            b.status,
            b.text,
        )
        .join(t.delivery, d.id == b.delivery_id)
        .outerjoin(t.subscriber, t.subscriber.c.id == d.subscriber_id)
        .order_by(b.id.desc())
        .limit(limit)
    )
    if issue_id is not None:
        query = query.where(d.issue_id == issue_id)
    return tuple(Bounced(*row) for row in connection.execute(query))


def meaning(notice: Notice) -> Effect:
    """What follows from a notice, were it about a subscriber: decided where SMTP replies are."""
    if notice.action in (Action.COMPLAINT, Action.UNSUBSCRIBED):
        return Effect.SUPPRESSED
    if notice.action is not Action.FAILED:
        return Effect.NOTED
    code = 450 if notice.status.startswith("4") else 550
    outcome = judge(Stage.RCPT, Reply(code, (f"{notice.status} {notice.diagnostic}",)))
    if outcome.fault is Fault.US:
        return Effect.ABOUT_US
    return Effect.SUPPRESSED if states.is_hard_bounce(outcome) else Effect.COUNTED


def _effect(
    connection: Connection, notice: Notice, row: Any, now: datetime, failures: int, soft: Soft
) -> Effect:
    effect = meaning(notice)
    if row.address_key is None:  # a test, or somebody who was erased
        return Effect.NOTED if effect is Effect.SUPPRESSED else effect
    told = notice.status if notice.status not in notice.diagnostic else ""
    note = f"{told} {notice.diagnostic}".strip()
    if effect is Effect.COUNTED and suppress_soft(connection, row.address_key, failures, now, note, soft):
        return Effect.SUPPRESSED
    if effect is not Effect.SUPPRESSED:
        return effect
    if notice.action is Action.UNSUBSCRIBED:
        leave(connection, row.subscriber_id, ALL, Evidence(now, "provider", note))
        return effect
    reason = Reason.COMPLAINT if notice.action is Action.COMPLAINT else Reason.HARD_BOUNCE
    suppress(connection, row.address_key, ALL, reason, now, note)
    return effect


def _is_usual(notice: Notice, row: Any) -> bool:
    """Whether a provider says of one of many what was expected of all: that is not written down."""
    arrived = notice.vouched is not None and notice.action is Action.DELIVERED
    return arrived and row.state != State.IN_DOUBT


def _resolved(connection: Connection, notice: Notice, row: Any, now: datetime) -> str:
    """Whatever comes back about a message shows that the next hop had it: nothing is in doubt any more."""
    word = State.FAILED if notice.action is Action.FAILED else State.SENT
    done = row.state == State.IN_DOUBT and operate.decide(connection, (row.id,), word.value, now).done
    return word.value if done else ""


def _delivery(connection: Connection, id: int) -> Any:
    d, s = t.delivery.c, t.subscriber.c
    return connection.execute(
        select(
            d.id,
            d.issue_id,
            d.state,
            d.subscriber_id,
            s.address_key,
            func.coalesce(d.address, s.address, "").label("address"),
        )
        .outerjoin(t.subscriber, s.id == d.subscriber_id)
        .where(d.id == id)
    ).first()


def _failures(connection: Connection, row: Any, now: datetime, soft: Soft) -> int:
    if row.subscriber_id is None:
        return 1
    return failures(connection, row.subscriber_id, soft.within, now)
