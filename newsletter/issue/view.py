"""Issue -> what a template sees: plain text and numbers, already guarded against looking like a slot.

Every name that a template may use is an attribute here; anything else is an error with file and line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from newsletter.issue.palette import Scheme, derive
from newsletter.issue.slots import guard, guarded
from newsletter.issue.split import marker
from newsletter.issue.theme import Site, Theme
from newsletter.issue.variant import key_number
from newsletter.issue.words import arabic_script, direction, words_for
from newsletter.model import Card, Issue, Picture, Placement, Role

#: Pixels that a picture may take in each role: width, height.
_BOX: Final = {Role.LEAD: (536, 536), Role.LEFT: (256, 256), Role.RIGHT: (256, 256), Role.WIDE: (200, 260)}
_PART: Final = {
    Role.LEAD: "lead",
    Role.LEFT: "pair-left",
    Role.RIGHT: "pair-right",
    Role.WIDE: "wide",
    Role.ROW: "row",
    Role.CONTENTS: "contents",
}
_SERIF: Final = "Iowan Old Style,Palatino Linotype,Palatino,P052,Georgia,serif"
_SANS: Final = "-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif"
_NASKH: Final = "Geeza Pro,Noto Naskh Arabic,Sakkal Majalla,Segoe UI,Tahoma,serif"
_KUFI: Final = "Geeza Pro,Noto Kufi Arabic,Segoe UI,Tahoma,sans-serif"
_FLUID_FROM: Final = 480  #: pixels
_LINE: Final = 180  #: characters
_SENTENCE_END = re.compile(r"(?<=[.!?…؟。！？])\s")
_NO_BREAK: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture, fitted into the box of its role and never enlarged."""

    src: str
    alt: str  #: empty when the author gave none: decoration then
    width: int
    height: int  #: 0 when not known
    fluid: bool  #: large enough to fill the width of a phone


@dataclass(frozen=True, slots=True)
class CardView:
    """A card in a role."""

    title: str
    url: str  #: empty when there is no address that a mail can open
    excerpt: str
    line: str  #: the first sentence of the excerpt, whole; empty when it is too long for a row
    authors: str  #: joined; may be empty
    tag: str  #: the first; may be empty
    minutes: str  #: ``6 minutes``
    min: str  #: ``6 min``
    read: str  #: ``Read in 6 min``
    lang: str  #: only when it differs from that of the issue
    picture: PictureView | None


@dataclass(frozen=True, slots=True)
class BlockView:
    """One placement, and the part of the template that sets it."""

    key: str
    n: int
    part: str  #: name of the file in ``parts/``
    name: str  #: of the section
    card: CardView | None

    @property
    def mark(self) -> Markup:
        """What the template writes in front of the block, so that it can be found again."""
        return marker(self.key)


@dataclass(frozen=True, slots=True)
class IssueView:
    """What stands around the blocks."""

    subject: str
    title: str
    date: str
    intro: tuple[str, ...]  #: paragraphs
    language: str
    dir: str
    start: str  #: the side where lines begin: ``left`` or ``right``
    end: str
    arabic: bool


@dataclass(frozen=True, slots=True)
class ThemeView:
    """Colours and faces. The names of faces stand without quotes: no quote can break an attribute."""

    light: Scheme
    dark: Scheme
    serif: str
    sans: str


@dataclass(frozen=True, slots=True)
class SiteView:
    name: str
    url: str
    tagline: str
    address: tuple[str, ...]  #: lines, the first with the name
    logo: str
    logo_dark: str


def issue_view(issue: Issue, site: Site) -> IssueView:
    """Everything of the issue but its blocks. The date is that of the site's time zone."""
    rtl = direction(issue.language) == "rtl"
    day = issue.date.astimezone(ZoneInfo(site.timezone))
    view = IssueView(
        subject=issue.subject,
        title=issue.title,
        date=words_for(issue.language).date(day),
        intro=paragraphs(issue.intro),
        language=issue.language,
        dir="rtl" if rtl else "ltr",
        start="right" if rtl else "left",
        end="left" if rtl else "right",
        arabic=arabic_script(issue.language),
    )
    return guarded(view)


