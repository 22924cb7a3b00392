"""The author's own words: which field is taken, and what is said about one that no card takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.model import Article

One = Callable[..., Article]
FIRST = "The harbour froze over in the night and nobody had a boat that could break the ice"
BODY = (
    f"{FIRST}\n\nIn the morning the ferry came with two tugs, and the town went down to the quay to look.\n"
)
WHOLE = "The ferry was a day late, for the harbour had frozen over."

CHOICES = {
    "a call gives way": (f"deck: Learn how you can help!\nsummary: {WHOLE}", WHOLE),
    "a question gives way": (f"deck: Where do we go from 2.0?\nsummary: {WHOLE}", WHOLE),
    "a label gives way": (f"deck: Tips for harbours\nsummary: {WHOLE}", WHOLE),
    "a label with a short form gives way": (f"deck: A U.S. harbour's view\nsummary: {WHOLE}", WHOLE),
    "the title again gives way": (f"deck: Thin Ice.\nsummary: {WHOLE}", WHOLE),
    "the title in other punctuation goes": (f"deck: 'Thin – ice: {WHOLE}'", WHOLE),
    "a bold title and a dash go": (f"deck: '**Thin ice**&mdash;{WHOLE}'", WHOLE),
    "a statement stays": (f"deck: The ice is thin.\nsummary: {WHOLE}", "The ice is thin."),
    "a statement before a question stays": (
        f"deck: The ice is thin. Who knew?\nsummary: {WHOLE}",
        "The ice is thin. Who knew?",
    ),
    "a call alone stays": ("deck: Learn how you can help!", "Learn how you can help!"),
    "of labels the first stays": ("deck: Tips for harbours\nsummary: More tips", "Tips for harbours"),
    "nothing gives way to what is too long": (
        f"deck: Tips for harbours\nsummary: '{'a long tale of ice, ' * 20}of course.'",
        "Tips for harbours",
    ),
    "japanese": ("deck: 港の話\nsummary: 港が凍った。船は来なかった。", "港が凍った。船は来なかった。"),
    "a title that only begins alike": ("deck: Thin ice is dangerous", "Thin ice is dangerous"),
}


@pytest.mark.parametrize(("fields", "summary"), CHOICES.values(), ids=CHOICES)
def test_a_field_that_states_nothing_gives_way(one: One, fields: str, summary: str) -> None:
    assert summary == one(f"---\ntitle: 'Thin: ice'\n{fields}\n---\n{BODY}").summary


OPENINGS = {
    "the whole first paragraph, which has no full stop": (FIRST, FIRST),
    "stopped inside the paragraph": (" ".join(FIRST.split()[:-2]), ""),
    "stopped inside a word": (FIRST[:-9], ""),
    "two paragraphs and a bit": (f"{FIRST} In the morning the ferry", ""),
}


@pytest.mark.parametrize(("said", "summary"), OPENINGS.values(), ids=OPENINGS)
def test_an_opening_is_cut_off_only_inside_a_paragraph(one: One, said: str, summary: str) -> None:
    assert summary == one(f"---\ntitle: Ice\nsummary: {said}\n---\n{BODY}").summary


LENGTHS = {
    "fits": (f"{'x' * 259}. Then more.", ""),
    "too long": (
        f"{'x' * 260}. Then more.",
        "the summary's first sentence has 261 characters; cards take 260",
    ),
    "no end": ("x" * 300, "the summary's first sentence has 300 characters; cards take 260"),
    "a short form is no end": (
        f"The U.S. harbour {'x' * 260}. Then more.",
        "the summary's first sentence has 278 characters; cards take 260",
    ),
}


@pytest.mark.parametrize(("said", "problem"), LENGTHS.values(), ids=LENGTHS)
def test_a_summary_that_no_card_takes_is_reported_with_its_line(one: One, said: str, problem: str) -> None:
    found = [(p.line, p.text) for p in one(f"---\ntitle: Ice\nsummary: {said}\n---\n{BODY}").problems]
    assert found == ([(3, problem)] if problem else [])


def test_a_stub_is_recognised_by_its_first_field_whichever_is_shown(one: One) -> None:
    stub = "---\ntitle: Ice\nsource_url: https://x.example/ice\ndeck: {}\nsummary: {}\n---\n"
    shown = one(stub.format("Tips for harbours", WHOLE))
    assert shown.summary == WHOLE
    assert one(stub.format("Tips for harbours", "More tips")).keys == shown.keys
