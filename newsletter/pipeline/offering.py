"""What was picked up -> what an issue may choose among, in order, and why the rest is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.issue.choose import _newest_first, _one_language
from newsletter.model import LeftOut, Listing
from newsletter.outbox.ledger import Books


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person says of one issue."""

    subject: str = ""
    preheader: str = ""
    intro: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an issue may choose among."""

    listings: tuple[Listing, ...]  #: in order, one for each article
    left_out: tuple[LeftOut, ...]
    omitted: Mapping[str, str]  #: identity -> why it must not be in it
    brief: Brief


def offered(config: Config, name: str, id: str, picked: PickUp, books: Books) -> Offer:
    """What the issue of that id may choose among."""
    listings = tuple(sorted(_one_language(picked.listings, config.site.language), key=_newest_first))
    return Offer(listings, (), {}, Brief())
