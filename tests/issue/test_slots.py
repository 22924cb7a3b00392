"""Slots are filled once, and outside text is never one."""

import html

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.issue.slots import (
    HIDDEN,
    fill,
    fill_html,
    guard,
    guarded,
    literal,
    names,
    reveal,
    segments,
)
from newsletter.issue.theme import Theme
from newsletter.issue.variant import auto_preheader, shorten, variant_slots
from newsletter.model import Role

from .issue_samples import card, cards, issue_of

percents = st.lists(st.sampled_from(["%", "%%", "A", "_", "é", " ", "PERCENT", "NAME"]), max_size=12).map(
    "".join
)


@given(percents)
@example("%%NAME%%")
@example("%%PERCENT%%")
@example("%%%%NAME%%%%")
@example("100%")
def test_outside_text_comes_out_as_it_went_in(text: str) -> None:
    assert fill(reveal(guard(text)), {}) == text
    assert fill(literal(text), {}) == text


@given(percents, percents, st.sampled_from(["", "%", "100%", " "]))
@example("%", "%NAME%%", "")
@example("100%", "%", "")
def test_a_slot_beside_outside_text_is_still_the_only_slot(before: str, after: str, own: str) -> None:
    template = reveal(f"{guard(before)}{own}%%NAME%%{guard(after)}")
    assert names(template) == {"NAME"}
    assert fill(template, {"NAME": "Ida"}) == f"{before}{own}Ida{after}"


@given(percents, percents)
@example("%", "%NAME%%")
@example("%%NAME", "%%")
def test_two_outside_texts_side_by_side_make_no_slot(one: str, other: str) -> None:
    assert fill(reveal(guard(one) + guard(other)), {}) == one + other


def test_a_value_is_never_looked_at_again() -> None:
    assert fill("%%NAME%%", {"NAME": "%%ADDRESS%%", "ADDRESS": "x"}) == "%%ADDRESS%%"
    assert fill("%%NAME%%%%ADDRESS%%", {"NAME": "%%", "ADDRESS": "NAME%%"}) == "%%NAME%%"


def test_values_are_escaped_for_html_and_only_there() -> None:
    value = {"NAME": '<b>"Ida" & Co</b>'}
    assert fill_html("<p>%%NAME%%</p>", value) == f"<p>{html.escape(value['NAME'])}</p>"
    assert fill("%%NAME%%", value) == value["NAME"]


def test_a_slot_without_a_value_is_a_bug() -> None:
    with pytest.raises(KeyError):
        fill("%%NAME%%", {})


def test_segments_alternate_literals_and_names() -> None:
    assert segments("a%%NAME%%b%%PERCENT%%c%%WHY%%") == ("a", "NAME", "b%c", "WHY", "")
    assert segments("") == ("",)


def test_lower_case_and_single_percents_are_no_slots() -> None:
    assert names("%%name%% %NAME% %%NA-ME%% 100%") == frozenset()


def test_what_no_page_may_carry_is_dropped() -> None:
    assert guard(f"a\x00b\x1bc\u0085d{HIDDEN}e\uffff\ud800\n\tf") == "abcde\n\tf"


def test_every_string_of_a_value_is_guarded() -> None:
    assert guarded((Theme(font="5%"), "6%", 7)) == (Theme(font=f"5{HIDDEN}"), f"6{HIDDEN}", 7)


# ── what depends on the variant ─────────────────────────────────────────────


def test_a_variant_counts_only_its_own_cards() -> None:
    issue = issue_of(*(card(n, reading_minutes=n + 1) for n in range(3)))
    assert variant_slots(issue)["COUNT"] == "3 articles"
    assert variant_slots(issue)["MINUTES"] == "6 minutes"
    assert variant_slots(issue, ("card:0:lead",))["COUNT"] == "1 article"
    assert variant_slots(issue, ("card:0:lead",))["MINUTES"] == "1 minute"


def test_the_list_of_contents_is_not_counted_twice() -> None:
    assert variant_slots(issue_of(*cards(8)))["COUNT"] == "8 articles"


def test_a_section_of_one_card_says_no_minutes() -> None:
    issue = issue_of(card(0), card(1), card(2), reading := card(3, tags=("kept",)))
    values = variant_slots(issue)
    assert values["SECTION_1_MINUTES"] == "5 minutes"
    assert values["SECTION_2_MINUTES"] == "" != str(reading.reading_minutes)


def test_a_label_of_contents_stands_once_even_when_the_first_line_is_left_out() -> None:
    issue = issue_of(*(card(n) for n in range(6)))
    lines = [p.key for p in issue.placements if p.role is Role.CONTENTS]
    labels = [f"CONTENTS_{key.split(':')[1]}_LABEL" for key in lines]
    assert [variant_slots(issue)[label] for label in labels] == ["Works", "", "", "", ""]
    assert [variant_slots(issue, tuple(lines[1:]))[label] for label in labels] == ["", "Works", "", "", ""]


def test_a_preheader_made_of_titles_is_made_anew_for_a_variant() -> None:
    issue = issue_of(card(0, title="A"), card(1, title="B"), card(2, title="C"))
    assert variant_slots(issue)["PREHEADER"] == "Also: B · C"
    keys = tuple(p.key for p in issue.placements if p.card is None or p.card.title != "B")
    assert variant_slots(issue, keys)["PREHEADER"] == "Also: C"


def test_a_preheader_that_somebody_wrote_stays() -> None:
    issue = issue_of(card(0), card(1), preheader="Slates and screws")
    assert variant_slots(issue, ("card:0:lead",))["PREHEADER"] == "Slates and screws"


@given(st.text(), st.integers(2, 60))
def test_shortened_text_keeps_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


def test_a_preheader_is_short() -> None:
    assert len(auto_preheader("en", cards(10))) <= 130
