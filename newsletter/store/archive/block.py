"""Ended deliveries of one issue <-> a block of octets, in which a usual one takes one or two.

A block is a list of its distinct variants, due times and fates, and a column of numbers for each of: who,
which variant, which due time, which fate, the delivery's number, when it ended. In the columns stands how
much each number is above the one that is expected, nearly always 0 or 1, and each octet of the numbers is
compressed on its own. What reads a column is C, so that one reader is found in half a millisecond.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from newsletter.model import State
from newsletter.store.tables import instant, milliseconds

_SECOND: Final = timedelta(seconds=1)
_HEAD: Final = struct.Struct("<BIIB")  # form, rows, octets of the lists, columns
_FORM: Final = 1
_WIDTH: Final = 8


@dataclass(frozen=True, slots=True)
class ArchivedRow:
    """A delivery that ended, as far as it is remembered."""

    delivery_id: int
    issue_id: str
    subscriber_id: int
    variant_id: int | None
    state: State
    at: datetime  #: when it ended, to the second
    due_at: datetime
    attempts: int
    doubt: int
    code: int
    reply: str  #: of what was sent, the enhanced status code alone


def packed(rows: Sequence[ArchivedRow]) -> bytes:
    """A block of these, which stand in the order of their subscribers, each once."""
    variants, dues, fates = _Words(), _Words(), _Words()
    columns: tuple[list[int], ...] = ([], [], [], [], [], [])
    expected: dict[int, tuple[int, int]] = {}
    before = 0
    for row in rows:
        due = milliseconds(row.due_at)
        variant = variants.number(row.variant_id)
        fate = row.state.value, row.attempts, row.doubt, row.code, row.reply
        late = milliseconds(row.at) // 1000 - due // 1000
        id, last = expected.get(variant, (0, 0))
        new = row.subscriber_id - before, variant, dues.number(due), fates.number(fate)
        for column, number in zip(
            columns, (*new, _unsigned(row.delivery_id - id), _unsigned(late - last)), strict=True
        ):
            column.append(number)
        before, expected[variant] = row.subscriber_id, (row.delivery_id, late)
    lists = zlib.compress(json.dumps([list(variants), list(dues), list(fates)]).encode(), 9)
    body = b"".join(map(_column, columns))
    return _HEAD.pack(_FORM, len(rows), len(lists), len(columns)) + lists + body


def unpacked(block: bytes, issue_id: str, only: Iterable[int] | None = None) -> tuple[ArchivedRow, ...]:
    """The rows of a block, in the order of their subscribers; `only` those of some subscribers."""
    form, count, size, columns = _HEAD.unpack_from(block)
    if form != _FORM:
        raise ValueError(f"a block of the form {form}: it was packed by a newer version")
    at = _HEAD.size + size
    variants, dues, fates = json.loads(zlib.decompress(block[_HEAD.size : at]))
    who, at = _numbers(block, at, count)
    people = list(accumulate(who))
    wanted = set(people if only is None else only)
    if wanted.isdisjoint(people):
        return ()
    read = []
    for _ in range(columns - 1):
        numbers, at = _numbers(block, at, count)
        read.append(numbers)
    which, due, fate, ids, lates = read
    found = []
    expected: dict[int, tuple[int, int]] = {}
    for person, variant, id, late, on, how in zip(people, which, ids, lates, due, fate, strict=True):
        before, last = expected.get(variant, (0, 0))
        expected[variant] = before, last = before + _signed(id), last + _signed(late)
        if person in wanted:
            row = issue_id, person, variants[variant], before, last
            found.append(_row(row, dues[on], fates[how]))
    return tuple(found)


def _row(of: tuple[str, int, int | None, int, int], due: int, fate: list[Any]) -> ArchivedRow:
    issue_id, person, variant_id, id, late = of
    state, attempts, doubt, code, reply = fate
    ended = datetime.fromtimestamp(due // 1000, UTC) + late * _SECOND
    return ArchivedRow(
        id, issue_id, person, variant_id, State(state), ended, instant(due), attempts, doubt, code, reply
    )


class _Words(dict[Any, int]):
    """Distinct values -> numbers, in the order in which they came."""

    def number(self, value: Any) -> int:
        return self.setdefault(value, len(self))


def _unsigned(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def _signed(number: int) -> int:
    return -(number >> 1) - 1 if number & 1 else number >> 1


def _column(numbers: Sequence[int]) -> bytes:
    """The lowest octets of all numbers, then their next: what is 0 for all is left out."""
    octets = _native(array("Q", numbers)).tobytes()
    width = max(1, (max(numbers, default=0).bit_length() + 7) // 8)
    planes = [zlib.compress(octets[n::_WIDTH], 9) for n in range(width)]
    return bytes([width]) + b"".join(struct.pack("<I", len(plane)) + plane for plane in planes)


def _numbers(block: bytes, at: int, count: int) -> tuple[array[int], int]:
    """A column, and where the next one begins."""
    octets, width = bytearray(_WIDTH * count), block[at]
    at += 1
    for n in range(width):
        (size,) = struct.unpack_from("<I", block, at)
        octets[n::_WIDTH] = zlib.decompress(block[at + 4 : at + 4 + size])
        at += 4 + size
    numbers = array("Q")
    numbers.frombytes(octets)
    return _native(numbers), at


def _native(numbers: array[int]) -> array[int]:
    """Little-endian in the file, whatever the machine."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
