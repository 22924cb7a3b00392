"""A line of a page dump and its neighbours -> whether it is a heading."""

from __future__ import annotations

from newsletter.content.dump_lines import ITEM, Dump
from newsletter.content.plain import words


def is_heading(page: Dump, at: int) -> bool:
    """Whether a line without markup is a heading: short, alone, no full stop, and text follows."""
    line = page.lines[at]
    if len(line.text) > 90 or len(line.raw) > 1 or line.text.endswith((".", ";", ":", ",", "。", "、")):
        return False
    if at + 1 >= len(page.lines) or not line.alone or not _follows(page, at):
        return False
    if not any(c.lower() != c.upper() for c in line.text):
        return len(line.text) <= 40  # a script without capitals
    spoken = line.text.split()
    if not 1 <= len(spoken) <= 14 or ITEM.match(line.raw[0][1]):
        return False
    return (
        _is_capital(spoken) or _shares(page, line.text) or line.text.endswith("?") or _after_prose(page, at)
    )


def _follows(page: Dump, at: int) -> bool:
    """Prose, or a list, stands below."""
    below = page.lines[at + 1]
    if below.part == "chrome":
        return False
    return (
        below.weight >= 60 or below.is_sentence or not below.blank_after or bool(ITEM.match(below.raw[0][1]))
    )


def _is_capital(spoken: list[str]) -> bool:
    """At least half of the longer words begin with a capital or a digit."""
    long = [w for w in spoken if len(w) > 3]
    return sum(w[0].isupper() or w[0].isdigit() for w in long) * 2 >= len(long)


def _shares(page: Dump, text: str) -> bool:
    """It has a longer word of the title."""
    return bool(set(words(text)) & {w for w in words(page.said("title")) if len(w) > 3})


def _after_prose(page: Dump, at: int) -> bool:
    """It parts prose from prose; a button or an advert may stand between."""
    text, below = page.lines[at].text, page.lines[at + 1]
    above = next((line for line in reversed(page.lines[max(0, at - 4) : at]) if line.part != "chrome"), None)
    return above is not None and above.is_sentence and below.weight >= 60 and text[0].isupper()
