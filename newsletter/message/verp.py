"""Delivery id -> the envelope sender of its message, and back: a bounce names the delivery that it is about.

``bounce+<delivery id>.<mark>@…`` (variable envelope return paths). The mark is the head of an HMAC, so that
nobody can make up a bounce for somebody else; it is hexadecimal, because some servers fold the case.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

#: What is added to the local part at most: a delivery id of 19 digits, the mark, and their signs.
LONGEST_MARK: Final = 1 + 19 + 1 + 8
_MARKED: Final = re.compile(r"\+([1-9][0-9]{0,18})\.([0-9a-f]{8})@", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Verp:
    """Marks envelope senders and reads them again. Has no repr: the keys must not be in a traceback."""

    keys: tuple[bytes, ...]  #: the first signs, all verify

    def address(self, mail_from: str, delivery_id: int) -> str:
        """The envelope sender of one delivery, where bounces go to `mail_from`: the same each time."""
        local, _, domain = mail_from.rpartition("@")
        return f"{local}+{delivery_id}.{_mark(self.keys[0], str(delivery_id))}@{domain}"

    def delivery_id(self, text: str) -> int | None:
        """The delivery whose envelope sender stands in `text`; None when there is none that we made."""
        for id, mark in _MARKED.findall(text):
            if any(hmac.compare_digest(_mark(key, id), mark.lower()) for key in self.keys):
                return int(id)
        return None


def _mark(key: bytes, id: str) -> str:
    return hmac.digest(key, id.encode(), "sha256")[:4].hex()
