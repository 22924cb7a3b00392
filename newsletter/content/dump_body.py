"""The lines from the first prose of a page dump on -> body, headings, asides, and the tail below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise

from newsletter.content import phrases
from newsletter.content.dump_asides import name_asides
from newsletter.content.dump_lines import ITEM, PROSE, Dump, Line
from newsletter.content.dump_meta import LABELLED, meta
from newsletter.content.dump_shape import is_heading
from newsletter.content.plain import words

_LONG = 200  # a paragraph of at least this weight is an article's


def name_tail(page: Dump, anchor: int) -> int:
    """Mark what stands below the article; the last line of the article."""
    lines = page.lines
    end = _cut(page, anchor)
    last = end - 1
    while last > anchor and not _closes(page, last):
        last -= 1
    for line in lines[last + 1 :]:
        if line.part:
            continue
        found = meta(line.text) if LABELLED.match(line.text) else {}  # a bare date may be a comment's
        for key, value in found.items():
            page.fields.setdefault(key, value)
        line.be("chrome", "stands below the last prose", 0.8)
    return last


def _cut(page: Dump, anchor: int) -> int:
    """Where the tail begins, by what opens one."""
    lines = page.lines
    least = min(PROSE, lines[anchor].weight)  # a page without a long paragraph is judged by its own
    prose = [at for at in range(anchor, len(lines)) if _is_text(lines[at], least)]
    long = [at for at in prose if _is_text(lines[at], _LONG)]
    openers = [at for at in range(anchor + 1, len(lines)) if _may_open(lines[at])]
    for at, until in pairwise([*openers, len(lines)]):
        line = lines[at]
        if prose[-1:] > [at] and phrases.ASIDE.search(line.text):
            continue  # a pointer amid the text
        others = phrases.COMMENTS.search(line.text)
        if others or not (_resumes(line, at, long) or _goes_on(lines[at + 1 : until])):
            line.be("chrome", "opens what stands below an article", 0.9)
            return at
    return _by_shape(page, max((at for at in prose if lines[at].is_prose), default=anchor))


def _is_text(line: Line, least: int) -> bool:
    real = line.weight >= least and line.is_sentence and not line.part
    return real and not phrases.BOILERPLATE.search(line.text)


def _may_open(line: Line) -> bool:
    if phrases.COMMENTS.search(line.text):
        return True
    short = len(line.text) <= 80 and not line.text.endswith((".", "!"))
    return short and bool(phrases.TAIL.search(line.text) or phrases.ABOUT_AUTHOR.search(line.text))


def _resumes(line: Line, at: int, long: list[int]) -> bool:
    """Whether a long paragraph follows: then the line was a heading of the article after all."""
    if not long or long[-1] <= at:
        return False
    only = len(long) < 2 or long[-2] <= at
    return not (only and phrases.ABOUT_AUTHOR.search(line.text))  # a life in one long paragraph


def _goes_on(lines: Sequence[Line]) -> bool:
    """Whether two paragraphs stand between this opener and the next: no list of teasers has those."""
    found = (
        line for line in lines if line.alone and not ITEM.match(line.raw[0][1]) and _is_text(line, PROSE)
    )
    return len(list(islice(found, 2))) == 2


def _by_shape(page: Dump, prose: int) -> int:
    """Where no phrase opens the tail: two teasers in a row, or a ranking that has the title in it."""
    lines = page.lines
    pairs = [at for at in range(prose + 1, len(lines) - 1) if _is_teaser(lines, at)]
    for one, two in pairwise(pairs):
        if two == one + 2:
            return _with_heading(page, one, "two teasers of other articles in a row")
    title = words(page.said("title"))
    for at in range(prose + 1, len(lines)):
        if (
            title
            and words(ITEM.sub("", lines[at].text) or "")[-len(title) :] == title
            and not lines[at].alone
        ):
            first = at
            while first > prose + 1 and not lines[first].blank_before:
                first -= 1
            return _with_heading(page, first, "a list of articles with this one in it")
    return len(lines)


def _is_teaser(lines: Sequence[Line], at: int) -> bool:
    """A title and, touching it, a sentence: another article."""
    line, below = lines[at], lines[at + 1]
    heads = line.blank_before and not line.blank_after and not line.is_sentence and line.weight <= PROSE
    return heads and below.is_sentence and below.blank_after and below.weight <= 180 and len(line.text) >= 12


def _with_heading(page: Dump, at: int, rule: str) -> int:
    """The cut moved above the heading of what was found."""
    above = page.lines[at - 1]
    if above.alone and not above.is_sentence and above.weight <= 60:
        at -= 1
    page.lines[at].be("chrome", rule, 0.6)
    page.doubt(page.lines[at], f'the article is cut above "{page.lines[at].text[:60]}"')
    return at


def _closes(page: Dump, at: int) -> bool:
    """Whether an article may end with this line."""
    line = page.lines[at]
    if line.part or phrases.BOILERPLATE.search(line.text) or phrases.NAVIGATION.search(line.text):
        return False
    if _is_about(page, line):
        return False
    if ITEM.match(line.raw[0][1]):
        return True
    return line.is_sentence and (line.weight >= 25 or (line.weight >= 12 and line.blank_before))


def _is_about(page: Dump, line: Line) -> bool:
    """``Jane Doe is a reporter in Lisbon``, below the last paragraph."""
    author = page.said("author").split(",")[0].strip()
    return len(author) >= 4 and line.text.startswith(author) and line.weight <= 400


# ── body ────────────────────────────────────────────────────────────────────


def name_body(page: Dump, anchor: int, last: int) -> None:
    """Say what each line between the first prose and the last is."""
    name_asides(page, anchor, last)
    for at in range(anchor, last + 1):
        line = page.lines[at]
        if line.part:
            continue
        if at > anchor and line.weight < _LONG and phrases.NAVIGATION.search(line.text):
            line.be("chrome", "a button or label, by its words", 0.8)
        elif at > anchor and line.weight < _LONG and phrases.BOILERPLATE.search(line.text):
            line.be("chrome", "speaks of the site, by its words", 0.75)
        elif line.text in page.repeated.below and not line.is_sentence:
            line.be("chrome", "stands in other files of the folder too", 0.8)
        elif is_heading(page, at):
            line.be("heading", "stands alone, is short, and prose follows", 0.8)
        else:
            line.be("body", "between the first prose and the last", 0.9 if line.is_sentence else 0.6)
