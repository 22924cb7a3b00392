"""What holds for any article at all."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.excerpt import Limits, make_card, summarize, trace
from newsletter.excerpt.cleaning import has_markup, tidy
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker
from newsletter.excerpt.sentences import split
from newsletter.model import BlockKind, ExcerptFrom

PIECES = st.sampled_from(
    (
        "This It lamp Lamps burn. “Oil! oil” ( ) [1] [sic] e.g. 3. 5 But? … "
        "。 灯り。 «là» {{x}} <b> `c` http://a.b :"
    ).split(" ")
    + "However, no evidence cures false not \u200b ' \" — 1.5 Dr. सच। نعم. a@b.c".split(" ")
)
TEXTS = st.one_of(st.lists(PIECES, max_size=30).map(" ".join), st.text(max_size=120))
BLOCKS = st.lists(st.tuples(st.sampled_from([k.value for k in BlockKind]), TEXTS, TEXTS), max_size=12)
LANGUAGES = st.sampled_from(["en", "de", "ja", "zh-Hant", "ar", "hi", "th", "", "und", "x-klingon"])
LIMITS = st.builds(Limits, st.integers(1, 3), st.integers(1, 400))
METHODS = st.sampled_from([ranker(), lead()])


@given(BLOCKS, TEXTS, LANGUAGES, LIMITS, METHODS)
@example([("paragraph", "Lamps burn. It burns.", "")], "", "en", Limits(), ranker())
def test_the_limits_hold_and_every_word_stands_in_the_body(make, blocks, title, language, limits, method):
    article = make(*blocks, title=title, language=language)
    picked = method(article, limits)
    found = summarize(article, method, limits)
    body = [tidy(b.text, b.html) for b in article.blocks]
    assert len(found.text) <= limits.characters
    assert len(picked.sentences) <= limits.sentences
    assert all(any(sentence in text for text in body) for sentence in picked.sentences)
    assert not any(has_markup(sentence) for sentence in picked.sentences)
    assert not re.match(r"\W*(?:this|it|but|however)\b", "".join(picked.sentences[:1]), re.I) or language in (
        "de",
        "ja",
        "zh-Hant",
        "ar",
        "hi",
        "th",
        "x-klingon",
    )
    assert (found.text == "") == (found.origin is ExcerptFrom.NONE)


@given(TEXTS, TEXTS, LIMITS)
def test_a_summary_of_any_text_keeps_to_the_limits(make, summary, standfirst, limits):
    found = summarize(make("A lamp burns.", summary=summary, standfirst=standfirst), lead(), limits)
    assert len(found.text) <= limits.characters
    assert not has_markup(found.text)


@given(TEXTS, TEXTS, LANGUAGES)
def test_splitting_neither_loses_nor_changes_a_word(text, html, language):
    assert "".join("".join(p.text for p in split(text, html, language)).split()) == "".join(text.split())


@given(BLOCKS)
def test_the_same_article_gives_the_same_card_and_trace(make, blocks):
    article = make(*blocks)
    assert make_card(article, ranker(), Limits()) == make_card(article, ranker(), Limits())
    assert trace(article, ranker(), Limits()) == trace(article, ranker(), Limits())


HOSTILE = {
    "brackets": "(" * 200_000,
    "quotes": '"' * 200_000,
    "citations": "a[1]" * 50_000,
    "open citations": "a[1,[1," * 30_000,
    "markers": "[[" * 100_000 + "]:",
    "full stops": "." * 200_000,
    "spaces": "a " * 100_000 + ".",
    "one word": "a" * 400_000,
    "stars": "*a" * 100_000,
    "sentences": "Lamps burn. " * 20_000,
    "signs": "灯" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_paragraph_costs_time_in_proportion_to_its_size(make, text):
    start = time.process_time()
    summarize(make(text, summary=text[:50_000], title="Lamps"), ranker(), Limits())
    assert time.process_time() - start < 4
