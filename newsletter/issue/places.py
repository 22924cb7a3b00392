"""Page, inliner -> the same page with the styles that the inliner gives to each of its elements.

For rules that look at neighbours or texts. The inliner is given the whole page, every element numbered, and
only asked for styles: what parsers and serializers make of the rest of a page is not what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Final

_NUMBER: Final = "data-place"
_OPENED = re.compile(
    r"<!--.*?-->|<style(?![\w:.-])[^>]*>.*?</style>|<(?P<tag>[a-zA-Z][^\s/>]*)(?P<rest>[^>]*)>", re.DOTALL
)
_STYLE = re.compile(r'\sstyle="([^"]*)"', re.IGNORECASE)


def inlined(page: str, inliner: Callable[[str], str]) -> str:
    """The page as it was but for style attributes; the style sheets are left to the caller.

    What stands between ``>`` and ``<`` in attributes must be escaped, as MJML writes it here.
    """
    from lxml import etree

    done = etree.fromstring(inliner(_numbered(page)), etree.HTMLParser(huge_tree=True))
    styles = {
        number: element.get("style", "")
        for element in done.iter("*")
        if (number := element.get(_NUMBER)) is not None
    }
    return _each(page, lambda n, tag, rest: f"<{tag}{_styled(rest, styles.get(str(n)))}>")


def _numbered(page: str) -> str:
    # First of its attributes: of two with the same name parsers take this one.
    return _each(page, lambda n, tag, rest: f'<{tag} {_NUMBER}="{n}"{rest}>')


def _each(page: str, write: Callable[[int, str, str], str]) -> str:
    """The page with its opening tags written anew; they are counted from 0."""
    count = -1

    def one(found: re.Match[str]) -> str:
        nonlocal count
        if found["tag"] is None:
            return found[0]
        count += 1
        return write(count, found["tag"], found["rest"])

    return _OPENED.sub(one, page)


def _styled(rest: str, style: str | None) -> str:
    """A tag's attributes with that style; None: as they are."""
    given = _STYLE.search(rest)
    if style is None or style == (unescape(given[1]) if given else ""):
        return rest
    said = f' style="{escape(style)}"' if style else ""
    if given:
        return rest[: given.start()] + said + rest[given.end() :]
    bare = rest.rstrip(" /")
    return bare + said + rest[len(bare) :]
