"""Text -> words, in any script.

Scripts written without spaces give overlapping pairs of characters, so that two
sentences that speak of the same thing share "words" there as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

#: Vowel signs and accents that are characters of their own: part of a word, though not letters to ``re``.
MARKS = (
    r"\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0981-\u0983"
    r"\u09bc-\u0dff"
)
_WORD = re.compile(rf"(?:[^\W_][{MARKS}]*)+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
#: Han, kana, Hangul is spaced; Thai, Lao, Khmer and Myanmar are not.
_UNSPACED = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)

_SUFFIXES = ("ations", "ation", "ingly", "edly", "ings", "ing", "ies", "ers", "ed", "es", "er", "ly", "s")

#: English words that carry no topic; other languages go by length alone.
_STOP_WORDS = """
a about above across after again against all also always am among an and another any anyone anything
are around as at away back be became because become been before began being below between both but
by came can cannot could did didn do does doesn doing don done down during each either else enough
even ever every everyone few for from further get gets getting give given go goes going gone got had
has hasn have haven having he hence her here hers herself him himself his how however i if in indeed
into is isn it its itself just keep know less let like ll made make makes making many may maybe me
might mine more most much must my myself need neither never next no nobody none nor not nothing now
of off often on once one only onto or other others our ours ourselves out over own part per perhaps
put quite rather re really same say says see seem several shall she should since so some someone
something still such t take than that the their theirs them themselves then there these they thing
things this those though through thus to together too took toward two under until up upon us use
used using ve very via want was way we well went were what when where whether which while who whole
whom whose why will with within without won would yes yet you your yours yourself
"""
STOP = frozenset(_STOP_WORDS.split())


def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, in order; pairs of characters where a script has no spaces."""
    if text.isascii():
        return tuple(_ASCII_WORD.findall(text.lower()))
    found = _WORD.findall(text.lower())
    if not _UNSPACED.search(text):
        return tuple(found)
    return tuple(piece for word in found for piece in _pieces(word))


def _pieces(word: str) -> list[str]:
    """A run of letters, with its unspaced parts cut into overlapping pairs."""
    out: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > end:
            out.append(word[end : run.start()])
        signs = run.group()
        out.extend(signs[i : i + 2] for i in range(max(1, len(signs) - 1)))
        end = run.end()
    if end < len(word):
        out.append(word[end:])
    return out


@lru_cache(maxsize=16384)
def topic(word: str) -> str:
    """The stem of a word that carries a topic; empty for one that does not.

    English suffixes come off; a wrong stem costs a match, never a word of the excerpt.
    """
    if not word.isascii():
        return word if len(word) > 3 or _UNSPACED.match(word) else ""
    if word in STOP or (len(word) == 1 and not word.isdigit()):
        return ""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)]
    return word


def topics(found: tuple[str, ...]) -> tuple[str, ...]:
    """The topic stems among words, in order, repeats kept."""
    return tuple([stem for stem in map(topic, found) if stem])
