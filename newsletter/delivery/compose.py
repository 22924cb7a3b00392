"""Delivery -> Message: the frozen variant is read once, each recipient's copy is written from it.

Of an issue with thousands of variants the blocks and pictures are read once, too, and its messages share the
bytes of the pictures.

A preview is written here too: it shows what is sent because there is no other way to write a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from newsletter.audience.tokens import Tokens
from newsletter.delivery.kept import Kept
from newsletter.issue.render import assemble
from newsletter.issue.slots import names
from newsletter.message.mac import Mac
from newsletter.message.write import (
    Content,
    Identity,
    Recipient,
    Writer,
    confirm_url,
    content_id,
    embed,
    filled,
    message_id,
    preferences_url,
    return_url,
)
from newsletter.model import Delivery, Issue, Kind, Media, Message, Rendered
from newsletter.outbox import frozen, variants
from newsletter.store.database import Database

#: Slots whose links act for the reader, beside the one for leaving.
_LINKS: Final = frozenset({"PREFERENCES_URL", "CONFIRM_URL", "RESUBSCRIBE_URL"})
#: Mail that belongs to no list.
ALONE: Final = frozenset({Kind.CONFIRM, Kind.NOTICE})
_CHOICES: Final = ("PREFERENCES_URL",)
#: Bytes of the messages that are ready to be written, and of the issues that they are made from.
_READY: Final = 96_000_000
_ISSUES: Final = 32_000_000
#: Whom a copy is for that nobody gets.
SAMPLE = Recipient("Sample Reader", "reader@example.org", "sample")


class Edition:
    """One variant of an issue, ready to be written to anybody."""

    def __init__(self, variant: frozen.FrozenVariant, parts: dict[str, bytes] | None = None) -> None:
        """`parts`: the pictures of the issue that were encoded already, by name; others are added."""
        self.variant = variant
        self.identity = Identity(**variant.identity)
        self._parts = {} if parts is None else parts
        content = self._content()
        self._links = tuple(sorted(_LINKS & (names(content.html) | names(content.text))))
        self._choices = preferences_url(self.identity, "")
        self._write = Writer(content, self.identity)
        self._mac, self._domain = Mac(variant.message_key), self.identity.domain
        #: Bytes that it takes; its pictures are those of the issue.
        self.weight = 2 * (len(content.html) + len(content.text))

    def _content(self) -> Content:
        variant = self.variant
        html, text = assemble(variant.rendered, variant.keys)
        pictures = embedded(html, variant.media, self.identity, self._parts)
        # of an issue that was frozen before variants had their own, and of letters, it is that of all
        subject = variant.slots.get("SUBJECT", variant.rendered.subject)
        alone = variant.kind in ALONE
        return Content(subject, html, text, pictures, variant.slots, alone)

    def copy(self, to: Recipient, *, who: str, date: datetime, mail_from: str = "") -> Message:
        """The recipient's message. `who` names them in the Message-ID: equal arguments give equal bytes.
        `mail_from` is the envelope's sender where it is not the frozen one; no byte depends on it."""
        id = message_id(self._mac, who, self._domain)
        return self._write(to, id=id, date=date, mail_from=mail_from)

    def links(self, tokens: Tokens, subscriber_id: int, at: datetime) -> tuple[tuple[str, str], ...]:
        """The values of the slots, of those that the message has, which lead to a reader's own pages."""
        if self._links == _CHOICES:  # as every issue has it: a million times
            return ((_CHOICES[0], self._choices + tokens.preferences(subscriber_id)),)
        return tuple((name, self._link(name, tokens, subscriber_id, at)) for name in self._links)

    def inert_links(self, token: str) -> tuple[tuple[str, str], ...]:
        """The same for a test or a preview: with a token that does nothing."""
        return tuple((name, preferences_url(self.identity, token)) for name in self._links)

    def _link(self, name: str, tokens: Tokens, subscriber_id: int, at: datetime) -> str:
        if name == "PREFERENCES_URL":
            return preferences_url(self.identity, tokens.preferences(subscriber_id))
        if name == "CONFIRM_URL":
            return confirm_url(self.identity, tokens.confirm(subscriber_id, at))
        return return_url(self.identity, tokens.undo(subscriber_id, self.variant.newsletter, at))

    def opened(self, to: Recipient) -> tuple[str, str]:
        """HTML and text of the same message, as this recipient reads them."""
        return filled(self._content(), self.identity, to)


