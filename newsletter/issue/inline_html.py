"""The inline HTML of a block -> the inline HTML of a mail, or its plain text with numbered links.

What comes in has been sanitised once; here it is written anew all the same: only known tags, every one
closed, no deeper than the inliner reads, links as the newsletter wants them, and guarded as outside text is.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Final

from markupsafe import Markup

from newsletter.issue.links import Link, any_address
from newsletter.issue.slots import guard

DEPTH: Final = 50  #: levels; premailer drops what is nested in more than some 250
_CLASS: Final = {"code": "code-word pn", "kbd": "code-word pn", "samp": "code-word pn", "sup": "raised"}
_MOVED: Final = {
    "sup": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "sub": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}
_TAGS: Final = frozenset(
    "abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small strong sub sup u var".split()
)


def inline(html: str, link: Link) -> Markup:
    """HTML for a template: whole whatever came in, and safe between the tags of a mail."""
    writer = _Writer(link)
    writer.feed(html)
    writer.close()
    return Markup(writer.whole())


def raised(number: str) -> str:
    """The number of a footnote as plain text writes it."""
    return number.translate(_MOVED["sup"])


def inline_text(html: str, link: Link, number: Callable[[str], str]) -> str:
    """Plain text; `number` gives what stands behind a linked word for the address that it leads to.

    A line break stays one. Nothing is guarded yet.
    """
    reader = _Reader(link, number)
    reader.feed(html)
    reader.close()
    return "".join(reader.said)


class _Writer(HTMLParser):
    """Writes each tag that it knows, and closes it."""

    def __init__(self, link: Link) -> None:
        super().__init__(convert_charrefs=True)
        self.link, self.out = link, list[str]()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.out.append("<br>")
        elif len(self.open) < DEPTH and (written := self._opening(tag, dict(attrs).get("href") or "")):
            self.open.append(tag)
            self.out.append(written)

    def handle_endtag(self, tag: str) -> None:
        while tag in self.open:
            closed = self.open.pop()
            self.out.append(f"</{closed}>")
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        self.out.append(escape(guard(data), quote=False))

    def whole(self) -> str:
        """All of it, what is still open closed."""
        return "".join((*self.out, *(f"</{tag}>" for tag in reversed(self.open))))

    def _opening(self, tag: str, href: str) -> str:
        if tag == "a" and "a" not in self.open:
            address = any_address(href, self.link)
            return f'<a class="a" href="{escape(guard(address))}">' if address else ""
        if tag not in _TAGS:
            return ""
        return f'<{tag} class="{_CLASS[tag]}">' if tag in _CLASS else f"<{tag}>"


class _Reader(HTMLParser):
    """Says what a reader reads."""

    def __init__(self, link: Link, number: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.link, self.number = link, number
        self.said: list[str] = []
        self.href, self.since = "", 0
        self.moved: dict[int, int] = {}  # how digits are written here

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.said.append("\n")
        elif tag == "a" and not self.href:
            self.href = any_address(dict(attrs).get("href") or "", self.link)
            self.since = len(self.said)
        elif tag in _MOVED:
            self.moved = _MOVED[tag]

    def handle_endtag(self, tag: str) -> None:
        if tag in _MOVED:
            self.moved = {}
        if tag != "a" or not self.href:
            return
        name, address = "".join(self.said[self.since :]).strip(), self.href
        self.href = ""
        if not name:
            return
        if _same(name, address):
            self.said[self.since :] = [address.removeprefix("mailto:")]
        else:
            self.said.append(f" {self.number(address)}")

    def handle_data(self, data: str) -> None:
        bare = data.strip("[]") if self.moved else ""
        self.said.append(bare.translate(self.moved) if bare.isdecimal() else data)


def _same(name: str, address: str) -> bool:
    """Whether a link is named by its own address."""
    bare = address.split("://", 1)[-1].split("?", 1)[0].removeprefix("mailto:").rstrip("/")
    return name.split("://", 1)[-1].split("?", 1)[0].rstrip("/") in (bare, bare.removeprefix("www."))
