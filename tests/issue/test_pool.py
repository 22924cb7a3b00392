"""A pool is rendered once; each of its variants is the mail that would be made of its cards alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.issue.compose import compose
from newsletter.issue.ending import HEAVIEST, level
from newsletter.issue.pool import Layout, Layouts, compose_pool, lay_out
from newsletter.issue.render import assemble, mjml_of, render
from newsletter.issue.slots import fill, fill_html, names, variant_slots
from newsletter.issue.theme import Theme
from newsletter.model import Card, ExcerptFrom, Image, Issue, Picture, Rendered, Role

from .issue_samples import LOADER, RECIPIENT, SITE, card, cards
from .post_samples import TIDE, Body, block
from .test_post import LONG


def arguments(carried: tuple[Card, ...], **changes: Any) -> dict[str, Any]:
    """Of `compose` and `compose_pool`; a picture's shape follows from its name."""
    shapes = {"flat": (720, 300), "tall": (400, 600), "odd": (0, 0)}
    pictures = {
        each.identity: Picture(
            f"cid:{each.identity}", each.image.alt or "", *shapes.get(each.image.source, (720, 450))
        )
        for each in carried
        if each.image
    }
    usual = {
        "id": "weekly-2026-11-20",
        "newsletter": "weekly",
        "title": "Plain Weave",
        "date": datetime(2026, 11, 20, 7, tzinfo=UTC),
        "language": "en",
        "subject": "",
        "preheader": "",
        "intro": "",
        "cards": carried,
        "pictures": pictures,
        "bodies": {},
        "media": (),
        "left_out": (),
    }
    return {**usual, **changes}


def printed(issue: Issue, template: str = "digest") -> Rendered:
    return render(issue, site=SITE, theme=Theme(), loader=LOADER, template=template)


def read(rendered: Rendered, keys: tuple[str, ...] | None, slots: dict[str, str]) -> tuple[str, str, str]:
    """Subject, HTML and text, as a recipient reads them."""
    html, text = assemble(rendered, keys)
    return slots["SUBJECT"], fill_html(html, slots | RECIPIENT), fill(text, slots | RECIPIENT)


def alone(chosen: tuple[Card, ...], template: str = "digest", **given: Any) -> tuple[str, str, str]:
    """The mail that is made of these cards and nothing else."""
    issue = compose(**{**given, "cards": chosen})
    return read(printed(issue, template), None, variant_slots(issue))


tags = st.lists(
    st.sampled_from(
        ["works", "Works", "open_source", "Open-source", "health", "more", "briefly", "_", "kept"]
    ),
    max_size=3,
).map(tuple)


@st.composite
def carried(draw: st.DrawFn) -> tuple[Card, ...]:
    """Cards of all kinds, up to fourteen."""
    shape = st.sampled_from(["", "", "", "flat", "tall", "odd"])
    return tuple(
        card(
            n,
            title=draw(
                st.sampled_from(
                    [f"Slates {n}", "A very long title that needs a smaller size " * 2, "100%%X%%"]
                )
            ),
            tags=draw(tags),
            excerpt="x " * draw(st.sampled_from([0, 1, 40, 120])),
            image=Image(draw(shape), f"Alt {n}", True) if draw(st.booleans()) else None,
            url=draw(st.sampled_from(["", f"https://plainweave.example/{n}"])),
            language=draw(st.sampled_from(["en", "en", "ar"])),
            authors=draw(st.sampled_from([(), ("Ida",)])),
            reading_minutes=draw(st.integers(1, 12)),
        )
        for n in range(draw(st.integers(1, 14)))
    )


written = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(["", "Slates 0", "Number %%NAME%%"]),
        "preheader": st.sampled_from(["", "Said & done"]),
        "language": st.sampled_from(["en", "ar"]),
        "intro": st.sampled_from(["", "Good morning."]),
    }
)


@settings(max_examples=120, deadline=None)
@given(carried(), st.data(), written)
def test_a_variant_of_a_pool_is_the_mail_of_its_cards_alone(
    pool: tuple[Card, ...], data: st.DataObject, said: dict[str, str]
) -> None:
    given = arguments(pool, **said)
    most = data.draw(st.integers(1, len(pool)) | st.just(0), label="most")
    issue = compose_pool(**given, most=most)
    rendered = printed(issue)
    lays_out = Layouts(issue)
    for _ in range(3):
        wanted = data.draw(st.sets(st.integers(0, len(pool) - 1), min_size=1, max_size=most or len(pool)))
        chosen = tuple(pool[n] for n in sorted(wanted))
        layout = lays_out(tuple(each.identity for each in chosen))
        assert read(rendered, layout.keys, layout.slots) == alone(chosen, **given)


