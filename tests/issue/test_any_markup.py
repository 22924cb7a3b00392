"""Whatever markup a template holds: HTML parsers see in the page what MJML made of it, or it is refused."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from lxml import etree

from newsletter.errors import RenderError
from newsletter.issue.mjml_html import bodied, compiled, to_html

from .odd_samples import page, section
from .test_kinds import Tags

#: What a pass changes on purpose: see newsletter/issue/trim.py.
CHANGED = {"style", "class", "vertical-align", "target", "role", "width", "height", "href", "src"}
INLINED = "<mj-style inline='inline'>p, b, a, td, li, span { color: #123 } .a { margin: 3px }</mj-style>"
#: Rules that look at neighbours, and style nothing more.
NEIGHBOURS = INLINED.replace("</", " x-n + x-n { top: 0 }</")
#: MJML writes an empty tag with a colon as no HTML parser takes it; that is mended.
EMPTY = re.compile(r"<(\w+:\w+)([^<>]*?) ?/>(?![^<]*<!\[endif\]-->)")


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


def text(markup: str, head: str = INLINED) -> str:
    return page(section(f"<mj-text>{markup}</mj-text>"), head)


def raw(markup: str, head: str = INLINED) -> str:
    return page(f"<mj-raw>{markup}</mj-raw>" + section("<mj-text>after</mj-text>"), head)


Node = tuple[int, str, tuple[tuple[str, str], ...], str, str]


def tree(html: str) -> list[Node]:
    """The elements and comments of a body: depth, tag, attributes, the text in them and behind."""
    body = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8")).find("body")
    assert body is not None
    return [node(one) for one in body.iter()]


def node(one: etree._Element) -> Node:
    depth, texts = len(list(one.iterancestors())), (" ".join((one.text or "").split()), one.tail or "")
    name = one.tag if isinstance(one.tag, str) else "!"
    given = sorted((str(key), str(value)) for key, value in one.attrib.items() if key not in CHANGED)
    return depth, name, tuple(given) if name != "!" else (), texts[0], " ".join(texts[1].split())


def made(mjml: str) -> str | None:
    """The page; None where it is refused, which says where."""
    try:
        return to_html(mjml, blame)
    except RenderError as error:
        assert re.match(r"\d+: ", str(error))
        return None


#: markup that is taken
TAKEN = {
    "a closing tag with a space": "<style>p { color: red }</style ><b>x</b>",
    "a style that is closed at once": "<style/><p>x</p><style>p { color: red }</style>",
    "a style with > in its settings": 'x <style title="a>b">p { color: red }</style> y',
    "a tag that begins like style": "<style-x>x</style-x><stylex>y</stylex>",
    "a style in a comment": "<!-- <style> --><b>x</b>",
    "a comment in a style": "<style><!-- p { color: red } --></style>",
    "a page in a comment": '<!-- </head><body style="x"><head> --><b title=\'<body style="\'>x</b>',
    "a head in a comment for Outlook": "<!--[if mso]><head></head><![endif]-->x",
    "an empty tag with a colon": "<o:p></o:p>x<v:rect fill='t'/>y<b>z</b>",
    "quotes in quotes": """<a title='a>b' name='c"d'>x</a><a title="a'b < c">y</a>""",
    "attributes without values": "<p hidden data-x>x</p><p class style=''>y</p>",
    "many spaces in a tag": "<a\n  title = 'x'\n>y</a\n>",
    "capitals": "<A Title='x'>y</A><TABLE><TR><TD>z</TD></TR></TABLE>",
    "tags in each other that parsers part": "<li><li>x</li></li><td><td>y</td></td><h1><h2>z</h2></h1>",
    "tables": "<table>foo<tr><td><table><tr><td></td></tr></table></td></tr></table>",
    "void tags": "<param name='x'/><wbr><area><br/><embed /><track><source>x",
    "references": "&copy 2026 &ampx; &notit; & &#128; &#xD800; &#99999999999; &unknown;",
    "a > behind a letter of two bytes": "Café > Bar é/> →> 😀> <b title='é'>é =></b><!-- é > -->",
    "slots": "<b title='%%NAME%%' style='color:%%NAME%%'>x</b><a href='%%NAME%%:x'>y</a><!-- %%NAME%% -->",
    "marks of our own": "<b data-kind='7' data-place='1'>x</b>",
    "letters that turn round": "<p title='\u202eabc'>\u2067x\u202e</p>",
    "what Outlook only hides": "<!--[if !mso]><!--><b>x</b><!--<![endif]-->",
}


@pytest.mark.parametrize("around", [text, raw], ids=["text", "raw"])
@pytest.mark.parametrize("name", TAKEN)
def test_parsers_see_what_mjml_made(name: str, around: Callable[..., str]) -> None:
    mjml = around(TAKEN[name])
    done = made(mjml)

    assert done is not None
    assert tree(done) == tree(EMPTY.sub(r"<\1\2></\1>", bodied(compiled(mjml, blame))))


@pytest.mark.parametrize("around", [text, raw], ids=["text", "raw"])
@pytest.mark.parametrize("name", TAKEN)
def test_rules_that_look_at_neighbours_style_it_in_the_same_way(
    name: str, around: Callable[..., str]
) -> None:
    assert (
        Tags(to_html(around(TAKEN[name], NEIGHBOURS), blame)).found
        == Tags(to_html(around(TAKEN[name]), blame)).found
    )


@pytest.mark.parametrize("name", TAKEN)
def test_it_may_stand_in_the_head(name: str) -> None:
    if "</head>" in TAKEN[name] or "Outlook" in name:
        done = to_html(page(section("<mj-text>x</mj-text>"), f"<mj-raw>{TAKEN[name]}</mj-raw>"), blame)
        assert done.count('<body class="body"') == 1


#: markup that is refused: what the author meant is not what parsers would see, or MJML would name no place
REFUSED = {
    "style in capitals": ("@<STYLE>p { color: red }</STYLE>", "MJML knows no <STYLE>"),
    "script in capitals": ("@<SCRIPT>a</SCRIPT>", "MJML knows no <SCRIPT>"),
    "a break in capitals": ("x@<BR>y", "MJML knows no <BR>; write <br>"),
    "< in a style": ("<style>p { content: '@<' }</style>", "MJML takes no < inside <style>"),
    "head": ("x@<head></head>", "no <head> belongs here"),
    "body": ("@<BODY class='x'>y</BODY>", "no <BODY> belongs here"),
    "html": ("<p>@<html>y</html></p>", "no <html> belongs here"),
    "what nothing ends": ("@<plaintext>x</plaintext>", "no <plaintext> belongs here"),
    "tags in a text": ("<textarea>@<b>x</b></textarea>", "<b> inside <textarea> is text"),
    "a comment that ends at once": ("@<!--><b>x</b>-->", "this comment ends before its -->"),
    "the same with a dash": ("@<!---><b>x</b>-->", "this comment ends before its -->"),
    "a comment that ends early": ("@<!--[if mso]> --!> <![endif]-->", "this comment ends before its -->"),
    "the same attribute twice": ("<a title='x' @TITLE='y'>x</a>", "<a> has the attribute TITLE twice"),
    "an unquoted value of a style": ("<style @media=print>p {}</style>", "a value stands in quotes"),
    "a paragraph that is ended": ("@<P>x<CENTER>y</CENTER></P>", "<p> is not closed before <center>"),
    "a link in a link": ("<a href='/x'><b>@<A href='/y'>z</A></b></a>", "<a> inside <a>"),
    "the end of a CDATA section": ("<!-- ]]> -->x@]]>", "MJML takes no ]]>"),
    "a break in capitals that ends itself": ("@<BR/>", "MJML knows no <BR>; write <br>"),
    "a tag for Outlook": ("<!--[if mso]><b/><br><i></i>@<td x='/'><![endif]-->y", "<td> is never closed"),
    "a > behind a letter of two bytes in a style": (
        "<b title='é'>x</b><style>@é >b {}</style>",
        "MJML cannot read",
    ),
    "NUL": ("a@\0b", "no page may have the character U+0000"),
    "half a letter": ("<b title='@\ud800'>x</b>", "no page may have the character U+D800"),
    "a space of another script": ("<b@\u00a0title='a'>x</b>", 'cannot read "\\xa0title='),
    "letters of other alphabets": ("<b@\u00e9='a'>x</b>", 'cannot read "\u00e9='),
}


@pytest.mark.parametrize("around", [text, raw], ids=["text", "raw"])
@pytest.mark.parametrize("name", REFUSED)
def test_what_parsers_would_see_in_another_way_is_refused_at_its_place(
    name: str, around: Callable[..., str]
) -> None:
    markup, told = REFUSED[name]
    mjml = around(markup)

    with pytest.raises(RenderError) as caught:
        to_html(mjml.replace("@", ""), blame)
    offset, _, reason = str(caught.value).partition(": ")
    assert told in reason
    assert mjml[int(offset)] == "@"


def test_rules_that_the_inliner_stumbles_over_are_told_at_their_style_sheet() -> None:
    rules = "::before@import url(x);-->@import url(x);color[x=y]-->[x=y]"
    mjml = text("x", f"<mj-style inline='inline'>{rules}</mj-style>")

    with pytest.raises(RenderError, match="the rules to be inlined cannot be read") as caught:
        to_html(mjml, blame)
    assert str(caught.value).startswith(f"{mjml.index('<mj-style')}: ")


def test_a_page_is_the_same_bytes_whether_or_not_its_kinds_have_been_seen() -> None:
    links = "<a class='zz' href='http://x.example/é'>2</a><a class='zz' href='ü'>3</a>"
    markup = f"<p class='zz' title='a'>1</p>{links}"
    first = to_html(text(markup), blame)

    assert [to_html(text(markup), blame) for _ in range(2)] == [first] * 2
    assert "x.example/%C3%A9" in first


# ── at random ───────────────────────────────────────────────────────────────

PIECES = (
    *(
        "<p>",
        "</p>",
        "<P>",
        "<b class='a'>",
        "</b>",
        "<b/>",
        "<a href='x'>",
        "</a>",
        "<br>",
        "<BR/>",
        "<img>",
    ),
    *("<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<ul>", "<li>", "</li>", "</ul>", "<div>"),
    *("</div>", "<style>", "</style>", "<style >", "</style >", "<STYLE>", "<script>", "</script>", "<svg>"),
    *("</svg>", "<path/>", "<title>", "</title>", "<textarea>", "</textarea>", "<head>", "</head>", "<body>"),
    *(
        "<!--",
        "-->",
        "--!>",
        "<!-->",
        "<!--[if mso]>",
        "<![endif]-->",
        "<!--[if !mso]><!-->",
        "<!--<![endif]-->",
    ),
    *(
        "<![CDATA[",
        "]]>",
        "<?x?>",
        "&copy",
        "&#233;",
        "&#0;",
        "&lt;",
        "&",
        "<",
        ">",
        "'",
        '"',
        "=",
        "/",
        "\\",
    ),
    *("<a title=\">\" name='<'>", "<b x>", "<b x x>", "<b x=1>", "<o:p>", "</o:p>", "<o:p/>", "<mj-raw>"),
    *("</mj-raw>", "%%NAME%%", "<%%NAME%%>", "\0", "\ud800", "\x0b", "\u00a0", "\u202e", "\ufdd1", "é", "x"),
)
TAGS = "p P b a td tr li ul table div span h2 style-x o:p svg textarea title center x".split()
ATTRIBUTES = ("", " x", " class='a'", " title='>'", ' title="\'é"', " style='color:red'", " href='é'", "/")


def nested(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, said, parts: f"<{tag}{said}>{''.join(parts)}" + f"</{tag}>" * (said != "/"),
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inside, max_size=3),
    )


LEAVES = (
    "x",
    "&eacute;",
    "<br>",
    "<img src='é'>",
    "<!-- y -->",
    "<style>p{}</style>",
    "<!--[if mso]><p><![endif]-->",
)
WELL = st.recursive(st.sampled_from(LEAVES), nested, max_leaves=8)
ANY = st.one_of(WELL, st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))


@seed(20261122)
@settings(max_examples=150, deadline=None)
@given(ANY, st.sampled_from([text, raw]), st.sampled_from([INLINED, NEIGHBOURS]))
def test_any_markup_is_a_page_or_a_mistake(markup: str, around: Callable[..., str], head: str) -> None:
    mjml = around(markup, head)
    done = made(mjml)
    if done is not None:
        assert tree(done) == tree(EMPTY.sub(r"<\1\2></\1>", bodied(compiled(mjml, blame))))
        assert made(mjml) == done
