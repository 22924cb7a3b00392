"""Plain text copied from a web page -> the article in it, with a reason for every line.

There is no markup, so the article is found by where things stand, then by what repeats
across the folder, and only then by phrase. The first line of prose is the anchor: above
it is the head (navigation, title, date), below the last one the tail. A line about which
nothing is sure is kept and reported: lost prose is worse than kept chrome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.content import dump_body, dump_head, phrases
from newsletter.content.dump_lines import PROSE, Dump, Line, lines_of
from newsletter.content.dump_meta import meta
from newsletter.content.plain import squeeze, words
from newsletter.content.reader import Repeated, Traced, Value

_SHORT = 15
_PARTED = Traced(0, "", "body", "an empty line", 1.0)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article in a page dump."""

    kept: tuple[Traced, ...]  #: lines of the body in order, with an empty one where paragraphs part
    headings: frozenset[int]  #: numbers of the lines that are headings
    fields: Mapping[str, Value]
    warnings: tuple[tuple[int, str], ...]
    trace: tuple[Traced, ...]


def clean(body: str, first: int, repeated: Repeated, name: str = "") -> Cleaned:
    """Find the article in `body`, whose first line has the number `first`.

    `repeated` are lines that other files of the folder have too; `name` is the file's
    name, of which a title often shares words.
    """
    page = Dump(lines_of(body, first), repeated, name)
    _repeats(page)
    anchor = _anchor(page.lines)
    if anchor is None:
        return _without_prose(page)
    anchor = _lead(page.lines, anchor)
    dump_head.name_head(page, anchor)
    last = dump_body.name_tail(page, anchor)
    dump_body.name_body(page, anchor, last)
    return _cleaned(page)


def _repeats(page: Dump) -> None:
    """Mark what other files have in the same half: above the prose, or from there on.

    An article's title stands in other files too, but below: among their related articles;
    or above: in a menu, and then it stands alone once more where it is the title.
    """
    repeated = page.repeated
    named = {word for word in words(page.name) if len(word) > 2}
    trails = {part for line in page.lines for part in dump_head.trail_end(line.text)}
    above = True
    for line in page.lines:
        above = above and not (line.is_prose and line.text not in repeated.above)
        again = line.text in (repeated.above if above else repeated.below)
        if not again or not (len(line.text) >= _SHORT or above) or meta(line.text):
            continue
        own = above and line.alone and (line.text in trails or len(named & set(words(line.text))) >= 2)
        if not own:
            line.be("chrome", "stands in other files of the folder too", 0.95)


def _anchor(lines: Sequence[Line]) -> int | None:
    """The first prose that is the article's; shorter sentences only where there is no long one."""
    for least in (PROSE, 60, 30):
        for at, line in enumerate(lines):
            if (
                not line.part
                and line.is_sentence
                and line.weight >= least
                and not phrases.BOILERPLATE.search(line.text)
            ):
                return at
    return None


def _lead(lines: Sequence[Line], anchor: int) -> int:
    """The anchor moved below a long standfirst that stands above the date or byline."""
    for at in range(anchor + 1, min(anchor + 6, len(lines))):
        if lines[at].is_prose:
            break
        if meta(lines[at].text) and any(not line.part for line in lines[:anchor]):
            later = next(
                (n for n in range(at + 1, len(lines)) if lines[n].is_sentence and lines[n].weight >= 60), None
            )
            return anchor if later is None or later - at > 12 else later
    return anchor


def _without_prose(page: Dump) -> Cleaned:
    """A text without one sentence: everything stays, and a person should look."""
    free = [line for line in page.lines if not line.part]
    for line in free:
        line.be("body", "kept: no prose was found to go by", 0.3)
    if len(free) > 1 and len(free[0].text) <= 160:
        free[0].be("title", "the first line", 0.5)
        page.fields["title"] = free[0].text
    if free:
        page.doubt(free[0], "no sentence was found in this text")
    return _cleaned(page)


def _cleaned(page: Dump) -> Cleaned:
    if "updated" in page.fields:
        page.fields.setdefault("date", page.fields["updated"])  # the only date that the page gives
    kept: list[Traced] = []
    trace: list[Traced] = []
    for line in page.lines:
        if line.part in ("body", "heading"):
            if line.blank_before:
                kept.append(_PARTED)
            kept += [Traced(n, raw, line.part, line.rule, line.confidence) for n, raw in line.raw]
            if line.blank_after:
                kept.append(_PARTED)
        trace += [Traced(n, squeeze(raw), line.part, line.rule, line.confidence) for n, raw in line.raw]
    headings = frozenset(line.number for line in page.lines if line.part == "heading")
    return Cleaned(tuple(kept), headings, page.fields, tuple(page.warnings), tuple(trace))
