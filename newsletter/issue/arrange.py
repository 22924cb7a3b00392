"""Cards -> the page: what stands where.

The lead stands first, the others in sections by tag; two cards that look alike stand side by side, one that
has no equal has the width to itself, and the tail of a long issue is a list of rows; a correction is none of
them, since what it says must be seen. A list of contents follows the lead from six cards on. Where whole
articles are carried, they stand one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from newsletter.issue.ordering import CORRECTION
from newsletter.issue.words import Words
from newsletter.model import Card, Picture, Role

CONTENTS_FROM: Final = 6  #: cards
ROWS_FROM: Final = 7  #: cards
FULL_WITH_ROWS: Final = 6  #: cards that are more than a row in an issue that has rows
_SLOPE_APART: Final = 0.08  #: height by width of two pictures in a pair
_EXCERPT_APART: Final = 120  #: characters


class Place(NamedTuple):
    """One thing on the page: a card in a role, or a heading."""

    role: Role | None  #: None of a heading
    card: Card | None  #: None of a heading
    section: str  #: that it belongs to; empty of the lead, and of the heading of the contents


def arranged(
    cards: Sequence[Card],
    pictures: Mapping[str, Picture],
    words: Words,
    *,
    whole: bool,
    sections: Sequence[str] = (),
) -> tuple[Place, ...]:
    """The page of exactly these cards, first one leading. `whole`: they are carried as whole articles.
    `sections`: the tags whose sections stand first, in this order.

    What it depends on is the cards, and which pictures (by `Card.identity`) may stand side by side.
    """
    if whole:
        return tuple(_articles(cards))
    return tuple(_digest(cards, pictures, words, tuple(map(folded, sections)))) if cards else ()


def _articles(cards: Sequence[Card]) -> Iterator[Place]:
    for n, card in enumerate(cards):
        yield Place(Role.ALONE if len(cards) == 1 else Role.NEXT if n else Role.LEAD, card, "")


def _digest(
    cards: Sequence[Card], pictures: Mapping[str, Picture], words: Words, first: Sequence[str]
) -> Iterator[Place]:
    yield Place(Role.LEAD, cards[0], "")
    sections = _sections(cards, words, first)
    if len(cards) >= CONTENTS_FROM:
        yield Place(None, None, "")
        for name, inside in sections:
            yield from (Place(Role.CONTENTS, card, name) for card in inside)
    for name, inside in sections:
        yield Place(None, None, name)
        for card, role in _roles(inside, pictures, rows=name == words.briefly):
            yield Place(role, card, name)


Section = tuple[str, Sequence[Card]]


def _sections(cards: Sequence[Card], words: Words, first: Sequence[str]) -> tuple[Section, ...]:
    notes = [card for card in cards if card.identity.startswith(CORRECTION)]
    plain = cards[: len(cards) - len(notes)]  # they stand last
    full = full_of(len(plain))
    grouped: dict[str, list[Card]] = {}
    others: list[Card] = []
    middle = (*plain[1:full], *notes) if plain else notes[1:]
    shared = how_shared(middle)
    names: dict[str, str] = {}
    for card in middle:
        tag = max(card.tags, key=lambda tag: (folded(tag) in first, shared[folded(tag)]), default="")
        name = names.setdefault(folded(tag), heading_of(tag))
        (grouped.setdefault(name, []) if name else others).append(card)
    places = {name: place for place, name in enumerate(first)}
    grouped = dict(sorted(grouped.items(), key=lambda named: places.get(folded(named[0]), len(places))))
    if others:
        # a tag of the same name joins those that have none; they stand behind all that have one
        grouped[words.also_here] = [*grouped.pop(words.also_here, ()), *others]
    if plain[full:]:
        # a tag of the same name must not become a list of rows by accident
        grouped[words.briefly] = [*grouped.pop(words.briefly, ()), *plain[full:]]
    return tuple(grouped.items())


def full_of(count: int) -> int:
    """How many of so many cards are more than a row; rows come in twos at least."""
    return count if count < ROWS_FROM else min(FULL_WITH_ROWS, count - 2)


def how_shared(cards: Sequence[Card]) -> Counter[str]:
    """How many of the cards have each tag, folded."""
    return Counter(folded(tag) for card in cards for tag in set(card.tags))


@lru_cache(maxsize=4096)
def folded(tag: str) -> str:
    """A tag, so that those which differ in case and hyphens are the same."""
    return tag.casefold().replace("-", " ").replace("_", " ").strip()


@lru_cache(maxsize=4096)
def heading_of(tag: str) -> str:
    """The tag as a heading says it."""
    name = tag.replace("_", " ").strip()
    return name[:1].upper() + name[1:]


def _roles(
    cards: Sequence[Card], pictures: Mapping[str, Picture], *, rows: bool
) -> Iterator[tuple[Card, Role]]:
    if rows:
        yield from ((card, Role.ROW) for card in cards)
        return
    at = 0
    while at < len(cards):
        if at + 1 < len(cards) and alike(cards[at], cards[at + 1], pictures):
            yield cards[at], Role.LEFT
            yield cards[at + 1], Role.RIGHT
            at += 2
        else:
            yield cards[at], Role.WIDE
            at += 1


def alike(one: Card, other: Card, pictures: Mapping[str, Picture]) -> bool:
    """Whether two cards side by side begin and end at about the same height."""
    left, right = pictures.get(one.identity), pictures.get(other.identity)
    if (left is None) != (right is None):
        return False
    if left and right and abs(_slope(left) - _slope(right)) > _SLOPE_APART:
        return False
    return abs(len(one.excerpt) - len(other.excerpt)) <= _EXCERPT_APART


def _slope(picture: Picture) -> float:
    return picture.height / picture.width if picture.width else 0.0