class Composer:
    """Writes messages; shared by all connections of a process."""

    def __init__(self, database: Database, tokens: Tokens, *, verp: bool = False) -> None:
        """`verp`: each message gets an envelope sender of its own, which names the delivery."""
        self._database = database
        self._tokens = tokens
        self._verp = tokens.verp() if verp else None
        # The database may give the number of a variant that is gone to one of another issue.
        self._editions = Kept[tuple[str, int], Edition](_READY, lambda edition: edition.weight)
        self._issues = Kept[str, _Issue](_ISSUES, lambda issue: issue.weight)

    def __call__(self, delivery: Delivery) -> Message:
        """The recipient's message: equal bytes on every attempt."""
        edition = self._editions.get(
            (delivery.issue_id, delivery.variant_id), partial(self._prepare, delivery)
        )
        if delivery.kind in (Kind.TEST, Kind.NOTICE):
            who, token = f"{delivery.kind}:{delivery.address}", self._tokens.inert()
            links = edition.inert_links(self._tokens.inert_preferences())
        else:
            newsletter = edition.variant.newsletter
            who = str(delivery.subscriber_id)
            token = self._tokens.unsubscribe(delivery.subscriber_id, newsletter)
            links = edition.links(self._tokens, delivery.subscriber_id, delivery.due_at)
        to = Recipient(delivery.name, delivery.address, token, links)
        usual = edition.identity.mail_from
        mail_from = self._verp.address(usual, delivery.id) if self._verp else usual
        return edition.copy(to, who=who, date=delivery.due_at, mail_from=mail_from)

    def _prepare(self, delivery: Delivery) -> Edition:
        issue = self._issues.get(delivery.issue_id, partial(self._read, delivery.variant_id))
        with self._database.read() as connection:
            keys, slots = variants.laid_out(connection, delivery.variant_id)
        return Edition(replace(issue.any, keys=keys, slots=slots), issue.parts)

    def _read(self, variant_id: int) -> _Issue:
        with self._database.read() as connection:
            return _Issue(frozen.variant(connection, variant_id), {})


@dataclass(frozen=True, slots=True)
class _Issue:
    """What the variants of an issue have in common."""

    any: frozen.FrozenVariant  #: one of them
    parts: dict[str, bytes]  #: its pictures, encoded, as far as somebody got them

    @property
    def weight(self) -> int:
        """Bytes."""
        pictures = sum(len(media.data) for media in self.any.media)
        return 3 * pictures + sum(2 * len(block.html + block.text) for block in self.any.rendered.blocks)


def edition(
    issue: Issue, rendered: Rendered, slots: Mapping[str, str], identity: Identity, message_key: bytes
) -> Edition:
    """An issue that is not frozen yet, as it would be read back once it is. `slots`: those of the variant."""
    return Edition(
        frozen.FrozenVariant(
            newsletter=issue.newsletter,
            kind=Kind.ISSUE,
            identity=asdict(identity),
            message_key=message_key,
            rendered=rendered,
            keys=tuple(block.key for block in rendered.blocks),
            slots=dict(slots),
            # In the order in which the outbox gives them back.
            media=tuple(sorted(issue.media, key=lambda media: media.name)),
        )
    )


def embedded(
    html: str, media: tuple[Media, ...], identity: Identity, parts: dict[str, bytes]
) -> tuple[bytes, ...]:
    """The parts of the pictures that the HTML names by ``cid:``; hosted ones do not travel."""
    domain = identity.domain
    named = [each for each in media if f"cid:{content_id(each, domain)}" in html]
    for each in named:
        if each.name not in parts:
            parts[each.name] = embed(each, domain)
    return tuple(parts[each.name] for each in named)


@dataclass(frozen=True, slots=True)
class Sample:
    """One copy of an issue, for looking at."""

    html: str
    text: str
    data: bytes


def sample(issue: Issue, rendered: Rendered, slots: Mapping[str, str], identity: Identity) -> Sample:
    """The copy that a sample reader would get. Its links do nothing; the same issue gives the same bytes."""
    made = edition(issue, rendered, slots, identity, message_key=rendered.hash.encode())
    to = replace(SAMPLE, links=made.inert_links(SAMPLE.token))
    message = made.copy(to, who="sample", date=issue.date)
    return Sample(*made.opened(to), message.data)
