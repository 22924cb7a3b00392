"""From an issue to bytes: what is in them, what is not, and on what they do not depend."""

import html
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import RenderError
from newsletter.issue.dress import USED
from newsletter.issue.measures import measures
from newsletter.issue.render import assemble
from newsletter.issue.slots import names
from newsletter.issue.theme import Theme
from newsletter.model import Card, Media, Picture, Rendered, Role

from .issue_samples import RECIPIENT, SITE, card, cards, issue_of, mail, rendered_of


class Page(HTMLParser):
    """What a reader and a client make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._hidden = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attrs[name] for each, attrs in self.tags if each == tag and name in attrs]


# ── slots ───────────────────────────────────────────────────────────────────


def test_the_slots_of_the_reader_survive_to_the_end() -> None:
    page, text = assemble(rendered_of(*cards(3)))
    assert 'href="%%UNSUBSCRIBE_URL%%"' in page
    assert {"UNSUBSCRIBE_URL", "ADDRESS", "PREHEADER", "MINUTES"} <= names(page)
    assert {"UNSUBSCRIBE_URL", "ADDRESS"} <= names(text)
    assert "PREFERENCES_URL" not in names(page) | names(text)


def test_where_there_are_pages_readers_are_led_to_their_choices() -> None:
    page, text = assemble(rendered_of(*cards(3), site=replace(SITE, pages=True)))
    assert page.count('href="%%PREFERENCES_URL%%"') == 1
    assert "Choose what you get:\n%%PREFERENCES_URL%%\n" in text


def test_a_filled_mail_has_no_slot_left() -> None:
    page, text = mail(*cards(8))
    assert "%%" not in page + text
    assert html.escape(RECIPIENT["UNSUBSCRIBE_URL"]) in page
    assert RECIPIENT["UNSUBSCRIBE_URL"] in text


NASTY = {
    "slot": "%%UNSUBSCRIBE_URL%% and %%NAME%% at 100%",
    "template": "{{ 7 * 7 }} {% for x in y %} {# no #}",
    "html": "</p></mj-text><script>alert(1)</script> & <b>bold</b>",
    "mjml": "<mj-raw><!--blocks end--></mj-raw><mj-include path='/etc/passwd' />",
    "marker": "<!--card:0:lead--> <!--\ufdd0card:0:lead-->".replace("\ufdd0", ""),
    "marks": "Cafe\u0301 👩\u200d🔧 ते \\u{301} C:\\new \"quoted\" 'single'",
}


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_text_that_looks_like_something_else_comes_out_as_that_text(nasty: str) -> None:
    page, text = mail(
        card(0, title=nasty, excerpt=nasty, authors=(nasty,), tags=(nasty,)),
        card(1, title=nasty, excerpt=nasty, authors=(nasty,), tags=(nasty,)),
        intro=nasty,
        subject=nasty,
        preheader=nasty,
        title=nasty,
    )
    shown = Page(page).words.replace("\u00a0", " ")
    assert shown.count(nasty) >= 8
    assert " ".join(text.split()).count(nasty) >= 5


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY.keys())
def test_an_alt_text_that_looks_like_something_else_too(nasty: str) -> None:
    page, _ = mail(card(0), pictures={"id:0": Picture("cid:a%20b", nasty, 720, 450)})
    assert nasty in Page(page).attributes("img", "alt")
    assert "cid:a%20b" in Page(page).attributes("img", "src")


@settings(max_examples=10)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40))
def test_any_title_arrives(title: str) -> None:
    page, text = mail(card(0, title=title))
    assert title in Page(page).text
    assert title in text


# ── links and pictures ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "href"),
    [
        ("https://x.example/a?b=%20%%NAME%%&c=1", "https://x.example/a?b=%20%%NAME%%&c=1"),
        ("https://x.example/ü b", "https://x.example/%C3%BC%20b"),
        ("https://x.example/{{ y }}", "https://x.example/%7B%7B%20y%20%7D%7D"),
    ],
)
def test_an_address_arrives_in_every_link_of_its_card(url: str, href: str) -> None:
    page, text = mail(card(0, url=url))
    assert Page(page).attributes("a", "href").count(href) == 3
    assert href in text.splitlines()


@pytest.mark.parametrize("url", ["", "/relative", "javascript:alert(1)", "data:text/html,x", "//x.example/"])
def test_an_address_that_a_mail_cannot_open_is_no_link(url: str) -> None:
    page, _ = mail(*(card(n, url=url) for n in range(8)))
    assert set(Page(page).attributes("a", "href")) == {
        "https://plainweave.example/",
        RECIPIENT["UNSUBSCRIBE_URL"],
    }


def test_every_picture_has_an_alt_text_and_a_width() -> None:
    page = Page(mail(*cards(10))[0])
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(pictures) >= 4
    assert all("alt" in attrs and attrs["width"].isdigit() for attrs in pictures)


def test_a_picture_without_alt_text_is_decoration_and_no_link() -> None:
    page = mail(card(0), pictures={"id:0": Picture("cid:0", "", 720, 450)})[0]
    assert Page(page).attributes("img", "alt") == [""]
    assert not re.search(r"<a[^>]*><img", page)


def test_links_have_names_that_differ() -> None:
    labels = Page(mail(*cards(6))[0]).attributes("a", "aria-label")
    assert len(labels) == len(set(labels)) == 5


# ── what is missing goes with its separator ─────────────────────────────────


def test_a_card_of_a_title_alone_leaves_no_holes() -> None:
    bare = [card(n, authors=(), excerpt="", image=None, url="", tags=()) for n in range(8)]
    page, text = mail(*bare, intro="", preheader="Eight titles")
    assert "·" not in Page(page).words
    empty = set(re.findall(r"<(?:p|h\d|span)[^>]*>\s*</", page))
    assert all("label-text" in tag for tag in empty)
    assert "\n\n\n\n" not in text


# ── frame and blocks ────────────────────────────────────────────────────────


def test_no_marker_survives() -> None:
    rendered = rendered_of(*cards(8))
    assert not re.search(r"<!--(block|/?blocks)", "".join(assemble(rendered)))
    assert rendered.frame_html.count("%%BLOCKS%%") == rendered.frame_text.count("%%BLOCKS%%") == 1


def test_the_blocks_are_the_placements_in_order() -> None:
    issue = issue_of(*cards(8))
    assert [b.key for b in rendered_of(*cards(8)).blocks] == [p.key for p in issue.placements]


def test_a_block_does_not_depend_on_its_neighbours() -> None:
    pool, other = blocks(rendered_of(*cards(9))), blocks(rendered_of(*other_neighbours()))
    shared = {key for key in pool.keys() & other.keys() if not key.startswith(("card:2:", "card:7:"))}
    kinds = {key.split(":")[-1] for key in shared}
    assert {role.value for role in Role} - {"alone", "next"} <= kinds
    assert {key: pool[key] for key in shared} == {key: other[key] for key in shared}


def other_neighbours() -> tuple[Card, ...]:
    """The same cards at the same places, but two of them unlike themselves, and two more."""
    first = cards(9)
    changed = {2: replace(first[2], excerpt="Short.", authors=()), 7: replace(first[7], title="Another " * 9)}
    return (*(changed.get(n, kept) for n, kept in enumerate(first)), card(9, tags=("new",)), card(10))


def blocks(rendered: Rendered) -> dict[str, tuple[str, str]]:
    return {b.key: (b.html, b.text) for b in rendered.blocks}


def without_sheets(page: str) -> str:
    return re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL).replace(USED, "")


def test_a_pair_divides_into_two_blocks_of_one_section() -> None:
    rendered = rendered_of(*cards(9))
    pair = {b.key.rsplit(":", 1)[1]: b.html for b in rendered.blocks if b.key.endswith(("left", "right"))}
    both = pair["left"] + pair["right"]
    assert both.count("<table") == both.count("</table>")
    assert pair["left"].count("<table") > pair["left"].count("</table>")


def test_a_variant_is_the_frame_around_its_blocks() -> None:
    rendered = rendered_of(*cards(3))
    lead = rendered.blocks[0]
    page, text = assemble(rendered, (lead.key,))
    assert without_sheets(page) == without_sheets(rendered.frame_html.replace("%%BLOCKS%%", lead.html))
    assert text == rendered.frame_text.replace("%%BLOCKS%%", lead.text)
    assert assemble(rendered) == assemble(rendered, tuple(b.key for b in rendered.blocks))


def test_a_variant_has_only_the_style_rules_that_its_blocks_ask_for() -> None:
    rendered = rendered_of(*cards(9))
    whole, lead = assemble(rendered)[0], assemble(rendered, ("card:0:lead",))[0]
    assert ".hung >" in whole and ".hung >" not in lead
    assert "mj-full-width-mobile {" in whole and "mj-full-width-mobile {" in lead
    bare = assemble(rendered, ("card:3:wide",))[0]
    assert "mj-full-width-mobile" not in bare and USED not in bare


def test_half_a_pair_and_unknown_blocks_are_refused() -> None:
    rendered = rendered_of(*cards(9))
    for half in (key for key in blocks(rendered) if key.endswith(("left", "right"))):
        with pytest.raises(ValueError, match="half of a pair"):
            assemble(rendered, (half,))
    with pytest.raises(KeyError):
        assemble(rendered, ("card:99:lead",))


# ── the hash ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [{"subject": "Another"}, {"preheader": "Another"}, {"intro": "Another"}, {"language": "de"}],
    ids=lambda changes: next(iter(changes)),
)
def test_the_hash_follows_everything_that_is_sent(changes: dict[str, str]) -> None:
    assert rendered_of(*cards(3)).hash != rendered_of(*cards(3), **changes).hash


def test_the_hash_follows_the_pictures_and_the_theme() -> None:
    plain = rendered_of(*cards(3))
    media = (Media("a.png", "image/png", b"x", 1, 1),)
    assert plain.hash != rendered_of(*cards(3), media=media).hash
    assert plain.hash != rendered_of(*cards(3), theme=Theme(accent="#B23A2E")).hash
    assert plain.hash == rendered_of(*cards(3)).hash


SCRIPT = "from tests.issue.issue_samples import *; r = rendered_of(*cards(9)); print(r.hash)"


def test_two_processes_give_equal_bytes_whatever_their_surroundings() -> None:
    root = Path(__file__).resolve().parents[2]
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "4711", "TZ": "America/New_York", "LANG": "de_DE.UTF-8"},
    ]
    runs = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=root,
            env={**os.environ, **env},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for env in surroundings
    ]
    assert runs == [rendered_of(*cards(9)).hash] * 2


# ── the page as a whole ─────────────────────────────────────────────────────


def test_a_mail_of_ten_cards_stays_under_the_clip_of_gmail() -> None:
    long = "Sharpened every Sunday since 1958, it has lost a third of its steel and none of its job. " * 3
    page, _ = mail(*(card(n, excerpt=long[:260], tags=(f"tag {n}",)) for n in range(10)))
    assert len(page.encode()) < 90_000


def test_the_styles_fit_the_budget_of_gmail() -> None:
    styles = re.findall(r"<style[^>]*>(.*?)</style>", mail(*cards(10))[0], re.DOTALL)
    assert sum(map(len, styles)) < 8192


def test_nothing_is_fetched_but_pictures_and_links_of_the_issue() -> None:
    page = mail(*cards(10))[0]
    assert "googleapis" not in page
    assert not re.search(r"<link|@import|url\(|<script", page)


def test_the_page_says_its_language_twice_and_its_one_headline() -> None:
    page = Page(mail(*cards(3), language="ar")[0])
    assert page.attributes("html", "lang") == ["ar"]
    assert page.attributes("html", "dir") == ["rtl"]
    assert [a["lang"] for t, a in page.tags if a.get("role") == "article"] == ["ar"]
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert [tag for tag, _ in page.tags].count("title") == 1


def test_right_to_left_mirrors_the_columns_and_drops_capitals() -> None:
    page = mail(*cards(9), language="ar")[0]
    assert "direction:rtl" in page
    assert "padding-left:24px" in page
    assert "text-transform:uppercase" not in page
    assert "letter-spacing" not in page


def test_a_card_in_another_language_says_so() -> None:
    page = Page(mail(card(0), card(1, language="he"))[0])
    assert page.attributes("h3", "lang") == ["he"]
    assert page.attributes("h1", "lang") == []


@pytest.mark.parametrize(
    ("issue", "other", "dir", "align"),
    [("en", "ar", "rtl", "right"), ("en", "de", "ltr", "left"), ("ar", "en", "ltr", "left")],
)
def test_a_card_in_another_language_runs_and_stands_as_that_language_does(
    issue: str, other: str, dir: str, align: str
) -> None:
    page = Page(mail(card(0, language=issue), card(1, language=other), language=issue)[0])
    title = next(attrs for tag, attrs in page.tags if tag == "h3")
    excerpt = next(attrs for tag, attrs in page.tags if tag == "p" and attrs.get("lang") == other)
    assert (title["dir"], title["align"]) == (excerpt["dir"], excerpt["align"]) == (dir, align)
    assert ("Naskh" in title["style"]) == (other == "ar" or issue == "ar")
    assert not (other == "ar" and "letter-spacing:-" in title["style"])


def test_layout_tables_say_that_they_are_no_tables() -> None:
    roles = [attrs.get("role") for tag, attrs in Page(mail(*cards(10))[0]).tags if tag == "table"]
    assert set(roles) == {"presentation"}


def test_the_way_out_the_reason_and_the_address_are_visible() -> None:
    words = Page(mail(*cards(3))[0]).words
    for needed in ("Unsubscribe", RECIPIENT["ADDRESS"], "Plain Weave", "4 Tarn Street", "5519 Ostervik"):
        assert needed in words


def test_the_colours_come_from_the_accent_light_and_dark() -> None:
    page, _ = assemble(rendered_of(*cards(3), theme=Theme(accent="#B23A2E")))
    assert "#B23A2E" in page
    assert "#0B6B5E" not in page
    assert page.count("prefers-color-scheme") == 1
    assert "[data-ogsc]" in page


def test_a_logo_takes_the_place_of_the_name_and_has_it_for_alt() -> None:
    logo, dark = Picture("cid:logo", "", 480, 96), Picture("cid:dark", "", 480, 96)
    page = Page(assemble(rendered_of(*cards(1), theme=Theme(logo=logo, logo_dark=dark)))[0])
    assert page.attributes("img", "src")[:2] == ["cid:logo", "cid:dark"]
    assert page.attributes("img", "alt")[:2] == ["Plain Weave", "Plain Weave"]


@pytest.mark.parametrize(
    ("natural", "shown"),
    [
        pytest.param((480, 96), ("220", "44"), id="twice as large for sharp screens"),
        pytest.param((120, 30), ("120", "30"), id="small stays small"),
        pytest.param((400, 400), ("104", "104"), id="a square one may be higher"),
        pytest.param((3000, 100), ("536", "18"), id="no wider than the text"),
        pytest.param((60, 60), ("60", "60"), id="nothing is enlarged"),
        pytest.param((0, 0), (None, "44"), id="size not known"),
    ],
)
def test_a_logo_says_its_size_in_whole_pixels(
    natural: tuple[int, int], shown: tuple[str | None, str]
) -> None:
    theme = Theme(logo=Picture("https://x.example/l.png", "", *natural))
    page = Page(assemble(rendered_of(card(0, image=None), theme=theme))[0])
    logo = next(attrs for tag, attrs in page.tags if tag == "img")
    assert (logo.get("width"), logo["height"]) == shown


@pytest.mark.parametrize("width", [480, 560, 600, 601, 640, 719, 720])
def test_every_width_is_in_whole_pixels(width: int) -> None:
    page, _ = assemble(rendered_of(*cards(10), theme=Theme(width=width)))
    sizes = [attrs[side] for tag, attrs in Page(page).tags for side in ("width", "height") if side in attrs]
    assert all(re.fullmatch(r"\d+%?|auto", size) for size in sizes)
    assert f"max-width: {width - 1}px" in page
    columns = {int(px) for px in re.findall(r'class="[^"]*mj-col\b[^>]*max-width:(\d+)px', page)}
    space = measures(width)
    assert {space.left, space.right, space.beside, space.rest} <= columns
    assert space.left + space.right == space.beside + space.rest == width - 64


def test_radius_and_faces_come_from_the_theme() -> None:
    theme = Theme(radius=12, font="Georgia", font_ui="Inter, sans-serif")
    page, _ = assemble(rendered_of(*cards(3), theme=theme))
    assert "border-radius:12px" in page
    assert "px Georgia,Iowan Old Style" in page
    assert "px Inter,sans-serif" in page
    assert ".serif{font-family:'georgia'," in page.lower()


@pytest.mark.parametrize("face", ["Inter;color:red", "'Inter'", "Source Sans 3", "a</style>", "x(y)"])
def test_a_face_that_cannot_stand_without_quotes_is_refused(face: str) -> None:
    with pytest.raises(RenderError, match="theme: font: "):
        rendered_of(*cards(1), theme=Theme(font=face))


def test_the_date_is_that_of_the_time_zone_of_the_site() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert "Saturday 21\u00a0November\u00a02026" in mail(card(0), date=late)[0]
