"""A mail provider's call -> what it says of messages of ours, once it has proved who it is.

One adapter a provider, an entry point of the group ``newsletter.webhooks``: it takes octets and headers and
gives events. It opens no connection itself: what it needs from the provider comes through `fetch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from newsletter.audience.bounces import Action, Notice
from newsletter.audience.tokens import Tokens

#: Octets that a call may have, and those that `fetch` gives at most.
LARGEST: Final = 256 * 1024
#: How old a provider's news may be.
_OLDEST: Final = timedelta(days=30)

#: An https address -> what is there, at most :data:`LARGEST` octets, no redirect followed. OSError when not.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Call:
    """One POST request."""

    body: bytes
    headers: Mapping[str, str]  #: by their names in small letters
    peer: str  #: the IP address that it came from; empty when unknown
    at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """What an adapter knows of a call whose sender has proved who it is."""

    id: str = ""  #: the provider's own, by which a call that is played again is known; empty: it has none
    visit: str = ""  #: an address at the provider's that is to be fetched: it wants to know that we are here


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider says of one message to one address, and what of it may name that message."""

    action: Action
    recipient: str
    at: datetime  #: when the provider took the message, or a later moment
    status: str = ""  #: RFC 3463; empty when there is none
    text: str = ""  #: the server's or the provider's words, one line
    mail_from: str = ""  #: the envelope sender of the message, which may have our mark
    message_id: str = ""  #: of the message as we wrote it, with its brackets


class Refused(Exception):
    """The call is not taken, and nothing follows from it: an HTTP status, 4xx, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Hook(Protocol):
    """One provider. Its constructor's arguments are the keys of ``[webhooks.NAME]``."""

    media_types: tuple[str, ...]  #: that the provider sends

    def verify(self, call: Call, fetch: Fetch) -> Verified:
        """Whether the provider made this call, to us, lately. :class:`Refused` when that is not certain;
        OSError when it cannot be found out just now."""
        ...

    def events(self, body: bytes) -> tuple[Event, ...]:
        """What a call says that was verified; nothing where it is about what does not concern us.
        :class:`Refused` when it cannot be understood."""
        ...


def notice(event: Event, tokens: Tokens, now: datetime) -> Notice:
    """The same as mails are understood; the address alone may name the message."""
    return Notice(
        event.action, event.recipient, event.status, event.text,
        delivery_id=tokens.verp().delivery_id(event.mail_from) or 0,
        subscriber_id=0,
        message_id=event.message_id,
        vouched=max(min(event.at, now), now - _OLDEST),
    )  # fmt: skip
