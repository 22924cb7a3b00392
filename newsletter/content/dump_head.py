"""The lines above the first prose of a page dump -> title, date, authors, standfirst, and what is chrome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from newsletter.content import phrases
from newsletter.content.dump_asides import is_caption
from newsletter.content.dump_lines import DENSE, Dump, Line
from newsletter.content.dump_meta import SEPARATOR, is_name, meta
from newsletter.content.dump_shape import is_heading
from newsletter.content.plain import words

_CRUMBS = re.compile(r"\S\s*[›»>→/＞]\s*\S.*[›»>→/＞]\s*\S|^\S.{0,40}\s[›»>＞]\s\S.{0,60}$")
_OWNERS = 8  # lines with a copyright mark that are looked at
_RANK = re.compile(r"^\d{1,2}[.)]? +\S")
_CRUMB = re.compile(r"^[›»>→/＞|·•]$")


def trail_end(text: str) -> tuple[str, ...]:
    """The last step of a path of links, if `text` is one: often the article's title."""
    if len(text) > 250 or not _CRUMBS.search(text):
        return ()
    return (re.split(r"\s*[›»>→/＞]\s*", text)[-1],)


def name_head(page: Dump, anchor: int) -> None:
    """Say what each line above the article is."""
    lines = page.lines[:anchor]
    _trails(lines)
    for line in lines:
        if line.part:
            continue
        if phrases.PICTURE.match(line.text):
            line.be("caption", "a picture's name in brackets", 0.9)
            continue
        if _read_meta(line):
            continue
        if len(line.text) <= 250 and phrases.CREDIT.search(line.text):
            line.be("caption", "names who took the picture", 0.85)
        elif phrases.NAVIGATION.search(line.text) or phrases.BOILERPLATE.search(line.text):
            line.be("chrome", "navigation, by its words", 0.9)
        elif _CRUMBS.search(line.text):
            line.be("chrome", "a path of links", 0.85)
    title = _title(page, anchor)
    if title is not None:
        _names(page, title, anchor)
    for line in (*lines[title or 0 :], *lines[: title or 0]):  # a masthead's date stands above the title
        for key, value in line.meta.items():
            page.fields.setdefault(key, value)
    if title is None:
        if page.lines[0].number != page.lines[anchor].number:
            page.doubt(page.lines[anchor], "no title was found above the text")
        return
    page.lines[title].be("title", "the line above the text that is most like a title", 0.9)
    page.fields["title"] = page.lines[title].text
    for line in page.lines[:title]:
        if not line.part:
            line.be("chrome", "stands above the title", 0.7)
    _between(page, title, anchor)


def _read_meta(line: Line) -> bool:
    found = meta(line.text)
    line.meta = found
    if found:
        line.be("author" if set(found) == {"author"} else "date", "reads as a date or byline", 0.95)
    return bool(found)


def _trails(lines: list[Line]) -> None:
    """A path of links of which each step, and each mark between two, became a line."""
    for at, line in enumerate(lines):
        if _CRUMB.match(line.text):
            for near in lines[max(0, at - 1) : at + 2]:
                near.be("chrome", "a path of links, one a line", 0.85)


def _names(page: Dump, title: int, anchor: int) -> None:
    """A name that stands right above or below a date is the author's, where no byline is."""
    lines = page.lines
    if any("author" in line.meta for line in lines[:anchor]):
        return
    for at in range(title + 1, anchor):
        line = lines[at]
        if _signs(lines, at):
            line.meta = {"author": line.text}
            line.be("author", "a name beside the date", 0.8)
            return


def _signs(lines: list[Line], at: int) -> bool:
    """Whether this is a name that touches a date."""
    line = lines[at]
    if line.part or not is_name(line.text):
        return False
    above = at > 0 and not line.blank_before and lines[at - 1].part == "date"
    below = at + 1 < len(lines) and not line.blank_after and lines[at + 1].part == "date"
    return above or below


# ── title ───────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Clues:
    """What the rest of the page says about its title."""

    told: frozenset[str]  #: what the text speaks of
    named: frozenset[str]  #: words of the file's name
    ranked: frozenset[str]  #: titles in a numbered list below the text
    trails: frozenset[str]  #: where a path of links ends
    owners: str  #: the lines with a copyright mark


def _clues(page: Dump, anchor: int) -> _Clues:
    lines = page.lines
    ranked = {line.text.split(" ", 1)[1] for line in lines[anchor:] if _RANK.match(line.text)}
    ranked |= {two.text for one, two in pairwise(lines[anchor:]) if one.text.isdecimal()}
    return _Clues(
        told=frozenset(_telling(" ".join(line.text for line in lines[anchor : anchor + 8]))),
        named=frozenset(w for w in words(page.name) if len(w) > 2 and not w.isdigit()),
        ranked=frozenset(ranked),
        trails=frozenset(end for line in lines[:anchor] for end in trail_end(line.text)),
        owners=" ".join([line.text for line in lines if "©" in line.text[:300]][:_OWNERS])[:2000],
    )


