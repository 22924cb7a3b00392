"""Built issue + reader -> the copy that `send` would hand over, byte for byte, with links that do nothing.

Written by the same lines as the real ones (:class:`newsletter.delivery.compose.Edition`): only the token in
the links differs, and it is as long as the real one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, String, cast, func, select

from newsletter.audience.tokens import Tokens
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import SAMPLE, Edition, edition
from newsletter.issue.slots import fill
from newsletter.message.write import Content, Identity, Recipient, filled, message_id, write
from newsletter.model import Envelope, Rendered, State
from newsletter.outbox import frozen, ledger
from newsletter.pipeline import Built
from newsletter.store import tables as t

#: A delivery that there never is: :mod:`newsletter.message.verp` reads it out of no bounce.
_NOBODYS: Final = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber, as a message names them, or a sample person."""

    id: int  #: 0 of a sample person
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Copy:
    """One reader's copy of an issue."""

    html: str
    text: str
    data: bytes  #: the message, as it would be handed to the sender
    envelope: Envelope
    headers: tuple[tuple[str, str], ...]  #: as they stand in `data`, unfolded


def copy(
    config: Config, built: Built, *, reader: Reader | None, tokens: Tokens | None = None, id: str = ""
) -> Copy:
    """What this reader would be sent at the issue's nominal time; a sample person for None.

    `id` is the one under which the issue will be queued, where that is not its own: see :func:`next_id`.
    """
    signer = tokens or unpack.tokens(config)
    made = edition_of(config, built, signer, id)
    return copy_of(made, signer, reader, built.issue.date, verp=config.sender.verp)


def edition_of(config: Config, built: Built, tokens: Tokens, id: str = "") -> Edition:
    """The issue, ready to be copied to any reader."""
    issue = built.issue
    identity = unpack.identity(config, issue.newsletter)
    return edition(issue, built.rendered, built.slots, identity, tokens.message_key(id or issue.id))


def copy_of(made: Edition, tokens: Tokens, reader: Reader | None, date: datetime, *, verp: bool) -> Copy:
    """One reader's copy of an edition that is due at `date`.

    `verp`: the envelope sender is marked, as each message has one of its own then; this one names nobody's.
    """
    to, who = _addressee(reader, tokens, made.variant.newsletter)
    inert = tokens.inert_preferences((reader.id if reader else 0) or 1)
    to = replace(to, links=made.inert_links(inert))
    usual = made.identity.mail_from
    mail_from = tokens.verp().address(usual, _NOBODYS) if verp else usual
    message = made.copy(to, who=who, date=date, mail_from=mail_from)
    html, text = made.opened(to)
    return Copy(html, text, message.data, message.envelope, headers_of(message.data))


def letter(
    rendered: Rendered,
    identity: Identity,
    slots: Mapping[str, str],
    *,
    tokens: Tokens,
    newsletter: str,
    reader: Reader | None,
    date: datetime,
    alone: bool = False,
) -> Copy:
    """One reader's copy of a letter, written as any message; `slots` fill what is not the reader's own.
    `alone`: it belongs to no list."""
    to, who = _addressee(reader, tokens, newsletter)
    subject = fill(rendered.subject, slots)
    content = Content(subject, rendered.frame_html, rendered.frame_text, (), slots, alone)
    id = message_id(tokens.message_key(f"letter {rendered.hash}"), who, identity.domain)
    message = write(content, identity, to, id=id, date=date)
    return Copy(*filled(content, identity, to), message.data, message.envelope, headers_of(message.data))


def _addressee(reader: Reader | None, tokens: Tokens, newsletter: str) -> tuple[Recipient, str]:
    """Whom a copy is for, with a token that does nothing, and how the Message-ID names them."""
    if reader is None or not reader.id:
        name, address = (reader.name, reader.address) if reader else (SAMPLE.name, SAMPLE.address)
        return Recipient(name, address, tokens.inert(1, newsletter)), "sample"
    return Recipient(reader.name, reader.address, tokens.inert(reader.id, newsletter)), str(reader.id)


def next_id(connection: Connection, id: str, *, by_hand: bool) -> str:
    """The id under which an issue would be queued now: by its slot, or by hand with `newsletter send`."""
    return ledger.free_id(connection, id, "m" if by_hand else "")


def sent(connection: Connection, issue_id: str, subscriber_id: int = 0) -> Edition:
    """An issue as it was frozen when it was sent: the mail of that reader, if they got one, else the one that
    most readers got. KeyError when the outbox has none of that name."""
    d, v = t.delivery.c, t.variant.c
    of_it = d.issue_id == issue_id, d.state != State.PASSED, d.variant_id.is_not(None)
    own = select(d.variant_id).where(*of_it, d.subscriber_id == subscriber_id)
    most = (
        select(d.variant_id).where(*of_it).group_by(d.variant_id).order_by(func.count().desc(), d.variant_id)
    )
    # Of an issue whose rows are packed, or not there yet.
    any_ = (
        select(v.id).where(v.issue_id == issue_id).order_by(func.length(cast(v.blocks, String)).desc(), v.id)
    )
    for wanted in (own, most, any_):
        if (variant_id := connection.execute(wanted.limit(1)).scalar()) is not None:
            return Edition(frozen.variant(connection, variant_id))
    raise KeyError(issue_id)


def headers_of(message: bytes) -> tuple[tuple[str, str], ...]:
    """The headers of a message of ours, in their order, each on one line."""
    head = message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    lines = head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    return tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
