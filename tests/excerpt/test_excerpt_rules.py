"""The rules that hold for every pick, each with the example that would break it."""

from collections.abc import Callable

import pytest

from newsletter.excerpt import Limits, Picked, summarize
from newsletter.excerpt.cleaning import has_markup, tidy
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker
from newsletter.excerpt.sentences import split
from newsletter.model import Article, ExcerptFrom

Make = Callable[..., Article]

GOOD = "Forty oil lanterns hang along the old quay of the harbour."
BOTH = pytest.mark.parametrize("method", [ranker(), lead()], ids=["ranker", "lead"])

# Each opens an article whose next paragraph is GOOD; none of them may be shown.
NEVER = {
    "this": "This means that lanterns along the quay will burn all night.",
    "it": "It lights the lanterns along the quay every evening.",
    "it's": "It’s the lantern that lights the quay for the harbour.",
    "but": "But the lanterns along the quay burn all night.",
    "however": "However, the lanterns along the quay burn all night.",
    "for example": "For example, the lanterns along the quay burn all night.",
    "quoted this": "“This lantern is the oldest one along the quay,” said the warden.",
    "shortcode": "The lanterns along the quay are listed at {{< ref lamps >}} for all.",
    "liquid": "The lanterns along the quay are {% include lamps %} for all.",
    "footnote link": "The lanterns along the quay are [listed][lamps] for all.",
    "tag": "The lanterns along the quay sit in a <Lamp /> for all.",
    "emoji name": "The lanterns along the quay :lamp: burn all night.",
    "entity": "The lanterns &nbsp; along the quay burn all night.",
    "bare address": "The lanterns along the quay are shown at https://example.org/lamps for all.",
    "mail address": "Ask lamps@example.org about the lanterns along the quay.",
    "open quotation": "“The lanterns along the quay burn all night, said the warden.",
    "open bracket": "The lanterns along the quay (see the list burn all night.",
    "colon": "The lanterns along the quay come in these colours:",
    "no full stop": "Lanterns along the quay of the harbour in the evening",
    "title again": "Lanterns along the quay.",
    "title and a word": "Lanterns along the quay today.",
    "caption cue": "Photo: the lanterns along the quay in the evening.",
    "notice": "Originally published on the harbour blog about the lanterns.",
    "byline note": "This post was originally published by the harbour office.",
}


@BOTH
@pytest.mark.parametrize("bad", NEVER.values(), ids=NEVER.keys())
def test_a_bad_sentence_is_never_shown(make, method, bad):
    assert summarize(make(bad, GOOD), method, Limits()).text == GOOD


@BOTH
@pytest.mark.parametrize("kind", ["heading", "code", "image", "table", "footnote", "embed"])
def test_only_prose_is_shown(make, method, kind):
    article = make((kind, "Lanterns hang along the quay of the harbour."), GOOD)
    assert summarize(article, method, Limits()).text == GOOD


@BOTH
@pytest.mark.parametrize(
    ("alt", "html"),
    [
        ("Keeper Ole with his ladder on the quay.", ""),
        ("", "<em>Keeper Ole with his ladder on the quay.</em>"),
    ],
    ids=["says its alt text again", "in italics under it"],
)
def test_a_caption_under_a_picture_is_never_shown(make, method, alt, html):
    caption = ("paragraph", "Keeper Ole with his ladder on the quay.", html)
    assert summarize(make(("image", alt), caption, GOOD), method, Limits()).text == GOOD


@BOTH
def test_list_items_stand_in_only_where_prose_is_scarce(make, method):
    items = make(("heading", "Rules"), ("list", "Every lantern is lit before the sun is down."))
    assert summarize(items, method, Limits()).text == "Every lantern is lit before the sun is down."


