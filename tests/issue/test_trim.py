"""What the passes take out, what they leave alone, and that nothing seen changes by either."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from newsletter.errors import RenderError
from newsletter.issue.css import Rules, declarations, is_plain, without_unused
from newsletter.issue.inliner import premailer
from newsletter.issue.mjml_html import bodied, compiled, protect, to_html
from tests.needs import program

from .odd_samples import BUTTON, IMAGE, ODD, TEXT, page, section
from .test_inliners import FLAGS

_TAG = re.compile(r"<(\w+) ([^<>]*)>")
_ATTRIBUTE = re.compile(r'[-:a-z]+="[^"]*"')
WIDTHS = (320, 600, 1200)


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


def untrimmed(mjml: str) -> str:
    """The page as the inliner alone makes it."""
    return premailer(protect(bodied(compiled(mjml, blame))))


@pytest.fixture(scope="module")
def window() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=FLAGS)
        opened = browser.new_page()
        opened.route(re.compile("^(?!data:|about:)"), lambda route: route.abort())
        yield opened
        browser.close()


def picture(window: Page, html: str, width: int) -> bytes:
    window.set_viewport_size({"width": width, "height": 600})
    window.set_content(html)
    return window.screenshot(full_page=True)


@pytest.mark.browser
@pytest.mark.parametrize("name", ODD)
def test_what_others_wrote_looks_as_it_did(window: Page, name: str) -> None:
    before, after = untrimmed(ODD[name]), to_html(ODD[name], blame)

    alike = {width: picture(window, before, width) == picture(window, after, width) for width in WIDTHS}

    assert alike == dict.fromkeys(WIDTHS, True)


@pytest.mark.browser
def test_the_comparison_sees_a_pass_that_goes_too_far(window: Page) -> None:
    html = to_html(ODD["columns in pixels"], blame)

    pictures = [picture(window, one, 600) for one in (html, html.replace("max-width:200px", ""))]

    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("name", ODD)
def test_comments_for_outlook_are_untouched(name: str) -> None:
    before, after = (re.findall("<!--.*?-->", made(ODD[name]), re.S) for made in (untrimmed, trimmed))

    assert after == before


def trimmed(mjml: str) -> str:
    return to_html(mjml, blame)


@pytest.mark.parametrize("name", ODD)
def test_it_does_not_matter_what_was_rendered_before(name: str) -> None:
    alone = trimmed(ODD[name])
    for other in ODD.values():
        trimmed(other)

    assert trimmed(ODD[name]) == alone


# ── pass by pass: a page, what it would have, and what it has instead ───────

_CELL = '<td align="center" bgcolor="#414141"'
_TABLE = '<table align="center" border="0" cellpadding="0" cellspacing="0" role="presentation"'
PASSES = {
    "target": (BUTTON, ' target="_blank"', ' href="https://x.example" style'),
    "cell of a button": (BUTTON, f'{_CELL} role="presentation"', f"{_CELL} style="),
    "cursor": (BUTTON, "cursor:auto", "mso-padding-alt"),
    "word-spacing": (TEXT, "word-spacing:normal", '<body class="body" style="margin:0;padding:0">'),
    "outline": (IMAGE, "outline:none", "display:block"),
    "spacing": (IMAGE, "border-spacing:0px", "border-collapse:collapse"),
    "section": (
        TEXT,
        '<div style="margin:0px auto;max-width:600px;">',
        f'{_TABLE} style="width:100%;max-width:600px">',
    ),
    "whole column": (TEXT, "mj-column-per-100", '<div style="text-align:left">'),
    "size": (TEXT, '<td align="left" style="font-size:0px;padding', '<td align="left" style="padding'),
    "font": (TEXT, "font-size:13px;line-height:1;", "font:13px/1 Ubuntu,Helvetica,Arial,sans-serif"),
}


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_says_it_otherwise(name: str) -> None:
    inside, without, instead = PASSES[name]
    mjml = page(section(inside))

    before, after = ordered(untrimmed(mjml)), ordered(trimmed(mjml))

    assert ordered(without) in before
    assert ordered(without) not in after
    assert ordered(instead) in after


def ordered(html: str) -> str:
    """The page with the attributes of each tag in order: MJML writes those that do not matter as it likes."""
    return _TAG.sub(lambda tag: f"<{tag[1]} {' '.join(sorted(_ATTRIBUTE.findall(tag[2])))}>", html)


def test_a_column_stands_beside_another_without_a_style_sheet_and_alone_on_a_phone() -> None:
    made = trimmed(ODD["columns in pixels"])

    assert re.findall(r'class="[^"]*mj-col[^"]*" style="[^"]*max-width:(\d+px)', made) == ["200px", "250px"]
    assert "@media only screen and (max-width:479px){.mj-col{max-width:100%!important}}" in made
    assert "mj-column-px" not in made


def test_the_width_of_a_section_stays_where_a_style_sheet_shows_its_box() -> None:
    made = trimmed(ODD["classes that are seen"])

    assert '<div class="card" style="margin:0px auto;max-width:600px;">' in made


def test_a_target_that_a_template_chose_stays() -> None:
    made = trimmed(page(section('<mj-button href="https://x.example" target="_top">x</mj-button>')))

    assert 'target="_top"' in made


def test_rules_go_only_from_style_sheets_that_say_so() -> None:
    rules = ".gone { color: red } .here, .gone .x { color: blue }"
    head = f"<mj-style>/*used*/ {rules}</mj-style><mj-style>{rules} /* kept */</mj-style>"

    made = trimmed(page(section("<mj-text><p class='here'>x</p></mj-text>"), head))

    assert re.findall(r"<style[^>]*>([^<]*color[^<]*)</style>", made) == [
        ".here{ color: blue }",
        f"{rules} /* kept */",
    ]


# ── the text of CSS ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("style", "found"),
    [
        ("color:red;MARGIN: 0 auto ", (("color", "red"), ("margin", "0 auto"))),
        ("", ()),
        ('font-family:"A;B",serif', (("font-family", '"A;B",serif'),)),
        ("background:url(a;b:c)", (("background", "url(a;b:c)"),)),
        ("color:red!important", None),
        ("width:%%N%%px", None),
        ("color:red;color:blue", None),
        ("color", None),
        ("a:b}c", None),
        ("color:red /* x */", None),
        ("*zoom:1", None),
    ],
)
def test_a_style_is_read_whole_or_not_at_all(style: str, found: object) -> None:
    assert declarations(style) == found


@pytest.mark.parametrize(
    ("css", "plain"),
    [
        ("", True),
        (".a, .b .c > p#d { x: y } td { z: w }", True),
        ("/* p + p */ .a { }", True),
        ("p + p { }", False),
        ("a:hover { }", False),
        ("a[href] { }", False),
        ("* { }", False),
        ("@media print { .a { } }", False),
    ],
)
def test_selectors_that_look_around_are_known(css: str, plain: bool) -> None:
    assert is_plain(css) == plain


def test_what_style_sheets_say_is_found_by_the_last_part_of_a_selector() -> None:
    rules = Rules(
        ("@media print { .a > td.b { color: red !important; margin: 0 } } #x { top: 0 } [y] { left: 0 }",)
    )

    said = rules.of("td", "", frozenset({"b", "c"}))

    assert (said.names, said.weak) == ({"color", "margin", "left"}, {"margin", "left"})
    assert rules.of("p", "", frozenset("b")).names == {"left"}
    assert rules.of("p", "x", frozenset()).names == {"top", "left"}


def test_an_emptied_media_rule_goes_whole() -> None:
    css = "@media (a) { .x { color: red } } @media (b) { .y, .z:not(.x) { top: 0 } }"

    assert without_unused(css, frozenset("y")).split() == "@media (b) { .y{ top: 0 } }".split()
