"""Final HTML -> the colours in which each piece of text stands, on a light and on a dark page.

Only what is written down counts: inline styles, ``bgcolor``, and the rules inside
``@media (prefers-color-scheme: dark)``. Where a colour or its ground is not known, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import lxml.html
from cssselect import GenericTranslator, Selector, SelectorError, parse

from newsletter.issue.checks.page import hidden, read, squeezed

_NAMED: Final = {
    "black": "#000000",
    "white": "#FFFFFF",
    "silver": "#C0C0C0",
    "gray": "#808080",
    "grey": "#808080",
    "red": "#FF0000",
    "maroon": "#800000",
    "yellow": "#FFFF00",
    "green": "#008000",
    "lime": "#00FF00",
    "blue": "#0000FF",
    "navy": "#000080",
    "teal": "#008080",
    "purple": "#800080",
    "orange": "#FFA500",
}
_PURE: Final = frozenset({"#000000", "#FFFFFF"})
_DARK = re.compile(r"@media[^{]*prefers-color-scheme\s*:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
_FONT = re.compile(r"(?:italic )?(?:(?P<weight>\d00|bold|normal) )?(?P<size>[\d.]+px)[/ ]")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SKIPPED: Final = frozenset({"style", "script", "title", "head"})

Styles = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shade:
    """A colour, its ground, and how large the letters are."""

    ink: str  #: ``#RRGGBB``; empty when not known
    ground: str  #: the same
    size: float = 16.0  #: pixels
    bold: bool = False

    @property
    def large(self) -> bool:
        """Whether WCAG 2.2 calls it large text: 24 px, or 18.66 px bold."""
        return self.size >= (18.66 if self.bold else 24)


@dataclass(frozen=True, slots=True)
class Inked:
    """A piece of text and its shades."""

    text: str
    light: Shade
    dark: Shade
    pure: str  #: black or white that the element itself says, and that a dark page does not change


@lru_cache(4)
def inked(html: str) -> tuple[Inked, ...]:
    """Every visible piece of text of the HTML."""
    page = read(html)
    nothing = Shade("", "")
    return tuple(_inked(page.root, nothing, nothing, _night(page.root, page.styles)))


def _inked(
    element: lxml.html.HtmlElement,
    light: Shade,
    dark: Shade,
    night: Mapping[lxml.html.HtmlElement, Styles],
) -> Iterator[Inked]:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED or hidden(element):
        return
    day = _declared(element.get("style", ""))
    over = night.get(element, {})
    light, dark = _applied(element, light, day), _applied(element, dark, {**day, **over})
    pure = _pure(day, {**day, **over})
    if said := squeezed(element.text or ""):
        yield Inked(said, light, dark, pure)
    for child in element:
        yield from _inked(child, light, dark, night)
        if said := squeezed(child.tail or ""):
            yield Inked(said, light, dark, pure)


def _applied(element: lxml.html.HtmlElement, above: Shade, styles: Styles) -> Shade:
    made = above
    if element.tag == "a":
        made = replace(made, ink="")  # without a colour of its own it is as blue as the mail program likes
    if element.tag in ("b", "strong", "h1", "h2", "h3"):
        made = replace(made, bold=True)
    if ground := styles.get("background-color") or styles.get("background") or element.get("bgcolor"):
        told = ground.strip().lower().partition(" ")[0]
        made = made if told in ("transparent", "none", "inherit") else replace(made, ground=colour(ground))
    if ink := styles.get("color"):
        made = replace(made, ink=above.ink if ink == "inherit" else colour(ink))
    short = _FONT.match(styles.get("font", ""))
    if size := re.fullmatch(r"([\d.]+)px", styles.get("font-size", short["size"] if short else "")):
        made = replace(made, size=float(size[1]))
    if weight := styles.get("font-weight", (short["weight"] or "normal") if short else ""):
        made = replace(made, bold=weight in ("bold", "bolder", "600", "700", "800", "900"))
    return made


def _pure(day: Styles, night: Styles) -> str:
    for key in ("color", "background-color", "background"):
        said = colour(day.get(key, ""))
        if said in _PURE and colour(night.get(key, "")) == said:
            return day[key]
    return ""


def colour(text: str) -> str:
    """``#RRGGBB`` of a CSS colour; empty for what is transparent, inherited, or not one plain colour."""
    said = text.strip().lower()
    if found := re.fullmatch(r"#([0-9a-f]{3}|[0-9a-f]{6})", said):
        digits = found[1].upper()
        return "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))
    if found := re.fullmatch(r"rgb\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\s*\)", said):
        return "#" + "".join(f"{min(255, int(channel)):02X}" for channel in found.groups())
    return _NAMED.get(said, "")


def _night(
    root: lxml.html.HtmlElement, styles: tuple[str, ...]
) -> dict[lxml.html.HtmlElement, dict[str, str]]:
    """What the rules for dark pages say about each element, later rules over earlier ones."""
    said: dict[lxml.html.HtmlElement, dict[str, str]] = {}
    rules = sorted(_rules(styles), key=lambda rule: rule[0])
    for _, path, declared in rules:
        for element in root.xpath(path):
            said.setdefault(element, {}).update(declared)
    return said


def _rules(styles: tuple[str, ...]) -> Iterator[tuple[tuple[int, int, int], str, Styles]]:
    translator = GenericTranslator()
    for block in _DARK.findall(re.sub(r"/\*.*?\*/", "", "\n".join(styles), flags=re.DOTALL)):
        for selectors, body in _RULE.findall(block):
            for selector in _parsed(selectors):
                declared = _declared(body)
                yield selector.specificity(), translator.selector_to_xpath(selector), declared


def _parsed(selectors: str) -> list[Selector]:
    try:
        return [one for one in parse(selectors.strip()) if one.pseudo_element is None]
    except SelectorError:
        return []


def _declared(css: str) -> dict[str, str]:
    """The declarations of a style; ``!important`` is taken for granted."""
    found = (part.partition(":") for part in css.split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip() for name, colon, value in found if colon
    }
