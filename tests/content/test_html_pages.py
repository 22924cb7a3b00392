"""HTML pages: the article in them, and what they say about themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.content import PickUp
from newsletter.model import Article

One = Callable[..., Article]
PROSE = (
    "The harbour froze over in the night, and nobody had a boat that could break the ice. "
    "By noon it was a road."
)


def page(head: str = "", body: str = f"<article><h1>Ice</h1><p>{PROSE}</p></article>") -> str:
    return f"<!doctype html>\n<html><head>{head}</head>\n<body>\n{body}\n</body></html>\n"


TITLES = {
    "og:title": ('<title>Site</title><meta property="og:title" content="Frost">', "Frost"),
    "og:title with the site": ('<meta property="og:title" content="Ice | The Pier">', "Ice"),
    "h1": ("<title>The Pier</title>", "Ice"),
    "json-ld": (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Frost"}</script>',
        "Frost",
    ),
}


@pytest.mark.parametrize(("head", "title"), TITLES.values(), ids=TITLES)
def test_the_title_of_a_page(one: One, head: str, title: str) -> None:
    assert title == one(page(head), "a-page.html").title


def test_the_sites_title_is_nobodys_title(picked: Callable[..., PickUp]) -> None:
    def text(n: int) -> str:
        return page("<title>The Pier</title>", f"<p>{n}. {PROSE}</p>")

    found = picked({"first-ice.html": text(1), "second-ice.html": text(2)})
    assert {"First ice", "Second ice"} == {article.title for article in found.articles}


def test_a_title_of_its_own_loses_the_sites_name(picked: Callable[..., PickUp]) -> None:
    files = {
        f"{n}.html": page(f"<title>{n} boats - The Pier</title>", f"<p>{n}. {PROSE}</p>")
        for n in ("Two", "Ten")
    }
    assert {"Two boats", "Ten boats"} == {article.title for article in picked(files).articles}


DATES = {
    "meta": '<meta property="article:published_time" content="2024-04-09T10:00:00+02:00">',
    "pelican": '<meta name="date" content="2024-04-09 08:00">',
    "json-ld": (
        '<script type="application/ld+json">'
        '{"@graph":[{"@type":"Article","datePublished":"2024-04-09T08:00Z"}]}</script>'
    ),
}


@pytest.mark.parametrize("head", DATES.values(), ids=DATES)
def test_the_date_of_a_page(one: One, head: str) -> None:
    assert f"{one(page(head), 'a.html').date:%Y-%m-%dT%H:%M}" == "2024-04-09T08:00"


def test_the_articles_own_words(one: One) -> None:
    body = (
        '<nav><a href="/">Home</a></nav><main><article><header><h1>Ice</h1>'
        '<p class="standfirst">A night that stopped the ferries.</p><p class="byline">By Mara Lind</p>'
        '<time datetime="2024-04-09">9 April</time></header>'
        f'<p>{PROSE}</p><figure><img src="ice.jpg"><figcaption>Ice on the pier</figcaption></figure>'
        '<aside>Buy now</aside><div class="share">Tweet this</div></article></main>'
        "<footer>© The Pier</footer>"
    )
    article = one(page("", body), "a.html", base_url="https://pier.example")
    assert article.standfirst == "A night that stopped the ferries."
    assert article.authors == ("Mara Lind",)
    assert f"{article.date:%Y-%m-%d}" == "2024-04-09"
    assert [block.text for block in article.blocks if block.kind == "paragraph" and len(block.text) > 20] == [
        PROSE
    ]
    assert article.image is not None
    assert article.image.alt == "Ice on the pier"
    said = " ".join(block.text for block in article.blocks)
    assert not any(chrome in said for chrome in ("Home", "Buy now", "Tweet", "©"))


def test_canonical_language_and_description(one: One) -> None:
    head = '<link rel="canonical" href="/ice/"><meta name="description" content="A cold night.">'
    article = one(
        page(head).replace("<html>", '<html lang="en-GB">'), "a.html", base_url="https://pier.example"
    )
    assert (
        article.url,
        article.language,
        article.summary,
    ) == ("https://pier.example/ice/", "en-GB", "A cold night.")


def test_a_page_that_only_redirects_is_no_article(why: Callable[..., str]) -> None:
    assert (
        why(page('<meta http-equiv="refresh" content="0; url=/new/">', "<p>Moved.</p>"), "a.html")
        == "redirects to /new/"
    )


def test_front_matter_in_a_comment_stands_before_the_page(one: One) -> None:
    text = '<!--{\n "Title": "Frost",\n "Date": "2024-04-09"\n}-->\n' + f"<h2>Ice</h2>\n<p>{PROSE}</p>"
    article = one(text, "a.html")
    assert (article.title, f"{article.date:%Y-%m-%d}") == ("Frost", "2024-04-09")
    assert [(block.kind.value, block.line) for block in article.blocks] == [("heading", 5), ("paragraph", 6)]


def test_code_and_tables_of_a_page_stay_whole(one: One) -> None:
    body = (
        f"<p>{PROSE}</p><pre><code class='language-py'>{{{{ a "
        f"}}}}\nb</code></pre><table><tr><th>c<td>d</table>"
    )
    blocks = one(page("", body), "a.html").blocks
    assert [(block.kind.value, block.text, block.target) for block in blocks[1:]] == [
        ("code", "{{ a }}\nb", "py"),
        ("table", "c | d", ""),
    ]
