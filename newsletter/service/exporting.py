"""A frozen issue -> the mails that were made of it, as files hold them: HTML, text and the message itself.

Of the many mails that a pool is made into, each is a variant; here they stand by how many readers got them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from newsletter.audience.addresses import parse
from newsletter.delivery.compose import SAMPLE, Composer, Edition
from newsletter.model import Delivery, Kind, State
from newsletter.outbox import archive, frozen
from newsletter.store import tables as t


@dataclass(frozen=True, slots=True)
class Mail:
    """One of the mails that an issue was made into."""

    number: int  #: of its variant
    readers: int  #: whom it is for, whatever became of their deliveries
    articles: tuple[str, ...]  #: titles, in the order of the mail


@dataclass(frozen=True, slots=True)
class Written:
    """One copy, for looking at and for keeping."""

    html: str
    text: str
    data: bytes  #: the message, RFC 5322, lines ending in CRLF


def mails(connection: Connection, issue_id: str) -> tuple[Mail, ...]:
    """The mails of an issue, that of the most readers first; what had nothing for them is none."""
    readers = _readers(connection, issue_id)
    v = t.variant.c
    rows = connection.execute(select(v.id, v.articles, v.blocks).where(v.issue_id == issue_id)).all()
    titles = _titles(connection, {article for row in rows for article in row.articles})
    found = (
        Mail(row.id, readers[row.id], tuple(titles[article] for article in row.articles))
        for row in rows
        if row.blocks
    )
    return tuple(sorted(found, key=lambda mail: (-mail.readers, mail.number)))


def _readers(connection: Connection, issue_id: str) -> Counter[int]:
    d = t.delivery.c
    by_variant = select(d.variant_id, func.count()).where(d.issue_id == issue_id).group_by(d.variant_id)
    found = Counter({variant: number for variant, number in connection.execute(by_variant) if variant})
    found.update(row.variant_id for row in archive.of_issue(connection, issue_id) if row.variant_id)
    return found


def _titles(connection: Connection, ids: set[int]) -> dict[int, str]:
    a = t.article.c
    found = connection.execute(select(a.id, a.title).where(a.id.in_(ids)))
    return {row.id: row.title for row in found}


def sample(connection: Connection, variant_id: int) -> Written:
    """A mail as a sample reader would get it: its links do nothing, and equal mails give equal bytes."""
    variant = frozen.variant(connection, variant_id)
    edition = Edition(replace(variant, message_key=variant.rendered.hash.encode()))
    to = replace(SAMPLE, links=edition.inert_links(SAMPLE.token))
    i, v = t.issue.c, t.variant.c
    when = select(func.coalesce(i.slot_at, i.due_at)).join(t.variant, v.issue_id == i.id)
    date = connection.execute(when.where(v.id == variant_id)).scalar_one()
    message = edition.copy(to, who="sample", date=date)
    return Written(*edition.opened(to), message.data)


def copy(compose: Composer, delivery: Delivery) -> Written:
    """A reader's own copy, byte for byte as it is handed to the sender."""
    data = compose(delivery).data
    message = message_from_bytes(data, policy=policy.default)
    html, text = (message.get_body((kind,)) for kind in ("html", "plain"))
    return Written(html.get_content() if html else "", text.get_content() if text else "", data)


# ── who got what ────────────────────────────────────────────────────────────


def to_reader(connection: Connection, issue_id: str, address: str) -> tuple[Delivery, State] | None:
    """The delivery of an issue to a subscriber, and how far it has come; None when there is none."""
    s = t.subscriber.c
    id = connection.execute(select(s.id).where(s.address_key == parse(address.strip()).key)).scalar()
    return next(_deliveries(connection, issue_id, (id,)), None) if id else None


def sent(connection: Connection, issue_id: str, most: int) -> tuple[Delivery, ...]:
    """At most so many of its sent deliveries to people who are still there: one of each mail, then others."""
    d = t.delivery.c
    first = select(func.min(d.subscriber_id)).where(d.issue_id == issue_id, d.state == State.SENT)
    then = select(d.subscriber_id).where(d.issue_id == issue_id, d.state == State.SENT).order_by(d.id)
    ids = [*connection.execute(first.group_by(d.variant_id).limit(most)).scalars()]
    ids += connection.execute(then.limit(most)).scalars()
    packed = (row.subscriber_id for row in archive.of_issue(connection, issue_id) if row.state == State.SENT)
    ids += islice(packed, most)
    found = _deliveries(connection, issue_id, tuple(dict.fromkeys(filter(None, ids)))[:most])
    return tuple(delivery for delivery, _ in found)


def _deliveries(
    connection: Connection, issue_id: str, readers: tuple[int, ...]
) -> Iterator[tuple[Delivery, State]]:
    d, s = t.delivery.c, t.subscriber.c
    columns = (d.id, d.subscriber_id, d.variant_id, d.due_at, d.state, d.attempts)
    found = select(*columns).where(d.issue_id == issue_id, d.subscriber_id.in_(readers)).order_by(d.id)
    there = {row.subscriber_id: row for row in connection.execute(found)}
    people = select(s.id, s.address, s.name).where(s.id.in_(readers)).order_by(s.id)
    for person in connection.execute(people).all():
        row = there.get(person.id)
        if row is not None:
            yield _delivery(issue_id, person, row, row.id), State(row.state)
        for old in archive.of_person(connection, person.id, (issue_id,)) if row is None else ():
            yield _delivery(issue_id, person, old, old.delivery_id), old.state


def _delivery(issue_id: str, person: Any, row: Any, number: int) -> Delivery:
    return Delivery(
        id=number,
        kind=Kind.ISSUE,
        issue_id=issue_id,
        subscriber_id=person.id,
        variant_id=row.variant_id or 0,
        address=person.address,
        name=person.name,
        due_at=row.due_at,
        token="",
        attempts=row.attempts,
    )
