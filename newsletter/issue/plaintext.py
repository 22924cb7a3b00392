"""Issue -> its plain text: written from the cards, not from the HTML.

Lines end after 76 columns at the latest; an address always has a line to itself, whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from unicodedata import combining, east_asian_width
from zoneinfo import ZoneInfo

from newsletter.issue.slots import BLOCKS, guard, reveal
from newsletter.issue.theme import Site
from newsletter.issue.view import address_lines, paragraphs, web_address
from newsletter.issue.words import words_for
from newsletter.model import Card, Issue, Placement, Role

WIDTH: Final = 76  #: columns; RFC 5322 2.1.1 asks for at most 78 characters


def frame_text(issue: Issue, site: Site) -> str:
    """Masthead and footer, ``%%BLOCKS%%`` between them, and the slots of each reader."""
    words = words_for(issue.language)
    date = words.date(issue.date.astimezone(ZoneInfo(site.timezone)))
    head = [*wrapped(site.name.upper()), *wrapped(site.tagline), f"{guard(date)} · %%MINUTES%%"]
    head += ["_" * WIDTH, ""]
    for paragraph in paragraphs(issue.intro):
        head += [*wrapped(paragraph), ""]
    foot = ["_" * WIDTH, "", "%%WHY%%", f"{words.unsubscribe}: ", "%%UNSUBSCRIBE_URL%%", ""]
    foot += [line for part in address_lines(site) for line in wrapped(part)]
    return _lines(head) + BLOCKS + _lines([*foot, *_address(site.url)])


def block_text(placement: Placement, language: str) -> str:
    """One block, ending in an empty line; the list of contents has no place in a text."""
    if placement.role is Role.CONTENTS or not (placement.card or placement.section):
        return ""
    if placement.card is None:
        return _lines(["", *wrapped(placement.section.upper()), "-" * WIDTH, ""])
    return _lines([*_card(placement.card, language), ""])


def _card(card: Card, language: str) -> Iterator[str]:
    words = words_for(language)
    yield from wrapped(card.title)
    yield from wrapped(card.excerpt)
    yield from wrapped(" · ".join(filter(None, [*card.authors, words.minutes(card.reading_minutes)])))
    yield from _address(card.url)


def _address(url: str) -> Iterator[str]:
    if address := web_address(url):
        yield guard(address)


def _lines(lines: Iterable[str]) -> str:
    return reveal("".join(f"{line.rstrip(' ')}\n" for line in lines))


def wrapped(text: str) -> Iterator[str]:
    """Lines of outside text, guarded. Text without spaces, as Japanese has it, breaks anywhere."""
    line = ""
    for word in guard(text).split():
        joined = f"{line} {word}" if line else word
        if _columns(joined) <= WIDTH:
            line = joined
        elif _columns(word) <= WIDTH or "://" in word:
            yield line
            line = word
        else:
            *whole, line = _broken(joined)
            yield from whole
    if line:
        yield line


def _broken(text: str) -> Iterator[str]:
    line = ""
    for character in text:
        if _columns(line + character) > WIDTH:
            yield line
            line = ""
        line += character
    yield line


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(2 if east_asian_width(c) in "WF" else 0 if combining(c) else 1 for c in text)
