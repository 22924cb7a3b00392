"""Which links carry the newsletter's parameters, and how."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.inline_html import inline
from newsletter.issue.links import linker, tagged, unknown_placeholders, web_address
from newsletter.issue.render import render
from newsletter.issue.theme import Theme

from .issue_samples import LOADER, RECIPIENT, SITE, card, cards, filled, issue_of
from .post_samples import TIDE, post, tide
from .test_render import Page

PARAMS = (("utm_source", "{newsletter}"), ("utm_campaign", "{issue} of {date}"))
SITE_WITH = replace(SITE, link_params=PARAMS)
SAID = "utm_source=weekly&utm_campaign=weekly-2026-11-20%20of%202026-11-20"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://plainweave.example/a", f"https://plainweave.example/a?{SAID}"),
        ("https://www.PlainWeave.example/a", f"https://www.PlainWeave.example/a?{SAID}"),
        ("https://plainweave.example/a?b=1#c", f"https://plainweave.example/a?b=1&{SAID}#c"),
        ("https://plainweave.example/a?", f"https://plainweave.example/a?{SAID}"),
        ("https://plainweave.example#c?d", f"https://plainweave.example?{SAID}#c?d"),
        (
            "https://plainweave.example/?utm_source=mine",
            "https://plainweave.example/?utm_source=mine&" + SAID.split("&")[1],
        ),
        ("https://other.example/a?b", "https://other.example/a?b"),
        ("https://plainweave.example.org/", "https://plainweave.example.org/"),
        ("https://plainweave.example:8443/", "https://plainweave.example:8443/"),
        ("https://shop.plainweave.example/", "https://shop.plainweave.example/"),
        ("https://[::1/", "https://[::1/"),
        ("mailto:ida@plainweave.example", ""),
    ],
)
def test_parameters_are_added_to_links_to_the_own_host(url: str, expected: str) -> None:
    assert linker(issue_of(card(0)), SITE_WITH)(url) == expected


@given(st.text(), st.text(min_size=1), st.text())
def test_a_query_is_never_changed_only_added_to(query: str, name: str, value: str) -> None:
    address = web_address("https://x.example/?" + query.replace("#", ""))
    made = tagged(address, ((name, value),))
    assert made.startswith(address.rstrip("&"))
    assert tagged(made, ((name, value),)) == made


def test_in_a_digest_every_link_to_the_site_has_them_and_no_other() -> None:
    issue = issue_of(*cards(8), card(8, url="https://other.example/8"))
    rendered = render(issue, site=SITE_WITH, theme=Theme(), loader=LOADER)
    html, text = filled(issue, rendered)
    links = set(Page(html).attributes("a", "href"))
    ours = {link for link in links if "plainweave.example" in link and link != RECIPIENT["UNSUBSCRIBE_URL"]}
    assert ours and all(link.endswith(SAID) for link in ours)
    assert RECIPIENT["UNSUBSCRIBE_URL"] in links and "https://other.example/8" in links
    assert ours <= set(text.split())


def test_in_a_post_the_links_of_the_body_have_them_too() -> None:
    html, text = post((tide(), TIDE), site=SITE_WITH)
    assert f"https://plainweave.example/sky?year=2026&{SAID}#moon" in Page(html).attributes("a", "href")
    assert f"https://plainweave.example/sky?year=2026&{SAID}#moon" in text
    assert "https://ostervik.example/office" in Page(html).attributes("a", "href")
    assert not re.search(r"unsubscribe[^\"]*utm_", html)


def test_only_what_stands_in_braces_and_means_nothing_is_unknown() -> None:
    assert unknown_placeholders("{newsletter}-{issue}-{date} {x} {}") == ("x", "")


# ── inline HTML ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>one<i>two</b>three", "<b>one<i>two</i></b>three"),
        ("a</b>b", "ab"),
        ("<p>a<script>b</script></p>", "ab"),
        ("a<br>b<br/>c", "a<br>b<br>c"),
        ('<a href="javascript:x">a</a>', "a"),
        (
            '<a href="https://x.example/?a=1&amp;b=2">a</a>',
            '<a class="a" href="https://x.example/?a=1&amp;b=2">a</a>',
        ),
        ('<a href="mailto:a@x.example">a</a>', '<a class="a" href="mailto:a@x.example">a</a>'),
        (
            '<a href="https://x.example"><a href="https://y.example">a</a>',
            '<a class="a" href="https://x.example">a</a>',
        ),
        ('<b onclick="x" style="y">a</b>', "<b>a</b>"),
        ("1 < 2 &amp; 3 &lt; 4", "1 &lt; 2 &amp; 3 &lt; 4"),
    ],
)
def test_inline_html_is_written_anew(html: str, expected: str) -> None:
    assert inline(html, web_address) == expected


@given(
    st.lists(
        st.sampled_from(["<b>", "</b>", "<i>", "</i>", "<a href='https://x.example'>", "</a>", "<br>", "x"])
    )
)
def test_whatever_comes_in_every_tag_is_closed_in_order(parts: list[str]) -> None:
    made = inline("".join(parts), web_address)
    assert inline(made, web_address) == made
    for tag in ("b", "i", "a"):
        assert len(re.findall(rf"<{tag}[ >]", made)) == made.count(f"</{tag}>")
