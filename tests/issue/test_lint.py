"""What MJML takes in silence or refuses without a place is a mistake with a place."""

import pytest

from newsletter.issue.lint import DEEPEST, lint
from newsletter.issue.mjml_tags import ATTRIBUTES, attributes_of, kind_of
from newsletter.issue.mjml_values import fits


def page(inside: str, head: str = "") -> str:
    """MJML with this on line 3, in a column; and this in its head."""
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body>\n<mj-section><mj-column>\n{inside}\n"
        "</mj-column></mj-section></mj-body></mjml>"
    )


def told(mjml: str) -> list[tuple[int, str]]:
    """(line, reason) of each fault."""
    return [(mjml.count("\n", 0, fault.offset) + 1, fault.reason) for fault in lint(mjml)]


IN_A_COLUMN = {
    "attribute twice": ('<mj-text align="left"\nalign="right">x</mj-text>', 4, "attribute align twice"),
    "HTML attribute twice": ('<mj-text><p class="a"\nclass="b">x</p></mj-text>', 4, "attribute class twice"),
    "attribute without value": ("<mj-text align>x</mj-text>", 3, "attribute align has no value"),
    "value without quotes": ("<mj-text><p\nclass=a>x</p></mj-text>", 4, 'in quotes: class="a"'),
    "odd attribute": ('<mj-text><p @click="a">x</p></mj-text>', 3, "cannot read '@click"),
    "open quote": ('<mj-text><p class="a>x</p></mj-text>', 3, "is a quote missing"),
    "unknown attribute": ('<mj-text colour="red">x</mj-text>', 3, 'did you mean "color"?'),
    "unknown tag": ("<mj-txt>x</mj-txt>", 3, 'unknown tag "mj-txt", did you mean "mj-text"?'),
    "capitals": ("<MJ-TEXT>x</MJ-TEXT>", 3, 'unknown tag "MJ-TEXT", did you mean "mj-text"?'),
    "mj-include": ('<mj-include path="x.mjml" />', 3, "there is no <mj-include>; write {% include"),
    "mj-chart": ("<mj-chart />", 3, 'unknown tag "mj-chart"'),
    "font size": ('<mj-text font-size="huge">x</mj-text>', 3, "write pixels, such as 16px"),
    "width": ('<mj-image src="a" alt=""\nwidth="foo" />', 4, '<mj-image> has width="foo"; write pixels'),
    "width in percent": ('<mj-image src="a" width="50%" />', 3, "write pixels"),
    "colour": ('<mj-text color="#12345">x</mj-text>', 3, "write a colour, such as #0B6B5E"),
    "colour by name": ('<mj-text color="bleu">x</mj-text>', 3, "write a colour"),
    "padding": ('<mj-text padding="0 32 10px">x</mj-text>', 3, "write one to four lengths"),
    "padding of five": ('<mj-text padding="0 0 0 0 0">x</mj-text>', 3, "write one to four lengths"),
    "align": ('<mj-text align="middle">x</mj-text>', 3, "write left, center, right or justify"),
    "empty": ('<mj-text color="">x</mj-text>', 3, "write a colour"),
    "column in column": ("<mj-column></mj-column>", 3, "<mj-column> may not stand directly in <mj-column>"),
    "section in column": ("<mj-section></mj-section>", 3, "<mj-section> may not stand directly in"),
    "HTML in column": ("<p>x</p>", 3, "<p> may not stand directly in <mj-column>"),
    "text in column": ("\nhello", 4, "text directly in <mj-column> is not shown in its place"),
    "MJML in text": ('<mj-text>\n<mj-image src="a" alt="" /></mj-text>', 4, "in there is HTML, not MJML"),
    "social icon of others": (
        '<mj-social><mj-social-element name="x" href="y">x</mj-social-element></mj-social>',
        3,
        "needs a src",
    ),
    "paragraph open": ("<mj-text><p>one\n<p>two</p></mj-text>", 3, "<p> is not closed before <p>"),
    "item open": ("<mj-text><ul><li>a\n<li>b</ul></mj-text>", 4, "<li> is not closed before </ul>"),
    "less than": ("<mj-text>\n5<6</mj-text>", 4, "a bare < in the text; write &lt;"),
    "less than, spaced": ("<mj-text>\n5 < 6</mj-text>", 4, "a bare <"),
    "CDATA": ("<mj-text><![CDATA[x]]></mj-text>", 3, "no CDATA"),
    "processing instruction": ("<mj-text><?php x ?></mj-text>", 3, "XML declaration"),
    "shown condition": ("<mj-text><![if !mso]>x<![endif]></mj-text>", 3, "condition for Outlook"),
    "dashes in a comment": ("<mj-text>\n<!-- a -- b --></mj-text>", 4, "may not have -- in it"),
    "dash at the end": ("<!-- a --->", 3, "nor end in -"),
    "open comment": ("<mj-text><!-- a</mj-text>", 3, "comment is never closed"),
    "closed void": ("<mj-text>a<br></br></mj-text>", 3, "</br> closes nothing; write <br>"),
    "table in a link": ('<mj-text><a href="x">\n<table></table></a></mj-text>', 4, "link would be empty"),
    "less than in a script": ("<mj-raw><script>a<b</script></mj-raw>", 3, "no < inside <script>"),
    "too deep": ("<mj-text>\n" + "<b>" * DEEPEST + "x" + "</b>" * DEEPEST + "</mj-text>", 4, "200 levels"),
}


