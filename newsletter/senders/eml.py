"""Message → one ``.eml`` file.

The name comes from Message-ID and recipient, which are the same on every
attempt, so a repeated one overwrites its file instead of doubling it.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from newsletter.model import Envelope, Outcome
from newsletter.senders.files import folder, place
from newsletter.senders.wire_form import checked, refused_addresses

_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^<>\r\n]+)>", re.IGNORECASE | re.MULTILINE)
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9@+=_-]+|(?<![A-Za-z0-9])\.|\.(?![A-Za-z0-9])")
_LONGEST_NAME = 120


class EmlSender:
    """Writes messages, CRLF and all, as files into the folder `path`, which is made when it is not there."""

    def __init__(self, path: str) -> None:
        """PluginError when the folder cannot be made."""
        self._root = folder(path)

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """SENT once it is on the disk, DEFERRED when the disk refuses; ValueError as for SMTP."""
        octets = checked(data)
        draft = self._root / f".draft-{secrets.token_hex(8)}"
        return refused_addresses(envelope) or place(octets, draft, self._root / _name(envelope, octets))

    def close(self) -> None:
        """Nothing is held."""

    def __str__(self) -> str:
        return f"eml {self._root}"


def _name(envelope: Envelope, octets: bytes) -> str:
    header = octets.partition(b"\r\n\r\n")[0]
    found = _MESSAGE_ID.search(header)
    identity = found[1] if found else octets
    # The digest keeps apart what the readable part cannot: case, odd characters, recipients.
    digest = hashlib.sha256(identity + b"\0" + envelope.rcpt_to.encode()).hexdigest()[:12]
    readable = _NOT_IN_A_NAME.sub("_", found[1].decode("ascii", "replace")) if found else "message"
    return f"{readable[:_LONGEST_NAME]}.{digest}.eml"
