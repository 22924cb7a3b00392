"""Issue -> what a template sees: plain text and numbers, already guarded against looking like a slot.

Every name that a template may use is an attribute here or in :mod:`.body_view`, and stands in
``docs/templates.md``; anything else is an error with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from newsletter.errors import RenderError
from newsletter.issue import faces
from newsletter.issue.body_view import ArticleView, article_view
from newsletter.issue.links import Link, web_address
from newsletter.issue.measures import Measures, PictureView, box, fitted, logo_fitted, measures
from newsletter.issue.palette import Scheme, derive
from newsletter.issue.slots import SUBJECT, guard, guarded
from newsletter.issue.split import marker
from newsletter.issue.theme import Site, Theme
from newsletter.issue.variant import key_number
from newsletter.issue.words import Words, arabic_script, direction, words_for
from newsletter.model import Card, Issue, Picture, Placement, Role

_PART: Final = {
    Role.LEAD: "lead",
    Role.ALONE: "lead",  # where a card has no body after all
    Role.NEXT: "lead",
    Role.LEFT: "pair-left",
    Role.RIGHT: "pair-right",
    Role.WIDE: "wide",
    Role.ROW: "row",
    Role.CONTENTS: "contents",
}
_LINE: Final = 180  #: characters
_SENTENCE_END = re.compile(r"(?<=[.!?…؟。！？])\s")
_NO_BREAK: Final = "\u00a0"


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
    dir: str  #: ``ltr`` or ``rtl``, only when `lang` is said
    start: str  #: the side where its lines begin: ``left`` or ``right``
    end: str
    arabic: bool  #: in Arabic script, in an issue that is not
    picture: PictureView | None


@dataclass(frozen=True, slots=True)
class BlockView:
    """One placement, and the part of the template that sets it."""

    key: str
    n: int
    part: str  #: name of the file in ``parts/``
    name: str  #: of the section
    card: CardView | None
    article: ArticleView | None  #: the whole article, where the template shows it

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
    """Colours, faces, measures. The names of faces stand without quotes: no quote can break an attribute."""

    light: Scheme
    dark: Scheme
    serif: str  #: of what authors wrote
    sans: str  #: of what the publication says around it
    mono: str
    serif_word: Markup  #: the same for Word, which is Outlook
    sans_word: Markup
    naskh: str  #: of a card in Arabic script in another issue
    radius: int  #: pixels, of the corners of buttons
    space: Measures


@dataclass(frozen=True, slots=True)
class SiteView:
    name: str
    url: str
    tagline: str
    address: tuple[str, ...]  #: lines, the first with the name
    logo: PictureView | None
    logo_dark: PictureView | None
    pages: bool  #: whether readers can choose what they get


def issue_view(issue: Issue, site: Site) -> IssueView:
    """Everything of the issue but its blocks. The date is that of the site's time zone.

    A subject that nobody wrote is each variant's own: a slot.
    """
    day = issue.date.astimezone(ZoneInfo(site.timezone))
    way, start, end = _way(issue.language)
    view = IssueView(
        subject=issue.subject,
        title=issue.title,
        date=words_for(issue.language).date(day),
        intro=paragraphs(issue.intro),
        language=issue.language,
        dir=way,
        start=start,
        end=end,
        arabic=arabic_script(issue.language),
    )
    return replace(guarded(view), subject=SUBJECT) if "subject" not in issue.written else guarded(view)


def _way(language: str) -> tuple[str, str, str]:
    """Direction, and the sides where lines begin and end."""
    way = direction(language)
    return (way, "right", "left") if way == "rtl" else (way, "left", "right")


class Texts:
    """The texts of the configuration, by name: ``{{ texts.sponsor }}``."""

    __slots__ = ("_given",)

    def __init__(self, site: Site) -> None:
        self._given = {name: guard(text) for name, text in site.texts}

    def __getitem__(self, name: str) -> str:
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)


def site_view(site: Site, theme: Theme, link: Link = web_address) -> SiteView:
    """Who publishes, and the logo."""
    width = measures(theme.width).text
    view = SiteView(
        name=site.name,
        url=link(site.url),
        tagline=site.tagline,
        address=address_lines(site),
        logo=logo_fitted(theme.logo, site.name, width) if theme.logo else None,
        logo_dark=logo_fitted(theme.logo_dark, site.name, width) if theme.logo_dark else None,
        pages=site.pages,
    )
    return guarded(view)


def address_lines(site: Site) -> tuple[str, ...]:
    """Who is answerable and where: the postal address, led by the name unless it has it already."""
    lines = tuple(line.strip() for line in site.postal_address.splitlines() if line.strip())
    return lines if lines and site.name in lines[0] else (site.name, *lines)


@lru_cache(maxsize=64)
def theme_view(theme: Theme, language: str) -> ThemeView:
    """The palette and the measures of the theme, and faces that have the letters of the language.

    Raises RenderError for a colour that is none and for a name of a face that cannot stand without quotes.
    """
    for key, named in (("font", theme.font), ("font_ui", theme.font_ui)):
        if odd := faces.odd_face(named):
            raise RenderError(f"theme: {key}: {odd}")
    palette = derive(theme)
    serif, sans = faces.usual(language)
    return ThemeView(
        light=palette.light,
        dark=palette.dark,
        serif=faces.faces(theme.font, serif),
        sans=faces.faces(theme.font_ui, sans),
        mono=faces.MONO,
        serif_word=Markup(faces.faces_in_word(theme.font, faces.SERIF_WORD)),
        sans_word=Markup(faces.faces_in_word(theme.font_ui, faces.SANS_WORD)),
        naskh=faces.NASKH,
        radius=theme.radius,
        space=measures(theme.width),
    )


def block_views(issue: Issue, theme: Theme, link: Link, words: Words) -> tuple[BlockView, ...]:
    """One for each placement, in order."""
    setting = _Setting(issue.language, words, link, measures(theme.width), {})
    return tuple(_block(placement, setting) for placement in issue.placements)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What all blocks of an issue have in common."""

    language: str
    words: Words
    link: Link
    space: Measures
    cards: dict[int, CardView]  #: by identity: a card stands in the list of contents, too


