"""Cards -> Issue: which card is set how, and in which order.

The lead stands first, the others in sections by tag; two cards that look alike stand side by side, one that
has no equal has the width to itself, and the tail of a long issue is a list of rows. A list of contents
follows the lead from six cards on. Where whole articles are carried, they stand one after the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from newsletter.issue.variant import auto_preheader, shorten
from newsletter.issue.words import Words, words_for
from newsletter.model import Block, Card, Issue, LeftOut, Media, Picture, Placement, Role

Body = tuple[Block | Picture, ...]

CONTENTS_FROM: Final = 6  #: cards
ROWS_FROM: Final = 7  #: cards
_FULL_WITH_ROWS: Final = 6  #: cards that are more than a row in an issue that has rows
_SLOPE_APART: Final = 0.08  #: height by width of two pictures in a pair
_EXCERPT_APART: Final = 120  #: characters
_SUBJECT: Final = 120  #: characters of a title that still make a subject


def compose(
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
) -> Issue:
    """An issue of these cards, first one leading; `pictures` and `bodies` are by `Card.identity`.

    If there are any bodies, the cards stand one after the other, each with the whole of its article.
    An empty subject is the title of the lead; an empty preheader is made from the other titles, or from the
    excerpt of the lead when it stands alone. Sections are named in `words` (None: the packaged ones of the
    language). Equal arguments give equal issues.
    """
    words = words or words_for(language)
    return Issue(
        id=id,
        newsletter=newsletter,
        title=title,
        date=date,
        language=language,
        subject=subject or shorten(cards[0].title if cards else title, _SUBJECT),
        preheader=preheader or auto_preheader(language, cards, words),
        intro=intro,
        placements=tuple(
            _articles(cards, pictures, bodies) if bodies else _placements(words, cards, pictures)
        ),
        media=media,
        left_out=left_out,
    )


def is_whole(template: str) -> bool:
    """Whether a template of that name shows whole articles: ``post``, or ``post-`` and more."""
    return template == "post" or template.startswith("post-")


def pictured(cards: tuple[Card, ...], words: Words) -> tuple[Card, ...]:
    """Those of a digest's cards that may show a picture: all but the rows."""
    sections = _sections(words, tuple(enumerate(cards)))
    rows = {number for name, inside in sections if name == words.briefly for number, _ in inside}
    return tuple(card for number, card in enumerate(cards) if number not in rows)


def _articles(
    cards: tuple[Card, ...], pictures: Mapping[str, Picture], bodies: Mapping[str, Body]
) -> Iterator[Placement]:
    for numbered in enumerate(cards):
        placement = _placed(numbered, Role.LEAD, "", pictures)
        yield replace(placement, body=bodies.get(numbered[1].identity, ()))


def _placements(
    words: Words, cards: tuple[Card, ...], pictures: Mapping[str, Picture]
) -> Iterator[Placement]:
    numbered = tuple(enumerate(cards))
    if not numbered:
        return
    yield _placed(numbered[0], Role.LEAD, "", pictures)
    sections = _sections(words, numbered)
    if len(cards) >= CONTENTS_FROM:
        yield _heading(0, "")
        for name, inside in sections:
            yield from (_placed(card, Role.CONTENTS, name, {}) for card in inside)
    for n, (name, inside) in enumerate(sections, start=1):
        yield _heading(n, name)
        for card, role in _roles(inside, pictures, rows=name == words.briefly):
            yield _placed(card, role, name, pictures)


Numbered = tuple[int, Card]
Section = tuple[str, tuple[Numbered, ...]]


def _placed(card: Numbered, role: Role, section: str, pictures: Mapping[str, Picture]) -> Placement:
    picture = None if role is Role.ROW else pictures.get(card[1].identity)
    return Placement(
        key=f"card:{card[0]}:{role.value}", role=role, card=card[1], section=section, picture=picture, body=()
    )


def _heading(n: int, name: str) -> Placement:
    return Placement(key=f"section:{n}", role=None, card=None, section=name, picture=None, body=())


def _sections(words: Words, cards: tuple[Numbered, ...]) -> tuple[Section, ...]:
    full = _full(len(cards))
    grouped: dict[str, list[Numbered]] = {}
    others: list[Numbered] = []
    middle = cards[1:full]
    shared = Counter(_fold(tag) for _, card in middle for tag in set(card.tags))
    names: dict[str, str] = {}
    for card in middle:
        tag = max(card[1].tags, key=lambda tag: shared[_fold(tag)], default="")
        name = names.setdefault(_fold(tag), _named(tag))
        (grouped.setdefault(name, []) if name else others).append(card)
    if others:
        # a tag of the same name joins those that have none; they stand behind all that have one
        grouped[words.also_here] = [*grouped.pop(words.also_here, ()), *others]
    if cards[full:]:
        # a tag of the same name must not become a list of rows by accident
        grouped[words.briefly] = [*grouped.pop(words.briefly, ()), *cards[full:]]
    return tuple((name, tuple(inside)) for name, inside in grouped.items())


def _full(count: int) -> int:
    """How many of so many cards are more than a row; rows come in twos at least."""
    return count if count < ROWS_FROM else min(_FULL_WITH_ROWS, count - 2)


def _fold(tag: str) -> str:
    return tag.casefold().replace("-", " ").replace("_", " ").strip()


def _named(tag: str) -> str:
    name = tag.replace("_", " ").strip()
    return name[:1].upper() + name[1:]


def _roles(
    cards: tuple[Numbered, ...], pictures: Mapping[str, Picture], *, rows: bool
) -> Iterator[tuple[Numbered, Role]]:
    if rows:
        yield from ((card, Role.ROW) for card in cards)
        return
    waiting = list(cards)
    while waiting:
        if len(waiting) > 1 and _alike(waiting[0][1], waiting[1][1], pictures):
            yield waiting.pop(0), Role.LEFT
            yield waiting.pop(0), Role.RIGHT
        else:
            yield waiting.pop(0), Role.WIDE


def _alike(one: Card, other: Card, pictures: Mapping[str, Picture]) -> bool:
    """Whether two cards side by side begin and end at about the same height."""
    left, right = pictures.get(one.identity), pictures.get(other.identity)
    if (left is None) != (right is None):
        return False
    if left and right and abs(_slope(left) - _slope(right)) > _SLOPE_APART:
        return False
    return abs(len(one.excerpt) - len(other.excerpt)) <= _EXCERPT_APART


def _slope(picture: Picture) -> float:
    return picture.height / picture.width if picture.width else 0.0
