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


def fits(sentences: tuple[Sentence, ...], chosen: Sequence[int], limits: Limits, language: str) -> bool:
    """Whether the chosen sentences, in this order, may be shown together."""
    picked = [sentences[i] for i in chosen]
    if not picked or sum(s.count for s in picked) > limits.sentences:
        return False
    if not within([s.text for s in picked], limits):
        return False
    return (
        opens_well(sentences, chosen)
        and _part_well(sentences, chosen)
        and candid(sentences, chosen, language)
    )


def opens_well(sentences: tuple[Sentence, ...], chosen: Sequence[int]) -> bool:
    """Whether none is barred and each one that leans stands right behind the one that it leans on."""
    for n, i in enumerate(chosen):
        if sentences[i].fault:
            return False
        if sentences[i].leans and not (
            n and chosen[n - 1] == i - 1 and sentences[i - 1].block == sentences[i].block
        ):
            return False
    return True


def _part_well(sentences: tuple[Sentence, ...], chosen: Sequence[int]) -> bool:
    """Whether no sentence that ends in an abbreviation seems to run on into one that stood elsewhere."""
    return all(
        later == at + 1 or not _ABBREVIATED.search(sentences[at].text) for at, later in pairwise(chosen)
    )


def candid(sentences: tuple[Sentence, ...], chosen: Sequence[int], language: str) -> bool:
    """Whether each chosen claim that its passage takes back has such a hedge beside it."""
    beside: set[int] = set()
    for i in chosen:
        if i in beside:
            continue
        needed = set(hedges(sentences, i, language))
        if needed and needed.isdisjoint(chosen):
            return False
        beside |= needed
    return True
