"""The body of an article -> what ``parts/article.mjml.j2`` sees of it, guarded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Final

from markupsafe import Markup

from newsletter.issue.body import Piece, PieceKind, headed, pieces, rows, standfirst
from newsletter.issue.ending import after_last, before_piece, before_rest
from newsletter.issue.inline_html import inline
from newsletter.issue.links import Link
from newsletter.issue.measures import PictureView, fitted
from newsletter.issue.slots import guarded
from newsletter.model import Block, Placement, Role

_LEVELS: Final = 4  #: of lists in lists; what is deeper stands on the last
_PULLED: Final = 140  #: characters of a quotation that stands in large type
_SIGNED: Final = re.compile(r"(?:[—–]|--)\s*")
_CLOSE: Final = (PieceKind.PARAGRAPH, PieceKind.HEADING)  # to the heading above them
_TALL: Final = 2  #: height by width of a picture at most


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of a list, a paragraph of a quotation, a footnote."""

    html: Markup
    number: str  #: of a footnote; may be empty
    below: tuple[ListView, ...]  #: the lists inside the item


@dataclass(frozen=True, slots=True)
class ListView:
    """Items that stand together."""

    numbered: bool
    first: int  #: the number of its first item
    items: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True)
class PieceView:
    """One piece of a body; `kind` is the name of the macro that sets it."""

    kind: str
    mark: Markup  #: what the template writes in front of it, so that a heavy mail can end there
    above: int  #: pixels of white above it
    html: Markup  #: its text; a picture's caption
    level: int  #: of a heading: 2, 3 or 4
    items: tuple[ItemView, ...]  #: of a quotation, a note, the footnotes
    signed: Markup  #: who said a quotation; may be empty
    large: bool  #: a quotation that is short enough for large type
    lists: tuple[ListView, ...]
    rows: tuple[tuple[Markup, ...], ...]  #: of a table whose rows are known: the cells
    headed: bool  #: whether the first of the rows names the columns
    picture: PictureView | None
    last: bool  #: the last paragraph of the article


@dataclass(frozen=True, slots=True)
class ArticleView:
    """A whole article."""

    first: bool  #: of the mail: its title is the headline of the page
    alone: bool  #: it has the mail to itself
    standfirst: str  #: the author's own summary; empty when the body says it again
    lead_picture: bool  #: whether the card's picture stands above the body
    pieces: tuple[PieceView, ...]
    pieces_end: Markup  #: what the template writes behind the last piece
    rest: Markup  #: … before and behind what leads to the rest, for a mail that was too heavy
    rest_end: Markup


def article_view(placement: Placement, link: Link, width: int) -> ArticleView:
    """The body of a placement that has one; `width` is that of the text, in pixels."""
    if placement.card is None:
        raise ValueError(f"{placement.key} has a body and no card")
    found = pieces(placement.body)
    first = placement.role is not Role.NEXT
    shown = {piece.picture.src for piece in found if piece.picture}
    heading = _Headings(found, first)
    views: list[PieceView] = []
    for n, piece in enumerate(found):
        before = views[-1] if views else None
        view = _piece(piece, heading, link, width)
        mark = before_piece(placement.key, n, heading=piece.kind is PieceKind.HEADING)
        views.append(replace(view, mark=mark, above=_above(view, before)))
    return ArticleView(
        first=first,
        alone=placement.role is Role.ALONE,
        standfirst=guarded(standfirst(placement.card, found)),
        lead_picture=placement.picture is not None and placement.picture.src not in shown,
        pieces=_ended(views),
        pieces_end=after_last(placement.key),
        rest=before_rest(placement.key),
        rest_end=before_rest(placement.key, end=True),
    )


def _ended(views: list[PieceView]) -> tuple[PieceView, ...]:
    """The views, of which the one with the article's last words says so."""
    body = [n for n, view in enumerate(views) if view.kind != PieceKind.NOTES]
    if body and views[body[-1]].kind == PieceKind.PARAGRAPH:
        views[body[-1]] = replace(views[body[-1]], last=True)
    return tuple(views)


class _Headings:
    """The levels that an author used -> those of the mail, the title being the first."""

    def __init__(self, found: tuple[Piece, ...], first: bool) -> None:
        levels = [piece.blocks[0].level for piece in found if piece.kind is PieceKind.HEADING]
        self._top = min(levels, default=1)
        self._base = 2 if first else 3

    def __call__(self, level: int) -> int:
        return min(4, self._base + level - self._top)


