"""Article -> the sentences that say best what it brings, by a fitted ranker.

The best sentence that may stand alone is taken; a second one joins it only when it is good
by itself. A claim that its passage takes back brings its hedge along, or is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from newsletter.excerpt import features
from newsletter.excerpt.choice import Rules
from newsletter.excerpt.forest import Forest, load
from newsletter.excerpt.method import Limits, Method, Picked
from newsletter.excerpt.passages import Sentence, sentences_of
from newsletter.excerpt.standing import Standing
from newsletter.model import Article, ExcerptFrom

#: Sentences that are judged to the last tree.
_FINALISTS = 8
#: A sentence further down the list does not join the best one.
_COMPANIONS = 16
#: By so much must "This release …" be better before an excerpt opens with it.
_CLEARLY = 0.2


@cache
def ranker() -> Method:
    """The default method: the ranker with the forest that comes with the package."""
    forest = load()
    if forest.names != features.NAMES:
        raise ValueError(
            "forest.json was fitted to other features: run benchmarks/excerpt_training.py --write"
        )
    return by_forest(forest)


def by_forest(forest: Forest) -> Method:
    """The same method with another forest."""

    def pick(article: Article, limits: Limits) -> Picked:
        return _pick(forest, article, limits)

    return pick


def _pick(forest: Forest, article: Article, limits: Limits) -> Picked:
    sentences = sentences_of(article)
    rules = Rules(sentences, limits, article)
    rows = features.rows(article, sentences, limits.characters)
    scores = dict(zip(rows.indexes, forest.scores(rows.values, _FINALISTS), strict=True))
    order = sorted(scores, key=lambda i: (-scores[i], i))
    chosen = _first(sentences, order, rules)
    best = max((scores[i] for i in chosen), default=float("-inf"))
    if best < forest.second:
        clearer = [i for i in order if scores[i] > best + _CLEARLY]
        chosen = _self_named(sentences, clearer, rules) or chosen
    leaning = bool(chosen) and sentences[chosen[0]].leans
    good = [i for i in order[:_COMPANIONS] if scores[i] >= forest.second]
    while chosen and len(chosen) < limits.sentences and (more := _joined(good, chosen, rules, leaning)):
        chosen = more
    lines = tuple(_why(sentences, scores, order, chosen, rules))
    return Picked(tuple(sentences[i].text for i in chosen), ExcerptFrom.RANKER, lines)


def _first(sentences: tuple[Sentence, ...], order: list[int], rules: Rules) -> tuple[int, ...]:
    """The best sentence that may open, alone or with the hedge that it needs."""
    for i in order:
        if not sentences[i].may_open:
            continue
        if rules.fits((i,)):
            return (i,)
        for hedge in rules.hedges(i):
            both = tuple(sorted((i, hedge)))
            if rules.fits(both):
                return both
    return ()


def _self_named(sentences: tuple[Sentence, ...], order: list[int], rules: Rules) -> tuple[int, ...]:
    """The opening of the body that leans on nothing but the article itself: better than what tells little."""
    for i in order:
        names = sentences[i].leans and rules.names_itself(i) and rules.fits((i,), self_named=True)
        if names and not any(sentences[j].may_open and rules.fits((j,)) for j in range(i)):
            return (i,)
    return ()


def _joined(good: list[int], chosen: tuple[int, ...], rules: Rules, self_named: bool) -> tuple[int, ...]:
    """The chosen ones and the best that may join them; empty when none may."""
    for i in good:
        more = tuple(sorted((*chosen, i)))
        if i not in chosen and rules.fits(more, self_named):
            return more
    return ()


def _why(
    sentences: tuple[Sentence, ...],
    scores: dict[int, float],
    order: list[int],
    chosen: tuple[int, ...],
    rules: Rules,
) -> Iterator[str]:
    yield f"{len(order)} of {len(sentences)} sentences may be shown"
    for i in chosen:
        yield f"taken, score {scores[i]:+.2f}: {_described(sentences, i)}"
    best = max((scores[i] for i in chosen), default=float("-inf"))
    for i in [i for i in order[:3] if scores[i] > best]:
        why = _hindrance(sentences[i], rules.standing(i), rules.hedges(i))
        yield f"passed over, score {scores[i]:+.2f}: {why}: {sentences[i].text[:60]!r}"


def _described(sentences: tuple[Sentence, ...], at: int) -> str:
    s = sentences[at]
    heading = f" under {s.heading[:40]!r}" if s.heading else ""
    return f"sentence {at + 1} of {len(sentences)}, {s.place + 1} of {s.of} in its paragraph{heading}"


def _hindrance(sentence: Sentence, found: Standing, taken_back: tuple[int, ...]) -> str:
    if sentence.leans:
        return "leans on the sentence before it"
    if found is not Standing.ALONE:
        return str(found.value)
    if taken_back:
        return "its passage hedges or denies it"
    return "says too little, or more than the card shows"
