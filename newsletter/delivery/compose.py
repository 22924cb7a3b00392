"""Delivery -> Message: the frozen variant is read once, each recipient's copy is written from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from newsletter.audience.tokens import Tokens
from newsletter.issue.render import assemble
from newsletter.issue.slots import variant_slots
from newsletter.message.write import (
    Content,
    Identity,
    Recipient,
    content_id,
    embed,
    filled,
    message_id,
    write,
)
from newsletter.model import Delivery, Issue, Kind, Media, Message, Rendered
from newsletter.outbox import frozen
from newsletter.store.database import Database


class Composer:
    """Writes messages; shared by all connections of a process."""

    def __init__(self, database: Database, tokens: Tokens) -> None:
        self._database = database
        self._tokens = tokens
        self._prepared = lru_cache(maxsize=8)(self._prepare)

    def __call__(self, delivery: Delivery) -> Message:
        """The recipient's message: equal bytes on every attempt."""
        variant, identity, content = self._prepared(delivery.variant_id)
        is_test = delivery.kind is Kind.TEST
        who = f"test:{delivery.address}" if is_test else str(delivery.subscriber_id)
        token = (
            self._tokens.inert()
            if is_test
            else self._tokens.unsubscribe(delivery.subscriber_id, variant.newsletter)
        )
        return write(
            content,
            identity,
            Recipient(delivery.name, delivery.address, token),
            id=message_id(variant.message_key, who, identity.domain),
            date=delivery.due_at,
        )

    def _prepare(self, variant_id: int) -> tuple[frozen.FrozenVariant, Identity, Content]:
        with self._database.read() as connection:
            variant = frozen.variant(connection, variant_id)
        identity = Identity(**variant.identity)
        html, text = assemble(variant.rendered, variant.keys)
        pictures = embedded(html, variant.media, identity)
        return variant, identity, Content(variant.rendered.subject, html, text, pictures, variant.slots)


def embedded(html: str, media: tuple[Media, ...], identity: Identity) -> tuple[bytes, ...]:
    """The parts of the pictures that the HTML names by ``cid:``; hosted ones do not travel."""
    return tuple(
        embed(each, identity.domain) for each in media if f"cid:{content_id(each, identity.domain)}" in html
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """One copy of an issue, for looking at."""

    html: str
    text: str
    data: bytes


def sample(issue: Issue, rendered: Rendered, identity: Identity) -> Sample:
    """The copy that a sample reader would get. Its links do nothing; the same issue gives the same bytes."""
    html, text = assemble(rendered)
    pictures = embedded(html, issue.media, identity)
    content = Content(rendered.subject, html, text, pictures, variant_slots(issue))
    reader = Recipient("Sample Reader", "reader@example.org", "sample")
    id = message_id(rendered.hash.encode(), "sample", identity.domain)
    message = write(content, identity, reader, id=id, date=issue.date)
    return Sample(*filled(content, identity, reader), message.data)
