"""What stands first, what a newsletter takes at all, and the cards of corrections."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import permutations

import pytest

from newsletter.issue.ordering import Order, corrections, filtered, one_language, ordered
from newsletter.model import Listing


def listing(name: str, day: int = 0, **more: object) -> Listing:
    """An article of that day of November; of day 0, without a date."""
    date = datetime(2026, 11, day, 9, tzinfo=UTC) if day else None
    keys = (f"id:{name}", f"path:{name}.md")
    made = Listing(keys[0], keys, f"{name}.md", name.title(), "en", date, 0)
    return Listing(**{**{name: getattr(made, name) for name in made.__slots__}, **more})


def names(articles: tuple[Listing, ...]) -> str:
    return " ".join(("!" if one.corrects else "") + one.path.removesuffix(".md") for one in articles)


TIDE, MOON, GULL = listing("tide", 3, weight=2), listing("moon", 5), listing("gull", 4, weight=-1)
UNDATED = listing("undated", weight=1)
ORDERS: dict[Order, str] = {
    "newest": "moon gull tide undated",
    "oldest": "undated tide gull moon",
    "weight": "gull undated tide moon",
}


@pytest.mark.parametrize(("order", "expected"), ORDERS.items(), ids=ORDERS)
def test_each_order_is_the_same_however_the_folder_is_read(order: Order, expected: str) -> None:
    found = {names(ordered(given, order)) for given in permutations((TIDE, MOON, GULL, UNDATED))}
    assert found == {expected}


@pytest.mark.parametrize("order", ORDERS)
def test_those_that_tie_stand_by_their_files(order: Order) -> None:
    alike = [listing(name, 3) for name in ("ash", "birch", "cedar", "dogwood", "elm")]
    random.Random(7).shuffle(alike)
    assert names(ordered(alike, order)) == "ash birch cedar dogwood elm"


def test_of_one_day_the_lighter_stands_first() -> None:
    assert names(ordered([listing("a", 3, weight=9), listing("b", 3, weight=1)], "newest")) == "b a"


def test_among_those_with_a_weight_that_tie_the_newest_stands_first() -> None:
    assert names(ordered([listing("a", 3, weight=1), listing("b", 4, weight=1)], "weight")) == "b a"


def test_pins_stand_first_in_their_order_then_what_its_author_pinned() -> None:
    mine = listing("mine", 1, pinned=True)
    found = ordered((TIDE, MOON, GULL, mine), "newest", (TIDE.identity, GULL.identity))
    assert names(found) == "tide gull mine moon"


def test_a_pin_that_is_not_there_changes_nothing() -> None:
    assert ordered((TIDE, MOON), "newest", ("id:nobody",)) == (MOON, TIDE)


# ── corrections ─────────────────────────────────────────────────────────────


def note(name: str, day: int, text: str = "It was the other one.") -> Listing:
    (made,) = corrections((listing(name, day, correction=text, pinned=True),), "Mended: {}".format)
    return made


@pytest.mark.parametrize("order", ORDERS)
def test_corrections_stand_last_in_their_order_though_their_articles_would_lead(order: Order) -> None:
    pinned = listing("mine", 1, pinned=True)
    found = ordered((note("gull", 9), note("ash", 8), TIDE, pinned), order, (TIDE.identity, "id:gull"))
    assert names(found).startswith("tide mine !")


def test_a_correction_is_called_as_the_language_says_and_is_recognised_as_its_article_is() -> None:
    made = note("gull", 9)
    assert (made.title, made.corrects, made.pinned) == ("Mended: Gull", "id:gull", False)
    assert len(made.keys) == len(set(made.keys)) == 2
    renamed = listing("other", 9, keys=("id:gull", "path:other.md"), correction="It was the other one.")
    (same,) = corrections((renamed,), str)
    assert same.keys[0] == made.keys[0]
    assert note("gull", 9, "It was the third.").keys[0] != made.keys[0]


def test_who_says_nothing_has_no_correction() -> None:
    assert corrections((TIDE, MOON), str) == ()


# ── what a newsletter takes ─────────────────────────────────────────────────


def test_tags_are_compared_without_case_hyphens_and_underscores() -> None:
    tagged = listing("a", tags=("Open-Source",))
    inside, outside = filtered((tagged,), ("open_source",), ())
    assert (inside, outside) == ((tagged,), ())


def test_an_unwanted_tag_wins_over_a_wanted_one_and_each_reason_is_told() -> None:
    both, none = listing("both", tags=("news", "Draft")), listing("none", tags=("works",))
    kept = listing("kept", tags=("news",))
    inside, outside = filtered((both, none, kept), ("news",), ("draft",))
    assert inside == (kept,)
    assert [(one.path, one.reason) for one in outside] == [
        ("both.md", 'has the tag "draft", which is not for this newsletter'),
        ("none.md", "has none of the tags of this newsletter: news"),
    ]


def test_without_tags_everything_is_taken() -> None:
    assert filtered((TIDE, MOON), (), ()) == ((TIDE, MOON), ())


def test_of_the_variants_of_an_article_the_one_in_the_language_is_taken() -> None:
    english, german = listing("a", 3), listing("a", 3, path="a.de.md", language="de")
    assert one_language((english, german), "de") == (german,)
    assert one_language((german, english), "en") == (english,)
    assert one_language((english, german), "fr") == (english,)
