"""Cards -> a pool: blocks for every mail that may be made of some of them; and which make one reader's.

A pool is rendered once. It has each card in each role, and each heading, that the page of any of its
variants may need. :func:`lay_out` arranges a reader's cards as :func:`.compose` would, and finds that page's
blocks among those of the pool: so a variant is byte for byte the mail that would be made of its cards alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Final

from newsletter.issue.arrange import (
    CONTENTS_FROM,
    ROWS_FROM,
    Place,
    alike,
    arranged,
    folded,
    full_of,
    heading_of,
    how_shared,
)
from newsletter.issue.compose import Body, compose, placements_of
from newsletter.issue.variant import slots_of
from newsletter.issue.words import Words, words_for
from newsletter.model import Card, Issue, LeftOut, Media, Picture, Role

#: In such a pair of blocks a left one stands before a right one: together they are one section of MJML.
_PAIR: Final = (Role.LEFT, Role.RIGHT)


def compose_pool(
    *,
    id: str,
    newsletter: str,
    title: str,
    date: datetime,
    language: str,
    subject: str,
    preheader: str,
    intro: str,
    cards: tuple[Card, ...],
    pictures: Mapping[str, Picture],
    bodies: Mapping[str, Body],
    media: tuple[Media, ...],
    left_out: tuple[LeftOut, ...],
    words: Words | None = None,
    most: int = 0,
    sections: tuple[str, ...] = (),
) -> Issue:
    """A pool of these cards, which stand in the issue's order. The arguments are those of :func:`.compose`.

    `most`: how many cards a variant may have; 0 when it may have all. An empty subject, or preheader, is made
    from the cards of each variant; in the pool itself it says what it would if somebody got all of them.
    Equal arguments give equal pools.
    """
    words = words or words_for(language)
    issue = compose(
        id=id,
        newsletter=newsletter,
        title=title,
        date=date,
        language=language,
        subject=subject,
        preheader=preheader,
        intro=intro,
        cards=cards,
        pictures=pictures,
        bodies=bodies,
        media=media,
        left_out=left_out,
        words=words,
        sections=sections,
    )
    most = min(most or len(cards), len(cards))
    page = tuple(_articles(cards, most) if bodies else _digest(cards, pictures, words, most, sections))
    return replace(issue, placements=tuple(placements_of(page, cards, pictures, bodies)), most=most)


def _articles(cards: tuple[Card, ...], most: int) -> Iterator[Place]:
    for n, card in enumerate(cards):
        yield Place(Role.ALONE, card, "")
        if most > 1:
            yield Place(Role.LEAD, card, "")
            yield from (Place(Role.NEXT, card, "") for _ in range(n > 0))


def _digest(
    cards: tuple[Card, ...], pictures: Mapping[str, Picture], words: Words, most: int, first: tuple[str, ...]
) -> Iterator[Place]:
    yield from (Place(Role.LEAD, card, "") for card in cards)
    if most < 2:
        return
    if most >= CONTENTS_FROM:
        yield Place(None, None, "")
        yield from (Place(Role.CONTENTS, card, "") for card in cards[1:])
    yield from (
        Place(None, None, name) for name in _headings(cards, words, most, frozenset(map(folded, first)))
    )
    for card in cards[1:]:
        yield Place(Role.WIDE, card, "")
        if most > 2 and any(alike(card, other, pictures) for other in cards[1:] if other is not card):
            yield from (Place(role, card, "") for role in _PAIR)
    rows_from = full_of(ROWS_FROM) if most >= ROWS_FROM else len(cards)
    for n, card in enumerate(cards[1:], start=1):
        # a tag that is called like the rows makes some of its cards
        if n >= rows_from or folded(words.briefly) in map(folded, card.tags):
            yield Place(Role.ROW, card, "")


def _headings(cards: tuple[Card, ...], words: Words, most: int, first: frozenset[str]) -> tuple[str, ...]:
    """The headings that sections of some of the cards may have: first tags of cards, and shared ones."""
    shared = how_shared(cards[1:])
    names = [
        heading_of(tag)
        for card in cards[1:]
        for n, tag in enumerate(card.tags)
        if n == 0 or shared[folded(tag)] > 1 or folded(tag) in first
    ]
    rows = [words.briefly] if most >= ROWS_FROM else []
    return tuple(dict.fromkeys(filter(None, (*names, words.also_here, *rows))))


# ── one reader's ────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Layout:
    """What one reader's mail consists of."""

    keys: tuple[str, ...]  #: of the pool's blocks, in order
    slots: dict[str, str]  #: the values that depend on the variant


class Layouts:
    """Lays out variants of one pool: what all have in common is looked up once."""

    def __init__(self, pool: Issue, words: Words | None = None) -> None:
        """`words`: those that the pool was composed with (None: the packaged ones)."""
        self._pool, self._words = pool, words or words_for(pool.language)
        self._cards = {card.identity: (n, card) for n, card in enumerate(pool.cards)}
        self._pictures = {p.card.identity: p.picture for p in pool.placements if p.card and p.picture}
        self._whole = any(p.role is Role.ALONE for p in pool.placements)
        self._blocks = {(p.role, p.card.identity): p.key for p in pool.placements if p.card}
        self._headings = {p.section: p.key for p in pool.placements if p.card is None}

    def __call__(self, chosen: tuple[str, ...]) -> Layout:
        """The variant of these cards, by `Card.identity`; see :func:`lay_out`."""
        numbered = [self._cards[identity] for identity in chosen]
        if any(one[0] >= other[0] for one, other in pairwise(numbered)):
            raise ValueError("the cards of a variant stand in the order of its pool, each once")
        cards = tuple(card for _, card in numbered)
        page = arranged(cards, self._pictures, self._words, whole=self._whole, sections=self._pool.sections)
        keys = tuple(map(self._key, page))
        slots = slots_of(self._pool, cards, tuple(zip(keys, page, strict=True)), self._words)
        return Layout(keys, slots)

    def _key(self, place: Place) -> str:
        if place.card is None:
            return self._headings[place.section]
        return self._blocks[place.role, place.card.identity]


def lay_out(pool: Issue, chosen: tuple[str, ...], words: Words | None = None) -> Layout:
    """What the mail of a reader consists of who gets these cards, by `Card.identity`, in the pool's order.

    It is the mail that :func:`.compose` would make of exactly these cards, byte for byte. KeyError for a card
    that the pool has not, or has not in this role, as when they are more than the pool was made for;
    ValueError when they stand in another order. Who lays out many keeps :class:`Layouts`.
    """
    return Layouts(pool, words)(chosen)
