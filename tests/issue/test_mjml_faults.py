"""Each fault of MJML and of the inliner that is mended: it is there, and not in what comes out."""

import html
import re

import pytest
from mjml import mjml2html

from newsletter.errors import RenderError
from newsletter.issue.inliner import premailer
from newsletter.issue.lint import DEEPEST
from newsletter.issue.mjml_html import compiled, protect, to_html
from newsletter.issue.split import end_marker, marker, split


def page(inside: str, head: str = "", attributes: str = "") -> str:
    return (
        f"<mjml{attributes}>{head}<mj-body><mj-section><mj-column>{inside}</mj-column></mj-section>"
        "</mj-body></mjml>"
    )


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


IMAGE = '<mj-image src="cid:x" />'
BUTTON = '<mj-button href="https://x.example">y</mj-button>'
THIRD = (
    f'<mjml><mj-body><mj-section><mj-column width="33.33%">{IMAGE}</mj-column>'
    "<mj-column></mj-column></mj-section></mj-body></mjml>"
)
LABEL = '<mj-head><mj-title>Cafe\u0301 "two" \\ three</mj-title></mj-head>'

#: fault -> MJML, what MJML makes of it, and what we make of it
MENDED = {
    "no alt": (page(IMAGE), r"<img(?![^>]* alt=)[^>]*>", r'<img alt="" src="cid:x"[^>]*>'),
    "height auto": (page(IMAGE), r'<img height="auto"', r'<img alt="" src="cid:x" width="550" style='),
    "fractions of pixels": (THIRD, r'width="149\.98\d*"', r'<img alt="" src="cid:x" width="149"'),
    "vertical-align": (page(BUTTON), r"<td[^>]* vertical-align=", r'<td align="center" style='),
    "doctype": (page(BUTTON), r"^<!doctype html>", r"^<!DOCTYPE html>"),
    "body without a class": (
        page(BUTTON),
        r"<body style=",
        r'<body class="body" style="margin:0;padding:0">',
    ),
    "label": (
        page("", LABEL),
        r'aria-label="Cafe\\u\{301\} ',
        r'aria-label="Cafe\u0301 &quot;two&quot; &#92; three"',
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_a_fault_of_mjml_is_there_and_is_mended(name: str) -> None:
    mjml, theirs, ours = MENDED[name]
    raw, made = mjml2html(mjml, fonts={}), to_html(mjml, blame)

    assert re.search(theirs, raw)
    assert re.search(ours, made)
    assert not re.search(theirs, made)


def test_the_fonts_of_google_are_asked_for_unless_told_otherwise() -> None:
    mjml = page("<mj-text>x</mj-text>")

    assert "fonts.googleapis.com" in mjml2html(mjml)
    assert "googleapis" not in to_html(mjml, blame)


def test_a_label_is_the_same_text_in_the_title() -> None:
    made = to_html(page("", LABEL), blame)

    title = made[made.index("<title>") + 7 : made.index("</title>")]
    assert html.unescape(title) == 'Cafe\u0301 "two" \\ three'


# ── from right to left ──────────────────────────────────────────────────────

RTL = ' lang="ar" dir="rtl"'


@pytest.mark.parametrize(
    "head", ["", "<mj-head></mj-head>", "<mj-head />", "<mj-head>\n<!-- x -->\n</mj-head>"]
)
def test_columns_and_text_turn_round_without_the_template_saying_so(head: str) -> None:
    mjml = page("<mj-text>x</mj-text>", head, RTL)

    assert "direction:rtl" not in mjml2html(mjml, fonts={})
    made = to_html(mjml, blame)
    assert made.count("direction:rtl") == 2
    assert "direction:ltr" not in made
    assert re.search(r'<td align="right" [^>]*><div [^>]*>x</div>', made)


def test_what_a_template_says_about_directions_wins() -> None:
    head = '<mj-head><mj-attributes><mj-text align="left" /></mj-attributes></mj-head>'
    made = to_html(page('<mj-text>x</mj-text><mj-text align="center">y</mj-text>', head, RTL), blame)

    assert re.findall(r'<td align="(\w+)"', made) == ["left", "center"]


def test_a_page_from_left_to_right_is_left_alone() -> None:
    made = to_html(page("<mj-text>x</mj-text>", "", ' lang="en" dir="ltr"'), blame)

    assert "rtl" not in made


# ── depth ───────────────────────────────────────────────────────────────────


def test_the_inliner_loses_what_is_nested_too_deeply() -> None:
    deep = "<div>" * 260 + "lost" + "</div>" * 260

    assert "lost" not in premailer(protect(f"<!doctype html><html><head></head><body>{deep}</body></html>"))


def test_what_it_would_lose_is_refused_and_what_is_not_refused_is_kept() -> None:
    def nested(levels: int) -> str:
        return page("<mj-text>" + "<b>" * levels + "kept" + "</b>" * levels + "</mj-text>")

    deepest = DEEPEST - 5  # mjml, mj-body, mj-section, mj-column, mj-text
    assert "kept" in to_html(nested(deepest), blame)
    with pytest.raises(RenderError, match="<b> is nested more than 200 levels deep"):
        to_html(nested(deepest + 1), blame)


def test_wrapped_as_deep_as_mjml_can_the_deepest_text_is_kept() -> None:
    levels = DEEPEST - 6
    inner = f"<mj-column><mj-text>{'<b>' * levels}kept{'</b>' * levels}</mj-text></mj-column>"
    body = (
        f"<mj-wrapper><mj-section><mj-group>{inner.replace('<b>', '', 1).replace('</b>', '', 1)}</mj-group>"
    )

    assert "kept" in to_html(f"<mjml><mj-body>{body}</mj-section></mj-wrapper></mj-body></mjml>", blame)


# ── places ──────────────────────────────────────────────────────────────────


def test_a_place_is_that_of_the_template_whatever_was_mended_before_it() -> None:
    styles = '<mj-style inline="inline">.a { color: red }</mj-style>'
    head = f'<mj-head><mj-title>żółć "日本"</mj-title>{styles}</mj-head>'
    mjml = page(f'{IMAGE}<mj-image src="é\n  ü" /><mj-text>日本<?x?></mj-text>', head, RTL)

    with pytest.raises(RenderError) as caught:
        compiled(mjml, blame)
    assert str(caught.value) == f"{mjml.index('<?x')}: MJML: unexpected token: '<?x?>'"


def test_marks_of_blocks_with_nothing_between_them_are_told_apart() -> None:
    marks = "".join((marker("card:0:lead"), marker("section:1"), end_marker()))
    made = to_html(f"<mjml><mj-body>{marks}</mj-body></mjml>", blame)

    assert split(made, ("card:0:lead", "section:1"), "x")[1] == ("", "")