def _title(page: Dump, anchor: int) -> int | None:
    """The most title-like line above the anchor."""
    lines = page.lines
    free = [at for at in range(anchor) if not lines[at].part]
    if not free:
        return None
    clues = _clues(page, anchor)
    scores = {at: _titleness(page, at, anchor, clues, first=at == free[0]) for at in free}
    found = max(free, key=lambda at: scores[at])
    if found - 1 in scores and _is_led(lines, found, scores):
        found -= 1
    rivals = {lines[at].text for at in free if at != found and scores[found] - scores[at] < 0.75}
    if rivals and lines[found].text not in rivals:
        page.doubt(lines[found], f'"{lines[found].text[:60]}" is taken for the title')
    return found


def _is_led(lines: list[Line], at: int, scores: Mapping[int, float]) -> bool:
    """Whether this is rather the standfirst of the line above, neither with a full stop."""
    above = lines[at - 1]
    touches = above.blank_before and not above.blank_after
    least = max(0.5 if touches else 1.5, scores[at] - 3.5)
    return lines[at].weight >= 45 and scores[at - 1] > least and len(above.text) < len(lines[at].text)


def _titleness(page: Dump, at: int, anchor: int, clues: _Clues, *, first: bool) -> float:
    line = page.lines[at]
    inside = words(line.text)
    score = 1.0 if first else 0.0
    score += 3 * len(clues.named & set(inside)) / max(1, len(clues.named))
    told = _telling(line.text)
    score += 2 * len(told & clues.told) / max(1, len(told))
    score += 3 * (line.text in clues.ranked) + (line.text in clues.trails)
    score -= 1.5 * (len(line.text) > 3 and line.text in clues.owners)
    score += _length_score(line, inside)
    if line.text.endswith((":", ",", ";")) or (line.is_sentence and not line.text.endswith(("?", "!", "…"))):
        score -= 1.5
    if line.weight > 160:
        score -= 2
    after = next((n for n in range(at + 1, anchor + 1) if page.lines[n].part != "chrome"), anchor)
    if page.lines[after].part in ("date", "author") or _signs(page.lines, after):
        score += 1.5
    elif after == anchor or page.lines[after].is_sentence:
        score += 1
    if SEPARATOR.search(line.text):
        score -= 1.5  # a page's <title>: the article's name and the site's
    if not first and _signs(page.lines, at):
        score -= 1.5
    crowd = not line.blank_before and not line.blank_after and len(inside) < 4
    return score - (1 if crowd else 0)


def _telling(text: str) -> set[str]:
    """The longer words of a text by their first letters; its pairs of signs in a script without spaces."""
    if DENSE.search(text):
        return {text[at : at + 2] for at in range(len(text) - 1) if DENSE.match(text[at + 1])}
    return {word[:5] for word in words(text) if len(word) > 3}


def _length_score(line: Line, inside: list[str]) -> float:
    if 3 <= len(inside) <= 20 or (DENSE.search(line.text) and len(line.text) > 6):
        return 1
    return -1.5 if len(inside) == 1 else -0.5


# ── between title and text ──────────────────────────────────────────────────


def _between(page: Dump, title: int, anchor: int) -> None:
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
        elif _in_menu(lines, at):
            line.be("chrome", "one of many short lines that touch: a menu", 0.75)
        elif (
            not after_meta
            and "standfirst" not in page.fields
            and _may_lead(line, at == title + 1, bool(dated))
        ):
            line.be("standfirst", "stands between title and date", 0.85)
            page.fields["standfirst"] = line.text
        elif line.is_sentence and line.weight >= 25:
            line.be("body", "a sentence above the first long paragraph", 0.7)
        elif at == anchor - 1 and lines[at - 1].part != "date" and _opens(page, at):
            line.be("heading", "stands alone above the text", 0.7)
        elif after_meta or not line.blank_after:
            line.be("caption", "short and without a full stop, by the picture's place", 0.7)
            if len(words(line.text)) > 2:
                page.fields.setdefault("caption", line.text)
        else:
            line.be("body", "kept: nothing says what it is", 0.4)
            page.doubt(line, f'is "{line.text[:60]}" part of the article?')


def _in_menu(lines: list[Line], at: int) -> bool:
    """Whether it stands in a run of four or more short lines without a sentence."""
    first = last = at
    while first > max(0, at - 4) and not lines[first].blank_before and _is_label(lines[first - 1]):
        first -= 1
    while last < min(len(lines) - 1, at + 4) and not lines[last].blank_after and _is_label(lines[last + 1]):
        last += 1
    return _is_label(lines[at]) and last - first >= 3


def _is_label(line: Line) -> bool:
    return line.weight <= 30 and not line.is_sentence


def _may_lead(line: Line, next_to_title: bool, dated: bool) -> bool:
    """Whether this may be a standfirst: a sentence, or a longer line between title and date."""
    return line.weight >= 25 and (line.is_sentence or (next_to_title and dated and line.weight >= 40))


def _opens(page: Dump, at: int) -> bool:
    """Whether the line right above the text is a heading of it, and no caption."""
    line = page.lines[at]
    if not is_heading(page, at) or is_caption(line.text):
        return False
    spoken = line.text.split()
    long = [word for word in spoken if len(word) > 3]
    return len(spoken) <= 4 or line.text.endswith("?") or all(not word[0].islower() for word in long)