def same(pool: tuple[Card, ...], given: dict[str, Any], template: str = "digest") -> None:
    """Every variant of a small pool is the mail of its cards alone."""
    issue = compose_pool(**given)
    rendered = printed(issue, template)
    for count in range(1, len(pool) + 1):
        for chosen in combinations(pool, count):
            layout = lay_out(issue, tuple(each.identity for each in chosen))
            assert read(rendered, layout.keys, layout.slots) == alone(chosen, template, **given)


def test_every_variant_of_a_pool_of_four() -> None:
    pool = (*cards(3), card(3, tags=("health", "works"), title="x" * 90))
    same(pool, arguments(pool))


def test_every_variant_of_a_pool_of_whole_articles() -> None:
    pool = (card(0), card(1, image=None), card(2, url=""), card(3, language="he"))
    bodies: dict[str, Body] = {"id:0": TIDE, "id:1": TIDE[:3], "id:2": TIDE[3:9], "id:3": TIDE}
    same(pool, arguments(pool, bodies=bodies), "post")
    del bodies["id:1"]  # it has nothing to say
    same(pool, arguments(pool, bodies=bodies), "post")


# ── what is in a pool ───────────────────────────────────────────────────────


def test_the_blocks_of_a_pool_are_those_of_the_mail_of_all_its_cards() -> None:
    given = arguments(cards(9))
    direct = {each.key: each for each in printed(compose(**given)).blocks if each.key.startswith("card:")}
    pool = {each.key: each for each in printed(compose_pool(**given)).blocks}
    assert {key: pool[key] for key in direct} == direct
    assert {key.rsplit(":", 1)[1] for key in direct} == {"lead", "left", "right", "wide", "row", "contents"}


def test_a_card_stands_in_a_pool_in_those_roles_that_it_can_come_to() -> None:
    pool = compose_pool(**arguments(cards(8)))
    roles = {
        n: [p.role for p in pool.placements if p.card and p.card.identity == f"id:{n}"] for n in range(8)
    }
    assert roles[0] == [Role.LEAD], "it comes before all others"
    assert Role.ROW not in roles[4], "at least four stand before it in a mail with rows"
    assert set(roles[5]) == {Role.LEAD, Role.LEFT, Role.RIGHT, Role.WIDE, Role.ROW, Role.CONTENTS}


def test_a_pool_for_short_mails_has_neither_contents_nor_rows() -> None:
    pool = compose_pool(**arguments(cards(30)), most=5)
    assert {p.role for p in pool.placements} == {None, Role.LEAD, Role.LEFT, Role.RIGHT, Role.WIDE}
    assert "Briefly" not in {p.section for p in pool.placements}
    assert pool.most == 5


def test_every_left_block_of_a_pool_is_followed_by_a_right_one() -> None:
    roles = [p.role for p in compose_pool(**arguments(cards(20))).placements]
    lefts = [n + 1 for n, role in enumerate(roles) if role is Role.LEFT]
    assert lefts == [n for n, role in enumerate(roles) if role is Role.RIGHT] != []


def test_a_pool_carries_each_card_once() -> None:
    assert compose_pool(**arguments(cards(9))).cards == cards(9)


def test_a_pool_without_cards_has_no_blocks() -> None:
    pool = compose_pool(**arguments(()))
    assert (pool.placements, pool.most, lay_out(pool, ()).keys) == ((), 0, ())


# ── one reader's ────────────────────────────────────────────────────────────


def test_a_layout_says_what_the_reader_gets() -> None:
    pool = compose_pool(**arguments((card(0), card(1, title="B"), card(2, title="C", tags=("health",)))))
    assert lay_out(pool, ("id:1", "id:2")) == Layout(
        ("card:1:lead", "section:2", "card:2:wide"),
        {
            "SUBJECT": "B",
            "PREHEADER": "Also: C",
            "COUNT": "2 articles",
            "MINUTES": "5 minutes",
            "SECTION_2_MINUTES": "",
        },
    )


def test_what_somebody_wrote_is_the_same_for_all_even_if_it_is_the_title_of_an_article() -> None:
    pool = compose_pool(**arguments(cards(3), subject=cards(3)[0].title, preheader="Screws"))
    slots = lay_out(pool, ("id:2",)).slots
    assert (slots["SUBJECT"], slots["PREHEADER"]) == (cards(3)[0].title, "Screws")


