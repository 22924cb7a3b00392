"""What a file says of itself, and what became of it <-> the compact JSON in which that is cached."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsletter.content.dates import Written
from newsletter.content.making import Made
from newsletter.content.rows import listing_from, listing_of, listing_values, moment_in, moment_out, packed
from newsletter.model import Listing


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
    expires = moment_out(made.expires)
    return packed([made.unpublished, made.refused, moments, expires, made.empty, listing])


def made_in(path: str, row: bytes) -> tuple[Made, Listing | None]:
    """What became of a file, and its listing; `Made.article` is None in any case."""
    unpublished, refused, opens, expires, empty, listing = json.loads(row)
    moments = tuple(map(datetime.fromisoformat, opens))
    made = Made(unpublished, refused, moments, moment_in(expires), empty, None)
    return made, listing_from(listing, path) if listing else None
