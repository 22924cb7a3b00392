"""Message → a file in the ``new`` folder of a Maildir.

Lines end in LF there, as every program that reads a Maildir expects; nothing
else of the message is changed. A repeated attempt is a second file.
"""

from __future__ import annotations

import itertools
import os
import socket
import time

from newsletter.model import Envelope, Outcome
from newsletter.senders.files import folder, place
from newsletter.senders.wire_form import checked, refused_addresses

_count = itertools.count(1)  # of this whole program: two senders may share a Maildir and a microsecond


class MaildirSender:
    """Delivers into the Maildir `path`, which is made when it is not there. Ignores whom a message is for."""

    def __init__(self, path: str) -> None:
        """PluginError when the Maildir cannot be made."""
        self._root = folder(path, "tmp", "new", "cur")

    def send(self, envelope: Envelope, data: bytes) -> Outcome:
        """SENT once it is on the disk, DEFERRED when the disk refuses; ValueError as for SMTP."""
        octets = checked(data).replace(b"\r\n", b"\n")
        name = _unique_name()
        return refused_addresses(envelope) or place(
            octets, self._root / "tmp" / name, self._root / "new" / name
        )

    def close(self) -> None:
        """Nothing is held."""

    def __str__(self) -> str:
        return f"maildir {self._root}"


def _unique_name() -> str:
    """A name that no other delivery has (cr.yp.to/proto/maildir.html)."""
    host = socket.gethostname().replace("/", "\\057").replace(":", "\\072")
    seconds, microseconds = divmod(time.time_ns() // 1000, 1_000_000)
    return f"{seconds}.M{microseconds}P{os.getpid()}Q{next(_count)}.{host}"