@BOTH
def test_an_opener_may_follow_the_sentence_that_it_leans_on(make, method):
    article = make("A lantern burns a litre of oil a night. It smells of herring.")
    assert summarize(article, method, Limits()).text in (
        "A lantern burns a litre of oil a night. It smells of herring.",
        "A lantern burns a litre of oil a night.",
    )


@pytest.mark.parametrize(
    ("text", "html", "sentences"),
    [
        ("Dr. Ahlers lights the lamps. She is paid.", "", 2),
        ("Lamps burn 1.5 litres. Oil costs 3.20 a litre.", "", 2),
        ("The No. 5 lamp is out. Nobody knows why.", "", 2),
        ("“We light them. We always did.” Ole said so. Then he left.", "", 3),
        ("He said “go! Now.” and left.", "", 1),
        (
            "Read Lamps. A history today. Then go.",
            'Read <a href="x">Lamps. A history</a> today. Then go.',
            2,
        ),
        ("Type lamp. On to begin. Then wait.", "Type <code>lamp. On</code> to begin. Then wait.", 2),
        ("Lamps (e.g. the big ones) burn. Others do not.", "", 2),
        ("Made with node.js and care. Nothing else.", "", 2),
    ],
)
def test_a_sentence_never_ends_inside_a_link_code_number_or_quotation(text, html, sentences):
    found = split(text, html, "en")
    assert " ".join(p.text for p in found) == text
    assert len(found) == sentences


def test_a_quotation_of_several_sentences_counts_as_several(make):
    long = "“We light them. We always did. We always will,” said Ole of the lanterns along the quay."
    assert summarize(make(long, GOOD), ranker(), Limits()).text == GOOD


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lamps burn oil.[3] They smell.", "Lamps burn oil. They smell."),
        ("Lamps burn oil [2,3] and smell.", "Lamps burn oil and smell."),
        ("Lamps burn oil [4–6].", "Lamps burn oil."),
        ("Lamps[12] burn oil.", "Lamps burn oil."),
        ("Lamps burn oil.[1][2] They smell.[citation needed]", "Lamps burn oil. They smell."),
        ("Lamps burn oil[^note].", "Lamps burn oil."),
        ("Lamps burn “oyl” [sic].", "Lamps burn “oyl” [sic]."),
        ("The value lamps[0] is lit.", "The value lamps[0] is lit."),
        ("Set lamps[1] = true now.", "Set lamps[1] = true now."),
        ("Call lamps[1].light() now.", "Call lamps[1].light() now."),
        ("Made in [2023] by hand.", "Made in [2023] by hand."),
    ],
)
def test_reference_marks_go_and_the_authors_brackets_stay(text, shown):
    assert tidy(text) == shown


def test_what_the_author_marked_as_code_keeps_its_brackets():
    assert tidy("Use args[1] here.", "Use <code>args[1]</code> here.") == "Use args[1] here."


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "It costs 5 & more.", "At 10:30: doors open.", "5 * 3 = 15", "snake_case"]
)
def test_ordinary_signs_are_not_taken_for_markup(text):
    assert not has_markup(text)


@pytest.mark.parametrize("limits", [Limits(1, 260), Limits(2, 80), Limits(1, 20), Limits(3, 400)], ids=str)
@BOTH
def test_the_limits_that_are_asked_for_hold(make, method, limits):
    article = make(
        " ".join([GOOD, "Keeper Ole lights each of them by hand.", "The oil is paid by the fishers."])
    )
    found = summarize(article, method, limits).text
    assert len(found) <= limits.characters
    assert found.count(".") <= limits.sentences


@pytest.mark.parametrize("greeting", ["Happy winding!", "Hello, keepers!", "Hooray!"])
def test_a_greeting_is_no_excerpt(make: Make, greeting: str) -> None:
    def only_this(article: Article, limits: Limits) -> Picked:
        return Picked((greeting,), ExcerptFrom.RANKER, ())

    found = summarize(make(greeting), only_this, Limits())

    assert (found.text, found.origin) == ("", ExcerptFrom.NONE)
