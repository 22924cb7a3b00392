"""The text of a TOML file -> the line on which each key stands.

tomllib gives values without lines. This reads the same text once more and keeps only where things are; it
trusts that tomllib has accepted the text, and checks nothing itself. The grammar: https://toml.io/en/v1.0.0.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Key = tuple[
    str | int, ...
]  #: ``("newsletters", "weekly", "max_items")``; whole numbers count from 0 in arrays

_DEEPEST = 16  #: parts of a key; what lies deeper is on its ancestor's line

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A closing triple quote may have up to two quotes of the text before it.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
# A date and its time may stand apart: 1979-05-27 07:32:00.
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d \d\d:[0-9:.+Zz-]+|[^\s,\]}#]+")


class Stuck(ValueError):
    """The text is not TOML."""


def positions(text: str) -> dict[Key, int]:
    """The line (from 1) of every table, key and array element of `text`.

    A table's line is that of its header, or else where it is first named. The root, ``()``, is line 1.
    Raises Stuck when the text is not TOML.
    """
    scan = _Scan(text)
    scan.document()
    return scan.lines


def last_key_line(text: str) -> int:
    """Where the last key stands that can be read before `text` stops being TOML; 0 when there is none."""
    scan = _Scan(text)
    try:
        scan.document()
    except ValueError:  # Stuck, or tomllib about a quoted key
        return scan.last
    return 0


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.last = 0
        self.lines: dict[Key, int] = {(): 1}
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._elements: dict[Key, int] = {}  #: arrays of tables -> index of the newest element

    def document(self) -> None:
        table: Key = ()
        while self._more():
            if self._took("["):
                table = self._header()
            else:
                self._statement(table)

    def _header(self) -> Key:
        line, array = self._line(), self._took("[")
        *parents, name = self._dotted()
        above: Key = ()
        for part in parents:
            above = self._newest(_under(above, part))
            self.lines.setdefault(above, line)
        key = _under(above, name)
        if array:
            self.lines.setdefault(key, line)
            self._elements[key] = self._elements.get(key, -1) + 1
            key = self._newest(key)
        self.lines[key] = line
        self._expect("]]" if array else "]")
        return key

    def _newest(self, key: Key) -> Key:
        if key not in self._elements:
            return key
        self.lines.setdefault(key, self._line())
        return _under(key, self._elements[key])

    def _statement(self, table: Key) -> None:
        line = self._line()
        key = table
        for part in self._dotted():
            key = _under(key, part)
            self.lines.setdefault(key, line)
        self.last = line
        self._expect("=")
        self._value(key)

    def _dotted(self) -> list[str]:
        parts = [self._key_part()]
        while self._took("."):
            parts.append(self._key_part())
        return parts

    def _key_part(self) -> str:
        self._spaces()
        if self.text[self.at : self.at + 1] not in ("'", '"'):
            return self._take(_BARE_KEY)
        name: str = tomllib.loads("name = " + self._take(_STRING))["name"]
        return name

    def _value(self, key: Key) -> None:
        self._spaces()
        if self._took("["):
            self._array(key)
        elif self._took("{"):
            while not self._closed("}"):
                self._statement(key)
        else:
            quoted = self.text[self.at : self.at + 1] in ("'", '"')
            self._take(_STRING if quoted else _SCALAR)

    def _array(self, key: Key) -> None:
        index = 0
        while not self._closed("]"):
            element = _under(key, index)
            self.lines.setdefault(element, self._line())
            self._value(element)
            index += 1

    def _closed(self, bracket: str) -> bool:
        self._more()
        return self._took(bracket)

    def _more(self) -> bool:
        self.at = self._match(_BLANK).end()
        return self.at < len(self.text)

    def _spaces(self) -> None:
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1

    def _took(self, mark: str) -> bool:
        self._spaces()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def _expect(self, mark: str) -> None:
        if not self._took(mark):
            raise Stuck(f"line {self._line()}")

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = self._match(pattern)
        self.at = match.end()
        return match.group()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise Stuck(f"line {self._line()}")
        return match

    def _line(self) -> int:
        return bisect_right(self._breaks, self.at - 1) + 1


def _under(key: Key, part: str | int) -> Key:
    return (*key, part) if len(key) < _DEEPEST else key
