"""Blocks -> minutes of reading, by script."""

from __future__ import annotations

import math
import re

from newsletter.model import Block, BlockKind

WORDS_A_MINUTE = 230
#: Of scripts that are read sign by sign: Han, kana, Hangul; and Thai, Lao, Khmer, Myanmar.
SIGNS_A_MINUTE = 400

_SIGN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
    r"\u0e01-\u0e2e\u0e81-\u0eae\u1000-\u102a\u1780-\u17b3]"
)
_BETWEEN_WORDS = re.compile(r"[\s—–/]+")
_READ = frozenset(BlockKind) - {BlockKind.IMAGE, BlockKind.EMBED, BlockKind.BREAK, BlockKind.MORE}


def reading_minutes(blocks: tuple[Block, ...]) -> int:
    """Whole minutes, at least 1: words / 230, signs of CJK / 400, code at half."""
    minutes = sum(
        _minutes(b.text) * (0.5 if b.kind is BlockKind.CODE else 1) for b in blocks if b.kind in _READ
    )
    return max(1, math.floor(minutes + 0.5))


def _minutes(text: str) -> float:
    if text.isascii():
        return _words(text) / WORDS_A_MINUTE
    rest, signs = _SIGN.subn(" ", text)
    return signs / SIGNS_A_MINUTE + _words(rest) / WORDS_A_MINUTE


def _words(text: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in _BETWEEN_WORDS.split(text))
