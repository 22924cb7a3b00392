"""MJML prints attribute values wrongly; after attr_safe there is nothing left to print wrongly."""

import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.errors import RenderError
from newsletter.issue.inliner import premailer
from newsletter.issue.mjml_html import attr_safe, compiled, protect, to_html


def page(body: str) -> str:
    return f"<mjml><mj-body><mj-section><mj-column>{body}</mj-column></mj-section></mj-body></mjml>"


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


CASES = {
    "combining mark": "Cafe\u0301 ते",
    "emoji with joiner": "👩\u200d🔧 ❤\ufe0f",
    "no-break space and soft hyphen": "a\u00a0b\u00adc",
    "right-to-left mark": "\u200fشكرا\u202e",
    "backslash": r"C:\new\table",
    "quotes": "\"double\" and 'single'",
    "reference": "5 < 6 & 7",
}


@pytest.mark.parametrize("alt", CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_alt_text_arrives_as_it_was_written(alt: str, quote: str) -> None:
    made = to_html(page(f'<mj-image src="cid:x" alt={quote}{html.escape(alt)}{quote} />'), blame)
    assert read_alt(made) == alt


@given(st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), max_size=30))
@example("é")
@example("\\u{301}")
def test_any_printable_alt_text_arrives(alt: str) -> None:
    made = compiled(page(f'<mj-image src="cid:x" alt="{html.escape(alt)}" />'), blame)
    assert read_alt(made) == alt


def read_alt(made: str) -> str:
    found = re.search(r'<img[^>]*\balt="([^"]*)"', made)
    assert found
    return html.unescape(found[1])


def test_the_mjml_fault_is_still_there_to_be_cured() -> None:
    from mjml import mjml2html

    raw = page('<mj-image src="cid:x" alt="e\u0301" />')
    assert "\\u{301}" in mjml2html(raw, fonts={})
    assert "\\u{301}" not in mjml2html(attr_safe(raw), fonts={})


def test_a_style_over_several_lines_keeps_its_declarations() -> None:
    made = to_html(page('<mj-text><p style="color:red;\n\tmargin:0">x</p></mj-text>'), blame)
    assert '<p style="color:red; margin:0">' in made


def test_double_quotes_inside_single_ones_cannot_end_the_attribute() -> None:
    safe = attr_safe("""<p style='font-family:"Times New Roman"'>x</p>""")
    assert safe == '<p style="font-family:&quot;Times New Roman&quot;">x</p>'


@pytest.mark.parametrize(
    "kept",
    [
        "<!-- <p title='é'> -->",
        "<mj-style>a::before { content: '\\201C' }</mj-style>",
        "<style>a[title='é'] { color: red }</style>",
        '<p>text with = "é" in it</p>',
    ],
)
def test_text_comments_and_styles_stay_as_they_are(kept: str) -> None:
    assert attr_safe(kept) == kept


# ── what comes after ────────────────────────────────────────────────────────


def test_the_page_keeps_its_doctype() -> None:
    assert to_html(page("<mj-text>x</mj-text>"), blame).startswith("<!DOCTYPE html>")


def test_no_style_sheet_or_font_of_others_is_linked() -> None:
    made = to_html(page("<mj-text>x</mj-text><mj-button href='https://x.example'>y</mj-button>"), blame)
    assert "googleapis" not in made
    assert "<link" not in made
    assert "@import" not in made


def test_only_marked_styles_are_inlined_and_media_rules_live() -> None:
    head = (
        '<mj-style inline="inline">.a { color: #123456 }</mj-style>'
        "<mj-style>@media (max-width: 9px) { .a { color: blue !important } }</mj-style>"
    )
    made = to_html(
        page('<mj-text><p class="a">x</p></mj-text>').replace("<mjml>", f"<mjml><mj-head>{head}</mj-head>"),
        blame,
    )
    assert '<p class="a" style="color:#123456">' in made
    assert ".a { color: blue !important }" in made
    assert "#123456 }" not in made
    assert "data-premailer" not in made


def test_styles_for_word_are_left_alone() -> None:
    conditional = "<!--[if mso]><style>.a{color:red}</style><![endif]-->"
    made = premailer(
        protect(f'<html><head>{conditional}</head><body style="x:y"><p class="a">x</p></body></html>')
    )
    assert conditional in made
    assert '<p class="a">x</p>' in made


@pytest.mark.parametrize("gap", ["", " ", "\n", "  \n\t"])
def test_white_space_in_the_head_is_free(gap: str) -> None:
    head = f"<mj-head>{gap}<mj-title>x</mj-title>{gap}<mj-style>a {{}}</mj-style>{gap}</mj-head>"
    assert "<title>x</title>" in to_html(f"<mjml>{gap}{head}{gap}<mj-body></mj-body>{gap}</mjml>", blame)
