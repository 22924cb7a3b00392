"""Article -> the opening of its body: the honest fallback, and the yardstick of the ranker."""

from __future__ import annotations

from newsletter.excerpt.choice import Rules, prefixes
from newsletter.excerpt.method import Limits, Method, Picked
from newsletter.excerpt.passages import sentences_of
from newsletter.model import Article, ExcerptFrom


def lead() -> Method:
    """The first sentences of the body that may stand on a card."""
    return _lead


def _lead(article: Article, limits: Limits) -> Picked:
    sentences = sentences_of(article)
    rules = Rules(sentences, limits, article)
    for self_named in (False, True):
        for start, sentence in enumerate(sentences):
            if not (sentence.may_open or (self_named and sentence.leans)):
                continue
            for chosen in prefixes(sentences, start, limits):
                if rules.fits(chosen, self_named):
                    why = f"from sentence {start + 1} of {len(sentences)} on: the first that may be shown"
                    return Picked(tuple(sentences[i].text for i in chosen), ExcerptFrom.LEAD, (why,))
    return Picked((), ExcerptFrom.LEAD, ("no sentence may be shown",))
