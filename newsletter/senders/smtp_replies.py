"""Octets of a server -> replies. Nothing here waits, and nothing that a server says can grow without end."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

_LONGEST_LINE = 2048  # RFC 5321 4.5.3.1.5 says 512; real servers exceed it a little
_MOST_LINES = 100
_MOST_BYTES = 32 * 1024

_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
#: A server says the same few things all day: so many of them are understood once.
_REMEMBERED = 32
_ENHANCED = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")


class NotSmtp(Exception):
    """What the server says cannot be understood: no reply after it can be told from another."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply of the server (RFC 5321 4.2)."""

    code: int
    lines: tuple[str, ...]  #: without their codes; any characters, as the server sent them

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def enhanced(self) -> str:
        """The enhanced status code of RFC 3463, ``5.1.1``; empty when there is none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""


class Replies:
    """What has come and has not been understood yet."""

    __slots__ = ("_code", "_known", "_lines", "_secrets", "_size", "_unread", "_whole")

    def __init__(self) -> None:
        self._unread = b""  # has no line end
        self._whole: deque[bytes] = deque()  # lines
        self._known: dict[bytes, Reply] = {}
        self._code, self._size = 0, 0
        self._lines: list[str] = []
        self._secrets: tuple[str, ...] = ()

    def hide(self, *secrets: str) -> None:
        """From now on replace `secrets` in all that the server says, for it may say what it was told."""
        self._secrets = secrets
        self._known.clear()

    def feed(self, octets: bytes) -> None:
        *whole, self._unread = (self._unread + octets if self._unread else octets).split(b"\n")
        self._whole.extend(whole)

    @property
    def unread(self) -> bool:
        """Whether anything stands there, be it half a reply."""
        return bool(self._unread or self._whole or self._lines)

    def next(self) -> Reply | None:
        """The next whole reply, None when none has come. :class:`NotSmtp`."""
        while self._whole:
            line = self._whole.popleft()
            known = None if self._lines else self._known.get(line)
            if known is not None:
                return known
            if self._take(line.removesuffix(b"\r")):
                return self._reply(line)
        if len(self._unread) > _LONGEST_LINE:
            raise NotSmtp(f"a line over {_LONGEST_LINE} octets")
        return None

    def _reply(self, last: bytes) -> Reply:
        """What its lines, of which `last` is the last, say together."""
        reply = Reply(self._code, tuple(self._lines))
        if len(self._lines) == 1 and len(self._known) < _REMEMBERED:
            self._known[last] = reply
        self._code, self._size, self._lines = 0, 0, []
        return reply

    def _take(self, line: bytes) -> bool:
        """Add one line; whether it ends its reply."""
        if len(line) > _LONGEST_LINE:
            raise NotSmtp(f"a line over {_LONGEST_LINE} octets")
        found = _REPLY_LINE.fullmatch(line)
        if not found or (self._code and self._code != int(found[1])):
            raise NotSmtp(f"not an SMTP reply: {self._text(line[:80])}")
        self._code, self._size = int(found[1]), self._size + len(line)
        self._lines.append(self._text(found[3] or b""))
        if found[2] != b"-":
            return True
        if len(self._lines) >= _MOST_LINES or self._size >= _MOST_BYTES:
            raise NotSmtp("a reply that does not end")
        return False

    def _text(self, octets: bytes) -> str:
        text = octets.decode("utf-8", "replace")
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
