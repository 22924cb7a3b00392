"""The inliner is given one element of each kind, once, and every element gets what it would have got."""

import re
from html.parser import HTMLParser

import pytest

from newsletter.errors import RenderError
from newsletter.issue.inliner import premailer
from newsletter.issue.mjml_html import to_html

from .issue_samples import card, cards, rendered_of
from .odd_samples import ODD, page, section
from .post_samples import TIDE, posted, tide
from .test_inliners import without_styles

MAILS = {
    "digest": lambda: rendered_of(*cards(10)).mjml,
    "digest in Arabic": lambda: rendered_of(*cards(9), card(9, language="en"), language="ar").mjml,
    "post": lambda: posted((tide(), TIDE), (card(1), TIDE))[1].mjml,
    "cascade": lambda: ODD["cascade"],
    "weights": lambda: ODD["weights from around"],
}


class Asked:
    """premailer, and the pages that it was given."""

    def __init__(self) -> None:
        self.pages: list[str] = []

    def __call__(self, html: str) -> str:
        self.pages.append(html)
        return premailer(html)


class Tags(HTMLParser):
    """The tags of a body with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html[html.index("<body") :])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML: an attribute that is only named says as much as one with a value.
        self.found.append((tag, {name: value or "" if name != "nowrap" else None for name, value in attrs}))


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


@pytest.mark.parametrize("name", MAILS)
def test_every_element_gets_what_the_inliner_gives_it_in_the_whole_page(name: str) -> None:
    mjml, by_kind, whole = MAILS[name](), Asked(), Asked()
    looking_around = re.sub(r"(<mj-style inline=.inline.>)", r"\1 x-none + x-none { top: 0 } ", mjml, count=1)

    ours, theirs = to_html(mjml, blame, by_kind), to_html(looking_around, blame, whole)

    assert [html.count("data-kind") > 10 for html in (*by_kind.pages, *whole.pages)] == [True, False]
    assert Tags(ours).found == Tags(theirs).found


def test_the_inliner_is_given_no_text_and_one_of_each() -> None:
    asked = Asked()
    to_html(rendered_of(*cards(10)).mjml, blame, asked)
    (given,) = asked.pages

    assert "Nine screws" not in given
    assert 3 * given.count("<td") < to_html(rendered_of(*cards(10)).mjml, blame).count("<td") * 2


def test_a_second_mail_of_the_same_templates_asks_only_for_what_is_new() -> None:
    asked = Asked()
    to_html(rendered_of(*cards(10)).mjml, blame, asked)
    to_html(rendered_of(*cards(10), subject="Another").mjml, blame, asked)
    assert len(asked.pages) == 1

    to_html(rendered_of(*cards(9), card(9, title="x" * 90), card(10, language="he")).mjml, blame, asked)
    assert len(asked.pages) == 2
    assert asked.pages[1].count("data-kind") < asked.pages[0].count("data-kind") / 4


def test_rules_that_look_at_neighbours_are_given_the_whole_page() -> None:
    asked = Asked()
    made = to_html(ODD["neighbours"], blame, asked)

    assert [page.count("<p") for page in asked.pages] == [2]
    assert ">one<" in asked.pages[0]
    assert 'style="color:blue"' in without_styles(made)


def test_what_failed_half_way_is_not_remembered() -> None:
    mjml = page(
        section("<mj-text><p class='z'>x</p></mj-text>"), "<mj-style inline='inline'>.z{color:red}</mj-style>"
    )
    fails = [True]

    def once(html: str) -> str:
        if fails.pop() if fails else False:
            raise MemoryError
        return premailer(html)

    with pytest.raises(MemoryError):
        to_html(mjml, blame, once)
    assert '<p class="z" style="color:red">' in to_html(mjml, blame, once)
