"""Which card is set how."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.compose import compose, is_whole
from newsletter.model import Block, BlockKind, Image, Issue, Picture, Placement, Role

from .issue_samples import card, cards, issue_of


def outline(issue: Issue) -> list[str]:
    """Sections by name, cards by role."""
    return [p.role.value if p.role else f"[{p.section}]" for p in issue.placements]


def test_the_first_card_leads_and_the_others_stand_in_sections_by_tag() -> None:
    issue = issue_of(
        card(0),
        card(1, tags=("health",)),
        card(2, tags=("works",)),
        card(3, tags=("health",)),
        card(4, tags=()),
    )
    assert outline(issue) == ["lead", "[Health]", "left", "right", "[Works]", "wide", "[More]", "wide"]


def test_articles_without_a_tag_stand_behind_those_that_have_one() -> None:
    issue = issue_of(card(0), card(1, tags=()), card(2, tags=("health",)), card(3, tags=("more",)))
    assert [p.section for p in issue.placements if p.role is None] == ["Health", "More"]
    assert [p.card.identity for p in issue.placements if p.card] == ["id:0", "id:2", "id:3", "id:1"]


def test_whole_articles_stand_one_after_the_other_each_with_its_body() -> None:
    bodies = {f"id:{n}": (Block(BlockKind.PARAGRAPH, f"Text {n}", "", 1),) for n in (0, 2)}
    issue = issue_of(card(0), card(1), card(2), bodies=bodies)
    assert [(p.key, p.role, p.section) for p in issue.placements] == [
        ("card:0:lead", Role.LEAD, ""),
        ("card:1:next", Role.NEXT, ""),
        ("card:2:next", Role.NEXT, ""),
    ]
    assert [p.body for p in issue.placements] == [bodies["id:0"], (), bodies["id:2"]]


def test_an_article_that_stands_alone_is_the_whole_mail() -> None:
    issue = issue_of(card(0), bodies={"id:0": (Block(BlockKind.PARAGRAPH, "Text", "", 1),)})
    assert [(p.key, p.role) for p in issue.placements] == [("card:0:alone", Role.ALONE)]


@pytest.mark.parametrize(
    ("template", "whole"),
    [("post", True), ("post-summer", True), ("posts", False), ("digest", False), ("my-post", False)],
)
def test_the_name_of_the_template_says_whether_articles_are_whole(template: str, whole: bool) -> None:
    assert is_whole(template) is whole


def test_the_tag_that_others_share_makes_the_section() -> None:
    issue = issue_of(card(0), card(1, tags=("zips", "kept")), card(2, tags=("kept",)))
    assert [p.section for p in issue.placements if p.role is None] == ["Kept"]


def test_tags_that_differ_in_case_and_hyphens_are_one_section() -> None:
    issue = issue_of(card(0), card(1, tags=("Open-source",)), card(2, tags=("open source",)))
    assert [p.section for p in issue.placements if p.role is None] == ["Open-source"]


@pytest.mark.parametrize(
    ("one", "other", "roles"),
    [
        pytest.param({}, {}, ["left", "right"], id="alike"),
        pytest.param({"image": None}, {}, ["wide", "wide"], id="one without a picture"),
        pytest.param({"image": None}, {"image": None}, ["left", "right"], id="both without"),
        pytest.param(
            {"excerpt": "x" * 200}, {"excerpt": "x"}, ["wide", "wide"], id="excerpts of unlike length"
        ),
    ],
)
def test_only_cards_that_look_alike_stand_side_by_side(
    one: dict[str, object], other: dict[str, object], roles: list[str]
) -> None:
    assert outline(issue_of(card(0), card(1, **one), card(2, **other)))[2:] == roles


def test_pictures_of_other_proportions_do_not_stand_side_by_side() -> None:
    pictures = {"id:1": Picture("cid:1", "", 400, 300), "id:2": Picture("cid:2", "", 400, 600)}
    assert outline(issue_of(card(0), card(1), card(2), pictures=pictures))[2:] == ["wide", "wide"]


@pytest.mark.parametrize(
    ("count", "contents", "rows"),
    [(1, 0, 0), (5, 0, 0), (6, 5, 0), (7, 6, 2), (8, 7, 2), (10, 9, 4), (30, 29, 24)],
)
def test_contents_from_six_cards_on_and_rows_from_seven(count: int, contents: int, rows: int) -> None:
    kinds = outline(issue_of(*cards(count)))
    assert (kinds.count("contents"), kinds.count("row")) == (contents, rows)


def test_the_list_of_contents_reads_in_the_order_of_the_cards_below() -> None:
    issue = issue_of(*cards(10))
    listed = [p.card for p in issue.placements if p.role is Role.CONTENTS]
    below = [p.card for p in issue.placements if p.card and p.role not in (Role.CONTENTS, Role.LEAD)]
    assert listed == below


def test_a_tag_that_is_called_like_the_rows_joins_them() -> None:
    issue = issue_of(*(card(n, tags=("briefly",)) for n in range(8)))
    assert [p.section for p in issue.placements if p.role is None] == ["", "Briefly"]


def test_what_nobody_wrote_is_made_from_the_cards() -> None:
    issue = issue_of(card(0, title="A foghorn"), card(1, title="Slates"), card(2, title="Screws"))
    assert (issue.subject, issue.preheader) == ("A foghorn", "Also: Slates · Screws")
    assert issue_of(card(0, excerpt="Not the slate.")).preheader == "Not the slate."


def test_what_somebody_wrote_is_kept() -> None:
    issue = issue_of(card(0), subject="Plain Weave No. 42", preheader="Screws")
    assert (issue.subject, issue.preheader) == ("Plain Weave No. 42", "Screws")


shapes = st.tuples(
    st.sampled_from(["", "works", "Works", "health", "briefly", "more"]),
    st.integers(0, 260),
    st.booleans(),
)


@given(st.lists(shapes, max_size=14))
def test_every_card_is_placed_once_and_every_left_has_its_right(drawn: list[tuple[str, int, bool]]) -> None:
    carried = tuple(
        card(
            n,
            tags=(tag,) if tag else (),
            excerpt="x" * length,
            image=Image("i", "", True) if picture else None,
        )
        for n, (tag, length, picture) in enumerate(drawn)
    )
    issue = issue_of(*carried)
    placed = [p for p in issue.placements if p.role not in (None, Role.CONTENTS)]
    assert sorted(p.card.identity for p in placed if p.card) == sorted(c.identity for c in carried)
    assert len({p.key for p in issue.placements}) == len(issue.placements)
    roles = [p.role for p in issue.placements]
    assert [i + 1 for i, role in enumerate(roles) if role is Role.LEFT] == [
        i for i, role in enumerate(roles) if role is Role.RIGHT
    ]


def test_no_cards_make_an_issue_without_blocks() -> None:
    issue = compose(
        id="weekly-2026-11-20",
        newsletter="weekly",
        title="Plain Weave",
        date=datetime(2026, 11, 20, tzinfo=UTC),
        language="en",
        subject="",
        preheader="",
        intro="",
        cards=(),
        pictures={},
        bodies={},
        media=(),
        left_out=(),
    )
    assert (issue.subject, issue.preheader, issue.placements) == ("Plain Weave", "", ())


def test_keys_say_card_and_role() -> None:
    issue = issue_of(card(0), card(1))
    assert issue.placements == (
        Placement("card:0:lead", Role.LEAD, card(0), "", Picture("cid:0.png", "Screw heads 0", 720, 450), ()),
        Placement("section:1", None, None, "Works", None, ()),
        Placement(
            "card:1:wide", Role.WIDE, card(1), "Works", Picture("cid:1.png", "Screw heads 1", 720, 450), ()
        ),
    )
