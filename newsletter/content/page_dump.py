"""Plain text copied from a web page -> the article in it, with a reason for every line.

There is no markup, so the article is found by where things stand, then by what repeats
across the folder, and only then by phrase. The first line of prose is the anchor: above
it is the head (navigation, title, date), below the last one the tail. A line about which
nothing is sure is kept and reported: lost prose is worse than kept chrome.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.content import phrases
from newsletter.content.dump_lines import DENSE, ITEM, PROSE, Line, lines_of
from newsletter.content.dump_meta import LABELLED, SEPARATOR, meta
from newsletter.content.plain import squeeze, words
from newsletter.content.reader import Repeated, Traced, Value

_SHORT = 15
_CRUMBS = re.compile(r"\S\s*[›»>→/]\s*\S.*[›»>→/]\s*\S|^\S.{0,40}\s[›»>]\s\S.{0,60}$")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The article in a page dump."""

    kept: tuple[Traced, ...]  #: lines of the body in order, with an empty one where paragraphs part
    headings: frozenset[int]  #: numbers of the lines that are headings
    fields: Mapping[str, Value]
    warnings: tuple[tuple[int, str], ...]
    trace: tuple[Traced, ...]


@dataclass(slots=True)
class _Page:
    lines: list[Line]
    repeated: Repeated
    name: str
    fields: dict[str, Value] = field(default_factory=dict)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    open_from: int = 0
    open_to: int = 0


def clean(body: str, first: int, repeated: Repeated, name: str = "") -> Cleaned:
    """Find the article in `body`, whose first line has the number `first`.

    `repeated` are lines that other files of the folder have too; `name` is the file's
    name, of which a title often shares words.
    """
    page = _Page(lines_of(body, first), repeated, name)
    _repeats(page.lines, repeated)
    anchor = _anchor(page.lines)
    if anchor is None:
        return _without_prose(page)
    anchor = _lead(page, anchor)
    last = _last(page.lines, anchor)
    _head(page, anchor)
    _tail(page, last)
    _body(page, anchor, last)
    return _cleaned(page)


def _repeats(lines: Sequence[Line], repeated: Repeated) -> None:
    """Mark what other files have in the same half: above the prose, or from there on.

    An article's title stands in other files too, but below: among their related articles.
    """
    above = True
    for line in lines:
        above = above and not (line.is_prose and line.text not in repeated.above)
        again = line.text in (repeated.above if above else repeated.below)
        if again and (len(line.text) >= _SHORT or above) and not meta(line.text):
            line.be("chrome", "stands in other files of the folder too", 0.95)


# ── where the article begins and ends ───────────────────────────────────────


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


def _lead(page: _Page, anchor: int) -> int:
    """The anchor moved below a long standfirst that stands above the date or byline."""
    lines = page.lines
    for at in range(anchor + 1, min(anchor + 6, len(lines))):
        if lines[at].is_prose:
            break
        if meta(lines[at].text) and any(not line.part for line in lines[:anchor]):
            later = next(
                (n for n in range(at + 1, len(lines)) if lines[n].is_sentence and lines[n].weight >= 60), None
            )
            return anchor if later is None or later - at > 6 else later
    return anchor


def _last(lines: Sequence[Line], anchor: int) -> int:
    """The last line of the article."""
    end = len(lines)
    for at in range(anchor + 1, len(lines)):
        line = lines[at]
        opens = len(line.text) <= 80 and not line.text.endswith((".", "!")) and phrases.TAIL.search(line.text)
        if phrases.COMMENTS.search(line.text) or (opens and not _resumes(lines, at)):
            line.be("chrome", "opens what stands below an article", 0.9)
            end = at
            break
    last = end - 1
    while last > anchor and not _closes(lines[last], lines[last - 1]):
        last -= 1
    return last


def _resumes(lines: Sequence[Line], at: int) -> bool:
    """Whether real prose follows: then the line was a heading of the article after all."""
    return any(
        line.weight >= 200
        and line.is_sentence
        and not line.part
        and not phrases.BOILERPLATE.search(line.text)
        for line in lines[at + 1 :]
    )


def _closes(line: Line, before: Line) -> bool:
    """Whether an article may end with this line."""
    if line.part or phrases.BOILERPLATE.search(line.text) or phrases.NAVIGATION.search(line.text):
        return False
    if ITEM.match(line.raw[0][1]) and not line.part:
        return True
    return line.is_sentence and (line.weight >= 25 or (line.weight >= 12 and line.blank_before))


