"""Message → Outcome.

A sender is the plug-in that hands a message on to the next hop. It is small on
purpose, two synchronous methods, so that anyone can write one: name the class
under the entry point ``newsletter.senders`` and its keyword options become the
keys of ``[sender]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from newsletter import plugins
from newsletter.errors import PluginError
from newsletter.model import Envelope, Outcome

__all__ = ["Sender", "describe", "open_sender"]


@runtime_checkable
class Sender(Protocol):
    """What every sender promises; ``tests/senders/test_sender_contract.py`` holds each to it.

    An instance belongs to one connection and is used by one thread at a time.
    Making one checks its options (PluginError) but does not touch the network.
    """

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """What became of one attempt to hand on `data`, RFC 5322 bytes with CRLF line ends.

        A refusal is an Outcome, never an exception. Whoever calls must read an
        exception or an exceeded deadline as IN_DOUBT: the message may be out.
        A sender that can tell better must therefore not raise.
        """
        ...

    def close(self) -> None:
        """Let go of the connection, within seconds and without raising; a second call does nothing."""
        ...


def open_sender(name: str, options: Mapping[str, object]) -> Sender:
    """The sender called `name`, made with `options` (the keys of ``[sender]``).

    PluginError when it is not installed, does not take an option, or is no sender.
    """
    sender = plugins.make("senders", name, options)
    if not isinstance(sender, Sender):
        raise PluginError(f'sender "{name}" is no sender: it needs the methods send() and close()')
    return sender


def describe(sender: Sender) -> str:
    """One line for people, without secrets: ``smtp mail.example.com:587 (starttls)``.

    A sender says it in ``__str__``; one that does not is called by its class.
    """
    says = type(sender).__str__ is not object.__str__
    return str(sender) if says else type(sender).__name__
