"""The body of an article -> its pieces: what stands together in a mail, and can be left out together.

A mail that grows too heavy ends behind a whole piece; so a long list is several of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from newsletter.model import Block, BlockKind, Card, ExcerptFrom, Picture

_OWN: Final = (ExcerptFrom.FRONT_MATTER, ExcerptFrom.STANDFIRST)
_COLUMNS: Final = 5  #: of a table that a phone can still show
_BOLD: Final = re.compile(r"\A<strong>(.*?)</strong>")
_ITEMS: Final = 20  #: of a list in one piece
NOTE: Final = "note"  #: the `target` of a quotation that is a note to the reader


class PieceKind(StrEnum):
    """What a piece is; each has its macro in ``parts/pieces.mjml.j2``."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST = "list"
    QUOTE = "quote"
    NOTE = "note"
    CODE = "code"
    PICTURE = "picture"
    TABLE = "table"
    EMBED = "embed"
    BREAK = "break"
    NOTES = "notes"  #: all footnotes, behind everything else


@dataclass(frozen=True, slots=True)
class Piece:
    """Blocks of one kind that stand together; of a picture the blocks are its caption."""

    kind: PieceKind
    blocks: tuple[Block, ...]
    picture: Picture | None = None


_ALONE: Final = {
    BlockKind.PARAGRAPH: PieceKind.PARAGRAPH,
    BlockKind.HEADING: PieceKind.HEADING,
    BlockKind.CODE: PieceKind.CODE,
    BlockKind.TABLE: PieceKind.TABLE,
}


def pieces(body: tuple[Block | Picture, ...]) -> tuple[Piece, ...]:
    """The pieces in order; footnotes last. What says nothing is left out: the more-mark, a break at an end.

    An image block that stands in a body is the caption of the picture before it.
    """
    notes = tuple(
        block
        for block in body
        if isinstance(block, Block) and block.kind is BlockKind.FOOTNOTE and block.text
    )
    found = [piece for piece in _grouped(body) if piece.kind is not PieceKind.PICTURE or piece.picture]
    while found and found[-1].kind is PieceKind.BREAK:
        found.pop()
    if notes:
        found.append(Piece(PieceKind.NOTES, notes))
    return tuple(found)


def rows(block: Block) -> tuple[tuple[str, ...], ...]:
    """The cells of a table, as HTML, row by row; none unless it has rows of equally many cells, at most five.

    A reader that knows the rows writes each on a line of its own, with `` | `` between its cells.
    """
    lines = tuple(tuple(line.split(" | ")) for line in _BOLD.sub(r"\1", block.html).split("<br>"))
    fits = len(lines) > 1 and 1 < len(lines[0]) <= _COLUMNS and len({len(line) for line in lines}) == 1
    return lines if fits else ()


def headed(block: Block) -> bool:
    """Whether the first row of a table names its columns."""
    return block.html.startswith("<strong>")


def standfirst(card: Card, found: tuple[Piece, ...]) -> str:
    """The author's own summary, unless the body begins with it; sentences of the body are none."""
    opening = found[0].blocks[0].text if found and found[0].blocks else ""
    return card.excerpt if card.excerpt_from in _OWN and card.excerpt[:60] != opening[:60] else ""


def _grouped(body: tuple[Block | Picture, ...]) -> Iterator[Piece]:
    waiting: Piece | None = None
    for part in body:
        piece = _piece(part)
        if piece is None:
            continue
        if waiting is not None and (joined := _joined(waiting, piece)):
            waiting = joined
            continue
        if waiting is not None:
            yield waiting
        waiting = None if waiting is None and piece.kind is PieceKind.BREAK else piece
    if waiting is not None:
        yield waiting


def _piece(part: Block | Picture) -> Piece | None:
    if isinstance(part, Picture):
        return Piece(PieceKind.PICTURE, (), part)
    kind = part.kind
    if kind is BlockKind.EMBED or kind is BlockKind.BREAK:
        return Piece(PieceKind(kind.value), (part,))
    if not part.text:
        return None
    if kind in _ALONE:
        return Piece(_ALONE[kind], (part,))
    if kind is BlockKind.QUOTE:
        return Piece(PieceKind.NOTE if part.target == NOTE else PieceKind.QUOTE, (part,))
    if kind is BlockKind.LIST:
        return Piece(PieceKind.LIST, (part,))
    return Piece(PieceKind.PICTURE, (part,)) if kind is BlockKind.IMAGE else None


def _joined(one: Piece, other: Piece) -> Piece | None:
    """Both as one piece, where the second goes on with the first."""
    if one.kind is not other.kind:
        return None
    if one.kind in (PieceKind.EMBED, PieceKind.BREAK):
        return one
    if one.kind is PieceKind.PICTURE:
        caption = other.picture is None and not one.blocks
        return Piece(one.kind, other.blocks, one.picture) if caption else None
    if one.kind is PieceKind.LIST and len(one.blocks) >= _ITEMS and other.blocks[0].level <= 1:
        return None
    if one.kind in (PieceKind.QUOTE, PieceKind.NOTE, PieceKind.LIST):
        return Piece(one.kind, (*one.blocks, *other.blocks))
    return None
