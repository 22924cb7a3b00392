"""What became of a picture before: in this process, and in a folder that may be deleted at any time.

Each outcome is a file of its own that is put in its place in one step, with a checksum: there are no locks,
processes may share the folder, and what is damaged or of another version is done without.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from newsletter.content import cache, walk
from newsletter.model import Media

_IN_MEMORY: Final = 32 * 1024 * 1024  # bytes
_ON_DISK: Final = 128 * 1024 * 1024
_LARGEST: Final = 32 * 1024 * 1024  # of one file
_LEFTOVER: Final = 3600  # seconds after which an unfinished file is nobody's
_UNFINISHED: Final = ".unfinished-"
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class Key:
    """A picture, and what was wanted of it."""

    source: str  #: SHA-256 of the file's bytes
    width: int
    budget: int  #: 0: what any budget gives that is large enough for it


def media(raw: bytes, mime: str, width: int, height: int) -> Media:
    """A picture that travels, named after its bytes."""
    return Media(f"{hashlib.sha256(raw).hexdigest()[:32]}.{_ENDINGS[mime]}", mime, raw, width, height)


def recall(folder: Path | None, key: Key) -> Media | None:
    """What was kept for this key; None when nothing was, or it is no longer whole."""
    found = _memory.get(key)
    if found is None and folder is not None:
        found = _read(folder / _name(key))
        if found is not None:
            _memory.put(key, found)
    return found


def keep(folder: Path | None, key: Key, made: Media) -> None:
    """Keep it for the next time, where there is room and leave to."""
    _memory.put(key, made)
    if folder is not None:
        with suppress(OSError):
            _write(folder, _name(key), made)


@dataclass(slots=True)
class _Memory:
    """The pictures that were asked for last; at most so many bytes of them."""

    room: int
    _held: OrderedDict[Key, Media] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key) -> Media | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Key, made: Media) -> None:
        with self._lock:
            if key not in self._held:
                self._held[key] = made
                self.room -= len(made.data)
            while self.room < 0:
                self.room += len(self._held.popitem(last=False)[1].data)


_memory = _Memory(_IN_MEMORY)


def _name(key: Key) -> str:
    """A file name that differs with whatever the outcome depends on."""
    text = f"{cache.version()} {key.source} {key.width} {key.budget}"
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> Media | None:
    try:
        check, head, raw = walk.contents(path, _LARGEST).split(b"\n", 2)
        if check != _check(head, raw):
            return None
        mime, width, height = head.decode().split()
        return media(raw, mime, int(width), int(height))
    except (walk.Refused, ValueError, KeyError):
        return None


def _check(head: bytes, raw: bytes) -> bytes:
    return hashlib.sha256(head + b"\n" + raw).hexdigest().encode()


def _write(folder: Path, name: str, made: Media) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    head = f"{made.mime} {made.width} {made.height}".encode()
    descriptor, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"\n".join((_check(head, made.data), head, made.data)))
        Path(unfinished).replace(folder / name)
    except OSError:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sweep(folder)


def _sweep(folder: Path) -> None:
    """Take away the oldest outcomes where there are too many, and files that were never finished."""
    room = _ON_DISK
    found = [(entry.stat(follow_symlinks=False), entry) for entry in os.scandir(folder)]
    for state, entry in sorted(found, key=lambda pair: -pair[0].st_mtime):
        room -= state.st_size
        left = entry.name.startswith(_UNFINISHED) and time.time() - state.st_mtime > _LEFTOVER
        if left or room < 0:
            Path(entry.path).unlink(missing_ok=True)
