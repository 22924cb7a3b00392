"""Rendered + recipient -> Message: RFC 5322 bytes, the same on every attempt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote

from newsletter.issue.slots import fill, fill_html
from newsletter.message import headers, mime
from newsletter.message.compiled import Joiner, merged, message_body
from newsletter.message.mac import Mac
from newsletter.model import Envelope, Media, Message

_TOKEN = re.compile(r"[A-Za-z0-9._~-]*")  # the unreserved characters of RFC 3986


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes, as frozen with the issue."""

    title: str  #: of the newsletter
    from_name: str
    from_address: str
    reply_to: str  #: an address, or empty
    mail_from: str  #: envelope sender: where bounces go
    list_id: str  #: RFC 2919, without brackets: ``weekly.slowpost.example``
    public_url: str  #: of the reader pages; empty when there are none
    unsubscribe_mailto: str  #: address that takes "unsubscribe" mails

    @property
    def domain(self) -> str:
        """The domain that names our messages and parts."""
        return self.from_address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Content:
    """One variant of an issue in one language, with the recipient's slots still in it."""

    subject: str
    html: str
    text: str
    pictures: tuple[bytes, ...]  #: the parts that `embed` made, once for all recipients
    slots: Mapping[str, str]  #: what depends on the variant, as plain text
    alone: bool = False  #: it belongs to no list: it asks whether to join one, or is for the operators


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, one message."""

    name: str
    address: str
    token: str  #: for the links that act for this person
    links: tuple[tuple[str, str], ...] = ()  #: values of further slots, such as ``PREFERENCES_URL``


def message_id(key: bytes | Mac, who: str, domain: str) -> str:
    """The Message-ID of one recipient's copy: the same on every attempt, no personal data in it."""
    mac = Mac(key) if isinstance(key, bytes) else key
    return f"<{mac(who.encode()).hex()[:32]}@{domain}>"


def content_id(media: Media, domain: str) -> str:
    """The Content-ID under which a picture travels; HTML says ``cid:`` before it."""
    return f"{media.name}@{domain}"


def embed(media: Media, domain: str) -> bytes:
    """A picture as the MIME part in which it travels."""
    return mime.inline_part(media.mime, content_id(media, domain), media.name, media.data)


def unsubscribe_url(identity: Identity, token: str) -> str:
    """Where the visible link leads: a page of ours, or else a mail to us."""
    return f"{identity.public_url}/u/{token}" if identity.public_url else _by_mail(identity, token)


def confirm_url(identity: Identity, token: str) -> str:
    """Where somebody says that they want what was asked for."""
    return f"{identity.public_url}/c/{token}"


def preferences_url(identity: Identity, token: str) -> str:
    """Where somebody sees and changes all about themselves; without pages they write to us."""
    pages = identity.public_url
    return (
        f"{pages}/p/{token}"
        if pages
        else f"mailto:{identity.unsubscribe_mailto}?subject=preferences%20{token}"
    )


def return_url(identity: Identity, token: str) -> str:
    """Where somebody takes back that they left."""
    return f"{identity.public_url}/r/{token}"


def _by_mail(identity: Identity, token: str) -> str:
    safe = token if _TOKEN.fullmatch(token) else quote(token)
    return f"mailto:{identity.unsubscribe_mailto}?subject=unsubscribe%20{safe}"


class Writer:
    """Writes the messages of one variant: what all have in common is encoded once, here.

    Equal arguments give equal bytes; all lines end in CRLF and are 7-bit but for names and addresses that
    need SMTPUTF8 (RFC 6532). No line is longer than 76 characters but for long addresses in headers.
    """

    def __init__(self, content: Content, identity: Identity) -> None:
        self._identity = identity
        body = message_body(content.html, content.text, content.slots, content.pictures)
        self._alone = content.alone
        after = headers.block(_fixed(content, identity)) + headers.block(_closing(content, identity))
        self._join = Joiner(merged((after, *body)))
        self._first = headers.block([("From", headers.mailbox(identity.from_name, identity.from_address))])

    def __call__(self, to: Recipient, *, id: str, date: datetime, mail_from: str = "") -> Message:
        """The recipient's message; `mail_from` is the envelope's sender where it is not the usual one."""
        values = recipient_values(self._identity, to)
        leave = (
            (("List-Unsubscribe", headers.uris(*_unsubscribe_uris(self._identity, to.token, values))),)
            if not self._alone
            else ()
        )
        own = headers.varying(
            ("To", headers.mailbox(to.name, to.address)), ("Date", _date(date)), ("Message-ID", id), *leave
        )
        envelope = Envelope(mail_from or self._identity.mail_from, to.address)
        return Message(envelope, self._join(self._first + own, values), dotless=True)


def write(content: Content, identity: Identity, to: Recipient, *, id: str, date: datetime) -> Message:
    """One message; who writes many keeps a :class:`Writer`."""
    return Writer(content, identity)(to, id=id, date=date)


def recipient_values(identity: Identity, to: Recipient) -> dict[str, str]:
    """What the recipient's slots stand for, as plain text."""
    values = {
        "NAME": to.name,
        "ADDRESS": to.address,
        "UNSUBSCRIBE_URL": unsubscribe_url(identity, to.token),
    }
    if to.links:
        values.update(to.links)
    return values


def filled(content: Content, identity: Identity, to: Recipient) -> tuple[str, str]:
    """HTML and text as this recipient reads them."""
    values = {**content.slots, **recipient_values(identity, to)}
    return fill_html(content.html, values), fill(content.text, values)


_date = lru_cache(maxsize=64)(headers.date)  # a whole issue shares a few


def _fixed(content: Content, identity: Identity) -> list[tuple[str, str]]:
    fields = [("Subject", headers.unstructured(content.subject))]
    if identity.reply_to:
        fields.append(("Reply-To", identity.reply_to))
    if content.alone:
        return fields
    return [*fields, ("List-Id", headers.list_id(identity.title, identity.list_id))]


def _closing(content: Content, identity: Identity) -> list[tuple[str, str]]:
    if content.alone:  # RFC 3834: nobody's program is to answer it
        return [("Auto-Submitted", "auto-generated"), ("MIME-Version", "1.0")]
    one_click = [("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]  # RFC 8058
    last = [("List-Post", "NO"), ("Precedence", "bulk"), ("MIME-Version", "1.0")]
    return [*(one_click if identity.public_url else []), *last]


def _unsubscribe_uris(identity: Identity, token: str, values: Mapping[str, str]) -> tuple[str, ...]:
    url = values["UNSUBSCRIBE_URL"]
    return (url, _by_mail(identity, token)) if identity.public_url else (url,)
