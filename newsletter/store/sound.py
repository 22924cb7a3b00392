"""A database file -> nothing, or why it must not be worked with: damage that SQLite itself does not tell.

SQLite reads a log that was cut or taken away as if what stood in it had never been committed. Then
a message that is out would be queued again.
"""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from newsletter.errors import StoreError

#: Below so many free octets no issue is begun: intents and outcomes must find room.
LEAST_FREE: Final = 16 * 1024 * 1024
#: A larger file is read whole only after a crash: it takes a second for some hundred megabytes.
ALWAYS_READ: Final = 32 * 1024 * 1024

# The index of the log (sqlite.org/walformat.html): its header stands there twice, in this machine's order.
_INDEX: Final = struct.Struct("=IIIBBHII8s8s8s")
_INDEX_VERSION: Final = 3007000
_LOG_HEADER, _FRAME_HEADER = 32, 24
#: Index files, by device and inode. Closing one would drop the locks that SQLite holds on it in this process.
_HELD: Final[dict[tuple[int, int], int]] = {}


def require_whole_log(path: Path) -> None:
    """:class:`StoreError` when less stands in the write-ahead log than was committed to it.

    The index of the log, which a killed process leaves behind, says how much that was. To be
    called before SQLite looks: it would write the index anew.
    """
    index = _index(path)
    if index is None or _log_is_whole(path, index) or _index(path) != index:
        return
    raise StoreError(
        f"{path}: its log {path.name}-wal was cut, replaced or taken away, and with it the record of what "
        f"was sent. Put it back; or, to go on with an older state after all, remove {path.name}-shm"
    )


def require_sound(reader: Engine, path: Path, *, crashed: bool) -> None:
    """:class:`StoreError` when pages are damaged. A large file is looked at only when it had `crashed`."""
    if path.stat().st_size > ALWAYS_READ and not crashed:
        return
    with reader.connect() as connection:
        found = " ".join(str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()).split())
    if found != "ok":
        raise StoreError(f"{path}: is damaged ({found}). Restore a backup; nothing was sent")


def has_log(path: Path) -> bool:
    """Whether the last process to use it has not ended properly, or another one uses it now."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except FileNotFoundError:
        return False


def require_room(path: Path) -> None:
    """:class:`StoreError` when the disk is so full that outcomes might not be written down."""
    free = shutil.disk_usage(path.parent).free
    if free < LEAST_FREE:
        raise StoreError(
            f"{path}: only {free // 1024**2} MB are free on this disk, {LEAST_FREE // 1024**2} MB are needed "
            "to write down what is sent. Nothing was sent"
        )


def _index(path: Path) -> bytes | None:
    """The header of the log's index, when there is one that says that something was committed."""
    try:
        found = path.with_name(path.name + "-shm").stat()
        key = (found.st_dev, found.st_ino)
        if key not in _HELD:
            _HELD[key] = os.open(path.with_name(path.name + "-shm"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    header = os.pread(_HELD[key], 2 * _INDEX.size, 0)
    first, second = header[: _INDEX.size], header[_INDEX.size :]
    if first != second or len(first) < _INDEX.size:
        return None  # somebody writes it at this moment
    version, _, _, is_set_up, _, _, frames, *_ = _INDEX.unpack(first)
    return first if version == _INDEX_VERSION and is_set_up and frames else None


def _log_is_whole(path: Path, index: bytes) -> bool:
    _, _, _, _, _, page, frames, _, _, salt, _ = _INDEX.unpack(index)
    size = 65536 if page == 1 else page
    log = path.with_name(path.name + "-wal")
    try:
        with log.open("rb") as file:
            header = file.read(_LOG_HEADER)
        long_enough = log.stat().st_size >= _LOG_HEADER + frames * (_FRAME_HEADER + size)
    except FileNotFoundError:
        return False
    same: bool = header[16:24] == salt
    return long_enough and same
