"""What a segment says, and where it is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.store.segments.reading import DEEPEST, SegmentError, read
from newsletter.store.segments.tree import All, Any, Comparison, Not
from newsletter.store.segments.words import LONGEST

PRO = Comparison("tags", "", "has", ("pro",))
GERMAN = Comparison("language", "", "in", ("de", "en"))
WEEKLY = Comparison("frequency", "", "==", ("weekly",))
SAYS_PRO, SAYS_GERMAN, SAYS_WEEKLY = 'tags has "pro"', 'language in ["de", "en"]', 'frequency == "weekly"'


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('tags has "pro" and language in ["de","en"]', All((PRO, GERMAN))),
        (f"{SAYS_PRO} or {SAYS_GERMAN} and {SAYS_WEEKLY}", Any((PRO, All((GERMAN, WEEKLY))))),
        (f"({SAYS_PRO} or {SAYS_GERMAN}) and {SAYS_WEEKLY}", All((Any((PRO, GERMAN)), WEEKLY))),
        ('not not tags has "pro"', Not(Not(PRO))),
        ('tags has any ["a", "b"]', Comparison("tags", "", "has any", ("a", "b"))),
        ('tags has all ["a"]', Comparison("tags", "", "has all", ("a",))),
        ('name == "say \\"yes\\" \\\\"', Comparison("name", "", "==", ('say "yes" \\',))),
        ("attributes.score >= -4.5", Comparison("attributes", "score", ">=", (-4.5,))),
        ("attributes.vip == true", Comparison("attributes", "vip", "==", (True,))),
        ('attributes.plan not in ["a", 3]', Comparison("attributes", "plan", "not in", ("a", 3))),
        ('created < "2026-11-23"', Comparison("created", "", "<", ("2026-11-23",))),
    ],
)  # fmt: skip
def test_a_segment_says(text: str, node: object) -> None:
    assert read(text) == node


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("", 1, "a field was expected here, not the end"),
        ('languge == "de"', 1, "languge is no field; did you mean language?"),
        ('tags has "pro" language == "de"', 16, "and or or was expected here, not language"),
        ('tags == "pro"', 6, "tags cannot be asked with ==; write has, has any, has all"),
        ("language == de", 13, "a value was expected here, not de: a text stands between quotes"),
        ('language = "de"', 10, "write == to compare"),
        ("language == 'de'", 13, "a text stands between double quotes"),
        ('language == "de', 13, "a text that is not closed"),
        ('language in "de"', 13, '[ was expected here, not "de"'),
        ('language in ["de" "en"]', 19, '] was expected here, not "en"'),
        ("language in []", 14, "a value was expected here, not ]"),
        ('(tags has "pro"', 16, ") was expected here, not the end"),
        ('frequency == "hourly"', 11, 'frequency is one of "", each, daily, weekly, never "hourly"'),
        ('created > "23.11.2026"', 9, 'a day is written "2026-11-23"'),
        ('attributes.plan < "b"', 17, "only numbers have an order"),
        ('attributes == "b"', 12, "write attributes.NAME"),
        ("language == 4", 10, "language is compared with a text"),
        ('tags has "pro"; drop table subscriber', 15, "; means nothing here"),
        ("attributes.x == 1e9", 17, "1 means nothing here"),
        ("not", 4, "a field was expected here, not the end"),
        ('language like "de"', 10, "after language comes one of ==, !=, in, not in, not like"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, at: int, says: str) -> None:
    with pytest.raises(SegmentError) as told:
        read(text)
    assert told.value.at == at
    assert f"at character {at}: {says}" in str(told.value)


@pytest.mark.parametrize("nest", ["(", "not "])
def test_depth_and_length_have_bounds(nest: str) -> None:
    close = ")" if nest == "(" else ""
    read(nest * DEEPEST + 'tags has "pro"' + close * DEEPEST)
    with pytest.raises(SegmentError, match="levels deep"):
        read(nest * 400 + 'tags has "pro"' + close * 400)
    with pytest.raises(SegmentError, match=f"at most {LONGEST} characters"):
        read(" " * LONGEST + 'tags has "pro"')
    with pytest.raises(SegmentError, match="at most 200 values"):
        read("tags has any [" + '"a",' * 200 + '"a"]')


@given(st.text(alphabet='tags has"[](),.=<>!-\\é\n0 1andornotlanguage', max_size=80) | st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        read(text)
    except SegmentError as error:
        assert 1 <= error.at <= len(text) + 1
