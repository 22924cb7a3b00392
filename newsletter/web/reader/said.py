"""A page -> the words that a reader reads on it: what they agree to is kept as it stood there."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

#: Elements that begin a new line.
_BLOCKS: Final = frozenset("h1 h2 p li label legend div fieldset form section small em th td tr".split())
_EMPTY: Final = frozenset("input br meta link".split())


class _Reading(HTMLParser):
    """Follows the elements of ``main``; what nobody sees is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._depth = 0  # within main
        self._hidden = 0  # within what is not seen

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "main":
            self._depth = 1
            return
        if not self._depth:
            return
        if tag in _BLOCKS:
            self.lines.append("")
        if tag not in _EMPTY and (self._hidden or ("aria-hidden", "true") in attrs):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._depth = 0
        elif self._depth and self._hidden:
            self._hidden -= 1
        elif self._depth and tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._depth and not self._hidden:
            self.lines[-1] += data


def said(page: bytes | memoryview | str) -> str:
    """What stands in the main part of a page, a line for each block."""
    reading = _Reading()
    reading.feed(page if isinstance(page, str) else bytes(page).decode())
    lines = (" ".join(line.split()) for line in reading.lines)
    return "\n".join(line for line in lines if line)
