"""Article -> its sentences, each with its place and with what forbids to show it.

A sentence that may not stand on a card stays in the list: its neighbours are judged by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

from newsletter.excerpt import cues
from newsletter.excerpt.cleaning import has_address, has_markup, tidy
from newsletter.excerpt.sentences import Piece, split
from newsletter.excerpt.words import words
from newsletter.model import Article, Block, BlockKind

#: Far more than any card needs; what comes later in a very long article is not looked at.
MOST_SENTENCES = 150
#: A longer "sentence" is a page without full stops.
LONGEST = 1200

PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST, BlockKind.QUOTE})
_ITALIC = re.compile(r"\s*<(em|i|small|figcaption)\b[^>]*>(?:(?!</\1>).){0,400}</\1>\s*", re.I | re.S)
_DENIED = re.compile(
    r"\b(?:myth|mythos|mythe|mito|misconception|falsehood|false|fiction|hoax|irrtum|idée reçue)s?\b|誤解|谣言"
    r"|謠言|误区|誤區|خرافة|मिथक|\bмиф",
    re.I,
)
_ENOUGH_PROSE = 3
#: In the languages that write with Latin letters alike; Cyrillic has its own.
_POSTSCRIPT = re.compile(r"\W*(?:P\.\s?)+S\.?(?=[\s:,])|\W*PP?S\b\s?[:.,–—-]|\W*(?:З\.\s?Ы\.|ПС\s?[:.])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the body and where it stands."""

    text: str
    words: tuple[str, ...]
    count: int  #: sentences that a reader counts in it
    block: int  #: index of its block in the article
    kind: BlockKind
    place: int  #: index in its block
    of: int  #: sentences in its block
    heading: str  #: text of the nearest heading above it
    fault: str  #: why it may not be shown; empty when it may
    leans: bool  #: opens with a word that needs the sentence before it

    @property
    def may_open(self) -> bool:
        """Whether an excerpt may begin with it."""
        return not self.fault and not self.leans


def sentences_of(article: Article) -> tuple[Sentence, ...]:
    """The sentences of paragraphs, list items and quotations, in order.

    List items and quotations may be shown only where prose is scarce.
    """
    found = tuple(_walk(article))
    shown = sum(s.may_open for s in found if s.kind is BlockKind.PARAGRAPH)
    if shown >= _ENOUGH_PROSE:
        return tuple(_barred(s, "not a paragraph") if _apart(s) else s for s in found)
    if shown or any(s.may_open for s in found if s.kind is BlockKind.LIST):
        return tuple(_barred(s, "a quotation") if s.kind is BlockKind.QUOTE else s for s in found)
    return found


def _apart(sentence: Sentence) -> bool:
    return not sentence.fault and sentence.kind is not BlockKind.PARAGRAPH


def _barred(sentence: Sentence, fault: str) -> Sentence:
    if sentence.fault:
        return sentence
    s = sentence
    return Sentence(s.text, s.words, s.count, s.block, s.kind, s.place, s.of, s.heading, fault, s.leans)


def _walk(article: Article) -> Iterator[Sentence]:
    heading, after = "", False
    left = MOST_SENTENCES
    again = says_title(article.title)
    for number, block in enumerate(article.blocks):
        if block.kind is BlockKind.HEADING:
            heading, after = block.text, False
        elif block.kind in PROSE and left > 0:
            text = tidy(block.text, block.html)
            pieces = split(text, block.html, article.language)[:left]
            left -= len(pieces)
            after = after or _POSTSCRIPT.match(text) is not None
            bar = "a postscript" if after else _block_fault(article, number, text, heading)
            for place, piece in enumerate(pieces):
                yield _sentence(article, piece, number, place, len(pieces), heading, bar, again)


def _sentence(
    article: Article,
    piece: Piece,
    number: int,
    place: int,
    of: int,
    heading: str,
    bar: str,
    again: Callable[[tuple[str, ...]], bool],
) -> Sentence:
    found = words(piece.text)
    fault = bar or _fault(piece) or ("the title again" if again(found) else "")
    leans = cues.dangling(article.language).match(piece.text) is not None
    kind = article.blocks[number].kind
    return Sentence(piece.text, found, piece.count, number, kind, place, of, heading, fault, leans)


def _fault(piece: Piece) -> str:
    """What forbids to show a sentence, whatever surrounds it."""
    text = piece.text
    if not piece.whole:
        return "no whole sentence"
    if len(text) > LONGEST:
        return "too long"
    if has_markup(text):
        return "markup in it"
    if has_address(text):
        return "an address in it"
    if cues.NOTICE.match(text):
        return "a note about the page"
    return ""


def _block_fault(article: Article, number: int, text: str, heading: str) -> str:
    """What forbids to show any sentence of a block: it is a caption, or stands there to be denied."""
    block = article.blocks[number]
    before = article.blocks[number - 1] if number else None
    if (
        before is not None
        and before.kind in (BlockKind.IMAGE, BlockKind.EMBED)
        and _captions(before, block, text)
    ):
        return "a caption"
    if _DENIED.search(heading):
        return "stands under a heading that denies it"
    return ""


def _captions(picture: Block, block: Block, text: str) -> bool:
    """Whether the block right after a picture is its caption."""
    if picture.text and text.rstrip(".") == picture.text.rstrip("."):
        return True
    return len(text) < 300 and _ITALIC.fullmatch(block.html) is not None


def says_title(title: str) -> Callable[[tuple[str, ...]], bool]:
    """A test for sentences that say the title over, give or take two words."""
    own = words(unescape(title))
    known = frozenset(own)

    def again(found: tuple[str, ...]) -> bool:
        if not own or len(found) > len(own) + 6:
            return False
        if found[: len(own)] == own and len(found) <= len(own) + 2:
            return True
        return len(known.intersection(found)) * 5 >= 4 * len(known.union(found))

    return again
