"""Postmark: JSON behind a password -> events.

Postmark signs nothing: the password in the address that it calls (https://NAME:PASSWORD@...) is the proof,
and, if you like, where the call comes from. It names messages by numbers of its own: the address names ours.
https://postmarkapp.com/developer/webhooks/bounce-webhook
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from newsletter.audience.bounces import Action
from newsletter.audience.hooks import Call, Event, Fetch, Refused, Verified
from newsletter.audience.hooks.reading import ABOUT_US, json_object, lasting, moment, passing, text, within
from newsletter.errors import PluginError

_SHORTEST: Final = 16
_DEAD = frozenset({"HardBounce", "BadEmailAddress"})
_PASSES = frozenset({"SoftBounce", "Transient", "DnsError", "Unknown"})
_OURS = frozenset({"SpamNotification", "Blocked", "DMARCPolicy", "VirusNotification"})


class Postmark:
    """`username` and `password` are those in the webhook's address; `ips` are addresses or networks, and the
    empty list is everywhere."""

    media_types = ("application/json",)

    def __init__(self, username: str, password: str, ips: tuple[str, ...] = ()) -> None:
        """PluginError for a password that could be guessed, and for what is no network."""
        if len(password) < _SHORTEST or not username or ":" in username:
            raise PluginError(
                f'postmark: "password" needs {_SHORTEST} characters, "username" one and no colon'
            )
        try:
            self._networks = tuple(ipaddress.ip_network(each) for each in ips)
        except (ValueError, TypeError):
            raise PluginError(
                'postmark: "ips" must be a list such as ["192.0.2.7", "2001:db8::/32"]'
            ) from None
        self._expected = _digest(base64.b64encode(f"{username}:{password}".encode()))

    def verify(self, call: Call, fetch: Fetch) -> Verified:
        scheme, _, given = call.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(_digest(given.strip().encode("utf-8", "replace")), self._expected)
        if scheme.lower() != "basic" or not right:
            raise Refused(401, "the password is not right")
        if self._networks and not self._is_known(call.peer):
            raise Refused(403, "it comes from elsewhere")
        json_object(call.body)
        return Verified()

    def events(self, body: bytes) -> tuple[Event, ...]:
        said = json_object(body)
        read = _RECORDS.get(text(said, "RecordType"))
        judged = read(said) if read else None
        if judged is None:
            return ()
        action, status, words = judged
        when = text(said, "BouncedAt") or text(said, "ChangedAt") or text(said, "DeliveredAt")
        return (
            Event(
                action,
                text(said, "Email") or text(said, "Recipient"),
                moment(when) or datetime.fromtimestamp(0, UTC),
                status,
                words,
                text(said, "Metadata", "mail_from"),
                text(said, "Metadata", "message_id"),
            ),
        )

    def _is_known(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _digest(octets: bytes) -> bytes:
    """Of one length, so that comparing tells nothing about what was expected."""
    return hashlib.sha256(octets).digest()


# ── what each kind of record says: an action, a status and words, or nothing that concerns us ───────────────

_Judged = tuple[Action, str, str] | None


def _bounce(said: Any) -> _Judged:
    kind, details = text(said, "Type"), text(said, "Details").removeprefix("smtp;")
    words = f"{details or text(said, 'Description')} (Postmark: {kind})".strip()
    if kind == "SpamComplaint":
        return _complaint(said)
    if kind == "Unsubscribe":
        return Action.UNSUBSCRIBED, "", "asked to leave, told by Postmark"
    if kind in _DEAD:
        return Action.FAILED, lasting("", details), words
    if kind in _PASSES:
        return Action.FAILED, passing("", details), words
    return (Action.FAILED, ABOUT_US, words) if kind in _OURS else None


def _complaint(said: Any) -> _Judged:
    return Action.COMPLAINT, "", "complaint, told by Postmark"


def _change(said: Any) -> _Judged:
    """Postmark has put somebody on its own suppression list; taking them off it brings nobody back here."""
    if within(said, "SuppressSending") is not True:
        return None
    match text(said, "SuppressionReason"):
        case "HardBounce":
            return Action.FAILED, "5.1.1", "suppressed (Postmark: HardBounce)"
        case "SpamComplaint":
            return _complaint(said)
    reader = text(said, "Origin") == "Recipient"
    return (Action.UNSUBSCRIBED, "", "left by Postmark's link") if reader else None


def _delivery(said: Any) -> _Judged:
    return Action.DELIVERED, "", ""


_RECORDS: Final[dict[str, Callable[[Any], _Judged]]] = {
    "Bounce": _bounce,
    "SpamComplaint": _complaint,
    "SubscriptionChange": _change,
    "Delivery": _delivery,
}