def test_the_page_is_called_what_its_subject_says() -> None:
    given = arguments((card(0), card(1, title='Nails "and" <screws>')))
    pool = compose_pool(**given)
    layout = lay_out(pool, ("id:1",))
    subject, html, _ = read(printed(pool), layout.keys, layout.slots)
    assert subject == 'Nails "and" <screws>'
    assert "<title>Nails &quot;and&quot; &lt;screws&gt;</title>" in html
    assert "SUBJECT" not in names(assemble(printed(compose_pool(**{**given, "subject": "One for all"})))[0])


def test_cards_in_another_order_twice_or_unknown_are_refused() -> None:
    pool = compose_pool(**arguments(cards(3)))
    for wrong in (("id:1", "id:0"), ("id:1", "id:1")):
        with pytest.raises(ValueError, match="in the order of its pool"):
            lay_out(pool, wrong)
    with pytest.raises(KeyError):
        lay_out(pool, ("id:7",))


def test_the_source_of_a_variant_is_that_of_the_mail_of_its_cards() -> None:
    given = arguments(cards(3), subject="One for all")
    pool = compose_pool(**given)
    rendered, layout = printed(pool), lay_out(pool, ("id:0", "id:2"))
    direct = printed(compose(**{**given, "cards": (cards(3)[0], cards(3)[2])}))
    assert unnumbered(mjml_of(rendered, layout.keys)) == unnumbered(mjml_of(direct))
    assert "<!-- card:2:wide -->" in mjml_of(rendered, layout.keys)


def unnumbered(mjml: str) -> str:
    return re.sub(r"card:\d+|section:\d+|SECTION_\d+", "", mjml)


def test_more_cards_than_the_pool_was_made_for_are_refused() -> None:
    pool = compose_pool(**arguments(cards(9)), most=3)
    with pytest.raises(KeyError):
        lay_out(pool, tuple(f"id:{n}" for n in range(6)))


# ── heavy articles ──────────────────────────────────────────────────────────


HEAVY = LONG[: len(LONG) // 2]


def heavy(count: int, most: int = 0) -> tuple[Issue, Rendered]:
    pool = tuple(card(n) for n in range(count))
    issue = compose_pool(**arguments(pool, bodies={each.identity: HEAVY for each in pool}), most=most)
    return issue, printed(issue, "post")


def test_a_heavy_article_of_a_pool_ends_alone_where_it_would_end_alone() -> None:
    issue, rendered = heavy(4)
    given = arguments((card(2),), bodies={"id:2": HEAVY})
    layout = lay_out(issue, ("id:2",))
    assert read(rendered, layout.keys, layout.slots) == alone((card(2),), "post", **given)
    assert "Read the rest on the web" in assemble(rendered, layout.keys)[0]


@pytest.mark.parametrize(("count", "most"), [(3, 3), (5, 2), (8, 3)])
def test_no_mail_of_heavy_articles_is_too_heavy(count: int, most: int) -> None:
    issue, rendered = heavy(count, most)
    sizes = [
        len(assemble(rendered, lay_out(issue, chosen).keys)[0].encode())
        for chosen in combinations([f"id:{n}" for n in range(count)], most)
    ]
    assert HEAVIEST * 3 // 4 < min(sizes) <= max(sizes) < HEAVIEST


@given(st.lists(st.integers(0, 200_000), max_size=9), st.integers(0, 9), st.integers(50_000, 90_000))
@example([90_000, 90_000, 10], 2, 90_000)
def test_any_articles_fit_that_are_kept_to_the_level(weights: list[int], most: int, room: int) -> None:
    kept = sorted(min(each, level(weights, room, most)) for each in weights)
    assert sum(kept[len(kept) - min(most, len(kept)) :]) <= room


def test_a_short_article_stays_whole_beside_a_heavy_one() -> None:
    pool = (card(0), card(1), replace(card(2), excerpt_from=ExcerptFrom.FRONT_MATTER))
    bodies: dict[str, Body] = {"id:0": HEAVY, "id:1": (block("paragraph", "Short."),), "id:2": TIDE}
    issue = compose_pool(**arguments(pool, bodies=bodies))
    blocks = {each.key: each.html for each in printed(issue, "post").blocks}
    assert {key for key, html in blocks.items() if "Read the rest" in html} == {
        "card:0:alone",
        "card:0:lead",
    }


# ── the same everywhere ─────────────────────────────────────────────────────

SCRIPT = """
from tests.issue.test_pool import *
pool = compose_pool(**arguments(cards(9)))
print(printed(pool).hash, lay_out(pool, tuple(f"id:{n}" for n in range(1, 9))))
"""


def test_two_processes_give_equal_pools_and_layouts_whatever_their_surroundings() -> None:
    root = Path(__file__).resolve().parents[2]
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, zone in (("1", "Asia/Tokyo"), ("4711", "America/New_York"))
    ]
    assert runs[0] == runs[1] != ""
