"""Whatever stands in an article or a name arrives as that text: it becomes no tag, no slot, no code."""

import html
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.issue.slots import guard
from newsletter.model import Picture

from .issue_samples import card, mail

PIECES = (
    *("{{ 7*7 }}", "{% raw %}", "{#", "#}", "{{", "%}", "{{ ''.__class__ }}", "{% include 'x' %}"),
    *("%%NAME%%", "%%", "%%UNSUBSCRIBE_URL%%", "%", "%25", "%%BLOCKS%%", "%%PERCENT%%", "\ufdd1"),
    *(
        "<b>",
        "</p>",
        "<script>alert(1)</script>",
        "<!--",
        "-->",
        "<![CDATA[",
        "<?xml",
        "]]>",
        "&lt;",
        "&amp;nbsp;",
    ),
    *("</mj-text>", "<mj-raw>", "<mjml>", "<mj-include path='/etc/passwd' />", "<!--\ufdd0card:0:lead-->"),
    *('"', "'", "\\", "\\u{301}", "\\n", "`", "onload=alert(1)", '" onerror="x', "javascript:x"),
    *(
        "e\u0301",
        "a\u0323\u0307",
        "ते",
        "\u064fش",
        "👩\u200d🔧",
        "❤\ufe0f",
        "🏳\ufe0f\u200d🌈",
        "\u00ad",
        "\u200b",
    ),
    *("\u202e", "\u2067", "\u2069", "\u200f", "שלום", "日本", "٣", "ß", "İ", "\u00a0", " ", " x "),
    *("*|X|*", "[x]", "${x}", "<%= x %>", "#{x}", "5 < 6 & 7 > 3", "\u0000", "\u001b[31m", "\ud800"),
)
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), min_size=1, max_size=12).map(
    "".join
)

VOID = {"meta", "br", "img", "hr", "link", "input"}


class Tree(HTMLParser):
    """The text of a page, its attributes, its tags; and what was closed that was not open."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.values: set[str] = set()
        self.wrong: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.wrong += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.values |= {value or "" for _, value in attrs}
        self.wrong += [name for name, _ in attrs if name.startswith("on")]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # HTML: the slash says nothing

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1] == "style"):
            self.text += data


def shown(text: str) -> str:
    """A text as a page shows it: white space is one space, and what no page may carry is gone."""
    return " ".join(guard(text).replace("\ufdd1", "%").split())


def pages(text: str) -> tuple[Tree, str, Tree]:
    """A mail with this text everywhere; its plain text; and the same mail with a harmless text."""
    made = []
    for each in (text, "harmless"):
        hostile_card = card(0, title=each, excerpt=each, authors=(each,), tags=(each,))
        changes = {"title": each, "subject": each, "preheader": each, "intro": each}
        made.append(mail(hostile_card, pictures={"id:0": Picture("cid:x", each, 720, 450)}, **changes))
    return Tree(made[0][0]), made[0][1], Tree(made[1][0])


@settings(max_examples=40)
@given(hostile.filter(lambda text: shown(text) != ""))
@example("".join(PIECES))
@example("x" * 5000)
@example("e\u0301\u0323" * 1700)
@example("</p></mj-text></mj-column>{{ 7*7 }}%%NAME%%")
def test_a_text_arrives_as_it_is_and_adds_no_tag(text: str) -> None:
    page, plain, harmless = pages(text)
    words = shown(text)

    assert words in " ".join(page.text.split())
    assert words.replace(" ", "") in "".join(plain.split())
    assert any(" ".join(value.split()) == words for value in page.values)
    assert set(page.tags) <= {*harmless.tags, "h1", "h2", "p"}
    assert page.wrong == harmless.wrong == []


@pytest.mark.parametrize("length", [60, 500, 5000])
def test_a_long_title_is_whole_and_adds_nothing_else(length: int) -> None:
    title = "A word " * (length // 7)
    page, _, harmless = pages(title)

    assert shown(title) in " ".join(page.text.split())
    assert sum(page.tags.values()) <= sum(harmless.tags.values()) + 2


def test_no_template_of_an_author_is_ever_run() -> None:
    page, plain, _ = pages("{{ 7*7 }} {% for x in range(3) %}x{% endfor %}")

    assert "49" not in page.text + plain
    assert "xxx" not in page.text + plain


def test_an_escaped_text_is_not_unescaped_on_its_way() -> None:
    page, plain, _ = pages("&lt;b&gt; &amp;amp;")

    assert "&lt;b&gt; &amp;amp;" in page.text
    assert "&lt;b&gt; &amp;amp;" in plain
    assert html.unescape("&lt;b&gt;") not in plain


def test_a_text_that_names_the_place_of_the_blocks_is_not_that_place() -> None:
    page, plain = mail(card(0, authors=("Ada Quill",)), intro="%%BLOCKS%%", title="%%BLOCKS%%")

    assert Tree(page).text.index("%%BLOCKS%%") < Tree(page).text.index("Ada Quill")
    assert plain.index("%%BLOCKS%%") < plain.index("Ada Quill")
