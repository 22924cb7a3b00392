"""Whether a configuration file is still the one that was read."""

from __future__ import annotations

from pathlib import Path


class Edited:
    """What a process that stays knows of its configuration file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = _state(file)

    def anew(self) -> bool:
        """Whether the file is another one than when this was last asked. A file that is gone, as while it is
        being saved, is not."""
        state = _state(self._file)
        before, self._known = self._known, state or self._known
        return bool(state) and state != before


def _state(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_size, found.st_mtime_ns, found.st_ino
