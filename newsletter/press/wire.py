"""Frames between the press and its child: four bytes of length, then so many bytes, over one socket."""

from __future__ import annotations

import socket
import struct
import time
from typing import Final

_LENGTH: Final = struct.Struct(">I")


def put(line: socket.socket, frame: bytes, end: float | None = None) -> None:
    """Send one frame whole. TimeoutError when `end` (of time.monotonic) passes before."""
    line.settimeout(_left(end))
    line.sendall(_LENGTH.pack(len(frame)) + frame)


def take(line: socket.socket, end: float | None = None) -> bytes | None:
    """The next frame; None when the other side has gone. TimeoutError when `end` passes before."""
    head = _exactly(line, _LENGTH.size, end)
    return None if head is None else _exactly(line, _LENGTH.unpack(head)[0], end)


def _exactly(line: socket.socket, size: int, end: float | None) -> bytes | None:
    got = bytearray()
    while len(got) < size:
        line.settimeout(_left(end))
        try:
            piece = line.recv(min(size - len(got), 1 << 20))
        except ConnectionResetError:
            return None
        if not piece:
            return None
        got += piece
    return bytes(got)


def _left(end: float | None) -> float | None:
    if end is None:
        return None
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
