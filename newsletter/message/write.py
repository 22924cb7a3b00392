"""Rendered + recipient -> Message: RFC 5322 bytes, the same on every attempt."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from newsletter.issue.slots import fill, fill_html
from newsletter.message import headers, mime
from newsletter.model import Envelope, Media, Message


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


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person, one message."""

    name: str
    address: str
    token: str  #: for the links that act for this person


def message_id(key: bytes, who: str, domain: str) -> str:
    """The Message-ID of one recipient's copy: the same on every attempt, no personal data in it."""
    return f"<{hmac.new(key, who.encode(), hashlib.sha256).hexdigest()[:32]}@{domain}>"


def content_id(media: Media, domain: str) -> str:
    """The Content-ID under which a picture travels; HTML says ``cid:`` before it."""
    return f"{media.name}@{domain}"


def embed(media: Media, domain: str) -> bytes:
    """A picture as the MIME part in which it travels."""
    return mime.inline_part(media.mime, content_id(media, domain), media.name, media.data)


def unsubscribe_url(identity: Identity, token: str) -> str:
    """Where the visible link leads: a page of ours, or else a mail to us."""
    if identity.public_url:
        return f"{identity.public_url}/u/{token}"
    return f"mailto:{identity.unsubscribe_mailto}?subject={quote('unsubscribe ' + token)}"


def write(content: Content, identity: Identity, to: Recipient, *, id: str, date: datetime) -> Message:
    """The whole message. Equal arguments give equal bytes; all lines end in CRLF and are 7-bit but for names
    and addresses that need SMTPUTF8 (RFC 6532)."""
    body = _body(id, *filled(content, identity, to), content.pictures)
    return Message(
        Envelope(mail_from=identity.mail_from, rcpt_to=to.address),
        headers.block(_fields(content, identity, to, id, date)) + body,
    )


def filled(content: Content, identity: Identity, to: Recipient) -> tuple[str, str]:
    """HTML and text as this recipient reads them."""
    values = {
        **content.slots,
        "NAME": to.name,
        "ADDRESS": to.address,
        "UNSUBSCRIBE_URL": unsubscribe_url(identity, to.token),
        "WHY": f"You get this because {to.address} is on the list of {identity.title}.",
    }
    return fill_html(content.html, values), fill(content.text, values)


def _fields(
    content: Content, identity: Identity, to: Recipient, id: str, date: datetime
) -> list[tuple[str, str]]:
    fields = [
        ("From", headers.mailbox(identity.from_name, identity.from_address)),
        ("To", headers.mailbox(to.name, to.address)),
        ("Subject", headers.unstructured(content.subject)),
        ("Date", headers.date(date)),
        ("Message-ID", id),
    ]
    if identity.reply_to:
        fields.append(("Reply-To", identity.reply_to))
    fields += [
        ("List-Id", headers.list_id(identity.title, identity.list_id)),
        ("List-Unsubscribe", headers.uris(*_unsubscribe_uris(identity, to.token))),
    ]
    if identity.public_url:
        fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))  # RFC 8058
    return [*fields, ("List-Post", "NO"), ("Precedence", "bulk"), ("MIME-Version", "1.0")]


def _unsubscribe_uris(identity: Identity, token: str) -> list[str]:
    mail = f"mailto:{identity.unsubscribe_mailto}?subject={quote('unsubscribe ' + token)}"
    return [unsubscribe_url(identity, token), mail] if identity.public_url else [mail]


def _body(id: str, html: str, text: str, pictures: tuple[bytes, ...]) -> bytes:
    page = mime.text_part("html", html)
    if pictures:
        page = mime.multipart(
            "related", mime.boundary("related", id), [page, *pictures], '; type="text/html"'
        )
    return mime.multipart(
        "alternative", mime.boundary("alternative", id), [mime.text_part("plain", text), page]
    )
