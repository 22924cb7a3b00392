"""Said, Said … -> subscriptions as they stand from now on. Nothing else changes a subscription.

Whatever changes is written into the consent log in the same transaction, so that the two never differ.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, case, delete, literal_column, select

from newsletter.audience import consent
from newsletter.audience.consent import Action, Evidence, Said
from newsletter.store.dialect import Bulk, insert_or_change
from newsletter.store.tables import milliseconds, subscriber, subscription

ACTIVE: Final = "active"
PENDING: Final = "pending"
LEFT: Final = "unsubscribed"

#: How a subscription stands once a pause and the suppression list have been asked too.
Standing = Literal["active", "pending", "paused", "unsubscribed", "suppressed"]
#: The cadence that somebody chose; empty: none, so the newsletter's default counts, whatever that is by then.
Frequency = Literal["", "each", "daily", "weekly"]
FREQUENCIES: Final[tuple[Frequency, ...]] = ("", "each", "daily", "weekly")
MOST_TOPICS: Final = 50
LONGEST_TOPIC: Final = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a newsletter."""

    frequency: Frequency = ""  #: none chosen: as the newsletter has it
    topics: tuple[str, ...] = ()  #: none means all
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a :class:`Wish` is to be changed; None leaves it. An empty frequency takes a choice back."""

    frequency: Frequency | None = None
    topics: tuple[str, ...] | None = None
    paused_until: datetime | None = None
    resumes: bool = False  #: ends a pause

    def of(self, one: Subscription) -> Wish:
        """How a newsletter is wanted once that was changed."""
        now = wish(one)
        return Wish(
            now.frequency if self.frequency is None else self.frequency,
            now.topics if self.topics is None else self.topics,
            None if self.resumes else self.paused_until or now.paused_until,
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """One newsletter that a person gets, or got."""

    newsletter: str
    status: str  #: ``active``, ``pending`` or ``unsubscribed``
    since: datetime
    paused_until: datetime | None = None  #: an active one gets nothing before
    frequency: str = ""  #: one of :data:`FREQUENCIES`
    topics: tuple[str, ...] = ()  #: none means all

    def is_paused(self, now: datetime) -> bool:
        """Whether it rests at that time."""
        return self.paused_until is not None and now < self.paused_until


def topics(given: Sequence[str]) -> tuple[str, ...]:
    """Topics as they are kept: once each, in order. ValueError says what is wrong with them."""
    found = tuple(sorted({" ".join(topic.split()) for topic in given} - {""}))
    if len(found) > MOST_TOPICS:
        raise ValueError(f"there are more than {MOST_TOPICS} topics")
    if any(len(topic) > LONGEST_TOPIC or not topic.isprintable() for topic in found):
        raise ValueError(f"a topic has at most {LONGEST_TOPIC} characters, and no control characters")
    return found


def settle(connection: Connection, said: Sequence[Said], evidence: Evidence) -> None:
    """Let subscriptions stand as `said` from now on, and write it into the log; an empty status ends one."""
    settle_each(connection, [(one, evidence) for one in said])


def settle_each(connection: Connection, said: Sequence[tuple[Said, Evidence]]) -> None:
    """The same where each comes from elsewhere."""
    _stand()(connection, [_row(one, milliseconds(evidence.at)) for one, evidence in said if one.status])
    for one, _ in said:
        if not one.status:
            mine = subscription.c.subscriber_id == one.subscriber_id
            connection.execute(delete(subscription).where(mine, subscription.c.newsletter == one.newsletter))
    consent.append_each(connection, said)


def held(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Subscription, ...]]:
    """The subscriptions of subscribers, at most a thousand, by name."""
    query = (
        select(subscription).where(subscription.c.subscriber_id.in_(ids)).order_by(subscription.c.newsletter)
    )
    found: dict[int, tuple[Subscription, ...]] = {}
    for row in connection.execute(query):
        one = Subscription(
            row.newsletter, row.status, row.since, row.paused_until, row.frequency, tuple(row.topics)
        )
        found[row.subscriber_id] = (*found.get(row.subscriber_id, ()), one)
    return found


def theirs(connection: Connection, subscriber_id: int) -> tuple[str, tuple[Subscription, ...]]:
    """The address and the subscriptions of one subscriber; empty when there is none."""
    query = select(subscriber.c.address).where(subscriber.c.id == subscriber_id)
    address = connection.execute(query).scalar() or ""
    return address, held(connection, (subscriber_id,)).get(subscriber_id, ())


def after(
    subscriber_id: int,
    address: str,
    before: Subscription,
    action: Action,
    status: str,
    wanted: Wish | None = None,
) -> Said:
    """A subscription as it stands after `action`; without a wish, its frequency, topics and pause stay."""
    how = wanted or wish(before)
    return Said(
        subscriber_id,
        address,
        before.newsletter,
        action,
        status,
        how.frequency,
        how.topics,
        how.paused_until,
    )


def wish(one: Subscription) -> Wish:
    """How a newsletter is wanted now."""
    return Wish(frequency(one.frequency), one.topics, one.paused_until)


def frequency(text: str) -> Frequency:
    """The word, as one of :data:`FREQUENCIES`; any other is a bug."""
    return next(each for each in FREQUENCIES if each == text)


def _row(said: Said, at: int) -> tuple[Any, ...]:
    until = said.paused_until and milliseconds(said.paused_until)
    since = milliseconds(said.since) if said.since else at
    chosen = json.dumps(said.topics, ensure_ascii=False) if said.topics else "[]"
    return said.subscriber_id, said.newsletter, said.status, since, until, said.frequency, chosen, at


@cache
def _stand() -> Bulk:
    def changes(new: Any) -> dict[str, Any]:
        # Who asks once more has as long to confirm as who asks for the first time.
        same = (subscription.c.status == new.status) & (new.status != literal_column(f"'{PENDING}'"))
        since = case((same, subscription.c.since), else_=new.since)
        as_it_was = subscription.c.frequency == new.frequency
        chosen_at = case((as_it_was, subscription.c.chosen_at), else_=new.chosen_at)
        kept = ("status", "paused_until", "frequency", "topics")
        return {"since": since, "chosen_at": chosen_at, **{name: new[name] for name in kept}}

    columns = "subscriber_id newsletter status since paused_until frequency topics chosen_at".split()
    return Bulk(insert_or_change(subscription, changes), *columns)
