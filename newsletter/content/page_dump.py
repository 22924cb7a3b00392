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
from itertools import pairwise

from newsletter.content import dates, phrases
from newsletter.content.plain import squeeze, words
from newsletter.content.reader import Repeated, Traced, Value

# Scripts without spaces say in one character what others say in three.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_END = re.compile(r"[.!?…。！？؟।։][\"'”’»«)\]）」』\s]*(?:\[[\d,–\- ]+\])*$")
_PROSE = 120
_SHORT = 15
_SEPARATOR = re.compile(r"\s+[|·•–—/]\s+|\s*[|•]\s*")
_CRUMBS = re.compile(r"\S\s*[›»>→/]\s*\S.*[›»>→/]\s*\S|^\S.{0,40}\s[›»>]\s\S.{0,60}$")
_LABELLED = re.compile(
    rf"^(?:(?P<published>{phrases.PUBLISHED})|(?P<updated>{phrases.UPDATED}))\s*[:：]?\s*(?P<rest>.+)$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"^\s*(?:[-*•‣·–]\s+|\(?\d{1,3}[.)]\s+)\S")


@dataclass(slots=True)
class _Line:
    """One line (or one paragraph of wrapped lines), and what is decided about it."""

    number: int
    text: str  # squeezed
    raw: tuple[tuple[int, str], ...]
    blank_before: bool
    blank_after: bool = True
    part: str = ""
    rule: str = ""
    confidence: float = 0.0

    def be(self, part: str, rule: str, confidence: float) -> None:
        self.part, self.rule, self.confidence = part, rule, confidence

    @property
    def weight(self) -> int:
        """Its length in characters of a script with spaces."""
        return len(self.text) + 2 * len(_DENSE.findall(self.text))

    @property
    def is_sentence(self) -> bool:
        return bool(_END.search(self.text))

    @property
    def is_prose(self) -> bool:
        return self.weight >= _PROSE and self.is_sentence


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
    lines: list[_Line]
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
    page = _Page(_lines(body, first), repeated, name)
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


# ── lines ───────────────────────────────────────────────────────────────────


def _lines(body: str, first: int) -> list[_Line]:
    """The lines that are not blank; hard-wrapped ones joined to paragraphs."""
    numbered = list(enumerate(body.split("\n"), first))
    wrapped = _is_wrapped([text for _, text in numbered])
    made: list[_Line] = []
    blank = True
    for number, raw in numbered:
        text = squeeze(raw)
        if not text:
            if made:
                made[-1].blank_after = True
            blank = True
            continue
        if made:
            made[-1].blank_after = blank
        joins = wrapped and not blank and not _ITEM.match(raw) and len(made[-1].raw[-1][1].rstrip()) >= 45
        if joins:
            last = made[-1]
            last.text, last.raw = f"{last.text} {text}", (*last.raw, (number, raw))
        else:
            made.append(_Line(number, text, ((number, raw),), blank))
        blank = False
    if made:
        made[-1].blank_after = True
    return made


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether paragraphs were broken at a column: many lines of like length go on in the next."""
    pairs = [(a.rstrip(), b.strip()) for a, b in pairwise(lines) if a.strip() and b.strip()]
    running = sum(1 for a, b in pairs if 45 <= len(a) <= 110 and not _END.search(a) and b[0].islower())
    long = sum(1 for line in lines if len(line) > 140)
    return running >= 3 and running > 3 * long


def _repeats(lines: Sequence[_Line], repeated: Repeated) -> None:
    """Mark what other files have in the same half: above the prose, or from there on.

    An article's title stands in other files too, but below: among their related articles.
    """
    above = True
    for line in lines:
        above = above and not (line.is_prose and line.text not in repeated.above)
        again = line.text in (repeated.above if above else repeated.below)
        if again and (len(line.text) >= _SHORT or above) and not _meta(line.text):
            line.be("chrome", "stands in other files of the folder too", 0.95)


def halves(body: str) -> tuple[set[str], set[str]]:
    """The lines of a page dump above its prose, and from there on: to be counted over a folder."""
    above: set[str] = set()
    below: set[str] = set()
    here = above
    for raw in body.split("\n"):
        text = squeeze(raw)
        if text and len(text) < 1000:
            if len(text) >= _PROSE and _END.search(text) and here is above:
                above.add(text)  # a notice on cookies is prose too, and repeats
                here = below
            here.add(text)
    return above, below


# ── where the article begins and ends ───────────────────────────────────────


def _anchor(lines: Sequence[_Line]) -> int | None:
    """The first prose that is the article's; shorter sentences only where there is no long one."""
    for least in (_PROSE, 60, 30):
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
        if _meta(lines[at].text) and any(not line.part for line in lines[:anchor]):
            later = next(
                (n for n in range(at + 1, len(lines)) if lines[n].is_sentence and lines[n].weight >= 60), None
            )
            return anchor if later is None or later - at > 6 else later
    return anchor


def _last(lines: Sequence[_Line], anchor: int) -> int:
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


def _resumes(lines: Sequence[_Line], at: int) -> bool:
    """Whether real prose follows: then the line was a heading of the article after all."""
    return any(
        line.weight >= 200
        and line.is_sentence
        and not line.part
        and not phrases.BOILERPLATE.search(line.text)
        for line in lines[at + 1 :]
    )


def _closes(line: _Line, before: _Line) -> bool:
    """Whether an article may end with this line."""
    if line.part or phrases.BOILERPLATE.search(line.text) or phrases.NAVIGATION.search(line.text):
        return False
    if _ITEM.match(line.raw[0][1]) and not line.part:
        return True
    return line.is_sentence and (line.weight >= 25 or (line.weight >= 12 and line.blank_before))


# ── head ────────────────────────────────────────────────────────────────────


def _head(page: _Page, anchor: int) -> None:
    """Name what stands above the article."""
    lines = page.lines[:anchor]
    for line in lines:
        if line.part:
            continue
        if _read_meta(page, line):
            continue
        if phrases.NAVIGATION.search(line.text) or phrases.BOILERPLATE.search(line.text):
            line.be("chrome", "navigation, by its words", 0.9)
        elif _CRUMBS.search(line.text):
            line.be("chrome", "a path of links", 0.85)
    title = _title(page, anchor)
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
    rivals = [score for score, at in scored if at != where and best - score < 0.75]
    if rivals and page.lines[-where].text not in (page.lines[-at].text for s, at in scored if s in rivals):
        line = page.lines[-where]
        page.warnings.append((line.number, f'needs review: "{line.text[:60]}" is taken for the title'))
    return -where


def _titleness(page: _Page, at: int, anchor: int, spoken: set[str], named: set[str], *, first: bool) -> float:
    line = page.lines[at]
    inside = words(line.text)
    long = [w for w in inside if len(w) > 3 or _DENSE.search(w)]
    score = 1.0 if first else 0.0
    score += 3 * len(named & set(inside)) / max(1, len(named)) if named else 0
    score += 2 * sum(w in spoken or any(w[:5] == s[:5] for s in spoken) for w in long) / max(1, len(long))
    score += (
        1
        if 3 <= len(inside) <= 20 or (_DENSE.search(line.text) and len(line.text) > 6)
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
    if _SEPARATOR.search(line.text):
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
        elif line.is_sentence and line.weight >= 25 and not after_meta and "standfirst" not in page.fields:
            line.be("standfirst", "a sentence between title and date", 0.85)
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


# ── dates and bylines ───────────────────────────────────────────────────────


def _meta(text: str) -> dict[str, str]:
    """Date, update and author that a line holds, where it holds nothing else."""
    found: dict[str, str] = {}
    if len(text) > 160:
        return {}
    for whole in (text, *_SEPARATOR.split(text)):
        said = _segment(whole.strip(" ,"))
        if said and whole is text:
            return said
        found |= said
    parts = [part.strip(" ,") for part in _SEPARATOR.split(text) if part.strip(" ,")]
    idle = [part for part in parts if not _segment(part) and not phrases.NAVIGATION.search(part)]
    return found if len(idle) <= (1 if "date" in found and len(parts) > 1 else 0) else {}


def _segment(text: str) -> dict[str, str]:
    if not text or len(text) > 120:
        return {}
    labelled = _LABELLED.match(text)
    if labelled:
        key = "date" if labelled["published"] else "updated"
        rest = re.split(r"\s+(?:by|von|por|par)\s+", labelled["rest"], maxsplit=1, flags=re.IGNORECASE)
        if dates.read(rest[0].strip(" ,|·-–")):
            found = {key: rest[0].strip(" ,|·-–")}
            return found | ({"author": rest[1].strip(" ,.")} if len(rest) > 1 else {})
    if dates.read(text.strip("()[] ")):
        return {"date": text.strip("()[] ")}
    byline = phrases.BYLINE.match(text)
    if byline:
        parts = re.split(r",\s+|\s+[|·•–—-]\s+|\s+on\s+", byline["name"], maxsplit=1)
        return {"author": parts[0].strip()} if len(parts[0].split()) <= 6 else {}
    mixed = re.match(
        r"^(?:by|von|por|par|di)\s+(?P<name>[^\d]{2,60}?)[\s,|·•–—-]+(?:on\s+)?(?P<date>\S.*\d.*)$",
        text,
        re.I,
    )
    if mixed:
        inner = _segment(mixed["date"].strip())
        return inner | {"author": mixed["name"].strip(" ,")} if inner else {}
    return {}


def _read_meta(page: _Page, line: _Line) -> bool:
    found = _meta(line.text)
    for key, value in found.items():
        page.fields.setdefault(key, value)
    if found:
        line.be("author" if set(found) == {"author"} else "date", "reads as a date or byline", 0.95)
    return bool(found)


# ── tail and body ───────────────────────────────────────────────────────────


def _tail(page: _Page, last: int) -> None:
    for line in page.lines[last + 1 :]:
        if line.part:
            continue
        found = _meta(line.text) if _LABELLED.match(line.text) else {}  # a bare date may be a comment's
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


def _is_heading(lines: Sequence[_Line], at: int, fields: Mapping[str, Value]) -> bool:
    line = lines[at]
    spoken = line.text.split()
    if len(line.text) > 90 or line.text.endswith((".", ";", ":", ",", "。", "、")) or len(line.raw) > 1:
        return False
    if not (line.blank_before and (line.blank_after or at + 1 == len(lines))) or at + 1 >= len(lines):
        return False
    follows = lines[at + 1]
    if follows.part == "chrome" or not (
        follows.weight >= 60 or follows.is_sentence or _ITEM.match(follows.raw[0][1])
    ):
        return False
    if not any(c.lower() != c.upper() for c in line.text):
        return len(line.text) <= 40  # a script without capitals
    if not 1 <= len(spoken) <= 14 or _ITEM.match(line.raw[0][1]):
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