# ── head ────────────────────────────────────────────────────────────────────


def _head(page: _Page, anchor: int) -> None:
    """Name what stands above the article."""
    lines = page.lines[:anchor]
    for line in lines:
        if line.part:
            continue
        if _read_meta(line):
            continue
        if phrases.NAVIGATION.search(line.text) or phrases.BOILERPLATE.search(line.text):
            line.be("chrome", "navigation, by its words", 0.9)
        elif _CRUMBS.search(line.text):
            line.be("chrome", "a path of links", 0.85)
    title = _title(page, anchor)
    for line in (*lines[title or 0 :], *lines[: title or 0]):  # a masthead's date stands above the title
        for key, value in line.meta.items():
            page.fields.setdefault(key, value)
    if title is None:
        if page.lines[0].number != page.lines[anchor].number:
            page.warnings.append(
                (page.lines[anchor].number, "needs review: no title was found above the text")
            )
        return
    page.lines[title].be("title", "the line above the text that is most like a title", 0.9)
    page.fields["title"] = page.lines[title].text
    _above(page, title)
    _between(page, title, anchor)


def _above(page: _Page, title: int) -> None:
    for line in page.lines[:title]:
        if not line.part:
            line.be("chrome", "stands above the title", 0.7)


def _title(page: _Page, anchor: int) -> int | None:
    """The most title-like line above the anchor."""
    free = [at for at in range(anchor) if not page.lines[at].part]
    if not free:
        return None
    spoken = set(words(" ".join(line.text for line in page.lines[anchor : anchor + 8])))
    named = {w for w in words(page.name) if len(w) > 2 and not w.isdigit()}
    scored = [(_titleness(page, at, anchor, spoken, named, first=at == free[0]), -at) for at in free]
    best, where = max(scored)
    before = -where - 1
    above = next((score for score, at in scored if -at == before), 0.0)
    if above > max(1.5, best - 3.5) and len(page.lines[before].text) < len(page.lines[-where].text):
        best, where = above, -before  # a title with its standfirst below, neither with a full stop
    rivals = [score for score, at in scored if at != where and best - score < 0.75]
    if rivals and page.lines[-where].text not in (page.lines[-at].text for s, at in scored if s in rivals):
        line = page.lines[-where]
        page.warnings.append((line.number, f'needs review: "{line.text[:60]}" is taken for the title'))
    return -where


def _titleness(page: _Page, at: int, anchor: int, spoken: set[str], named: set[str], *, first: bool) -> float:
    line = page.lines[at]
    inside = words(line.text)
    long = [w for w in inside if len(w) > 3 or DENSE.search(w)]
    score = 1.0 if first else 0.0
    score += 3 * len(named & set(inside)) / max(1, len(named)) if named else 0
    score += 2 * sum(w in spoken or any(w[:5] == s[:5] for s in spoken) for w in long) / max(1, len(long))
    score += (
        1
        if 3 <= len(inside) <= 20 or (DENSE.search(line.text) and len(line.text) > 6)
        else -1.5
        if len(inside) == 1
        else -0.5
    )
    if line.text.endswith((":", ",", ";")) or (line.is_sentence and not line.text.endswith(("?", "!", "…"))):
        score -= 1.5
    if line.weight > 160:
        score -= 2
    after = next((n for n in range(at + 1, anchor + 1) if page.lines[n].part != "chrome"), anchor)
    if page.lines[after].part in ("date", "author"):
        score += 1.5
    elif after == anchor or page.lines[after].is_sentence:
        score += 1
    if SEPARATOR.search(line.text):
        score -= 1.5  # a page's <title>: the article's name and the site's
    crowd = not line.blank_before and not line.blank_after and len(inside) < 4
    return score - (1 if crowd else 0)


