"""What a reader has had, and what there is -> what of it an issue brings them.

The one rule behind queueing, the plan, the preview of a reader's own mail, and every explanation: all of them
ask here. Articles are numbers of the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

NOTHING: Final[frozenset[int]] = frozenset()
NOTHING_SAID: Final[frozenset[str]] = frozenset()
NO_CORRECTIONS: Final[Mapping[int, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Offered:
    """An article of a pool."""

    id: int
    tags: frozenset[str]  #: folded
    corrects: int = 0  #: the article that this one is a correction of; 0 of an ordinary one


@dataclass(frozen=True, slots=True)
class Rules:
    """How a newsletter shares out."""

    min_items: int
    max_items: int
    carries: bool  #: what does not fit waits; otherwise it is dropped
    first_issue: Literal["current", "after", "newest"]


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier issue was to a reader it was for."""

    articles: tuple[int, ...]  #: that it brought, or was to bring
    waiting: tuple[int, ...]  #: that it left due
    considered: frozenset[int]  #: all that it chose among
    counts: bool  #: it came, or may yet come; otherwise it failed, or was taken back
    since_they_came: bool  #: later than the reader's present subscription


@dataclass(frozen=True, slots=True)
class News:
    """What there is for a reader, before anything is taken off that they have had."""

    fresh: frozenset[int]  #: what no earlier issue of their cadence chose among
    newest: frozenset[int]  #: the newest of all, for a first issue
    seen: frozenset[int]  #: what appeared since they came, and is not too old
    lately: frozenset[int] = NOTHING  #: all that is not too old, whenever it appeared


class Portion(NamedTuple):
    """What one reader gets."""

    articles: tuple[int, ...]  #: in the issue's order
    waiting: tuple[int, ...]  #: what stays due


def due(
    past: Sequence[Past], news: News, first_issue: str, corrects: Mapping[int, int] = NO_CORRECTIONS
) -> frozenset[int]:
    """The articles that a reader is due, whatever they are about. `past` is in the order of the issues.

    What the last issue left waiting, what failed since, and what appeared while they were not served, with
    what is new to everybody: less what they have had, or what an issue decided that they were served with.
    A correction (`corrects`: what of) is news to those alone who have had its article.
    """
    last = max((n for n, one in enumerate(past) if one.counts), default=-1)
    waiting = frozenset(past[last].waiting) if last >= 0 else NOTHING
    missed = frozenset(id for one in past[last + 1 :] for id in (*one.articles, *one.waiting))
    # What was to come and failed only when the next had been made: that one knew nothing of it.
    missed |= news.lately.intersection(id for one in past if not one.counts for id in one.articles)
    had = frozenset(id for one in past if one.counts for id in one.articles)
    decided = frozenset().union(*(one.considered for one in past if one.counts)) - waiting - missed
    is_new = not any(one.counts and one.since_they_came for one in past)
    current = {"current": news.fresh, "after": NOTHING, "newest": news.newest}[first_issue]
    new = (current if is_new else news.fresh) | news.seen
    strange = NOTHING.union(id for id, of in corrects.items() if of not in had)
    return (new - strange | waiting | missed) - had - decided


def portion(pool: Sequence[Offered], due: Collection[int], topics: Set[str], rules: Rules) -> Portion:
    """What of `due` an issue brings somebody with these topics (folded; none means all).

    Fewer than the newsletter's `min_items` wait all. What is not in the pool waits, too. Of an article and
    its correction the article alone is brought: it says what is right by now. Corrections come with articles,
    behind them: they count for none of `min_items`, and where not all fits they come before its rest.
    """
    found = [one for one in pool if one.id in due and one.corrects not in due and wants(topics, one.tags)]
    articles = [one.id for one in found if not one.corrects]
    notes = [one.id for one in found if one.corrects]
    elsewhere = tuple(sorted(frozenset(due).difference([one.id for one in pool])))
    if len(articles) < max(1, rules.min_items):
        return Portion((), (*articles, *notes, *elsewhere))
    seats = min(len(notes), rules.max_items - 1)
    first = rules.max_items - seats
    rest = (*articles[first:], *notes[seats:]) if rules.carries else ()
    return Portion((*articles[:first], *notes[:seats]), (*rest, *elsewhere))


class Portions:
    """What of a pool readers get. Those who are due the same, and whose topics pick the same of it, are asked
    about once."""

    def __init__(self, pool: Sequence[Offered], rules: Rules) -> None:
        self._pool, self._rules = pool, rules
        self._tags = NOTHING_SAID.union(*(one.tags for one in pool))
        self._known: dict[tuple[frozenset[int], frozenset[str] | None], Portion] = {}

    def of(self, due: frozenset[int], topics: tuple[str, ...]) -> Portion:
        """What those get; see :func:`portion`. `topics` as the readers said them."""
        wanted = fold(topics)
        key = due, wanted & self._tags if wanted else None
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = portion(self._pool, due, wanted, self._rules)
        return found


def wants(topics: Set[str], tags: Collection[str]) -> bool:
    """Whether somebody with these topics wants an article with these tags, both folded."""
    return not topics or not topics.isdisjoint(tags)


def fold(words: Iterable[str]) -> frozenset[str]:
    """Tags or topics, as they are compared: ``Open_Source`` is ``open-source`` is ``open source``."""
    return _folded(tuple(words))


@lru_cache(maxsize=4096)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold_one(word) for word in words) - {""}


def fold_one(word: str) -> str:
    """One tag, as it is compared."""
    return " ".join(word.casefold().replace("-", " ").replace("_", " ").split())