@pytest.mark.parametrize("name", IN_A_COLUMN)
def test_a_mistake_is_told_with_its_line(name: str) -> None:
    inside, line, reason = IN_A_COLUMN[name]
    first = told(page(inside))[0]

    assert first[0] == line
    assert reason in first[1]


ELSEWHERE = {
    "text in body": ("<mjml><mj-body>\n<mj-text>x</mj-text></mj-body></mjml>", 2, "<mj-section>"),
    "text in section": (
        "<mjml><mj-body><mj-section>\n<mj-text>x</mj-text></mj-section></mj-body></mjml>",
        2,
        "<mj-text> may not stand directly in <mj-section>; there may be <mj-column>, <mj-group>, <mj-raw>",
    ),
    "section in section": (
        "<mjml><mj-body><mj-section>\n<mj-section></mj-section></mj-section></mj-body></mjml>",
        2,
        "<mj-section> may not stand directly in <mj-section>",
    ),
    "section outside the body": (
        "<mjml>\n<mj-section></mj-section><mj-body></mj-body></mjml>",
        2,
        "directly in <mjml>",
    ),
    "HTML in the head": (
        '<mjml><mj-head>\n<meta name="x"></mj-head><mj-body></mj-body></mjml>',
        2,
        "directly in <mj-head>",
    ),
    "text in the head": (
        "<mjml><mj-head>\nx</mj-head><mj-body></mj-body></mjml>",
        2,
        "text directly in <mj-head>",
    ),
    "XML declaration": ('<?xml version="1.0"?><mjml><mj-body></mj-body></mjml>', 1, "no XML declaration"),
    "doctype": ("\n<!doctype html><mjml><mj-body></mj-body></mjml>", 2, "no doctype belongs here"),
    "text before": ("hello\n<mjml><mj-body></mj-body></mjml>", 1, "text outside <mjml>"),
    "text after": ("<mjml><mj-body></mj-body></mjml>\n\nhello", 3, "text outside <mjml>"),
    "tag after": ("<mjml><mj-body></mj-body></mjml>\n<p>x</p>", 2, "after the end of <mjml>"),
    "two bodies": ("<mjml><mj-body></mj-body>\n<mj-body></mj-body></mjml>", 2, "a second <mj-body>"),
    "less than in styles": (
        "<mjml><mj-head><mj-style>\na::after{content:'<'}</mj-style></mj-head><mj-body></mj-body></mjml>",
        2,
        "no < inside <mj-style>",
    ),
    "default of nothing": (
        page("<mj-text>x</mj-text>", '<mj-attributes>\n<mj-tekst color="red" /></mj-attributes>'),
        2,
        'unknown tag "mj-tekst"',
    ),
    "bad default": (
        page("<mj-text>x</mj-text>", '<mj-attributes>\n<mj-all font-size="big" /></mj-attributes>'),
        2,
        "<mj-all> has font-size",
    ),
    "tag in a class": (
        page(
            "<mj-text>x</mj-text>",
            '<mj-attributes>\n<mj-class name="x"><mj-text /></mj-class></mj-attributes>',
        ),
        2,
        "directly in <mj-class>",
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_mistake_around_the_columns_is_told_with_its_line(name: str) -> None:
    mjml, line, reason = ELSEWHERE[name]
    first = told(mjml)[0]

    assert first[0] == line
    assert reason in first[1]


FINE = {
    "attributes": '<mj-text align="left" color="#ABC" padding="0 32px .5px 10%" css-class="" font-size="16px"'
    ' line-height="1.5" letter-spacing="-.3px">x</mj-text>',
    "HTML": '<mj-text><p class="a" hidden>x <br> <img src="x" alt=""> &amp; </p></mj-text>',
    "entities and slots": '<mj-button href="%%HOME%%" color="%%COLOUR%%">&nbsp; & > %%X%%</mj-button>',
    "conditions": "<mj-raw><!--[if mso]><td><![endif]--><!--[if !mso]><!--><b>x</b><!--<![endif]--></mj-raw>",
    "styles": "<mj-raw><style>a > b::before { content: '>' }<!-- --></style></mj-raw>",
    "data": '<mj-raw><script type="application/ld+json">{"a": 1}</script></mj-raw>',
    "comments": "<!-- a - b --><mj-spacer /><!-- é -->",
    "names of attributes": '<mj-text><p data-x="1" aria-label="x" xml:lang="de">x</p></mj-text>',
    "own social icon": '<mj-social><mj-social-element src="x" href="y">x</mj-social-element></mj-social>',
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_right_is_not_told(name: str) -> None:
    assert told(page(FINE[name])) == []


def test_a_wrapper_takes_sections() -> None:
    inner = "<mj-section><mj-group><mj-column></mj-column></mj-group></mj-section>"
    assert told(f"<mjml><mj-body><mj-wrapper>{inner}</mj-wrapper></mj-body></mjml>") == []


def test_every_kind_of_value_can_be_met() -> None:
    kinds = {kind_of(tag, name) for tag in ATTRIBUTES for name in attributes_of(tag)} - {""}
    good = "#123456 16px 50% 0 auto 1.5 -0.5px true ltr center top left repeat full-width fixed none inline"
    good += " visible vertical fluid-height"

    assert [kind for kind in sorted(kinds) if not any(fits(value, kind) for value in good.split())] == []
    assert [kind for kind in sorted(kinds) if fits("nonsense", kind)] == []
