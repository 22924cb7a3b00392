"""A GIF -> the same frames without what its programs and their users wrote into it (GIF89a)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_HEAD: Final = 13  # signature and screen
_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B
_TIMING: Final = 0xF9
_APPLICATION: Final = 0xFF
_LOOPS: Final = (b"\x0bNETSCAPE2.0", b"\x0bANIMEXTS1.0")  # how often the frames are shown


def bare(raw: bytes) -> bytes:
    """All that shows, and nothing else: no comments, no XMP, nothing behind the end.

    ValueError when the blocks do not follow one another as they must.
    """
    try:
        start = _HEAD + _palette(raw[10])
        return b"".join((raw[:start], *_shown(raw, start), bytes([_END])))
    except IndexError:
        raise ValueError("the GIF is cut off") from None


def _shown(raw: bytes, at: int) -> Iterator[bytes]:
    while raw[at] != _END:
        if raw[at] == _EXTENSION:
            end = _behind(raw, at + 2)
            if raw[at + 1] == _TIMING or (raw[at + 1] == _APPLICATION and raw[at + 2 : at + 14] in _LOOPS):
                yield raw[at:end]
        elif raw[at] == _IMAGE:
            end = _behind(raw, at + 11 + _palette(raw[at + 9]))
            yield raw[at:end]
        else:
            raise ValueError("the GIF is damaged")
        at = end


def _palette(flags: int) -> int:
    """Bytes of the palette that follows."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind(raw: bytes, at: int) -> int:
    """Where a chain of blocks, each with its length before it, has ended."""
    while raw[at]:
        at += raw[at] + 1
    return at + 1
