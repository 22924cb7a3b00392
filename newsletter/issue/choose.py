"""Listings -> which of them an issue carries, and why the others not. Newest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from newsletter.model import LeftOut, Listing

_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen."""

    carried: tuple[Listing, ...]
    dropped: tuple[Listing, ...]  #: news that does not fit and will not come again
    left_out: tuple[LeftOut, ...]  #: everything that is not carried, dropped ones too
    skip: str  #: why there is no issue; empty when there is one


def choose(
    articles: Iterable[Listing],
    why_not: Callable[[Listing], str],
    *,
    language: str,
    max_items: int,
    min_items: int,
    overflow: Literal["carry", "drop"],
    first: bool,
) -> Choice:
    """Choose the newest articles that are news. `why_not` says why one is none; empty when it is.

    Of a `first` issue the rest is the back catalogue: it is not mailed later either.
    """
    left_out: list[LeftOut] = []
    news: list[Listing] = []
    for article in sorted(_one_language(articles, language), key=_newest_first):
        reason = why_not(article)
        if reason:
            left_out.append(_left_out(article, reason))
        else:
            news.append(article)
    if len(news) < min_items or not news:
        return Choice((), (), tuple(left_out), _too_few(len(news), min_items))
    carried, rest = tuple(news[:max_items]), tuple(news[max_items:])
    fate = "waits for the next issue" if overflow == "carry" else "dropped"
    if first:
        fate = "older than what a first issue takes"
    left_out += [_left_out(article, f"{fate}: an issue takes {max_items}") for article in rest]
    return Choice(carried, rest if overflow == "drop" and not first else (), tuple(left_out), "")


def _too_few(news: int, min_items: int) -> str:
    if not news:
        return "nothing new"
    return f"{news} new {'article' if news == 1 else 'articles'}, an issue needs {min_items}"


def _one_language(articles: Iterable[Listing], language: str) -> tuple[Listing, ...]:
    """One variant of each article: the one in the newsletter's language, else the first."""
    found: dict[str, Listing] = {}
    for article in articles:
        held = found.get(article.identity)
        if held is None or (held.language != language and article.language == language):
            found[article.identity] = article
    return tuple(found.values())


def _newest_first(article: Listing) -> tuple[float, int, str]:
    return (-(article.date or _OLDEST).timestamp(), article.weight, article.path)


def _left_out(article: Listing, reason: str) -> LeftOut:
    return LeftOut(article.identity, article.path, article.title, reason)
