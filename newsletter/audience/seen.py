"""Address keys, one after the other -> the line where each stood before, in some twelve bytes a key.

A million keys in a dict would take a hundred megabytes. Kept are forty bits of a keyed hash, at a place
in the table which the others give, and the line.
"""

from __future__ import annotations

from array import array
from typing import Final

_LINE_BITS: Final = 24
_LAST_LINE: Final = (1 << _LINE_BITS) - 1
_PRINT: Final = (1 << (64 - _LINE_BITS)) - 1
_SMALLEST: Final = 1024


class Seen:
    """Keys that were met. Two different ones are taken for the same about once in 500,000 files of a million
    rows, and then the later row is told as met before."""

    def __init__(self, expected: int = 0) -> None:
        self._tables = [_table(expected)]
        self._room = _room(self._tables[0])

    def line(self, key: str, line: int) -> int:
        """The line where the key was met first; 0 when it is new, and from now on it was met at `line`.

        Lines after the sixteen millionth are all told as that one.
        """
        hashed = hash(key)
        mark = (hashed >> _LINE_BITS) & _PRINT
        for table in self._tables:
            size = len(table)
            place = hashed % size
            while held := table[place]:
                if held >> _LINE_BITS == mark:
                    return held & _LAST_LINE
                place = place + 1 if place + 1 < size else 0
        table[place] = mark << _LINE_BITS | min(line, _LAST_LINE)
        self._room -= 1
        if not self._room:
            self._tables.append(_table(sum(map(_room, self._tables))))
            self._room = _room(self._tables[-1])
        return 0

    def __contains__(self, key: str) -> bool:
        hashed = hash(key)
        mark = (hashed >> _LINE_BITS) & _PRINT
        for table in self._tables:
            place = hashed % len(table)
            while held := table[place]:
                if held >> _LINE_BITS == mark:
                    return True
                place = (place + 1) % len(table)
        return False


def _table(expected: int) -> array[int]:
    return array("Q", [0]) * max(_SMALLEST, expected * 4 // 3)


def _room(table: array[int]) -> int:
    """So many fit in before a search takes long."""
    return len(table) * 3 // 4