def _piece(piece: Piece, heading: Callable[[int], int], link: Link, width: int) -> PieceView:
    kind, blocks = piece.kind, piece.blocks
    quoted = kind in (PieceKind.QUOTE, PieceKind.NOTE)
    signed = _signed(blocks) if quoted else 0
    kept = blocks[: len(blocks) - signed]
    items = tuple(_item(block, link) for block in kept) if quoted or kind is PieceKind.NOTES else ()
    lists = _lists(tuple((_level(block), block) for block in blocks), link) if kind is PieceKind.LIST else ()
    picture = fitted(piece.picture, width, width * _TALL) if piece.picture else None
    return PieceView(
        kind=kind.value,
        mark=Markup(),
        above=0,
        html=_html(blocks[0], link) if blocks and not items and not lists else Markup(),
        level=heading(blocks[0].level) if kind is PieceKind.HEADING else 0,
        items=items,
        signed=_without_dash(blocks[-1], link) if signed else Markup(),
        large=len(kept) == 1 and len(kept[0].text) <= _PULLED,
        lists=lists,
        rows=_rows(blocks[0], link) if kind is PieceKind.TABLE else (),
        headed=kind is PieceKind.TABLE and headed(blocks[0]),
        picture=guarded(picture),
        last=False,
    )


def _html(block: Block, link: Link) -> Markup:
    return inline(block.html or escape(block.text, quote=False), link)


def _rows(block: Block, link: Link) -> tuple[tuple[Markup, ...], ...]:
    return tuple(tuple(inline(cell, link) for cell in row) for row in rows(block))


def _item(block: Block, link: Link) -> ItemView:
    return ItemView(html=_html(block, link), number=guarded(block.target), below=())


def _signed(blocks: tuple[Block, ...]) -> int:
    """1 where the last paragraph of a quotation says whose it is."""
    return int(len(blocks) > 1 and len(blocks[-1].text) <= 100 and bool(_SIGNED.match(blocks[-1].text)))


def _without_dash(block: Block, link: Link) -> Markup:
    return inline(_SIGNED.sub("", block.html or escape(block.text, quote=False), count=1), link)


# ── lists ───────────────────────────────────────────────────────────────────


def _level(block: Block) -> int:
    return min(max(1, block.level), _LEVELS)


def _lists(items: tuple[tuple[int, Block], ...], link: Link) -> tuple[ListView, ...]:
    """Items with their levels, in order -> lists of items with lists inside them."""
    level = min((level for level, _ in items), default=1)
    made: list[ListView] = []
    for block, below in _families(items, level):
        numbered = block.target.isdecimal()
        item = replace(_item(block, link), number="", below=_lists(below, link) if below else ())
        if made and made[-1].numbered == numbered:
            made[-1] = replace(made[-1], items=(*made[-1].items, item))
        else:
            made.append(ListView(numbered, int(block.target) if numbered else 1, (item,)))
    return tuple(made)


def _families(
    items: tuple[tuple[int, Block], ...], level: int
) -> Iterator[tuple[Block, tuple[tuple[int, Block], ...]]]:
    """Each item of the level with the deeper ones behind it."""
    starts = [n for n, (own, _) in enumerate(items) if own == level or n == 0]
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        yield items[start][1], items[start + 1 : end]


# ── rhythm ──────────────────────────────────────────────────────────────────


def _above(view: PieceView, before: PieceView | None) -> int:
    """The white above a piece, by what it is and what it follows."""
    if before is None:
        return 0
    if before.kind == PieceKind.HEADING:
        return {2: 10, 3: 6}.get(before.level, 4) if view.kind in _CLOSE else 14
    wide = {PieceKind.PICTURE: 28, PieceKind.BREAK: 28, PieceKind.NOTES: 32, PieceKind.QUOTE: 28}
    if view.kind == PieceKind.HEADING:
        return {2: 36, 3: 30}.get(view.level, 24)
    if view.kind == PieceKind.LIST and before.kind == PieceKind.LIST:
        return 8
    return max(wide.get(PieceKind(view.kind), 18), wide.get(PieceKind(before.kind), 18))
