"""An author's own sentences -> which of them to show, and whether they state anything.

An author may open as they like. What is looked for is only what a card cannot use: a call, a
bare question, a label; and, where not everything fits, the part that is worth most beside the title.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from newsletter.excerpt import cues, filler_cues, hedge_cues
from newsletter.excerpt.choice import within
from newsletter.excerpt.method import Limits
from newsletter.excerpt.passages import Sentence
from newsletter.excerpt.sentences import ends
from newsletter.excerpt.standing import Standing, names_itself, standing
from newsletter.excerpt.words import topics, words

#: A label or a call has at most so many words.
_FEW = 8
#: Topics of the title that make a later part worth more than a beginning without any.
_ON_SUBJECT = 2
#: "Accessible" and "accessibility" are one topic by so many letters.
_STEM = 6
#: Fewer characters do not stand alone as a later sentence: "Register now."
_SHORTEST = 16
#: Of a long summary only so many sentences are looked at.
_MOST = 8
_ASKS = ("?", "？", "؟")


def unstated(sentences: Sequence[Sentence], language: str) -> str:
    """Why some sentences state nothing; empty when they do."""
    if all(s.text.rstrip('"”’»)').endswith(_ASKS) for s in sentences):
        return "a bare question"
    text = sentences[0].text
    spaced = all(character < "\u2e80" for character in text)
    if len(sentences) > 1 or not spaced or len(text.split()) > _FEW:
        return ""
    if filler_cues.calls(language).match(text):
        return "a call to the reader"
    label = len(text.split()) < _FEW and not ends(text) and not filler_cues.verbs(language).search(text)
    return "a label, no sentence" if label else ""


def best_part(sentences: tuple[Sentence, ...], title: str, limits: Limits, language: str) -> tuple[int, ...]:
    """The sentences to keep: the longest beginning that fits, unless it stops short of the subject."""
    titled = frozenset(topics(words(title)))
    subject = frozenset(t[:_STEM] for t in titled)
    fitting = [
        part
        for part in _parts(min(len(sentences), _MOST), limits.sentences)
        if may_be_kept(sentences, part, limits, language)
    ]
    beginnings = [part for part in fitting if part == tuple(range(len(part)))]
    first = max(beginnings, key=len, default=())
    if len(first) == len(sentences):
        return first
    told = _told(sentences, first, subject)
    asks = bool(first) and sentences[first[-1]].text.endswith(_ASKS)
    if (told and not asks) or not (
        fitting := [p for p in fitting if _stands(sentences, p, titled, language)]
    ):
        return first
    best = max(fitting, key=lambda p: (_told(sentences, p, subject), p[0] == 0, len(p), -p[-1]))
    better = _told(sentences, best, subject) >= (min(told, 1) if asks else _ON_SUBJECT)
    return best if better else first


def _parts(of: int, most: int) -> Iterator[tuple[int, ...]]:
    """Neighbours, or the first sentence with neighbours from further down."""
    for start, size in product(range(of), range(1, most + 1)):
        if start + size <= of:
            yield tuple(range(start, start + size))
            if start > 1 and size < most:
                yield (0, *range(start, start + size))


def _told(sentences: tuple[Sentence, ...], part: tuple[int, ...], subject: frozenset[str]) -> int:
    """How many topics of the title a part speaks of."""
    return len(subject & {t[:_STEM] for i in part for t in topics(sentences[i].words)})


def _stands(
    sentences: tuple[Sentence, ...], part: tuple[int, ...], subject: frozenset[str], language: str
) -> bool:
    """Whether each one has its own before it or needs none, and the last one asks nothing."""
    return not sentences[part[-1]].text.endswith(_ASKS) and all(
        i == 0 or i - 1 in part or stands_alone(sentences[i].text, language, subject) for i in part
    )


def stands_alone(text: str, language: str, subject: frozenset[str], *pardoned: Standing) -> bool:
    """Whether a sentence of an author's summary can be shown without those before it."""
    if len(text) < _SHORTEST or not ends(text):
        return False
    leans = cues.dangling(language).match(text) is not None and not names_itself(text, language)
    leans = leans or hedge_cues.contrast(language).match(text) is not None
    return not leans and standing(text, language, subject) in (Standing.ALONE, *pardoned)


def may_be_kept(
    sentences: tuple[Sentence, ...], part: tuple[int, ...], limits: Limits, language: str
) -> bool:
    """Whether a part fits and nothing that is left out would take it back."""
    kept = [sentences[i] for i in part]
    fits = sum(s.count for s in kept) <= limits.sentences and within([s.text for s in kept], limits)
    return fits and not _takes_back(sentences, part, language)


def _takes_back(sentences: tuple[Sentence, ...], part: tuple[int, ...], language: str) -> bool:
    """Whether what is left out right before or behind a kept sentence would take it back."""
    behind = [i for i in range(max(part[0] - 1, 0), len(sentences)) if i not in part]
    return any(
        hedge_cues.hedge(language).search(sentences[i].text)
        or (i - 1 in part and hedge_cues.contrast(language).match(sentences[i].text))
        for i in behind[:3]
    )
