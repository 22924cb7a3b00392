"""Message, Envelope → what may stand on an SMTP wire.

Nothing from outside may end a line early: a line end inside an address is an
SMTP command of the attacker's, one inside the body a message of the attacker's.
"""

from __future__ import annotations

import re

from newsletter.model import Envelope, Fault, Outcome, Verdict

_LONGEST_LINE = 998  # RFC 5322 2.1.1, without CRLF
_LONGEST_PATH = 254  # RFC 5321 4.5.3.1.3, without < and >
_LONGEST_LOCAL_PART = 64  # RFC 5321 4.5.3.1.1

_NEVER_IN_A_PATH = re.compile(r"[\s<>\x00-\x20\x7f-\x9f\ud800-\udfff]")


def checked(data: bytes) -> bytes:
    """`data` itself, ending in CRLF.

    ValueError (a bug of ours, nothing a person can mend) for a bare CR or LF, a
    NUL, or a line over 998 octets: each is read differently by different servers.
    """
    ends = data.count(b"\r\n")
    if data.count(b"\n") != ends or data.count(b"\r") != ends:
        raise ValueError("message has a bare CR or LF")
    if b"\0" in data:
        raise ValueError("message has a NUL")
    if max(map(len, data.split(b"\r\n"))) > _LONGEST_LINE:
        raise ValueError(f"message has a line over {_LONGEST_LINE} octets")
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def dot_stuffed(data: bytes) -> bytes:
    """`data` with every leading dot doubled (RFC 5321 4.5.2); the final dot is not in it."""
    stuffed = data.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def refused_addresses(envelope: Envelope) -> Outcome | None:
    """The refusal of an envelope that no server must be shown, else None.

    An empty `mail_from` is the null return path of RFC 5321 4.5.5.
    """
    if not _is_path(envelope.rcpt_to):
        return Outcome(Verdict.FAILED, Fault.RECIPIENT, 0, "not an address that SMTP can carry")
    if envelope.mail_from and not _is_path(envelope.mail_from):
        return Outcome(Verdict.DEFERRED, Fault.US, 0, "the return path is not an address that SMTP can carry")
    return None


def needs_smtputf8(envelope: Envelope, data: bytes) -> bool:
    """Whether an address or a header is not ASCII, so that only RFC 6531 can carry the message."""
    header, _, _ = data.partition(b"\r\n\r\n")
    return not (envelope.mail_from.isascii() and envelope.rcpt_to.isascii() and header.isascii())


def _is_path(address: str) -> bool:
    local, _, domain = address.partition("@")
    return (
        bool(local and domain)
        and "@" not in domain
        and not _NEVER_IN_A_PATH.search(address)
        and len(local.encode()) <= _LONGEST_LOCAL_PART
        and len(address.encode()) <= _LONGEST_PATH
    )
