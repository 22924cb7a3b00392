"""Amazon SES through SNS: signed JSON -> events.

Each call is signed with the key of a certificate that SNS itself names, so the address of that certificate is
what everything hangs on: it must be on the SNS host of the topic's own region. Only listed topics are heard.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from newsletter.audience.bounces import COMPLAINTS, Action
from newsletter.audience.hooks import Call, Event, Fetch, Refused, Verified
from newsletter.audience.hooks.certificates import Certificates
from newsletter.audience.hooks.reading import (
    ABOUT_US,
    json_object,
    lasting,
    moment,
    passing,
    rows,
    text,
    within,
)
from newsletter.errors import PluginError

_TOPIC = re.compile(
    r"arn:aws[a-z-]*:sns:([a-z0-9-]{3,30}):[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?", re.ASCII
)
_HOST = re.compile(r"sns\.([a-z0-9-]{3,30})\.amazonaws\.com(?:\.cn)?", re.ASCII)
_CERTIFICATE = re.compile(r"https://[^/]+/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem", re.ASCII)
#: SNS tries for an hour, with the time of the first try.
_LATEST: Final = timedelta(minutes=75)
_EARLIEST: Final = timedelta(minutes=5)
_SUBSCRIBING = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
#: What is signed, in this order; Subject where there is one.
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _SUBSCRIBING,
    "UnsubscribeConfirmation": _SUBSCRIBING,
}
_LISTS: Final = {
    "bounce": ("bounce", "bouncedRecipients"),
    "complaint": ("complaint", "complainedRecipients"),
    "deliverydelay": ("deliveryDelay", "delayedRecipients"),
    "delivery": ("delivery", "recipients"),
}


class Ses:
    """`topics` are the ARNs of those that this newsletter's events come from."""

    media_types = ("text/plain", "application/json")

    def __init__(self, topics: tuple[str, ...]) -> None:
        """PluginError for what is no topic, and without the package that checks signatures."""
        if not topics or not all(isinstance(each, str) and _TOPIC.fullmatch(each) for each in topics):
            raise PluginError(
                'ses: "topics" must be a list such as ["arn:aws:sns:eu-west-1:123456789012:mail"]'
            )
        if find_spec("cryptography") is None:
            raise PluginError('ses needs the package cryptography: pip install "newsletter-line[webhooks]"')
        self._topics = frozenset(topics)
        self._certificates = Certificates()

    def verify(self, call: Call, fetch: Fetch) -> Verified:
        envelope = json_object(call.body)
        topic, kind = _signed(envelope, "TopicArn"), _signed(envelope, "Type")
        if kind not in _SIGNED:
            raise Refused(400, "it is no message of SNS")
        if topic not in self._topics:
            raise Refused(403, "its topic is not listed")
        sent = moment(_signed(envelope, "Timestamp"))
        if sent is None or not -_EARLIEST <= call.at - sent <= _LATEST:
            raise Refused(403, "it is too old, or from the future")
        address = _signed(envelope, "SigningCertURL")
        if not (_is_on_sns(address, topic) and _CERTIFICATE.fullmatch(address)):
            raise Refused(403, "its certificate is not at SNS")
        version, signature = _signed(envelope, "SignatureVersion"), _signed(envelope, "Signature")
        self._certificates.check(address, _to_be_signed(envelope, kind), signature, version, call.at, fetch)
        visit = _signed(envelope, "SubscribeURL") if kind == "SubscriptionConfirmation" else ""
        if visit and not _confirms(visit, topic):
            raise Refused(403, "its confirmation is not at SNS")
        return Verified(_signed(envelope, "MessageId")[:200], visit)

    def events(self, body: bytes) -> tuple[Event, ...]:
        envelope = json_object(body)
        if envelope.get("Type") != "Notification":
            return ()
        try:
            said = json_object(_signed(envelope, "Message"))
        except Refused:
            return ()  # what SNS says when a topic is set up: plain words
        sent = moment(text(said, "mail", "timestamp")) or moment(_signed(envelope, "Timestamp"))
        return tuple(_events(said, sent or datetime.fromtimestamp(0, UTC)))


def _signed(envelope: Any, name: str) -> str:
    value = envelope.get(name)
    return value if isinstance(value, str) else ""


def _to_be_signed(envelope: Any, kind: str) -> bytes:
    names = [name for name in _SIGNED[kind] if name != "Subject" or isinstance(envelope.get(name), str)]
    return "".join(f"{name}\n{_signed(envelope, name)}\n" for name in names).encode("utf-8", "replace")


def _is_on_sns(address: str, topic: str) -> bool:
    """https, the host of SNS in the topic's region, no port, nobody's name, nothing to normalise."""
    try:
        parts = urlsplit(address)
        found = _HOST.fullmatch(parts.netloc)
    except ValueError:
        return False
    plain = address.isascii() and address.isprintable() and " " not in address
    return plain and parts.scheme == "https" and found is not None and found[1] == topic.split(":")[3]


def _confirms(address: str, topic: str) -> bool:
    if not _is_on_sns(address, topic):
        return False
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    return (
        parts.path == "/"
        and asked.get("Action") == ["ConfirmSubscription"]
        and asked.get("TopicArn") == [topic]
    )


def _events(said: Any, sent: datetime) -> Iterator[Event]:
    kind = (text(said, "eventType") or text(said, "notificationType")).replace(" ", "").lower()
    for row in rows(said, *_LISTS.get(kind, ("", ""))):
        judged = _judged(kind, said, row)
        if judged is None:
            continue
        action, status, words = judged
        recipient = text({"recipient": row}, "recipient") or text(row, "emailAddress")
        yield Event(action, recipient, sent, status, words, text(said, "mail", "source"), _message_id(said))


def _judged(kind: str, said: Any, row: Any) -> tuple[Action, str, str] | None:
    """What is said of one address; None for nothing that concerns us."""
    status, words = text(row, "status"), text(row, "diagnosticCode").removeprefix("smtp; ")
    match kind:
        case "delivery":
            return Action.DELIVERED, "", ""
        case "deliverydelay":
            return Action.DELAYED, passing(status, words), words
        case "complaint":
            told = text(said, "complaint", "complaintFeedbackType") or "abuse"
            return (Action.COMPLAINT, "", f"{told}, told by Amazon SES") if told in COMPLAINTS else None
    lasts, why = text(said, "bounce", "bounceType"), text(said, "bounce", "bounceSubType")
    words = f"{words} (Amazon SES: {lasts}, {why})".strip()
    if why in ("ContentRejected", "AttachmentRejected"):
        return Action.FAILED, ABOUT_US, words
    return Action.FAILED, (lasting if lasts == "Permanent" else passing)(status, words), words


def _message_id(said: Any) -> str:
    """As we wrote it: SES puts its own in the place of it, and tells ours."""
    for header in rows(said, "mail", "headers"):
        if text(header, "name").lower() == "message-id":
            return text(header, "value")
    return text(within(said, "mail"), "commonHeaders", "messageId")
