"""Articles and listings <-> the compact JSON in which they are cached: a cache may be anyone's.

Text is stored as UTF-8 in which lone surrogates, which JSON front matter may hold, pass.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from sys import intern
from typing import Any

from newsletter.model import Article, Block, BlockKind, Image, Listing, Problem

_KINDS = tuple(BlockKind)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}


def listing_of(article: Article) -> Listing:
    """An article without its text."""
    return Listing(
        article.identity,
        article.keys,
        article.path,
        article.title,
        article.language,
        article.date,
        article.weight,
        article.tags,
        article.pinned,
        article.correction,
    )


def listing_values(listing: Listing) -> list[Any]:
    """A listing as JSON takes it; its identity stands among its keys, first but for variants."""
    own = "" if listing.identity == listing.keys[0] else listing.identity
    return [
        own,
        listing.keys,
        listing.path,
        listing.title,
        listing.language,
        moment_out(listing.date),
        listing.weight,
        listing.tags,
        *((listing.pinned, listing.correction) if listing.pinned or listing.correction else ()),
    ]


def listing_from(values: Sequence[Any], path: str = "") -> Listing:
    """A listing out of its values; `path` is the same path, where somebody holds it already."""
    identity, keys, own, title, language, date, weight, tags, *more = values
    pinned, correction = more or (False, "")
    return Listing(
        identity or keys[0],
        tuple(keys),
        path or own,
        title,
        intern(language),
        moment_in(date),
        weight,
        tuple(map(intern, tags)),
        pinned,
        correction,
    )


def article_out(article: Article) -> bytes:
    """The whole article; its path stands in another column."""
    image = article.image
    return packed(
        [
            article.identity,
            article.keys,
            article.title,
            article.url,
            moment_out(article.date),
            article.date_precision,
            moment_out(article.updated),
            article.language,
            article.authors,
            article.tags,
            article.summary,
            article.standfirst,
            [image.source, image.alt, image.local] if image else None,
            [_block_out(block) for block in article.blocks],
            moment_out(article.expires),
            article.weight,
            [(problem.line, problem.text) for problem in article.problems],
            *((article.pinned, article.correction) if article.pinned or article.correction else ()),
        ]
    )


def article_in(listing: Listing, row: bytes, more: Sequence[Problem]) -> Article:
    """The article as it stands in its folder: with the keys of its listing, and `more` problems."""
    values = json.loads(row)
    (_, _, title, url, date, precision, updated, language, authors, tags) = values[:10]
    (summary, standfirst, image, blocks, expires, weight, problems, *rest) = values[10:]
    pinned, correction = rest or (False, "")
    return Article(
        identity=listing.identity,
        keys=listing.keys,
        path=listing.path,
        title=title,
        url=url,
        date=moment_in(date),
        date_precision=precision,
        updated=moment_in(updated),
        language=language,
        authors=tuple(authors),
        tags=tuple(tags),
        summary=summary,
        standfirst=standfirst,
        image=Image(*image) if image else None,
        blocks=tuple(map(_block_in, blocks)),
        expires=moment_in(expires),
        weight=weight,
        problems=(*(Problem(listing.path, line, text) for line, text in problems), *more),
        pinned=pinned,
        correction=correction,
    )


def _block_out(block: Block) -> tuple[Any, ...]:
    # Most HTML is the text itself: said once.
    markup = 1 if block.html and block.html == block.text else block.html
    if block.level or block.target:
        return (_NUMBERS[block.kind], block.line, block.text, markup, block.level, block.target)
    return (_NUMBERS[block.kind], block.line, block.text, markup)


def _block_in(values: Sequence[Any]) -> Block:
    kind, line, text, markup = values[:4]
    level, target = values[4:] or (0, "")
    return Block(_KINDS[kind], text, text if markup == 1 else markup, line, level, target)


def moment_out(moment: datetime | None) -> str:
    """A date, or none, as text."""
    return moment.isoformat() if moment else ""


def moment_in(text: str) -> datetime | None:
    """What `moment_out` made."""
    return datetime.fromisoformat(text) if text else None


def packed(values: Any) -> bytes:
    """Compact JSON."""
    text = _dumps(values)
    return text.encode("utf-8", "surrogatepass")


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
