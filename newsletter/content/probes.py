"""What articles ask about the picture files of their folder, and whether the answers still hold.

Each question is noted as one place and its signature. Of a place that is missing, the
outermost folder that is missing is noted: ten thousand articles that look into a folder
``static/`` which is not there have asked one question.
"""

from __future__ import annotations

import os
from pathlib import Path

from newsletter.content import walk
from newsletter.content.images import Files

_MISSING = ""
UNSURE = "?"  #: was written just now: equal to nothing


class Probes:
    """The questions of one run; `settled` is the time (in ns) before which a file must have been written."""

    def __init__(self, folder: Path, settled: int) -> None:
        self.folder, self.settled = folder, settled
        self.noted: dict[str, str] = {}  #: place -> signature
        self._asked: dict[str, None] = {}
        self._folders: dict[str, bool] = {"": True}
        self.files = Files(exists=self._exists, is_small=self._is_small)

    def asked(self) -> tuple[str, ...]:
        """The places that were asked for since the last call."""
        found, self._asked = tuple(self._asked), {}
        return found

    def again(self, place: str) -> str:
        """The signature that a place has now."""
        try:
            state = os.stat(f"{self.folder}/{place}")  # noqa: PTH116 - asked ten thousand times
        except (OSError, ValueError):
            return _MISSING
        return walk.signature(state) if walk.touched(state) < self.settled else UNSURE

    def _exists(self, relative: str) -> bool:
        if relative.startswith("/") or "\0" in relative or len(relative) > 1000:
            return False
        return self._note(relative) != _MISSING and walk.inside(self.folder, relative) is not None

    def _is_small(self, relative: str) -> bool:
        from newsletter.content import pictures

        return pictures.is_small(self.folder, relative)

    def _note(self, relative: str) -> str:
        place = self._outermost(relative)
        if place not in self.noted:
            self.noted[place] = self.again(place)
        self._asked[place] = None
        return self.noted[place] if place == relative else _MISSING

    def _outermost(self, relative: str) -> str:
        """`relative`, or the first of its folders that is none."""
        at = relative.find("/")
        while at > 0:
            folder = relative[:at]
            if folder not in self._folders:
                self._folders[folder] = (self.folder / folder).is_dir()
            if not self._folders[folder]:
                return folder
            at = relative.find("/", at + 1)
        return relative
