"""Articles, listings and facts <-> the compact JSON in which they are cached: a cache may be anyone's.

Text is stored as UTF-8 in which lone surrogates, which JSON front matter may hold, pass.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any

from newsletter.content.dates import Written
from newsletter.content.making import Made
from newsletter.model import Article, Block, BlockKind, Image, Listing, Problem

_KINDS = tuple(BlockKind)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}


@dataclass(slots=True)
class Kept:
    """What the folder's votes need of one file, and on what its making depended."""

    path: str
    signature: str  #: of the file when it was read; empty: read it again next time
    skip: str = ""  #: why it could not be read at all
    dated: bool = False  #: its front matter or its name gives a date
    dump: bool = False  #: a plain text without front matter: what it is depends on the others
    translation: str = ""
    signs: tuple[str, ...] = ()
    made_for: str = ""  #: the settings and the variant; empty: it has not been made
    repeated: str = ""  #: the lines that it was read with, as a hash
    votes: tuple[tuple[int, int, int], ...] = ()  #: year, first and second number
    tag: str = ""  #: its <title>
    order: str = ""  #: the order of day and month, where it made a difference
    tags: tuple[str, ...] | None = None  #: what its <title> shares with others, where that was asked
    probes: tuple[str, ...] = ()  #: the places of pictures that it asked for
    fresh: bool = False  #: made in this run; not cached

    def written(self) -> list[Written]:
        """Its dates that say something about the order of day and month."""
        return [Written(year, first, second, numeric=True) for year, first, second in self.votes]


_DEFAULTS: tuple[Any, ...] = ("", False, False, "", (), "", "", (), "", "", None, ())


def kept_out(kept: Kept) -> bytes:
    """The row of a file's facts; what is as usual at its end is left out."""
    values: list[Any] = [
        kept.skip,
        kept.dated,
        kept.dump,
        kept.translation,
        kept.signs,
        kept.made_for,
        kept.repeated,
        kept.votes,
        kept.tag,
        kept.order,
        kept.tags,
        kept.probes,
    ]
    while values and values[-1] == _DEFAULTS[len(values) - 1]:
        values.pop()
    return packed(values)


def kept_in(path: str, signature: str, row: bytes, shared: dict[Any, Any]) -> Kept:
    """Facts out of their row; `shared` holds one copy of what many files have."""
    values: list[Any] = json.loads(row)
    skip, dated, dump, translation, signs, made_for, repeated, votes, tag, order, tags, probes = (
        *values,
        *_DEFAULTS[len(values) :],
    )
    return Kept(
        path,
        signature,
        skip,
        dated,
        dump,
        translation,
        one_of(shared, tuple(signs)),
        shared.setdefault(made_for, made_for),
        shared.setdefault(repeated, repeated),
        tuple((year, first, second) for year, first, second in votes),
        tag,
        shared.setdefault(order, order),
        None if tags is None else tuple(tags),
        one_of(shared, tuple(probes)),
    )


def one_of(shared: dict[Any, Any], texts: tuple[str, ...]) -> tuple[str, ...]:
    """The one copy of these texts, and of each of them."""
    found: tuple[str, ...] | None = shared.get(texts)
    if found is None:
        found = tuple(shared.setdefault(text, text) for text in texts)
        shared[found] = found
    return found


def made_out(made: Made) -> bytes:
    """What became of a file, but for the article's text."""
    listing = listing_values(listing_of(made.article)) if made.article else None
    moments = [moment.isoformat() for moment in made.opens]
    expires = _out(made.expires)
    return packed([made.unpublished, made.refused, moments, expires, made.empty, listing])


def made_in(path: str, row: bytes) -> tuple[Made, Listing | None]:
    """What became of a file, and its listing; `Made.article` is None in any case."""
    unpublished, refused, opens, expires, empty, listing = json.loads(row)
    made = Made(unpublished, refused, tuple(map(datetime.fromisoformat, opens)), _in(expires), empty, None)
    return made, listing_from(listing, path) if listing else None


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
        _out(listing.date),
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
        _in(date),
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
            _out(article.date),
            article.date_precision,
            _out(article.updated),
            article.language,
            article.authors,
            article.tags,
            article.summary,
            article.standfirst,
            [image.source, image.alt, image.local] if image else None,
            [_block_out(block) for block in article.blocks],
            _out(article.expires),
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
        date=_in(date),
        date_precision=precision,
        updated=_in(updated),
        language=language,
        authors=tuple(authors),
        tags=tuple(tags),
        summary=summary,
        standfirst=standfirst,
        image=Image(*image) if image else None,
        blocks=tuple(map(_block_in, blocks)),
        expires=_in(expires),
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


def _out(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _in(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def packed(values: Any) -> bytes:
    """Compact JSON."""
    text = _dumps(values)
    return text.encode("utf-8", "surrogatepass")


_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
