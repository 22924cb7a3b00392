"""What a notice proves -> the delivery that it is about: by our mark, our Message-ID, or a provider's word.

An address alone names nothing, for anybody can write one down. Only where a provider has proved who it is
does it stand for the newest message that went there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Select, select

from newsletter.audience.addresses import parse
from newsletter.audience.bounces import Notice
from newsletter.message.write import message_id
from newsletter.model import State
from newsletter.outbox import archive
from newsletter.store import tables as t

#: Deliveries to one subscriber in which a Message-ID is looked for.
_NEWEST: Final = 200
#: How long before a provider's word the message may have gone.
_RECENT: Final = timedelta(days=7)
#: By how much two clocks may differ; and who waits for the answer to the final dot waits for ten minutes.
_SKEW: Final = timedelta(minutes=15)


def named(connection: Connection, notice: Notice) -> int:
    """The delivery that `notice` is about; 0 when it proves none of ours."""
    if notice.delivery_id:
        return notice.delivery_id
    subscriber_id = notice.subscriber_id or _subscriber(connection, notice.recipient)
    if not subscriber_id:
        return 0
    found = _by_message_id(connection, subscriber_id, notice.message_id)
    if not found and notice.vouched is not None:
        return _newest(connection, subscriber_id, notice.vouched)
    return found


def all_of(subscriber_id: int) -> Select[tuple[int]]:
    """A person's deliveries, by way of the issues: there is no index over the subscribers of all."""
    d = t.delivery.c
    return select(d.id).where(d.issue_id.in_(select(t.issue.c.id)), d.subscriber_id == subscriber_id)


def _by_message_id(connection: Connection, subscriber_id: int, wanted: str) -> int:
    """The delivery whose message was returned: only who has had it can know its Message-ID."""
    if not wanted:
        return 0
    d = t.delivery.c
    newest = connection.execute(
        select(d.id, t.issue.c.message_key)
        .join(t.issue, t.issue.c.id == d.issue_id)
        .where(d.id.in_(all_of(subscriber_id)))
        .order_by(d.id.desc())
        .limit(_NEWEST)
    )
    domain = wanted.rpartition("@")[2].rstrip(">")
    for row in newest:
        if message_id(row.message_key, str(subscriber_id), domain) == wanted:
            return int(row.id)
    return _archived(connection, subscriber_id, wanted, domain)


def _archived(connection: Connection, subscriber_id: int, wanted: str, domain: str) -> int:
    """The same among what is packed: the issue is found first, by its key alone."""
    packed = select(t.archive_count.c.issue_id)
    found = select(t.issue.c.id, t.issue.c.message_key).where(t.issue.c.id.in_(packed))
    for row in connection.execute(found):
        if message_id(row.message_key, str(subscriber_id), domain) == wanted:
            theirs = archive.of_person(connection, subscriber_id, (row.id,))
            return theirs[0].delivery_id if theirs else 0
    return 0


def _newest(connection: Connection, subscriber_id: int, by: datetime) -> int:
    """The last message that the next hop had, or may have had, by that time."""
    d = t.delivery.c
    had = (State.SENT.value, State.IN_DOUBT.value)
    query = (
        select(d.id)
        .where(d.id.in_(all_of(subscriber_id)), d.state.in_(had))
        .where(d.state_at <= by + _SKEW, d.state_at >= by - _RECENT)
        .order_by(d.state_at.desc(), d.id.desc())
        .limit(1)
    )
    return int(connection.execute(query).scalar() or 0)


def _subscriber(connection: Connection, address: str) -> int:
    try:
        key = parse(address).key
    except ValueError:
        return 0
    found = connection.execute(select(t.subscriber.c.id).where(t.subscriber.c.address_key == key)).scalar()
    return int(found or 0)
