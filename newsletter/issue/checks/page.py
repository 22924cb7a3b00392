"""Final HTML -> what a reader meets in it: links, pictures, texts, styles. Read once for all checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import lxml.etree
import lxml.html

_VERBATIM: Final = frozenset({"code", "pre", "kbd", "samp", "tt"})
_SILENT: Final = frozenset({"style", "script", "title", "head", "template"})
#: Invisible fillers behind a preheader: CGJ, ZWNJ, ZWJ, soft hyphen, BOM and the spaces between them.
_FILLER = re.compile("[\u034f\u200b-\u200d\u00ad\ufeff\u2007\u2060]")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """An ``<a href>``."""

    href: str
    text: str  #: what is read out: label, else text and the alt texts of its pictures
    label: str  #: its aria-label alone


@dataclass(frozen=True, slots=True)
class Shown:
    """An ``<img>``."""

    src: str
    alt: str | None  #: None when there is no such attribute
    width: int  #: pixels; 0 when not said


@dataclass(frozen=True, slots=True)
class Page:
    """A mail's HTML, read."""

    root: lxml.html.HtmlElement
    links: tuple[Link, ...]
    images: tuple[Shown, ...]
    prose: tuple[str, ...]  #: each visible piece of text, white space squeezed; not code
    verbatim: tuple[str, ...]  #: each piece of code
    styles: tuple[str, ...]  #: the style blocks

    @property
    def words(self) -> str:
        """All visible text."""
        return " ".join((*self.prose, *self.verbatim))


@lru_cache(8)
def read(html: str) -> Page:
    """The page. Comments, and with them what only Outlook sees, are no part of it."""
    root = parsed(html)
    pieces = tuple(_pieces(root, verbatim=False))
    return Page(
        root=root,
        links=tuple(_link(a) for a in root.iter("a") if a.get("href") is not None),
        images=tuple(_image(img) for img in root.iter("img")),
        prose=tuple(text for text, verbatim in pieces if not verbatim),
        verbatim=tuple(text for text, verbatim in pieces if verbatim),
        styles=tuple(style.text or "" for style in root.iter("style")),
    )


def parsed(html: str) -> lxml.html.HtmlElement:
    """The tree of a page; an empty one for what is no page at all."""
    try:
        return lxml.html.document_fromstring(html.replace("\0", ""))
    except lxml.etree.ParserError:
        return lxml.html.document_fromstring("<html><body></body></html>")


def squeezed(text: str) -> str:
    """Text on one line, without invisible fillers."""
    return " ".join(_FILLER.sub("", text).split())


def hidden(element: lxml.html.HtmlElement) -> bool:
    """Whether the element says of itself that it is not shown."""
    return bool(_HIDDEN.search(element.get("style", "")))


def _pieces(element: lxml.html.HtmlElement, *, verbatim: bool) -> Iterator[tuple[str, bool]]:
    # libxml2 cuts what is nested deeper than 256, so this cannot recurse for long
    if not isinstance(element.tag, str) or element.tag in _SILENT or hidden(element):
        return
    inside = verbatim or element.tag in _VERBATIM
    yield from _piece(element.text, inside)
    for child in element:
        yield from _pieces(child, verbatim=inside)
        yield from _piece(child.tail, inside)


def _piece(text: str | None, verbatim: bool) -> Iterator[tuple[str, bool]]:
    if said := squeezed(text or ""):
        yield said, verbatim


def _link(a: lxml.html.HtmlElement) -> Link:
    label = squeezed(a.get("aria-label", ""))
    alts = " ".join(img.get("alt", "") for img in a.iter("img"))
    return Link(a.get("href", "").strip(), label or squeezed(f"{a.text_content()} {alts}"), label)


def _image(img: lxml.html.HtmlElement) -> Shown:
    width = re.match(r"\d{1,5}", img.get("width", ""))
    return Shown(img.get("src", "").strip(), img.get("alt"), int(width[0]) if width else 0)
