"""A sentence -> the hedge that must stand beside it.

An excerpt that claims what its article then denies is worse than none: people act on
health, legal and money articles. So each picked sentence is held against its passage: its
paragraph, and the next one where that begins by turning round what was said.
"""

from __future__ import annotations

from newsletter.excerpt import hedge_cues as cues
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.words import topics

#: A hedge further away than this speaks of something else.
_REACH = 4


def hedges(sentences: tuple[Sentence, ...], at: int, language: str) -> tuple[int, ...]:
    """The indexes of the sentences that deny, limit or turn round what the one at ``at`` claims.

    Empty when it claims nothing that its passage takes back.
    """
    claims = cues.claim(language).search(sentences[at].text) is not None
    about = frozenset(topics(sentences[at].words))
    found = [
        j for j in _after(sentences, at, language) if _takes_back(sentences, at, j, claims, about, language)
    ]
    if (
        at
        and claims
        and sentences[at - 1].block == sentences[at].block
        and _doubts_ahead(sentences, at, about, language)
    ):
        found.insert(0, at - 1)
    return tuple(found)


def _after(sentences: tuple[Sentence, ...], at: int, language: str) -> range:
    """The rest of the passage, as indexes."""
    end = at + 1
    block = sentences[at].block
    while end < len(sentences) and end - at <= _REACH and sentences[end].block == block:
        end += 1
    if (
        end < len(sentences)
        and end - at <= _REACH
        and sentences[end].block != block
        and _answers(sentences[end], language)
    ):
        end += 1
    return range(at + 1, end)


def _answers(sentence: Sentence, language: str) -> bool:
    """Whether the first sentence of a paragraph speaks of the paragraph before it."""
    return sentence.leans or cues.contrast(language).match(sentence.text) is not None


def _takes_back(
    sentences: tuple[Sentence, ...], at: int, later: int, claims: bool, about: frozenset[str], language: str
) -> bool:
    hedge = sentences[later]
    near = later == at + 1
    turns = cues.contrast(language).match(hedge.text) is not None
    linked = turns or hedge.leans or not about.isdisjoint(topics(hedge.words))
    if cues.hedge(language).search(hedge.text):
        return near or linked or (claims and hedge.block == sentences[at].block)
    if not claims:
        return False
    if turns and near:
        return True
    if hedge.text.endswith((":", "：")):  # leads to an example: "This used to fail:"
        return False
    return linked and near and cues.doubt(language).search(hedge.text) is not None


def _doubts_ahead(sentences: tuple[Sentence, ...], at: int, about: frozenset[str], language: str) -> bool:
    """Whether the sentence before announces that the claim is false or unproven."""
    ahead = sentences[at - 1]
    if not cues.hedge(language).search(ahead.text):
        return False
    return (
        sentences[at].leans or ahead.text.endswith((":", "：")) or not about.isdisjoint(topics(ahead.words))
    )
