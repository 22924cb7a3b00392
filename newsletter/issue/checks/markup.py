"""HTML that mail programs strip, or for which they take a mail to be an attack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import lxml.html

from newsletter.issue.checks.mail import Fault, Mail, Spot, Written
from newsletter.issue.checks.page import read

CLIPPED: Final = 102_400  #: bytes of HTML from which Gmail hides the rest behind a link
NEAR: Final = 90_000
A_CARD: Final = 7_000  #: bytes that a card in the packaged templates takes, about
#: Bytes of all style blocks together: below the first every mail program keeps them, from the second on
#: Gmail drops them all.
STYLES: Final = (8_192, 16_384)
_IMPORT = re.compile(r"@import\s+(?:url\()?\s*[\"']?([^\"');\s]+)")
_ACTIVE: Final = (
    "script",
    "form",
    "iframe",
    "object",
    "embed",
    "applet",
    "input",
    "button",
    "video",
    "audio",
)


def active(mail: Mail) -> Iterator[Fault]:
    """Nothing in the HTML runs or is filled in: no script, form, frame, event handler, javascript: link."""
    told: set[str] = set()
    for element in read(mail.html).root.iter():
        if isinstance(element.tag, str):
            for name, snippet in _active(element):
                if name not in told:
                    told.add(name)
                    text = f"{name}: mail programs strip it, and filters take it for an attack"
                    yield Fault(Written(snippet), text, "link to a page that has it")


def external_styles(mail: Mail) -> Iterator[Fault]:
    """All styles travel in the mail: no linked style sheet, no @import, no web font from elsewhere."""
    page = read(mail.html)
    linked = [link.get("href", "") for link in page.root.iter("link") if "stylesheet" in link.get("rel", "")]
    imported = [found for style in page.styles for found in _IMPORT.findall(style)]
    for address in dict.fromkeys((*linked, *imported)):
        text = f"a style sheet is loaded from {address[:60]}: few mail programs do, and it tracks readers"
        yield Fault(
            Written(address), text, "write the styles into the template, and name faces that are there"
        )


def clipped(mail: Mail) -> Iterator[Fault]:
    """The HTML has fewer than 102,400 bytes: Gmail clips the rest, and the unsubscribe link with it."""
    weight = len(mail.html.encode())
    if weight >= CLIPPED:
        text = f"the HTML has {weight:,} bytes: Gmail clips it at {CLIPPED:,}, and the way out with it"
        yield Fault(_heaviest(mail, weight), text, "take fewer articles, or make the template lighter")


def heavy(mail: Mail) -> Iterator[Fault]:
    """The HTML has fewer than 90,000 bytes: that leaves room below Gmail's limit."""
    weight = len(mail.html.encode())
    if NEAR <= weight < CLIPPED:
        text = f"the HTML has {weight:,} bytes; Gmail clips it at {CLIPPED:,}"
        yield Fault(_heaviest(mail, weight), text, "take fewer articles, or make the template lighter")


def styles_heavy(mail: Mail) -> Iterator[Fault]:
    """All style blocks together have fewer than 8,192 bytes, which every mail program keeps."""
    weight, largest = _styles(mail)
    if STYLES[0] <= weight < STYLES[1]:
        text = f"the style blocks have {weight:,} bytes; some mail programs keep {STYLES[0]:,} only"
        yield Fault(Written(largest), text, "inline what need not be in a block")


def styles_dropped(mail: Mail) -> Iterator[Fault]:
    """All style blocks together have fewer than 16,384 bytes: Gmail drops them from there on."""
    weight, largest = _styles(mail)
    if weight >= STYLES[1]:
        text = f"the style blocks have {weight:,} bytes: from {STYLES[1]:,} on Gmail drops them all"
        yield Fault(Written(largest), text, "inline what need not be in a block")


def _active(element: lxml.html.HtmlElement) -> Iterator[tuple[str, str]]:
    if element.tag in _ACTIVE:
        yield f"<{element.tag}>", f"<{element.tag}"
    if element.tag == "meta" and element.get("http-equiv", "").lower() == "refresh":
        yield "<meta http-equiv=refresh>", "http-equiv"
    for name, value in element.attrib.items():
        if name.startswith("on") and name[2:].isalpha():
            yield f"{name}=", f"{name}="
        bare = "".join(value.split()).lower()
        if name in ("href", "src", "action") and bare.startswith(("javascript:", "vbscript:", "data:text")):
            yield f"a {bare.partition(':')[0]}: address", value[:40]


def _heaviest(mail: Mail, weight: int) -> Spot:
    """What a mail gets its weight from: the number of its articles, or else the template around them."""
    by_articles = len(mail.issue.cards) * A_CARD > weight // 2
    return mail.setting("max_items") if by_articles else Written("<mj-body")


def _styles(mail: Mail) -> tuple[int, str]:
    """Bytes of all blocks, and the first words of the largest."""
    styles = read(mail.html).styles
    largest = max(styles, key=len, default="").strip()
    return sum(len(style.encode()) for style in styles), largest.split("\n")[0][:40]
