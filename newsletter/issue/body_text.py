"""The body of an article -> plain text as somebody would have typed it.

Headings are underlined, code is indented, a linked word is followed by a number in brackets; the addresses
stand behind the article, in order, after its footnotes.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from newsletter.issue.body import Piece, PieceKind, headed, pieces, rows
from newsletter.issue.inline_html import inline_text, raised
from newsletter.issue.links import Link
from newsletter.issue.slots import guard
from newsletter.issue.words import Words
from newsletter.issue.wrapping import WIDTH, columns, wrapped
from newsletter.model import Block, Placement

_INDENT: Final = "    "


def body_lines(placement: Placement, words: Words, link: Link, kept: int) -> Iterator[str]:
    """The first `kept` pieces of a body; guarded, an empty line behind each."""
    text = _Text(placement, words, link)
    for piece in pieces(placement.body)[:kept]:
        if lines := tuple(text.lines(piece)):
            yield from (*lines, "")
    yield from text.addresses()


class _Text:
    """Writes pieces, and remembers the addresses that they name."""

    def __init__(self, placement: Placement, words: Words, link: Link) -> None:
        self.words, self.link = words, link
        self.url = link(placement.card.url) if placement.card else ""
        self.numbers: dict[str, int] = {}

    def lines(self, piece: Piece) -> Iterator[str]:
        """The lines of one piece."""
        if piece.kind is PieceKind.PICTURE and piece.picture:
            said = " ".join(self.said(block) for block in piece.blocks) or piece.picture.alt
            yield from wrapped(f"[ {said} ]") if said else ()
        elif piece.kind is PieceKind.CODE:
            for line in piece.blocks[0].text.expandtabs(4).split("\n"):
                yield f"{_INDENT}{guard(line)}".rstrip()
        elif piece.kind is PieceKind.TABLE and (lines := self.columns(piece.blocks[0])):
            yield from lines
        elif piece.kind is PieceKind.EMBED:
            yield from wrapped(f"{self.words.say('Watch on the web')}: {self.url}") if self.url else ()
        elif piece.kind is PieceKind.BREAK:
            yield "*  *  *".center(WIDTH).rstrip()
        else:
            for place, block in enumerate(piece.blocks):
                yield from self.block(piece.kind, block, place)

    def block(self, kind: PieceKind, block: Block, place: int) -> Iterator[str]:
        """One block of a piece."""
        if kind is PieceKind.HEADING:
            lines = list(wrapped(self.said(block)))
            yield from lines
            yield ("=" if block.level <= 2 else "-") * max(map(columns, lines), default=0)
        elif kind is PieceKind.LIST:
            indent = "   " * (min(max(block.level, 1), 6) - 1)
            mark = f"{block.target}." if block.target.isdecimal() else "*"
            yield from self.wrapped(block, f"{indent}{mark} ", " " * (len(indent) + len(mark) + 1))
        elif kind in (PieceKind.QUOTE, PieceKind.NOTE):
            yield from [">"] if place else []
            yield from self.wrapped(block, "> ", "> ")
        elif kind is PieceKind.NOTES:
            mark = f"{raised(guard(block.target)) or (' ' if place else '*')} "
            yield from self.wrapped(block, mark, " " * len(mark))
        else:
            yield from self.wrapped(block)

    def columns(self, block: Block) -> tuple[str, ...]:
        """A table in columns, a line under its head; nothing when it does not fit the width."""
        cells = [[inline_text(cell, self.link, self.number) for cell in row] for row in rows(block)]
        widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
        if not cells or sum(widths) + 2 * len(widths) - 2 > WIDTH:
            return ()
        lines = [_side_by_side(row, widths) for row in cells]
        if headed(block):
            lines.insert(1, _side_by_side(["-" * width for width in widths], widths))
        return tuple(guard(line) for line in lines)

    def wrapped(self, block: Block, first: str = "", rest: str = "") -> Iterator[str]:
        for place, line in enumerate(self.said(block).split("\n")):
            yield from wrapped(line, rest if place else first, rest)

    def said(self, block: Block) -> str:
        """The text of a block, its links numbered."""
        return inline_text(block.html or escape(block.text, quote=False), self.link, self.number)

    def number(self, address: str) -> str:
        """What stands behind a linked word."""
        if address.startswith(("mailto:", "tel:")):
            return f"({address.partition(':')[2]})"
        return f"[{self.numbers.setdefault(address, len(self.numbers) + 1)}]"

    def addresses(self) -> Iterator[str]:
        """The list of addresses, each whole on a line of its own."""
        yield from (f"[{number}] {guard(address)}" for address, number in self.numbers.items())
        yield from [""] if self.numbers else []


def _side_by_side(cells: list[str], widths: list[int]) -> str:
    padded = (cell + " " * (width - columns(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()
