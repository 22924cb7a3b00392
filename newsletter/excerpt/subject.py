"""Article -> what it speaks of as a whole, counted once for all its sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from newsletter.excerpt.commonness import telling
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.words import topics, words
from newsletter.model import Article, BlockKind

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a whole article speaks of, counted once."""

    title: frozenset[str]
    title_weight: float
    headings: frozenset[str]
    heading_count: int
    first_heading: int  #: index of its block
    top: tuple[str, ...]  #: the most frequent topics
    traits: dict[str, tuple[float, ...]]  #: topic -> what :func:`_traits` says of it
    norm: float  #: length of the vector of all topics
    title_pairs: frozenset[Pair]
    heading_pairs: frozenset[Pair]
    repeated: frozenset[Pair]  #: neighbouring words that stand in several sentences
    paragraphs: dict[int, int]  #: block -> its number among the blocks with sentences
    size: int  #: sentences
    total: int  #: topics


def subject_of(
    article: Article,
    sentences: Sequence[Sentence],
    stems: Sequence[tuple[str, ...]],
    pairs: Sequence[frozenset[Pair]],
) -> Subject:
    """``stems`` and ``pairs`` are the topics and the neighbouring words of each sentence."""
    frequency = Counter(stem for found in stems for stem in found)
    headings = [(n, b.text) for n, b in enumerate(article.blocks) if b.kind is BlockKind.HEADING]
    title = dict.fromkeys(topics(words(article.title)))
    paragraphs = {block: n for n, block in enumerate(dict.fromkeys(s.block for s in sentences))}
    top = tuple(stem for stem, _ in frequency.most_common(12))
    in_headings = Counter(stem for _, text in headings for stem in frozenset(topics(words(text))))
    return Subject(
        title=frozenset(title),
        title_weight=sum(map(telling, title)),
        headings=frozenset(in_headings),
        heading_count=len(headings),
        first_heading=headings[0][0] if headings else len(article.blocks),
        top=top,
        traits=_traits(frequency, stems, [paragraphs[s.block] for s in sentences], title, in_headings, top),
        norm=math.sqrt(math.fsum((math.log1p(n) * telling(s)) ** 2 for s, n in frequency.items())) or 1.0,
        title_pairs=frozenset(pairwise(words(article.title))),
        heading_pairs=frozenset(pair for _, text in headings for pair in pairwise(words(text))),
        repeated=frozenset(
            [pair for pair, times in Counter(chain.from_iterable(pairs)).items() if times > 1]
        ),
        paragraphs=paragraphs,
        size=len(sentences),
        total=sum(map(len, stems)),
    )


def _traits(
    frequency: Counter[str],
    stems: Sequence[tuple[str, ...]],
    numbers: Sequence[int],
    title: Container[str],
    headings: Counter[str],
    top: Container[str],
) -> dict[str, tuple[float, ...]]:
    """Of each topic, what a sentence adds up over its topics. ``numbers``: of each sentence's paragraph."""
    spread = Counter(stem for found in stems for stem in frozenset(found))
    last = numbers[-1] if numbers else 0
    opening = {s for found, n in zip(stems, numbers, strict=True) if n == 0 for s in found}
    ending = {s for found, n in zip(stems, numbers, strict=True) if n >= last - 1 for s in found}
    traits: dict[str, tuple[float, ...]] = {}
    for stem, times in frequency.items():
        log, weight, titled = math.log1p(times), telling(stem), stem in title
        traits[stem] = (
            times,
            log,
            spread[stem] - 1,
            times == 1,
            headings[stem],
            stem in headings,
            titled,
            weight if titled else 0.0,
            weight,
            weight * weight,
            weight * weight * log,
            stem in top,
            stem in opening,
            stem in ending,
        )
    return traits
