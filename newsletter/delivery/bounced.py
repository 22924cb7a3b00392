"""Notice -> its delivery annotated, an address suppressed: the late answer to what the next hop had taken.

All inside the caller's transaction. The same news twice is one row of ``bounce`` and has its effect once, so
an address that a reader has confirmed again is not shut out by a mail that is read a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from newsletter.audience.addresses import parse
from newsletter.audience.bounces import Action, Notice
from newsletter.audience.suppression import ALL, suppress, suppress_soft
from newsletter.message.write import message_id
from newsletter.model import Fault, State
from newsletter.outbox import operate, states
from newsletter.senders.smtp_replies import Reply
from newsletter.senders.smtp_verdict import Stage, judge
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new

#: Failures of one address that lie this close together belong together.
WHILE: Final = timedelta(days=30)
#: Deliveries to one subscriber in which a Message-ID is looked for.
_NEWEST: Final = 200


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
    failures: int = 0  #: of this address within 30 days, this one included


def record(connection: Connection, notice: Notice, now: datetime) -> Recorded:
    """Annotate the delivery that `notice` is about, and do what follows from it."""
    row = _delivery(connection, notice.delivery_id or _by_message_id(connection, notice))
    if row is None:
        return Recorded(Effect.NOT_OURS, 0, "", "")
    values = {
        "delivery_id": row.id,
        "at": now,
        "action": notice.action.value,
        "status": notice.status,
        "text": notice.diagnostic if row.address else "",  # their words name the address; this one was erased
    }
    if not connection.execute(insert_new(t.bounce).values(values)).rowcount:
        return Recorded(Effect.KNOWN, row.id, row.issue_id, row.address)
    failures = _failures(connection, row, now) if notice.action is Action.FAILED else 0
    return Recorded(
        _effect(connection, notice, row, now, failures),
        row.id,
        row.issue_id,
        row.address,
        _resolved(connection, notice, row, now),
        failures,
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
    if notice.action is Action.COMPLAINT:
        return Effect.SUPPRESSED
    if notice.action is not Action.FAILED:
        return Effect.NOTED
    code = 450 if notice.status.startswith("4") else 550
    outcome = judge(Stage.RCPT, Reply(code, (f"{notice.status} {notice.diagnostic}",)))
    if outcome.fault is Fault.US:
        return Effect.ABOUT_US
    return Effect.SUPPRESSED if states.is_hard_bounce(outcome) else Effect.COUNTED


def _effect(connection: Connection, notice: Notice, row: Any, now: datetime, failures: int) -> Effect:
    effect = meaning(notice)
    if row.address_key is None:  # a test, or somebody who was erased
        return Effect.NOTED if effect is Effect.SUPPRESSED else effect
    if effect is Effect.COUNTED and suppress_soft(connection, row.address_key, failures, now, notice.status):
        return Effect.SUPPRESSED
    if effect is not Effect.SUPPRESSED:
        return effect
    reason = "complaint" if notice.action is Action.COMPLAINT else "hard bounce"
    note = f"{notice.status} {notice.diagnostic}".strip()
    suppress(connection, row.address_key, ALL, reason, now, note)
    return effect


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


def _by_message_id(connection: Connection, notice: Notice) -> int:
    """The delivery whose message was returned: only who has had it can know its Message-ID. Else 0."""
    subscriber_id = notice.subscriber_id or _subscriber(connection, notice.recipient)
    if not (subscriber_id and notice.message_id):
        return 0
    d = t.delivery.c
    newest = connection.execute(
        select(d.id, t.issue.c.message_key)
        .join(t.issue, t.issue.c.id == d.issue_id)
        .where(d.id.in_(_all_of(subscriber_id)))
        .order_by(d.id.desc())
        .limit(_NEWEST)
    )
    domain = notice.message_id.rpartition("@")[2].rstrip(">")
    for row in newest:
        if message_id(row.message_key, str(subscriber_id), domain) == notice.message_id:
            return int(row.id)
    return 0


def _all_of(subscriber_id: int) -> Select[tuple[int]]:
    """A person's deliveries, by way of the issues: there is no index over the subscribers of all."""
    d = t.delivery.c
    return select(d.id).where(d.issue_id.in_(select(t.issue.c.id)), d.subscriber_id == subscriber_id)


def _subscriber(connection: Connection, address: str) -> int:
    try:
        key = parse(address).key
    except ValueError:
        return 0
    found = connection.execute(select(t.subscriber.c.id).where(t.subscriber.c.address_key == key)).scalar()
    return int(found or 0)


def _failures(connection: Connection, row: Any, now: datetime) -> int:
    if row.subscriber_id is None:
        return 1
    b = t.bounce.c
    counted = select(func.count(b.delivery_id.distinct())).where(
        b.delivery_id.in_(_all_of(row.subscriber_id)),
        b.action == Action.FAILED.value,
        b.at > now - WHILE,
    )
    return int(connection.execute(counted).scalar_one())
