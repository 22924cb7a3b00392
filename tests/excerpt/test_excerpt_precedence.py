"""Which source gives the excerpt, and what makes it pass one over."""

import pytest

from newsletter.excerpt import Limits, make_card, summarize, trace
from newsletter.excerpt.lead import lead
from newsletter.excerpt.ranker import ranker
from newsletter.model import Block, BlockKind, ExcerptFrom

BODY = "The harbour office has hung forty oil lanterns along the old quay. Boats may tie up until midnight."
LATER = "Tickets for the night walk are sold at the kiosk beside the fish market every afternoon."
SUMMARY = "Forty lamps, one dark winter, and the man who lights them."
MORE = Block(BlockKind.MORE, "", "", 9)


def test_the_authors_summary_wins_over_everything(make):
    article = make(BODY, MORE, LATER, summary=SUMMARY, standfirst="Who pays for the oil?")
    assert summarize(article, ranker(), Limits()).origin is ExcerptFrom.FRONT_MATTER
    assert summarize(article, ranker(), Limits()).text == SUMMARY


def test_what_stands_before_the_more_mark_wins_over_the_standfirst(make):
    found = summarize(make(BODY, MORE, LATER, standfirst="Who pays for the oil?"), ranker(), Limits())
    assert (found.text, found.origin) == (BODY, ExcerptFrom.MORE_MARKER)


def test_the_standfirst_wins_over_the_method(make):
    found = summarize(make(BODY, LATER, standfirst="The fishers pay for the oil."), ranker(), Limits())
    assert (found.text, found.origin) == ("The fishers pay for the oil.", ExcerptFrom.STANDFIRST)


@pytest.mark.parametrize(
    ("method", "origin"), [(ranker(), ExcerptFrom.RANKER), (lead(), ExcerptFrom.LEAD)], ids=["ranker", "lead"]
)
def test_the_method_is_asked_last_and_named(make, method, origin):
    assert summarize(make(BODY, LATER), method, Limits()).origin is origin


@pytest.mark.parametrize("method", [ranker(), lead()], ids=["ranker", "lead"])
def test_an_article_with_nothing_to_show_has_its_title_alone(make, method):
    found = summarize(make(("heading", "A heading."), ("code", "print(1).")), method, Limits())
    assert (found.text, found.origin) == ("", ExcerptFrom.NONE)


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        ("The harbour office has hung forty oil lanterns along …", "ellipsis"),
        ("The harbour office has hung forty oil lanterns...", "ellipsis"),
        ("The harbour office has hung forty oil lanterns [...]", "ellipsis"),
        ("The harbour office has hung forty oil lanterns along the", "mid-sentence"),
        ("The harbour office has hung forty oil lante", "mid-sentence"),
        ("Lanterns along the quay", "title again"),
        ("Lanterns along the quay.", "title again"),
        ("{{< param description >}} and more", "markup"),
        ("   ", ""),
        ("TBD", "empty"),
    ],
)
def test_a_summary_that_is_none_is_passed_over(make, summary, reason):
    article = make(BODY, LATER, summary=summary)
    assert summarize(article, lead(), Limits()).origin is ExcerptFrom.LEAD
    assert reason in trace(article, lead(), Limits())[0] or not reason


@pytest.mark.parametrize(
    "summary",
    [
        "The harbour office has hung forty oil lanterns along the old quay.",
        "How the harbour office keeps its lamps burning",
        "This means light, and it means boats.",
        "Who lights them? One man does.",
    ],
    ids=["whole opening sentence", "no full stop", "an opener of the author's choice", "question"],
)
def test_a_summary_that_the_author_wrote_is_kept_word_for_word(make, summary):
    assert summarize(make(BODY, summary=summary), ranker(), Limits()).text == summary


def test_a_long_summary_is_trimmed_at_the_end_of_a_sentence(make):
    long = "Forty lamps hang there. One man lights them. Nobody pays him for it."
    found = summarize(make(BODY, summary=long), ranker(), Limits())
    assert (found.text, found.origin) == (
        "Forty lamps hang there. One man lights them.",
        ExcerptFrom.FRONT_MATTER,
    )


def test_a_summary_is_trimmed_to_the_characters_too(make):
    long = "Forty lamps hang there in the wind. One man lights them every single evening of the winter."
    assert (
        summarize(make(BODY, summary=long), ranker(), Limits(2, 60)).text
        == "Forty lamps hang there in the wind."
    )


def test_a_summary_whose_first_sentence_is_too_long_gives_way_rather_than_be_cut(make):
    found = summarize(make(BODY, summary="lamp " * 80 + "end."), ranker(), Limits())
    assert found.origin is ExcerptFrom.RANKER


def test_trimming_never_leaves_a_claim_without_its_hedge(make):
    summary = "Lamp oil is sold as safe to drink. Sailors swear by it. There is no evidence for this claim."
    found = summarize(make(BODY, summary=summary), lead(), Limits())
    assert "safe" not in found.text


