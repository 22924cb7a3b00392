"""Text part and words: a mail that is as good without its HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from newsletter.issue.checks.links import spot_of
from newsletter.issue.checks.mail import Fault, Field, Mail, Said, Spot, Written
from newsletter.issue.checks.page import read, squeezed

WORDS: Final = (50, 5_000)
_MARKDOWN = re.compile(r"!?\[[^\]\n]*\]\([^)\s]+\)|(?<!\w)\*\*[^*\n]+\*\*")
_HTML = re.compile(
    r"&(?:amp|nbsp|lt|gt|quot|#\d+);|</?(?:p|br|div|span|a|b|i|em|strong|img|td|tr|table|ul|li|h[1-6])\b[^>\n]*>"
)
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def text_empty(mail: Mail) -> Iterator[Fault]:
    """There is a text part beside the HTML."""
    if not mail.text.strip():
        text = "the text part is empty: filters distrust that, and some readers read nothing else"
        yield Fault(Written(""), text, "please report this: it is written from the articles")


def text_links(mail: Mail) -> Iterator[Fault]:
    """Every link that an article brings into the HTML stands in the text."""
    for href, spot in _not_in_text(mail):
        if isinstance(spot, Field) or (isinstance(spot, Said) and spot.path):
            text = f"the text does not have the link {href[:80]}"
            yield Fault(spot, text, "readers of the text cannot follow it; please report this")


def text_more_links(mail: Mail) -> Iterator[Fault]:
    """Every link that a template writes into the HTML stands in the text."""
    for href, spot in _not_in_text(mail):
        if isinstance(spot, Said) and not spot.path:
            text = f"the text does not have the link {href[:80]}"
            yield Fault(spot, text, "readers of the text go without; the text is written from the articles")


def _not_in_text(mail: Mail) -> Iterator[tuple[str, Spot]]:
    flat = "".join(mail.text.split())
    for href in dict.fromkeys(link.href for link in read(mail.html).links):
        ours = href.startswith(mail.unsubscribe) or not href.startswith(("http://", "https://"))
        if flat and not ours and href not in flat:
            yield href, spot_of(mail, href)


def text_differs(mail: Mail) -> Iterator[Fault]:
    """The text says what the HTML says: each title stands in it."""
    flat = _letters(mail.text)
    for card in mail.issue.cards if flat else ():
        if _letters(card.title) not in flat:
            text = f'the text part does not have "{card.title[:60]}", which the HTML shows'
            yield Fault(Field(card.path, "title"), text, "filters distrust a text that says something else")


def text_markup(mail: Mail) -> Iterator[Fault]:
    """The text has no leftovers of Markdown or HTML."""
    page = read(mail.html)
    in_code = " ".join(page.verbatim)
    found = [match[0] for match in _MARKDOWN.finditer(mail.text) if match[0] not in in_code]
    # what the HTML shows just so, somebody has written just so
    found += [match[0] for match in _HTML.finditer(mail.text) if match[0] not in page.words]
    for each in dict.fromkeys(found):
        yield Fault(Said(each), f"{each[:60]} is left in the text part", "readers of the text see it just so")


def words(mail: Mail) -> Iterator[Fault]:
    """The mail has 50 to 5,000 words; two characters of East Asian scripts count as one."""
    said = read(mail.html).words
    count = len(re.findall(r"\w+", _IDEOGRAPHS.sub(" ", said))) + len(_IDEOGRAPHS.findall(said)) // 2
    if not WORDS[0] <= count <= WORDS[1]:
        fix = (
            "filters distrust a mail of a few words" if count < WORDS[0] else "nobody reads so much in a mail"
        )
        key = "min_items" if count < WORDS[0] else "max_items"
        yield Fault(mail.setting(key), f"the mail has {count:,} words, good ones have 50 to 5,000", fix)


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", squeezed(text)).casefold()
