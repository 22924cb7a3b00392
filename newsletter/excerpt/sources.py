"""Article -> what its author gave as an excerpt, source by source, best first.

A summary that is only the cut-off opening of the body is no summary. One that is too
long keeps its first whole sentences; when not even one fits, the next source is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from newsletter.excerpt import cues, hedge_cues
from newsletter.excerpt.choice import join, within
from newsletter.excerpt.cleaning import has_markup, tidy
from newsletter.excerpt.lead import lead
from newsletter.excerpt.method import Limits
from newsletter.excerpt.passages import PROSE, Sentence, says_title
from newsletter.excerpt.sentences import ends, split
from newsletter.excerpt.words import words
from newsletter.model import Article, BlockKind, ExcerptFrom

_CUT = re.compile(r"(?:…|\.{3,}|\[(?:…|\.{3})\])[\"”’»)\]]*$")
_LINK = re.compile(r"!?\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)")
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]{0,500})?/?>", re.I)
_EMPHASIS = re.compile(r"(?<!\w)(\*\*|__|\*|_|`)(?=\S)(.{1,300}?)(?<=\S)\1(?!\w)")
_TITLE_END = re.compile(r"\s*[—–:|]\s*(?=\S)|\s+-\s+(?=\S)")
#: A summary is a few words at least; fewer are a leftover of the page's tools.
_FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What one source gave; without text it was passed over."""

    origin: ExcerptFrom
    text: str
    why: str


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
    kept = _trimmed(article, sentences, limits)
    if not kept:
        return OwnWords(
            origin, "", f"its first sentence may not stand alone in {limits.characters} characters"
        )
    short = kept < len(sentences)
    why = f"the author's own, its first {kept} of {len(sentences)} sentences" if short else "the author's own"
    return OwnWords(origin, join([s.text for s in sentences[:kept]]), why)


def plain(raw: str) -> str:
    """Text without what front matter carries along: tags, links, emphasis, entities, reference marks."""
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _TAG.sub(" ", raw)))
    return tidy(unescape(text) if "&" in text else text)


def _without_title(text: str, title: str) -> str:
    """The text without the title and a dash or colon that it may begin with: the card shows the title."""
    found = _TITLE_END.match(text[len(title) :]) if text.casefold().startswith(title.casefold()) else None
    return text[len(title) + found.end() :] if found and title else text


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


def _trimmed(article: Article, sentences: tuple[Sentence, ...], limits: Limits) -> int:
    """How many sentences from the first on may be kept: the most that fit and leave no hedge behind."""
    for kept in range(len(sentences), 0, -1):
        if _fits(sentences[:kept], limits) and not _hedged(sentences[kept:], article.language):
            return kept
    return 0


def _fits(sentences: tuple[Sentence, ...], limits: Limits) -> bool:
    return sum(s.count for s in sentences) <= limits.sentences and within([s.text for s in sentences], limits)


def _hedged(left_out: tuple[Sentence, ...], language: str) -> bool:
    """Whether what is left out would take back what is kept."""
    return any(
        hedge_cues.hedge(language).search(s.text) or (n == 0 and hedge_cues.contrast(language).match(s.text))
        for n, s in enumerate(left_out[:3])
    )


def last_resort(article: Article, limits: Limits) -> OwnWords:
    """For an article without a body to pick from: the first sentence of its summary that stands alone."""
    text = _without_title(plain(article.summary), article.title)
    sentences = () if _refusal(article, text) else _sentences(article, text)
    leans = cues.dangling(article.language)
    for n, s in enumerate(sentences):
        if ends(s.text) and not leans.match(s.text) and _fits((s,), limits):
            if _hedged(sentences[n + 1 :], article.language):
                continue
            return OwnWords(ExcerptFrom.FRONT_MATTER, s.text, f"sentence {n + 1} of it, for want of a body")
    return OwnWords(ExcerptFrom.FRONT_MATTER, "", "no sentence of it may stand alone")