def _block(placement: Placement, setting: _Setting) -> BlockView:
    card = placement.card
    whole = card is not None and bool(placement.body)
    part = "article" if whole else _part(placement)
    return BlockView(
        key=placement.key,
        n=key_number(placement.key),
        part=part,
        name=guard(placement.section),
        card=_card(card, placement.role, placement.picture, setting) if card else None,
        article=article_view(placement, setting.link, setting.space.text) if whole else None,
    )


def _part(placement: Placement) -> str:
    if placement.role:
        return _PART[placement.role]
    return "section" if placement.section else "contents-head"


def _card(card: Card, role: Role | None, picture: Picture | None, setting: _Setting) -> CardView:
    """A card as one role shows it, guarded."""
    view = setting.cards.get(id(card))
    if view is None:
        view = setting.cards[id(card)] = guarded(_anywhere(card, setting))
    size = box(role, setting.space) if picture else None
    return replace(view, picture=guarded(fitted(picture, *size))) if picture and size else view


def _anywhere(card: Card, setting: _Setting) -> CardView:
    """What a card says in every role: all but its picture."""
    words, other = setting.words, card.language != setting.language
    way, start, end = _way(card.language)
    return CardView(
        title=bind(card.title),
        url=setting.link(card.url),
        excerpt=card.excerpt,
        line=bind(_line(card.excerpt)),
        authors=words.comma.join(card.authors),
        tag=card.tags[0] if card.tags else "",
        minutes=words.minutes(card.reading_minutes),
        min=words.min(card.reading_minutes),
        read=words.read(card.reading_minutes),
        lang=card.language if other else "",
        dir=way if other else "",
        start=start,
        end=end,
        arabic=arabic_script(card.language) and not arabic_script(setting.language),
        picture=None,
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a plain text that empty lines divide, each on one line."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def bind(text: str) -> str:
    """The line with a no-break space before a short last word: no line of one lonely word."""
    spaced = text.split()
    if len(spaced) < 4 or len(spaced[-1]) > 9:
        return " ".join(spaced)
    return " ".join(spaced[:-1]) + _NO_BREAK + spaced[-1]


def _line(excerpt: str) -> str:
    """The first sentence, if it fits a row: a sentence is never cut."""
    sentence = _SENTENCE_END.split(excerpt, maxsplit=1)[0]
    return sentence if len(sentence) <= _LINE else ""
