"""A post carries whole articles: every kind of block, no more than Gmail shows, and a text to match."""

import re

import pytest

from newsletter.errors import RenderError
from newsletter.issue.ending import HEAVIEST, ended
from newsletter.issue.render import assemble
from newsletter.issue.theme import Theme
from newsletter.model import Block, BlockKind, ExcerptFrom, Picture, Role

from .issue_samples import RECIPIENT, card
from .post_samples import CODE, TIDE, block, post, posted, tide
from .test_render import Page


def test_every_kind_of_block_is_there_in_order() -> None:
    words = Page(post((tide(), TIDE))[0]).words.replace("\u00a0", " ")
    said = [
        part.text
        for part in TIDE
        if isinstance(part, Block) and part.text and part.kind is not BlockKind.CODE
    ]
    places = [words.find(" ".join(text.replace("— ", "").split(" | ")[0].split())[:18]) for text in said]
    assert -1 not in places
    assert places == sorted(places)


def test_the_title_is_the_headline_and_headings_follow_it() -> None:
    page = Page(post((tide(), TIDE))[0])
    assert [tag for tag, _ in page.tags if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2", "h3"]


def test_the_second_article_of_a_mail_is_a_level_lower() -> None:
    page = Page(post((tide(), TIDE), (card(1), TIDE))[0])
    levels = [tag for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels == ["h1", "h2", "h2", "h3", "h2", "h3", "h3", "h4"]


def test_articles_stand_one_after_the_other_as_the_placements_say() -> None:
    issue, rendered = posted((tide(), TIDE), (card(1), TIDE[:3]), (card(2), ()))
    assert [p.key for p in issue.placements] == [b.key for b in rendered.blocks]
    assert [p.role for p in issue.placements] == [Role.LEAD, Role.NEXT, Role.NEXT]
    assert "Read the whole story" in rendered.blocks[2].html


def test_items_keep_their_numbers_and_their_depth() -> None:
    html = post((tide(), TIDE))[0]
    lists = re.sub(r'(?: (?!start)[a-z-]+="[^"]*")|</?(?:span|strong)[^>]*>|\s*\n\s*', "", html)
    assert "<ol><li>The moon" in lists
    assert (
        "<ul><li>Spring tides come at full and new moon</li><li>Neaps in between</li></ul></li><li>The sun"
        in lists
    )


def test_a_list_that_goes_on_after_something_else_goes_on_counting() -> None:
    body = (
        block("list", "one", level=1, target="1"),
        block("paragraph", "so"),
        block("list", "two", level=1, target="2"),
    )
    assert Page(post((tide(), body))[0]).attributes("ol", "start") == ["2"]


def test_code_keeps_its_lines_and_runs_from_left_to_right_everywhere() -> None:
    for language in ("en", "ar"):
        html = post((tide(), TIDE), language=language)[0]
        assert CODE.replace("<", "&lt;") in html
        assert re.search(r'<td class="pn"[^>]*dir="ltr"[^>]*align="left"[^>]*><pre', html)


def rows_of(*lines: str) -> Block:
    return Block(BlockKind.TABLE, " | ".join(lines), "<br>".join(lines), 1)


def test_a_table_whose_rows_are_known_is_a_table() -> None:
    table = rows_of("<strong>Place | High water</strong>", "Ostervik | 04:12", "Skarvness &amp; more | ")
    html, text = post((card(0, image=None), (block("paragraph", "See:"), table)))
    page = Page(html)
    assert [tag for tag, _ in page.tags if tag == "th"] == ["th", "th"]
    assert page.attributes("th", "scope") == ["col", "col"]
    assert (
        "Place             High water\n"
        "----------------  ----------\n"
        "Ostervik          04:12\n"
        "Skarvness & more\n" in text
    )


def test_a_table_that_is_too_wide_or_uneven_is_told_cell_by_cell() -> None:
    for table in (rows_of("a | b", "c"), rows_of(" | ".join("abcdef"), " | ".join("ghijkl"))):
        html, text = post((card(0), (block("paragraph", "See:"), table)))
        assert not [tag for tag, _ in Page(html).tags if tag == "th"]
        assert "a | b" in text and "a | b" in html


def test_a_picture_says_its_width_its_alternative_text_and_its_caption() -> None:
    html = post((tide(), TIDE))[0]
    picture = next(attrs for tag, attrs in Page(html).tags if tag == "img")
    assert (picture["src"], picture["width"]) == ("cid:tide", "536")
    assert picture["alt"] == "A curve of the tide over fifteen days"
    assert "Fifteen days at Ostervik" in html


def test_the_picture_of_the_card_is_not_shown_twice() -> None:
    own = Picture("cid:0.png", "Screw heads 0", 720, 450)
    for body, times in (((block("paragraph", "a"), own), 1), ((block("paragraph", "a"),), 1)):
        assert Page(post((card(0), body))[0]).attributes("img", "src") == ["cid:0.png"] * times


def test_an_excerpt_that_the_ranker_took_from_the_body_is_no_standfirst() -> None:
    ranked = card(0, excerpt="Taken from below.", excerpt_from=ExcerptFrom.RANKER)
    assert "Taken from below." not in "".join(post((ranked, (block("paragraph", "Here."),)), preheader="x"))
    said = "The sea keeps its appointments because the moon keeps hers."
    assert Page(post((tide(), TIDE), preheader="x")[0]).words.count(said) == 1


def test_what_cannot_be_shown_leads_to_the_web() -> None:
    html, text = post((tide(), (Block(BlockKind.EMBED, "", "", 1, target="https://v.example/1"),)))
    assert re.search(r'href="https://plainweave.example/0"[^>]*>Watch on the web</a>', html)
    assert "Watch on the web: https://plainweave.example/0" in text
    assert "v.example" not in html


def test_a_body_without_words_leaves_nothing_behind() -> None:
    body = (
        Block(BlockKind.BREAK, "", "", 1),
        Block(BlockKind.MORE, "", "", 2),
        block("paragraph", "Only this."),
    )
    html, text = post((card(0, image=None), body))
    assert "&middot;&nbsp; &middot;" not in html and "*  *" not in text
    assert "Only this." in text


def test_the_way_out_is_in_a_post_too() -> None:
    page, text = post((tide(), TIDE))
    for needed in ("Unsubscribe", RECIPIENT["ADDRESS"], "4 Tarn Street"):
        assert needed in Page(page).words and needed in text
    assert "%%" not in page + text


@pytest.mark.parametrize("language", ["ar", "he"])
def test_right_to_left_mirrors_lists_quotations_and_notes(language: str) -> None:
    html = post((card(0, language=language), TIDE), language=language)[0]
    assert "margin-right:24px" in html and "margin-left:24px" not in html
    assert "border-right:3px solid" in html and "border-left:3px solid" not in html


def test_an_article_in_another_direction_has_its_own_sides() -> None:
    html = post((card(0, language="ar"), TIDE))[0]
    assert re.search(r'<div lang="ar" dir="rtl" align="right">', html)
    assert "margin-right:24px" in html


def test_nothing_of_the_marks_is_left() -> None:
    _, rendered = posted((tide(), TIDE))
    assert not re.search("[\ufdd0-\ufdef]", "".join(assemble(rendered)))
    assert "Read the rest" not in "".join(assemble(rendered))


def test_text_that_looks_like_something_else_comes_out_as_that_text() -> None:
    nasty = "%%NAME%% {{ 7 * 7 }} </pre><mj-raw> <!--\ufdd2card:0:lead p0--> \\ \" ' é 👩\u200d🔧"
    body = tuple(
        block(kind, nasty, level=1) for kind in ("paragraph", "list", "quote", "footnote", "table", "heading")
    )
    html, text = post(
        (tide(), (*body, Block(BlockKind.CODE, nasty, "", 1), Picture("cid:a", nasty, 600, 400)))
    )
    shown = " ".join(nasty.replace("\ufdd2", "").split())
    assert " ".join(Page(html).text).replace("\u00a0", " ").count("%%NAME%% {{ 7 * 7 }} </pre><mj-raw>") == 7
    assert shown in Page(html).attributes("img", "alt")
    assert " ".join(text.replace("> ", "").split()).count("%%NAME%% {{ 7 * 7 }}") == 8


def test_ten_thousand_nested_tags_arrive_as_their_text() -> None:
    deep = "<b>" * 10_000 + "deep down" + "</b>" * 10_000
    html, text = post((tide(), (block("paragraph", "deep down", deep), block("paragraph", "and after"))))
    assert html.count("<b>") <= 50
    assert "deep down" in text and "and after" in Page(html).words


# ── 90 KB ───────────────────────────────────────────────────────────────────

LONG = tuple(
    part
    for n in range(120)
    for part in (
        block("heading", f"Part {n}", level=2),
        *(block("paragraph", f"Paragraph {n}. " + "word " * 120),) * 2,
    )
)


def test_a_heavy_post_ends_at_a_block_and_leads_to_the_rest() -> None:
    html, text = post((tide(), LONG))
    assert 80_000 < len(html.encode()) < HEAVIEST
    shown = re.findall(r">(Paragraph \d+\.|Part \d+)", html)
    expected = [found for part in LONG for found in re.findall(r"^(?:Paragraph \d+\.|Part \d+)", part.text)]
    assert shown == expected[: len(shown)]
    assert shown[-1].startswith("Paragraph"), "a heading announces what is not there"
    assert re.search(r'href="https://plainweave.example/0"[^>]*>\s*Read the rest on the web', html)
    assert text.count("Paragraph ") == sum(words.startswith("Paragraph") for words in shown)
    assert "Read the rest on the web:\nhttps://plainweave.example/0\n" in text


def test_what_is_left_of_a_heavy_post_is_whole() -> None:
    html, _ = post((tide(), LONG))
    for tag in ("table", "td", "div", "p"):
        assert html.count(f"<{tag} ") + html.count(f"<{tag}>") == html.count(f"</{tag}>")
    assert "Unsubscribe" in html


def test_of_several_articles_the_short_ones_stay_whole() -> None:
    _, rendered = posted((tide(), LONG), (card(1), TIDE))
    first, second = rendered.blocks
    assert "Read the rest" in first.html and "Read the rest" not in second.html
    assert len("".join(assemble(rendered)[0]).encode()) < HEAVIEST


def test_a_post_whose_rest_is_nowhere_stays_whole() -> None:
    html, _ = post((card(0, url=""), LONG))
    assert len(html.encode()) > HEAVIEST
    assert "Paragraph 119" in html


def test_one_huge_list_is_cut_between_its_parts() -> None:
    body = tuple(block("list", f"Item {n} " + "word " * 60, level=1, target=str(n + 1)) for n in range(300))
    html, _ = post((tide(), body))
    assert 60_000 < len(html.encode()) < HEAVIEST
    assert re.search(r'<ol start="21"', html)


def test_a_template_that_loses_a_mark_is_told() -> None:
    with pytest.raises(RenderError, match=r"post\.mjml\.j2: the marks of the pieces"):
        ended(
            "<!--\ufdd2card:0:lead p1--><!--\ufdd2card:0:lead pieces-->", 10, "post.mjml.j2", elsewhere=True
        )


def test_the_styles_of_a_post_fit_the_budget_of_gmail() -> None:
    styles = re.findall(r"<style[^>]*>(.*?)</style>", post((tide(), TIDE))[0], re.DOTALL)
    assert sum(map(len, styles)) < 8192


def test_the_colours_of_a_panel_are_those_of_the_theme() -> None:
    html = post((tide(), TIDE), theme=Theme(accent="#B23A2E"))[0]
    assert "#E8F3F0" not in html


# ── the text ────────────────────────────────────────────────────────────────


def test_the_whole_text_of_a_post() -> None:
    body = tuple(part for part in TIDE if not isinstance(part, Block) or part.kind not in (BlockKind.TABLE,))[
        1:15
    ]
    body = (*body, block("footnote", "William Thomson, later Lord Kelvin.", target="1"))
    text = post((tide(), body))[1].split("_" * 76)[1]
    assert text == WHOLE


WHOLE = """

A TIDE TABLE IN TEN LINES

The sea keeps its appointments because the moon keeps hers. Enough
arithmetic to move a boat by.

Marit Solheim · 4 minutes
https://plainweave.example/0

The answer is a hundred and fifty years old. Any tide is a pile of plain
waves, each with its own period, each started by something in the sky [1].¹
Add enough of them and you have the sea.

Two waves do most of the work
=============================

In our harbour two of them carry nearly everything.

1. The moon’s wave comes round every 12.42 hours. It is why high water is
   about fifty minutes later each day.
   * Spring tides come at full and new moon
   * Neaps in between
2. The sun’s wave comes round every twelve hours exactly.

[ Fifteen days at Ostervik, from full moon to new. ]

The whole table
===============

Each wave needs three numbers.

    from math import cos, pi

    MEAN = 1.9             # metres
    MOON = (0.84, 12.42, 3.1)
    SUN  = (0.39, 12.00, 1.2)

    def level(hour):
      return MEAN + sum(
        h * cos(2 * pi * (hour - t) / p)
        for h, p, t in (MOON, SUN))

Ask for level(40) and it tells you the water at four tomorrow afternoon.

> The sea is never late. It is only ever misread.

¹ William Thomson, later Lord Kelvin.

[1] https://plainweave.example/sky?year=2026#moon

"""


def test_lines_of_a_post_are_short_but_for_addresses_and_code() -> None:
    _, text = post((tide(), (*TIDE, *(block("list", "word " * 60, level=n) for n in range(1, 9)))))
    assert all(len(line) <= 78 for line in text.splitlines())