@pytest.mark.parametrize("join", ["—", " – ", ": ", " - "])
def test_the_title_in_front_of_a_summary_is_taken_off(make, join):
    article = make(BODY, summary=f"Lanterns along the quay{join}Forty lamps and one man.")
    assert summarize(article, ranker(), Limits()).text == "Forty lamps and one man."


def test_without_a_body_a_later_sentence_of_a_long_summary_is_better_than_nothing(make):
    summary = "lamp " * 80 + "end. It is long. Forty lamps hang along the quay."
    found = summarize(make(summary=summary), ranker(), Limits())
    assert (found.text, found.origin) == ("Forty lamps hang along the quay.", ExcerptFrom.FRONT_MATTER)


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("Forty <em>lamps</em> &amp; one man.", "Forty lamps & one man."),
        ("Forty **lamps** and [one man](https://example.org/man).", "Forty lamps and one man."),
        ("Forty lamps and one man.[1]", "Forty lamps and one man."),
        ("Forty  lamps\nand one\u200b man.", "Forty lamps and one man."),
    ],
)
def test_markup_in_a_summary_never_reaches_the_card(make, summary, shown):
    assert summarize(make(BODY, summary=summary), ranker(), Limits()).text == shown


def test_a_card_carries_what_the_article_says_and_where_its_excerpt_came_from(make):
    article = make(BODY, LATER, summary=SUMMARY)
    card = make_card(article, ranker(), Limits())
    assert (card.identity, card.path, card.title, card.url) == (
        article.identity,
        article.path,
        article.title,
        article.url,
    )
    assert (card.authors, card.tags, card.language, card.reading_minutes) == (
        article.authors,
        article.tags,
        "en",
        1,
    )
    assert (card.excerpt, card.excerpt_from) == (SUMMARY, ExcerptFrom.FRONT_MATTER)


def test_the_trace_names_each_source_that_was_asked(make):
    lines = trace(
        make(BODY, LATER, summary="Cut short …", standfirst="Lanterns along the quay"), ranker(), Limits()
    )
    assert [line.split(":")[0] for line in lines[:3]] == ["front matter", "standfirst", "ranker"]


@pytest.mark.parametrize(
    ("summary", "reason"),
    [
        ("Learn how you can get involved!", "call"),
        ("Who pays for the oil?", "question"),
        ("Tips for lamps and oil", "label"),
    ],
)
def test_a_summary_that_states_nothing_waits_for_one_that_does(make, summary, reason):
    article = make(BODY, LATER, summary=summary)
    assert summarize(article, ranker(), Limits()).origin is ExcerptFrom.RANKER
    assert reason in trace(article, ranker(), Limits())[0]
    beside = make(BODY, summary=summary, standfirst="The fishers pay for the oil.")
    assert summarize(beside, ranker(), Limits()).text == "The fishers pay for the oil."


@pytest.mark.parametrize("summary", ["Learn how you can get involved!", "Who pays for the oil?"])
def test_a_summary_that_states_nothing_is_better_than_none(make, summary):
    article = make(summary=summary)
    assert summarize(article, ranker(), Limits()).text == summary
    assert trace(article, ranker(), Limits())[-1].endswith("taken for want of more")


@pytest.mark.parametrize("start", ["Lanterns: along the quay—", "Lanterns - along the quay: "])
def test_the_title_with_other_marks_in_it_is_taken_off_too(make, start):
    article = make(BODY, title="Lanterns — along the quay", summary=f"{start}Forty lamps and one man.")
    assert summarize(article, ranker(), Limits()).text == "Forty lamps and one man."


def test_of_a_long_summary_the_part_that_speaks_of_the_title_is_kept(make):
    scene = "Winters by the sea are long and grey, and each winter fewer boats come home before midnight " * 2
    subject = "Forty lanterns now hang along the quay, and keeper Ole lights each of them by hand."
    article = make(BODY, summary=f"{scene.strip()}. {subject}")
    assert summarize(article, ranker(), Limits()).text == subject


def test_a_question_is_not_shown_without_the_answer_that_follows_it(make):
    question = "Have you ever walked along the quay late at night, and asked yourself who pays?"
    answer = (
        "The fishers of the harbour pay for the lanterns of the quay, "
        + "barrel for barrel, " * 8
        + "each year."
    )
    article = make(BODY, summary=f"{question} {answer}")
    assert summarize(article, ranker(), Limits()).text == answer


def test_a_beginning_on_the_subject_stays_the_beginning(make):
    summary = "Forty lanterns hang along the quay. One man lights them. The lanterns of the quay burn oil."
    found = summarize(make(BODY, summary=summary), ranker(), Limits()).text
    assert found == "Forty lanterns hang along the quay. One man lights them."


def test_a_summary_too_long_to_trim_gives_way_and_says_so(make):
    article = make(BODY, summary="lamp " * 80 + "end.")
    assert "may not stand alone" in trace(article, ranker(), Limits())[0]
    assert summarize(article, ranker(), Limits()).origin is ExcerptFrom.RANKER
