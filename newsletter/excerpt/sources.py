"""Article -> what its author gave as an excerpt, source by source, best first.

A summary that is only the cut-off opening of the body is no summary. One that is too
long keeps its first whole sentences; when not even one fits, the next source is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from newsletter.excerpt.choice import join
from newsletter.excerpt.cleaning import has_markup, tidy
from newsletter.excerpt.lead import lead
from newsletter.excerpt.method import Limits
from newsletter.excerpt.passages import PROSE, Sentence, says_title
from newsletter.excerpt.sentences import ends, split
from newsletter.excerpt.standing import Standing
from newsletter.excerpt.stating import best_part, may_be_kept, stands_alone, unstated
from newsletter.excerpt.words import topics, words
from newsletter.model import Article, BlockKind, ExcerptFrom

_CUT = re.compile(r"(?:…|\.{3,}|\[(?:…|\.{3})\])[\"”’»)\]]*$")
_LINK = re.compile(r"!?\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)")
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]{0,500})?/?>", re.I)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|\*|_|`)(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)")
_TITLE_END = re.compile(r"[?!.…)\"”’]*\s*[—–:|]\s*(?=\S)|\s+-\s+(?=\S)")
#: A summary is a few words at least; fewer are a leftover of the page's tools.
_FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What one source gave; without text it was passed over."""

    origin: ExcerptFrom
    text: str
    why: str
    weak: bool = False  #: states nothing: only where no other source says more


def own_words(article: Article, limits: Limits) -> Iterator[OwnWords]:
    """Each source that the article has, in the order of precedence."""
    if article.summary.strip():
        yield _given(article, article.summary, ExcerptFrom.FRONT_MATTER, limits)
    if any(b.kind is BlockKind.MORE for b in article.blocks):
        yield _before_more(article, limits)
    if article.standfirst.strip():
        yield _given(article, article.standfirst, ExcerptFrom.STANDFIRST, limits)


def _before_more(article: Article, limits: Limits) -> OwnWords:
    """The opening that the author marked off, by the rules of the method that takes openings."""
    end = next(n for n, b in enumerate(article.blocks) if b.kind is BlockKind.MORE)
    picked = lead()(replace(article, blocks=article.blocks[:end]), limits)
    why = "the opening that the author marked off" if picked.sentences else "nothing there may stand alone"
    return OwnWords(ExcerptFrom.MORE_MARKER, join(picked.sentences), why)


def _given(article: Article, raw: str, origin: ExcerptFrom, limits: Limits) -> OwnWords:
    """The author's text, trimmed at the end of a sentence."""
    text = _without_title(plain(raw), article.title)
    refusal = _refusal(article, text)
    if refusal:
        return OwnWords(origin, "", refusal)
    sentences = _sentences(article, text)
    part = best_part(sentences, article.title, limits, article.language)
    if not part:
        return OwnWords(
            origin, "", f"its first sentence may not stand alone in {limits.characters} characters"
        )
    kept = [sentences[i] for i in part]
    lacks = unstated(kept, article.language)
    why = f"the author's own{_which(part, len(sentences))}" + (f"; {lacks}" if lacks else "")
    return OwnWords(origin, join([s.text for s in kept]), why, bool(lacks))


def _which(part: tuple[int, ...], of: int) -> str:
    """Which sentences were kept, for people."""
    if len(part) == of:
        return ""
    if part == tuple(range(len(part))):
        return f", its first {len(part)} of {of} sentences"
    return f", sentences {' and '.join(str(i + 1) for i in part)} of {of}"


def plain(raw: str) -> str:
    """Text without what front matter carries along: tags, links, emphasis, entities, reference marks."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _TAG.sub(" ", raw)))
    return tidy(unescape(text) if "&" in text else text)


def _without_title(text: str, title: str) -> str:
    """The text without the title and a dash or colon that it may begin with: the card shows the title.

    The title is known by its letters: " - ", ":" and "—" stand for each other in it.
    """
    end = _end_of(title, text)
    found = _TITLE_END.match(text, end) if end else None
    return text[found.end() :] if found else text


def _end_of(title: str, text: str) -> int:
    """Where the title ends that a text begins with; 0 when it does not."""
    wanted, got = _letters(title), 0
    for at, character in enumerate(text[: 3 * len(title)]):
        for letter in filter(str.isalnum, character.casefold()):
            if wanted[got : got + 1] != letter:
                return 0
            got += 1
        if wanted and got == len(wanted):
            return at + 1
    return 0


def _refusal(article: Article, text: str) -> str:
    """Why a text is not an excerpt at all; empty when it is one."""
    found = words(text)
    if len(found) < _FEWEST_WORDS:
        return "empty"
    if _CUT.search(text):
        return "cut off: it ends in an ellipsis"
    if has_markup(text[:2000]):
        return "markup is left in it"
    if says_title(article.title)(found):
        return "the title again"
    if not ends(text) and _stops_inside(article, text):
        return "cut off: the body's first words, stopped in mid-sentence"
    return ""


def _stops_inside(article: Article, text: str) -> bool:
    """Whether the body begins with the text and runs on where it stops."""
    given = _letters(text)
    body = ""
    for block in article.blocks:
        if block.kind in PROSE or block.kind is BlockKind.HEADING:
            own = _letters(tidy(block.text))
            body += own
            if len(body) > len(given):
                break
            if own and body.endswith(given):
                return False
    return len(given) > 20 and len(body) > len(given) and body.startswith(given)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _sentences(article: Article, text: str) -> tuple[Sentence, ...]:
    """The author's text as sentences; an author may open as they like and leave out a full stop."""
    pieces = split(text, "", article.language)
    return tuple(
        Sentence(p.text, words(p.text), p.count, 0, BlockKind.PARAGRAPH, n, len(pieces), "", "", False)
        for n, p in enumerate(pieces)
    )


def last_resort(article: Article, limits: Limits) -> OwnWords:
    """For an article without a body to pick from: the first sentence of its summary that stands alone."""
    text = _without_title(plain(article.summary), article.title)
    sentences = () if _refusal(article, text) else _sentences(article, text)
    subject = frozenset(topics(words(article.title)))
    for n, s in enumerate(sentences):
        alone = stands_alone(s.text, article.language, subject, Standing.AFTER_ITS_OWN)
        if alone and may_be_kept(sentences, (n,), limits, article.language):
            return OwnWords(ExcerptFrom.FRONT_MATTER, s.text, f"sentence {n + 1} of it, for want of a body")
    return OwnWords(ExcerptFrom.FRONT_MATTER, "", "no sentence of it may stand alone")