def site_view(site: Site, theme: Theme) -> SiteView:
    """Who publishes, and the logo."""
    view = SiteView(
        name=site.name,
        url=web_address(site.url),
        tagline=site.tagline,
        address=address_lines(site),
        logo=theme.logo,
        logo_dark=theme.logo_dark,
    )
    return guarded(view)


def address_lines(site: Site) -> tuple[str, ...]:
    """Who is answerable and where: the postal address, led by the name unless it has it already."""
    lines = tuple(line.strip() for line in site.postal_address.splitlines() if line.strip())
    return lines if lines and site.name in lines[0] else (site.name, *lines)


def theme_view(theme: Theme, *, arabic: bool) -> ThemeView:
    """The palette of the accent, and faces that have the letters of the language."""
    palette = derive(theme.accent)
    serif, sans = (_NASKH, _KUFI) if arabic else (_SERIF, _SANS)
    return ThemeView(light=palette.light, dark=palette.dark, serif=serif, sans=sans)


def block_views(issue: Issue) -> tuple[BlockView, ...]:
    """One for each placement, in order."""
    return tuple(_block(placement, issue.language) for placement in issue.placements)


def _block(placement: Placement, language: str) -> BlockView:
    card = placement.card
    part = _PART[placement.role] if placement.role else "section" if placement.section else "contents-head"
    return BlockView(
        key=placement.key,
        n=key_number(placement.key),
        part=part,
        name=guard(placement.section),
        card=card_view(card, placement.role, placement.picture, language) if card else None,
    )


def card_view(card: Card, role: Role | None, picture: Picture | None, language: str) -> CardView:
    """A card as one role shows it, guarded."""
    words = words_for(language)
    view = CardView(
        title=bind(card.title),
        url=web_address(card.url),
        excerpt=card.excerpt,
        line=bind(_line(card.excerpt)),
        authors=words.comma.join(card.authors),
        tag=card.tags[0] if card.tags else "",
        minutes=words.minutes(card.reading_minutes),
        min=words.min(card.reading_minutes),
        read=words.read(card.reading_minutes),
        lang=card.language if card.language != language else "",
        picture=fitted(picture, *_BOX[role]) if picture and role in _BOX else None,
    )
    return guarded(view)


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text that empty lines divide, each on one line."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def bind(text: str) -> str:
    """The line with a no-break space before a short last word: no line of one lonely word."""
    spaced = text.split()
    if len(spaced) < 4 or len(spaced[-1]) > 9:
        return " ".join(spaced)
    return " ".join(spaced[:-1]) + _NO_BREAK + spaced[-1]


def fitted(picture: Picture, width: int, height: int) -> PictureView:
    """The picture within so many pixels, whole ones, its proportions kept."""
    if not picture.width or not picture.height:
        return PictureView(src=picture.src, alt=picture.alt, width=width, height=0, fluid=True)
    scale = min(1.0, width / picture.width, height / picture.height)
    return PictureView(
        src=picture.src,
        alt=picture.alt,
        width=max(1, round(picture.width * scale)),
        height=max(1, round(picture.height * scale)),
        fluid=picture.width >= _FLUID_FROM,
    )


def web_address(url: str) -> str:
    """The address if a mail can open it, ASCII and without spaces; else empty.

    Only http and https: a relative address leads nowhere from a mailbox, and ``javascript:`` must not.
    """
    cleaned = url.strip()
    if not cleaned.lower().startswith(("http://", "https://")):
        return ""
    return "".join(_encoded(character) for character in cleaned)


def _encoded(character: str) -> str:
    if "!" <= character <= "~" and character not in '"<>\\^`{|}':
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


def _line(excerpt: str) -> str:
    """The first sentence, if it fits a row: a sentence is never cut."""
    sentence = _SENTENCE_END.split(excerpt, maxsplit=1)[0]
    return sentence if len(sentence) <= _LINE else ""
