"""A mail that came back -> what it says of messages of ours: DSN (RFC 3464), complaint (RFC 5965), or older.

Pure. Anybody can write to the bounce address, so nothing in a mail is believed but what we made: the mark in
the envelope sender, the token in an unsubscribe link, the Message-ID. An automatic reply starts nothing.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from enum import StrEnum
from typing import Final

from newsletter.audience import bounces_guess, bounces_text
from newsletter.audience.bounces_text import header, one_line
from newsletter.audience.tokens import Tokens

#: Octets of a mail that are looked at: what a report says stands before what it returns.
LONGEST: Final = 1 << 20
#: Where servers write the address that a bounce was sent to.
_SENT_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
#: The kinds of feedback (RFC 5965) by which a reader says: no more.
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "complaint"})
_LEAVING = re.compile(r"/u/([^>\s/?#]+)|subject=unsubscribe%20([^>\s&]+)")


class Action(StrEnum):
    """What the other side did with a message: the words of RFC 3464, and two more."""

    FAILED = "failed"
    DELAYED = "delayed"  #: not yet delivered, they go on trying
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"
    COMPLAINT = "complaint"  #: a reader said: this is spam
    UNSUBSCRIBED = "unsubscribed"  #: a reader left through the provider's own link


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail says about one message of ours, and what of it names that message."""

    action: Action
    recipient: str  #: as the other side writes it: perhaps a forwarder's, perhaps empty
    status: (
        str  #: RFC 3463, ``5.1.1``; ``5.0.0`` when a failure has no better one; empty when nothing is said
    )
    diagnostic: str  #: the server's words; printable, one line, at most 500 characters
    delivery_id: int  #: by the mark in the envelope sender; 0 when there is none that we made
    subscriber_id: int  #: by the unsubscribe token in what was returned; 0 when there is none that we made
    message_id: str  #: of the message, with its brackets; empty when it was not returned
    #: When a provider that has proved who it is had the message, so that the address alone names it: the
    #: newest to it by then. None for a mail, which anybody can write.
    vouched: datetime | None = None


_SAID = frozenset(action.value for action in Action) - {Action.COMPLAINT.value, Action.UNSUBSCRIBED.value}


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a mail says; `why_not` when that is nothing."""

    notices: tuple[Notice, ...]
    why_not: str = ""


def read(octets: bytes, tokens: Tokens) -> Reading:
    """Understand one mail. Never raises: what cannot be understood is said so."""
    try:
        mail = email.message_from_bytes(octets[:LONGEST])
        notices = tuple(_notices(mail, tokens))
    except (RecursionError, ValueError, LookupError):
        return Reading((), "it cannot be read")
    notices = notices or _guessed(octets, mail, tokens)
    if notices:
        return Reading(notices)
    return Reading((), "an automatic reply" if bounces_text.is_automatic(mail) else "no bounce")


def _notices(mail: Message, tokens: Tokens) -> Iterator[Notice]:
    parts = _parts(mail)
    returned = _returned(parts)
    named = _named(mail, returned, tokens)
    for part in parts:
        match part.get_content_type():
            case "message/delivery-status" | "message/global-delivery-status":
                yield from _failures(_blocks(part), named)
                return
            case "message/feedback-report":
                yield from _complaints(_blocks(part)[:1], named, tokens)
                return
    found = bounces_text.read(mail)
    if found is not None:
        action = Action.DELAYED if found.goes_on else Action.FAILED
        id = named.message_id or found.message_id
        yield replace(named, action=action, recipient=found.recipient, status=found.status,
                      diagnostic=found.diagnostic, message_id=id)  # fmt: skip


def _guessed(octets: bytes, mail: Message, tokens: Tokens) -> tuple[Notice, ...]:
    """The last resort, for a message that is known by its mark or its Message-ID alone. Never a hard bounce:
    what is guessed has no status that says so."""
    named = _named(mail, None, tokens)
    named = replace(named, message_id=bounces_text.message_id(mail))
    if not (named.delivery_id or named.message_id) or not bounces_text.is_from_a_server(mail):
        return ()
    found = bounces_guess.guess(octets)
    if found is None:
        return ()
    action, status = (Action.FAILED, "5.0.0") if found.for_good else (Action.DELAYED, "4.0.0")
    words = "guessed from the form of the mail"
    return (replace(named, action=action, status=status, recipient=found.recipient, diagnostic=words),)


def _failures(blocks: Iterable[Message], named: Notice) -> Iterator[Notice]:
    for block in blocks:
        action = header(block, "Action").lower()
        if action not in _SAID:
            continue
        diagnostic = header(block, "Diagnostic-Code").partition(";")[2]
        status = bounces_text.status(header(block, "Status"), diagnostic)
        if action == Action.FAILED and not status:
            status = "5.0.0"
        recipient = header(block, "Original-Recipient") or header(block, "Final-Recipient")
        yield replace(named, action=Action(action), recipient=_address(recipient), status=status,
                      diagnostic=one_line(diagnostic))  # fmt: skip


def _complaints(blocks: Iterable[Message], named: Notice, tokens: Tokens) -> Iterator[Notice]:
    for block in blocks:
        kind = header(block, "Feedback-Type").lower()
        if kind not in COMPLAINTS:
            continue
        by = header(block, "User-Agent") or header(block, "Source-IP")
        marked = tokens.verp().delivery_id(header(block, "Original-Mail-From"))
        yield replace(named, action=Action.COMPLAINT, diagnostic=one_line(f"{kind}, told by {by or '?'}"),
                      recipient=_address(header(block, "Original-Rcpt-To")),
                      delivery_id=named.delivery_id or marked or 0)  # fmt: skip


def _named(mail: Message, returned: Message | None, tokens: Tokens) -> Notice:
    """What names the message, before it is known what is said of it."""
    sent_to = [str(value) for name in _SENT_TO for value in mail.get_all(name, [])]
    said = (header(returned, "Return-Path"), header(returned, "List-Unsubscribe")) if returned else ("", "")
    subscriber_id = 0
    for groups in _LEAVING.findall(said[1]):
        token = tokens.read_unsubscribe(groups[0] or groups[1])
        subscriber_id = token[0] if token else subscriber_id
    return Notice(
        Action.FAILED, "", "", "",
        delivery_id=tokens.verp().delivery_id(" ".join([*sent_to, said[0]])) or 0,
        subscriber_id=subscriber_id,
        message_id=header(returned, "Message-ID") if returned else "",
    )  # fmt: skip


# ── the parts of a report ───────────────────────────────────────────────────


def _parts(mail: Message) -> list[Message]:
    """Only the outermost: what is inside a returned or forwarded mail is not said to us."""
    payload = mail.get_payload()
    inner = payload if isinstance(payload, list) else []
    return [part for part in inner if isinstance(part, Message)]


def _returned(parts: Iterable[Message]) -> Message | None:
    for part in parts:
        if part.get_content_type() in _RETURNED:
            payload = part.get_payload()
            if isinstance(payload, list):
                return payload[0] if payload and isinstance(payload[0], Message) else None
            return email.message_from_string(bounces_text.words(part))
    return None


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report; the library splits those of ``message/delivery-status`` only."""
    payload = part.get_payload()
    blocks = [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []
    if part.get_content_type() == "message/global-delivery-status" and blocks:
        rest = bounces_text.words(blocks[0])
        blocks += [email.message_from_string(each) for each in re.split(r"\r?\n\r?\n", rest)]
    return blocks


def _address(field: str) -> str:
    """``rfc822; ada@reader.example`` or ``<ada@reader.example>``: the address."""
    return one_line(field.rpartition(";")[2]).strip("<> ")
