"""Octets of a server -> replies. Nothing here waits, and nothing that a server says can grow without end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_LINE = 2048  # RFC 5321 4.5.3.1.5 says 512; real servers exceed it a little
_MOST_LINES = 100
_MOST_BYTES = 32 * 1024

_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
#: By far the most frequent replies, each on a single line: understood without a pattern.
_USUAL = {b"250": 250, b"354": 354}
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

    __slots__ = ("_code", "_lines", "_secrets", "_size", "_unread")

    def __init__(self) -> None:
        self._unread = b""
        self._code, self._size = 0, 0
        self._lines: list[str] = []
        self._secrets: tuple[str, ...] = ()

    def hide(self, *secrets: str) -> None:
        """From now on replace `secrets` in all that the server says, for it may say what it was told."""
        self._secrets = secrets

    def feed(self, octets: bytes) -> None:
        self._unread += octets

    @property
    def unread(self) -> bool:
        """Whether anything stands there, be it half a reply."""
        return bool(self._unread or self._lines)

    def __iter__(self) -> Iterator[Reply]:
        """The whole replies, one after the other, as they are asked for. :class:`NotSmtp`."""
        while (reply := self._next()) is not None:
            yield reply

    def _next(self) -> Reply | None:
        while b"\n" in self._unread:
            line, _, self._unread = self._unread.partition(b"\n")
            line = line.removesuffix(b"\r")
            if not self._lines and line[3:4] == b" " and line[:3] in _USUAL and len(line) <= _LONGEST_LINE:
                return Reply(_USUAL[line[:3]], (self._text(line[4:]),))
            last = self._take(line)
            if last:
                reply = Reply(self._code, tuple(self._lines))
                self._code, self._size, self._lines = 0, 0, []
                return reply
        if len(self._unread) > _LONGEST_LINE:
            raise NotSmtp(f"a line over {_LONGEST_LINE} octets")
        return None

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
