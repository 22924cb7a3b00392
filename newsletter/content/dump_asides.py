"""Lines amid the prose of a page dump -> those that are beside it: captions, adverts, pull quotes, pointers.

Each is known by its shape and place; phrases only name adverts and credits. A line that
begins a list or may be code is never one.
"""

from __future__ import annotations

import re

from newsletter.content import phrases
from newsletter.content.dump_lines import Dump, Line
from newsletter.content.plain import words

_QUOTED = re.compile(r"^[\"“„«「『‘»”].{15,400}[\"”“»«」』’][.!?]?$")
_CODE = re.compile(r"[=<>{}$#\\_]|--|\w/\w|\(\)")
_LABEL = re.compile(r"^[\[【(▶►→]?\s*[^\[\]:：】]{2,40}\s*[\]】:：›»→]\s*(?P<rest>\S.*)$")
_PULLED = 40  # quotations that are looked for in the text


def is_caption(text: str) -> bool:
    """Whether a line describes a picture: it begins as descriptions do and is no sentence."""
    return len(text.split()) >= 4 and len(text) <= 160 and bool(phrases.DEPICTS.match(text))


def name_asides(page: Dump, anchor: int, last: int) -> None:
    """Mark what stands amid the article and is not part of it."""
    lines = page.lines
    below = {line.text for line in lines[last + 1 :] if len(line.text) >= 6}
    head = {line.text for line in lines[:anchor] if len(line.text) >= 4}
    quotes = _Quotes(lines[anchor : last + 1])
    for at in range(anchor + 1, last + 1):
        line = lines[at]
        if line.part or line.weight > 250:
            continue
        if phrases.ASIDE.search(line.text) and len(line.text) <= 160:
            _aside(lines, at, last)
        elif _button(line.text, head):
            line.be("chrome", "a button with the site's name", 0.8)
        elif _points(line.text, below):
            line.be("chrome", "names an article that is listed below", 0.85)
        elif phrases.PICTURE.match(line.text) or phrases.CREDIT.search(line.text):
            line.be("caption", "names who took the picture", 0.85)
            _above_caption(lines, at, anchor)
        elif _lone_caption(lines, at):
            line.be("caption", "describes a picture: no sentence, alone amid prose", 0.6)
        elif _alt_and_caption(lines, at):
            line.be("caption", "the alternative text of a picture", 0.6)
            lines[at + 1].be("caption", "stands below a picture", 0.6)
        elif quotes.pulled(lines, at):
            line.be("chrome", "a quotation that stands in the text too", 0.8)
            lines[at + 1].be("chrome", "says whose the quotation is", 0.8)


def _points(text: str, below: set[str]) -> bool:
    """``Label: an article's title``, and the title is listed below."""
    found = _LABEL.match(text)
    return found is not None and found["rest"] in below


def _button(text: str, head: set[str]) -> bool:
    """``Share The Daily Kettle``: a verb of buttons, and the name that stands above."""
    verb, _, rest = text.partition(" ")
    return rest in head and bool(phrases.BUTTON.fullmatch(verb))


def _aside(lines: list[Line], at: int, last: int) -> None:
    """An advert or pointer; the titles that touch its label from below go with it."""
    lines[at].be("chrome", "an advert's label or a pointer elsewhere, by its words", 0.85)
    if not lines[at].text.endswith((":", "：")):
        return
    for line, above in zip(lines[at + 1 : last + 1], lines[at:last], strict=False):
        if above.blank_after or line.is_sentence or line.weight > 160:
            return
        line.be("chrome", "stands in a list of pointers elsewhere", 0.8)


def _above_caption(lines: list[Line], at: int, anchor: int) -> None:
    """The line that touches a credit from above is the picture's description."""
    above = lines[at - 1]
    if at - 1 > anchor and not above.blank_after and not above.part and above.weight <= 160:
        above.be("caption", "stands right above a picture's credit", 0.8)


def _lone_caption(lines: list[Line], at: int) -> bool:
    line = lines[at]
    if (
        at + 1 >= len(lines)
        or not line.alone
        or line.is_sentence
        or line.weight > 120
        or _CODE.search(line.text)
    ):
        return False
    if not line.text[0].islower() or not phrases.DEPICTS.match(line.text):
        return False
    return (
        lines[at - 1].is_sentence and not line.text.endswith((":", ",", ";")) and len(line.text.split()) >= 3
    )


def _alt_and_caption(lines: list[Line], at: int) -> bool:
    """Two lines that touch: a description without a full stop, and a short sentence."""
    line = lines[at]
    if at + 1 >= len(lines) or line.is_sentence or not line.blank_before or line.blank_after:
        return False
    below = lines[at + 1]
    pair = below.is_sentence and below.blank_after and below.weight <= 160
    return pair and not below.part and is_caption(line.text) and not _CODE.search(line.text)


class _Quotes:
    """The words of the text, to look up whether a quotation stands in it twice."""

    def __init__(self, lines: list[Line]) -> None:
        self._text = " ".join(" ".join(words(line.text)) for line in lines if line.weight >= 60)
        self._left = _PULLED

    def pulled(self, lines: list[Line], at: int) -> bool:
        """Whether this is a pull quote with a name below it: its words are said in the text too."""
        line = lines[at]
        if at + 1 >= len(lines) or not line.blank_before or line.blank_after or not _QUOTED.match(line.text):
            return False
        below = lines[at + 1]
        if below.is_sentence or not below.blank_after or below.weight > 120 or self._left <= 0:
            return False
        self._left -= 1
        said = words(line.text)
        said = said[len(said) // 3 :]  # "…", she said, "…": the longer part is enough
        own = 1 if line.weight >= 60 else 0
        return len(said) >= 5 and self._text.count(" ".join(said)) > own
