"""Listings -> those that a newsletter may carry, one an article, in its order; and why not the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Literal

from newsletter.issue.portion import fold
from newsletter.model import LeftOut, Listing

Order = Literal["newest", "oldest", "weight"]

#: How the keys of a correction begin.
CORRECTION: Final = "correction:"
_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


def one_language(articles: Iterable[Listing], language: str) -> tuple[Listing, ...]:
    """One variant of each article: the one in the newsletter's language, else the first."""
    found: dict[str, Listing] = {}
    for article in articles:
        held = found.get(article.identity)
        if held is None or (held.language != language and article.language == language):
            found[article.identity] = article
    return tuple(found.values())


def ordered(articles: Iterable[Listing], order: Order, pins: Sequence[str] = ()) -> tuple[Listing, ...]:
    """What stands first: `pins` (identities, in their order), then what is pinned by its author, then the
    others. Who has no date is the oldest. Corrections stand last: none leads, none stands before a pin."""
    places = {identity: place for place, identity in enumerate(pins)}
    by = _BY[order]

    def place(article: Listing) -> tuple[object, ...]:
        pinned = places.get(article.identity, len(places))
        return (pinned, not article.pinned, *by(article), article.path, article.identity)

    return tuple(sorted(articles, key=lambda one: (bool(one.corrects), *place(one))))


def _stamp(article: Listing) -> float:
    return (article.date or _OLDEST).timestamp()


_BY: Final[Mapping[str, Callable[[Listing], tuple[float, ...]]]] = {
    "newest": lambda one: (-_stamp(one), one.weight),
    "oldest": lambda one: (_stamp(one), one.weight),
    # Nobody gave it a weight: behind those who have one, as in the folder's own order.
    "weight": lambda one: (one.weight == 0, one.weight, -_stamp(one)),
}


def filtered(
    articles: Iterable[Listing], tags: Sequence[str], without: Sequence[str]
) -> tuple[tuple[Listing, ...], tuple[LeftOut, ...]]:
    """Those that have one of `tags`, where any are named, and none of `without`; and why not the others."""
    wanted, unwanted = fold(tags), fold(without)
    inside: list[Listing] = []
    outside: list[LeftOut] = []
    for article in articles:
        has = fold(article.tags)
        why = ""
        if found := sorted(has & unwanted):
            why = f'has the tag "{found[0]}", which is not for this newsletter'
        elif wanted and not has & wanted:
            why = f"has none of the tags of this newsletter: {', '.join(tags)}"
        if why:
            outside.append(LeftOut(article.identity, article.path, article.title, why))
        else:
            inside.append(article)
    return tuple(inside), tuple(outside)


def corrections(articles: Iterable[Listing], titled: Callable[[str], str]) -> tuple[Listing, ...]:
    """A listing for each correction that an author wrote. Another text is another correction.

    `titled`: the title of one, of its article's: it is said in the language of the newsletter.
    """
    return tuple(_correction(one, titled(one.title)) for one in articles if one.correction)


def _correction(article: Listing, title: str) -> Listing:
    # A key for each of the article's: it is recognised again as the article is, whatever is edited besides.
    keys = tuple(_key(article.correction, key) for key in article.keys)
    return replace(article, identity=keys[0], keys=keys, title=title, pinned=False, corrects=article.identity)


def _key(text: str, of: str) -> str:
    said = "\n".join((of, text)).encode("utf-8", "surrogatepass")
    return f"{CORRECTION}{sha256(said).hexdigest()[:32]}"
