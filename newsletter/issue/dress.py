"""The page that MJML wrote -> the one that is sent: styles inlined, and said as mail programs understand.

One parse, one walk over the elements (:mod:`newsletter.issue.kinds`), then the style sheets that stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from lxml import etree

from newsletter.issue.css import Rules, is_plain, without_unused
from newsletter.issue.inliner import Inliner
from newsletter.issue.kinds import Kinds
from newsletter.issue.trim import COLUMN

INLINE: Final = "/*inline*/"  #: at the beginning of a style sheet that goes into the elements
USED: Final = "/*used*/"  #: at the beginning of one that goes out without rules for absent classes

_COLUMNS = re.compile(r"@media only screen and \(min-width:(\d+)px\) \{ \.mj-column-")
_TWIN: Final = ".moz-text-html .mj-column-"
_FLUID: Final = "table.mj-full-width-mobile"
_BASE: Final = "#outlook a {"


def dressed(html: str, inliner: Inliner, protect: Callable[[str], str]) -> str:
    """The finished page.

    Where the rules look at neighbours or texts, the inliner is given the whole page, made safe by `protect`.
    """
    page = _parsed(html)
    sheets = _sheets(page)
    if not is_plain(sheets.inlined):
        page = _parsed(inliner(protect(html)))
        sheets = _sheets(page)._replace(inlined="")
    classes = _kinds(sheets.inlined, sheets.staying, inliner).dress(page)
    for style in sheets.elements:
        _tidy(style, classes)
    return etree.tostring(page.getroottree(), encoding="utf-8", method="html").decode()


def _parsed(html: str) -> etree._Element:
    return etree.fromstring(html, etree.HTMLParser())


class _Sheets(NamedTuple):
    inlined: str  #: what goes into the elements
    staying: tuple[str, ...]  #: what templates say besides
    elements: tuple[etree._Element, ...]  #: the style elements that stay


def _sheets(page: etree._Element) -> _Sheets:
    """The style sheets of the page; those to be inlined are taken out of it."""
    inlined, staying, elements = [], [], []
    for style in tuple(page.iter("style")):
        css = (style.text or "").lstrip()
        if css.startswith(INLINE):
            inlined.append(css.removeprefix(INLINE))
            _remove(style)
            continue
        elements.append(style)
        if not (_COLUMNS.match(css) or css.startswith((_TWIN, _BASE)) or _is_fluid(css)):
            staying.append(css)
    return _Sheets("".join(inlined), tuple(staying), tuple(elements))


def _is_fluid(css: str) -> bool:
    return css.count("{") == 3 and _FLUID in css


@lru_cache(maxsize=8)
def _kinds(inlined: str, staying: tuple[str, ...], inliner: Inliner) -> Kinds:
    return Kinds(inlined, Rules(staying), inliner)


# ── the style sheets that stay ──────────────────────────────────────────────


def _tidy(style: etree._Element, classes: frozenset[str]) -> None:
    """MJML's rules, and those that a template marks: without what this mail has no use for."""
    css = (style.text or "").lstrip()
    if css.startswith(USED):
        style.text = without_unused(css.removeprefix(USED), _present(css, classes)).strip()
    elif from_width := _COLUMNS.match(css):
        phones = f"@media only screen and (max-width:{int(from_width[1]) - 1}px)"
        phones += f"{{.{COLUMN}{{max-width:100%!important}}}}"
        style.text = without_unused(css, classes).strip() + (phones if COLUMN in classes else "")
    elif css.startswith(_TWIN) or _is_fluid(css):
        style.text = without_unused(css, classes | {"moz-text-html"}).strip()
    if not style.text:
        _remove(style)


def _present(css: str, classes: frozenset[str]) -> frozenset[str]:
    """Those of the page, and those that only its comments for Outlook may have."""
    return classes | {name for name in re.findall(r"\.([\w-]+)", css) if name.endswith("-outlook")}


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    previous = element.getprevious()
    if element.tail and previous is not None:
        previous.tail = (previous.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)
