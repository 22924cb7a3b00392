"""Sentences, chosen indexes -> may they be the excerpt? The rules that hold for every method."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from newsletter.excerpt.hedges import hedges
from newsletter.excerpt.method import Limits
from newsletter.excerpt.passages import Sentence

_ABBREVIATED = re.compile(
    r"(?:\b\w\.\s?\w\.|\b(?:Inc|Ltd|Co|Corp|etc|Jr|Sr|St|vs|No|dept|est|eds?)\.)$", re.I
)
_NO_SPACE_AFTER = "。！？」』）"


def join(texts: Sequence[str]) -> str:
    """Sentences as running text; scripts without spaces get none."""
    out = ""
    for text in texts:
        out += text if not out or out[-1] in _NO_SPACE_AFTER else " " + text
    return out


def within(texts: Sequence[str], limits: Limits) -> bool:
    """Whether sentences keep to the number of characters."""
    return len(join(texts)) <= limits.characters


def prefixes(sentences: tuple[Sentence, ...], start: int, limits: Limits) -> Iterator[tuple[int, ...]]:
    """Runs of neighbouring sentences of one block from ``start`` on, the longest first."""
    end = start + 1
    while (
        end < min(len(sentences), start + limits.sentences) and sentences[end].block == sentences[start].block
    ):
        end += 1
    yield from (tuple(range(start, stop)) for stop in range(end, start, -1))


class Rules:
    """What may be shown together of one article; it remembers which claims were found to be taken back."""

    def __init__(self, sentences: tuple[Sentence, ...], limits: Limits, language: str) -> None:
        self._sentences, self._limits, self._language = sentences, limits, language
        self._hedges: dict[int, tuple[int, ...]] = {}

    def fits(self, chosen: Sequence[int]) -> bool:
        """Whether the chosen sentences, in this order, may be shown together."""
        picked = [self._sentences[i] for i in chosen]
        if not picked or sum(s.count for s in picked) > self._limits.sentences:
            return False
        if not within([s.text for s in picked], self._limits):
            return False
        return self._opens_well(chosen) and self._parts_well(chosen) and self.candid(chosen)

    def hedges(self, at: int) -> tuple[int, ...]:
        """The indexes of the sentences that take back what the one at ``at`` claims."""
        if at not in self._hedges:
            self._hedges[at] = hedges(self._sentences, at, self._language)
        return self._hedges[at]

    def candid(self, chosen: Sequence[int]) -> bool:
        """Whether each chosen claim that its passage takes back has such a hedge beside it."""
        beside: set[int] = set()
        for i in chosen:
            needed = () if i in beside else self.hedges(i)
            if needed and set(needed).isdisjoint(chosen):
                return False
            beside.update(needed)
        return True

    def _opens_well(self, chosen: Sequence[int]) -> bool:
        """Whether none is barred and each one that leans stands right behind the one that it leans on."""
        return all(
            not self._sentences[i].fault
            and (
                not self._sentences[i].leans
                or (n > 0 and chosen[n - 1] == i - 1 and self._same_block(i - 1, i))
            )
            for n, i in enumerate(chosen)
        )

    def _parts_well(self, chosen: Sequence[int]) -> bool:
        """Whether none that ends in an abbreviation seems to run on into one that stood elsewhere."""
        return all(
            b == a + 1 or not _ABBREVIATED.search(self._sentences[a].text) for a, b in pairwise(chosen)
        )

    def _same_block(self, one: int, other: int) -> bool:
        return self._sentences[one].block == self._sentences[other].block
