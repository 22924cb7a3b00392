"""SUMMARIZE: Article -> Card.

The excerpt is the author's own words, or whole sentences of the article, verbatim; a card
says which. Nothing here writes a sentence, reads a file or asks a clock: the same article
gives the same card for ever.
"""

from __future__ import annotations

from newsletter.excerpt.choice import join, says_too_little
from newsletter.excerpt.method import Limits, Method, Picked
from newsletter.excerpt.reading import reading_minutes
from newsletter.excerpt.sources import OwnWords, last_resort, own_words
from newsletter.model import Article, Card, Excerpt, ExcerptFrom

__all__ = ["Limits", "Method", "Picked", "make_card", "reading_minutes", "summarize", "trace"]


def summarize(article: Article, method: Method, limits: Limits) -> Excerpt:
    """The article's excerpt, within the limits; empty when nothing of it may stand alone.

    The author's summary wins, then what stands before the more-mark, then the standfirst;
    only then is the method asked. Of these, what states nothing (a call, a question, a label)
    waits for one that does.
    """
    excerpt, _ = _explained(article, method, limits)
    return excerpt


def trace(article: Article, method: Method, limits: Limits) -> tuple[str, ...]:
    """Why this excerpt: a line for each source that was asked, in order, and the method's own lines."""
    _, lines = _explained(article, method, limits)
    return lines


def make_card(article: Article, method: Method, limits: Limits) -> Card:
    """What an issue shows of the article."""
    excerpt = summarize(article, method, limits)
    return Card(
        identity=article.identity,
        path=article.path,
        title=article.title,
        url=article.url,
        date=article.date,
        language=article.language,
        authors=article.authors,
        tags=article.tags,
        image=article.image,
        reading_minutes=reading_minutes(article.blocks),
        excerpt=excerpt.text,
        excerpt_from=excerpt.origin,
    )


def _explained(article: Article, method: Method, limits: Limits) -> tuple[Excerpt, tuple[str, ...]]:
    lines: list[str] = []
    weak: OwnWords | None = None
    for found in own_words(article, limits):
        lines.append(f"{found.origin.value}: {found.why}")
        if found.text and not found.weak:
            return Excerpt(found.text, found.origin), tuple(lines)
        weak = weak or (found if found.text else None)
    picked = method(article, limits)
    lines += [f"{picked.origin.value}: {line}" for line in picked.trace]
    text = join(picked.sentences)
    if text and not says_too_little(text):
        return Excerpt(text, picked.origin), tuple(lines)
    if text:
        lines.append(f"{picked.origin.value}: {text!r} says too little to stand alone")
    if weak:
        return Excerpt(weak.text, weak.origin), (*lines, f"{weak.origin.value}: taken for want of more")
    if article.summary:
        found = last_resort(article, limits)
        lines.append(f"{found.origin.value}: {found.why}")
        if found.text:
            return Excerpt(found.text, found.origin), tuple(lines)
    return Excerpt("", ExcerptFrom.NONE), (*lines, "nothing may stand as an excerpt: title alone")
