"""Issue -> its plain text: written from the cards, not from the HTML.

Lines end after 76 columns at the latest; an address always has a line to itself, whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from newsletter.issue.body import pieces, standfirst
from newsletter.issue.body_text import body_lines
from newsletter.issue.ending import Ended
from newsletter.issue.links import Link
from newsletter.issue.slots import BLOCKS, guard, reveal
from newsletter.issue.theme import Site
from newsletter.issue.view import address_lines, paragraphs
from newsletter.issue.words import Words
from newsletter.issue.wrapping import WIDTH, lines_of, wrapped
from newsletter.model import Card, Issue, Placement, Role

__all__ = ["WIDTH", "block_text", "frame_text", "wrapped"]


def frame_text(issue: Issue, site: Site, words: Words, link: Link) -> str:
    """Masthead and footer, ``%%BLOCKS%%`` between them, and the slots of each reader."""
    date = words.date(issue.date.astimezone(ZoneInfo(site.timezone)))
    head = [*wrapped(site.name.upper()), *wrapped(site.tagline), f"{guard(date)} · %%MINUTES%%"]
    head += ["_" * WIDTH, ""]
    for paragraph in paragraphs(issue.intro):
        head += [*wrapped(paragraph), ""]
    why = lines_of(words.why("%%ADDRESS%%", guard(issue.title)))
    foot = ["_" * WIDTH, "", *why, words.label(words.unsubscribe), "%%UNSUBSCRIBE_URL%%", ""]
    if site.pages:
        foot += [words.label(words.preferences), "%%PREFERENCES_URL%%", ""]
    foot += [line for part in address_lines(site) for line in wrapped(part)]
    return _lines(head) + BLOCKS + _lines([*foot, *_address(site.url, link)])


def block_text(placement: Placement, words: Words, link: Link, block: Ended) -> str:
    """One block, ending in an empty line; the list of contents has no place in a text.

    Of an article as many pieces are said as the HTML shows.
    """
    if placement.role is Role.CONTENTS or not (placement.card or placement.section):
        return ""
    if placement.card is None:
        return _lines(["", *wrapped(placement.section.upper()), "-" * WIDTH, ""])
    if placement.body:
        return _lines(_article(placement, placement.card, words, link, block))
    return _lines([*_card(placement.card, words, link), ""])


def _card(card: Card, words: Words, link: Link) -> Iterator[str]:
    yield from wrapped(card.title)
    yield from wrapped(card.excerpt)
    yield from wrapped(_byline(card, words))
    yield from _address(card.url, link)


def _article(placement: Placement, card: Card, words: Words, link: Link, block: Ended) -> Iterator[str]:
    yield from wrapped(card.title.upper())
    yield ""
    if said := standfirst(card, pieces(placement.body)):
        yield from (*wrapped(said), "")
    yield from wrapped(_byline(card, words))
    yield from _address(card.url, link)
    yield ""
    yield from body_lines(placement, words, link, block.kept)
    if not block.whole:
        yield f"{words.say('Read the rest on the web')}:"
        yield from _address(card.url, link)
        yield ""


def _byline(card: Card, words: Words) -> str:
    return " · ".join(filter(None, [*card.authors, words.minutes(card.reading_minutes)]))


def _address(url: str, link: Link) -> Iterator[str]:
    if address := link(url):
        yield guard(address)


def _lines(lines: Iterable[str]) -> str:
    return reveal("".join(f"{line.rstrip(' ')}\n" for line in lines))