def _between(page: _Page, title: int, anchor: int) -> None:
    """Standfirst, caption and leftovers between the title and the text."""
    lines = page.lines
    dated = [n for n in range(title + 1, anchor) if lines[n].part in ("date", "author")]
    for at in range(title + 1, anchor):
        line = lines[at]
        if line.part:
            continue
        after_meta = bool(dated) and at > dated[0]
        if line.text == lines[title].text:
            line.be("chrome", "the title again", 0.9)
        elif (
            not after_meta
            and "standfirst" not in page.fields
            and line.weight >= 25
            and (line.is_sentence or (at == title + 1 and dated and len(line.text) >= 40))
        ):
            line.be("standfirst", "stands between title and date", 0.85)
            page.fields["standfirst"] = line.text
        elif line.is_sentence and line.weight >= 25:
            line.be("body", "a sentence above the first long paragraph", 0.7)
        elif _is_heading(lines, at, page.fields) and at == anchor - 1 and lines[at - 1].part != "date":
            line.be("heading", "stands alone above the text", 0.7)
        elif after_meta or not line.blank_after:
            line.be("caption", "short and without a full stop, by the picture's place", 0.7)
            page.fields.setdefault("caption", line.text)
        else:
            line.be("body", "kept: nothing says what it is", 0.4)
            page.warnings.append((line.number, f'needs review: is "{line.text[:60]}" part of the article?'))


def _read_meta(line: Line) -> bool:
    found = meta(line.text)
    line.meta = found
    if found:
        line.be("author" if set(found) == {"author"} else "date", "reads as a date or byline", 0.95)
    return bool(found)


# ── tail and body ───────────────────────────────────────────────────────────


def _tail(page: _Page, last: int) -> None:
    for line in page.lines[last + 1 :]:
        if line.part:
            continue
        found = meta(line.text) if LABELLED.match(line.text) else {}  # a bare date may be a comment's
        for key, value in found.items():
            page.fields.setdefault(key, value)
        line.be("chrome", "stands below the last prose", 0.8)


def _body(page: _Page, anchor: int, last: int) -> None:
    lines = page.lines
    for at in range(anchor, last + 1):
        line = lines[at]
        if line.part:
            continue
        if at > anchor and line.weight < 200 and phrases.NAVIGATION.search(line.text):
            line.be("chrome", "a button or label, by its words", 0.8)
        elif at > anchor and line.weight < 200 and phrases.BOILERPLATE.search(line.text):
            line.be("chrome", "speaks of the site, by its words", 0.75)
        elif line.text in page.repeated.below and not line.is_sentence:
            line.be("chrome", "stands in other files of the folder too", 0.8)
        elif _is_heading(lines, at, page.fields):
            line.be("heading", "stands alone, is short, and prose follows", 0.8)
        else:
            line.be("body", "between the first prose and the last", 0.9 if line.is_sentence else 0.6)


def _is_heading(lines: Sequence[Line], at: int, fields: Mapping[str, Value]) -> bool:
    line = lines[at]
    spoken = line.text.split()
    if len(line.text) > 90 or len(line.raw) > 1 or line.text.endswith((".", ";", ":", ",", "。", "、")):
        return False
    if not (line.blank_before and (line.blank_after or at + 1 == len(lines))) or at + 1 >= len(lines):
        return False
    follows = lines[at + 1]
    if follows.part == "chrome" or not (
        follows.weight >= 60
        or follows.is_sentence
        or not follows.blank_after
        or ITEM.match(follows.raw[0][1])
    ):
        return False
    if not any(c.lower() != c.upper() for c in line.text):
        return len(line.text) <= 40  # a script without capitals
    if not 1 <= len(spoken) <= 14 or ITEM.match(line.raw[0][1]):
        return False
    long = [w for w in spoken if len(w) > 3]
    capital = sum(1 for w in long if w[0].isupper() or w[0].isdigit())
    title = fields.get("title")
    shared = set(words(line.text)) & {w for w in words(title if isinstance(title, str) else "") if len(w) > 3}
    after_prose = at > 0 and lines[at - 1].is_sentence and follows.weight >= 60 and line.text[0].isupper()
    return capital * 2 >= len(long) or bool(shared) or line.text.endswith("?") or after_prose


# ── result ──────────────────────────────────────────────────────────────────


_PARTED = Traced(0, "", "body", "an empty line", 1.0)


def _without_prose(page: _Page) -> Cleaned:
    """A text without one sentence: everything stays, and a person should look."""
    free = [line for line in page.lines if not line.part]
    for line in free:
        line.be("body", "kept: no prose was found to go by", 0.3)
    if len(free) > 1 and len(free[0].text) <= 160:
        free[0].be("title", "the first line", 0.5)
        page.fields["title"] = free[0].text
    if free:
        page.warnings.append((free[0].number, "needs review: no sentence was found in this text"))
    return _cleaned(page)


def _cleaned(page: _Page) -> Cleaned:
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
