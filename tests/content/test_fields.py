"""The precedence of fields and their aliases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.content import PickUp
from newsletter.model import Article

One = Callable[..., Article]
BODY = "The harbour froze over in the night, and nobody had a boat that could break the ice."


TITLES = {
    "field": ("---\ntitle: Ice\n---\n# Snow\n\n" + BODY, "Ice"),
    "first heading": ("# Snow\n\n" + BODY, "Snow"),
    "file name": (BODY, "First post"),
    "html and entities": ("---\ntitle: 'Salt &amp; <b>ice</b>'\n---\n" + BODY, "Salt & ice"),
    "entities once": ("---\ntitle: '&amp;lt;b&amp;gt;'\n---\n" + BODY, "&lt;b&gt;"),
    "markdown": (
        "---\ntitle: 'The *thin* **ice** of `x_y_z` and [links](https://x.example)'\n---\n" + BODY,
        "The thin ice of x_y_z and links",
    ),
    "type parameters": (
        "---\ntitle: 'Vec<T> and snake_case_name'\n---\n" + BODY,
        "Vec<T> and snake_case_name",
    ),
    "spaces": ("---\ntitle: '  The\u00a0 thin\u200b ice '\n---\n" + BODY, "The thin ice"),
    "overrides": ("---\ntitle: 'Ice\u202egnp.exe'\n---\n" + BODY, "Icegnp.exe"),
    "right to left": ("---\ntitle: الجليد الرقيق\n---\n" + BODY, "الجليد الرقيق"),
    "emoji": ("---\ntitle: 🧊\n---\n" + BODY, "🧊"),
    "newline": ('---\ntitle: "Ice\\nBcc: x"\n---\n' + BODY, "Ice Bcc: x"),
    "empty": ("---\ntitle: ''\n---\n# Snow\n\n" + BODY, "Snow"),
}


@pytest.mark.parametrize(("text", "title"), TITLES.values(), ids=TITLES)
def test_the_title(one: One, text: str, title: str) -> None:
    assert title == one(text, "2024-01-01-first-post.md").title


def test_the_title_is_not_said_twice(one: One) -> None:
    assert [b.text for b in one(f"---\ntitle: Thin ice\n---\n# Thin ice!\n\n{BODY}").blocks] == [BODY]


def test_a_title_of_5000_characters_is_cut_and_reported(one: One) -> None:
    article = one(f"---\ntitle: {'word ' * 1000}\n---\n{BODY}")
    assert len(article.title) <= 301
    assert [p.line for p in article.problems if "5,000" in p.text or "characters" in p.text] == [2]


AUTHORS = {
    "one": ("author: Mara Lind", ("Mara Lind",)),
    "list": ("authors: [Mara Lind, Jo Ek]", ("Mara Lind", "Jo Ek")),
    "commas": ("author: Mara Lind, Jo Ek and Bo Ask", ("Mara Lind", "Jo Ek", "Bo Ask")),
    "a firm": ("author: Smith & Sons", ("Smith & Sons",)),
    "by": ("by: Mara Lind", ("Mara Lind",)),
    "tables": (
        "authors:\n- name: Mara Lind\n  url: https://x.example\n- name: Jo Ek",
        ("Mara Lind", "Jo Ek"),
    ),
    "an address": ("author: Mara Lind <mara@x.example>", ("Mara Lind",)),
    "none": ("author:", ()),
}


@pytest.mark.parametrize(("text", "authors"), AUTHORS.values(), ids=AUTHORS)
def test_the_authors(one: One, text: str, authors: tuple[str, ...]) -> None:
    assert authors == one(f"---\n{text}\n---\n{BODY}").authors


TAGS = {
    "list": ("tags: [ice, snow]", "plain", ("ice", "snow")),
    "topics": ("topics:\n- ice", "plain", ("ice",)),
    "tags first": ("categories: [a]\ntags: [b]", "plain", ("b",)),
    "jekyll words": ("categories: ice snow", "jekyll", ("ice", "snow")),
    "commas": ("tags: thin ice, snow", "plain", ("thin ice", "snow")),
    "no is a tag": ("tags: [no]", "plain", ("no",)),
}


@pytest.mark.parametrize(("text", "preset", "tags"), TAGS.values(), ids=TAGS)
def test_the_tags(one: One, text: str, preset: str, tags: tuple[str, ...]) -> None:
    assert tags == one(f"---\n{text}\n---\n{BODY}", preset=preset).tags


SUMMARIES = {
    "excerpt": ("excerpt: A cold night.\ndescription: Other.", "A cold night."),
    "deck before summary": ("summary: Long one.\ndeck: Short one.", "Short one."),
    "markup": ("summary: '<strong>A *cold* night</strong> &mdash; truly'", "A cold night — truly"),
    "template code": ("summary: 'A cold {{ word }}night.'", "A cold night."),
    "cut off by an ellipsis": (
        "summary: The harbour froze over in …\ndescription: A cold night.",
        "A cold night.",
    ),
    "the opening, stopped": ("summary: The harbour froze over in the night, and nobody had a", ""),
    "the opening, whole": ("summary: " + BODY, BODY),
    "empty block": ("description: |", ""),
}


@pytest.mark.parametrize(("text", "summary"), SUMMARIES.values(), ids=SUMMARIES)
def test_the_summary(one: One, text: str, summary: str) -> None:
    assert summary == one(f"---\n{text}\n---\n{BODY}").summary


ADDRESSES = {
    "canonical": ("canonical: https://x.example/ice/\nurl: /no/", "https://x.example/ice/"),
    "relative": ("permalink: /ice/", "https://site.example/ice/"),
    "zola path": ("path: 2023/11/09/ice", "https://site.example/2023/11/09/ice"),
    "slug": ("slug: thin-ice\ndate: 2024-01-05", "https://site.example/2024/01/thin-ice/"),
    "javascript": ("url: 'javascript:alert(1)'", ""),
    "userinfo": ("url: 'https://site.example@evil.example/'", ""),
    "template code": (
        "permalink: '{{ date }}/x/'\ndate: 2024-01-05\nslug: s",
        "https://site.example/2024/01/s/",
    ),
    "jekyll pattern": ("permalink: /:year/:slug/\ndate: 2024-01-05\nslug: s", "https://site.example/2024/s/"),
    "scheme of the page": ("url: //x.example/ice", "https://x.example/ice"),
}


@pytest.mark.parametrize(("text", "url"), ADDRESSES.values(), ids=ADDRESSES)
def test_the_address(one: One, text: str, url: str) -> None:
    settings = {"base_url": "https://site.example/", "permalink": "/:year/:month/:slug/"}
    assert url == one(f"---\n{text}\n---\n{BODY}", **settings).url


PERMALINKS = {
    "jekyll": ("_posts/2024-01-05-ice.md", "jekyll", "category: news", "/news/2024/01/05/ice.html"),
    "hugo": ("content/posts/ice.md", "hugo", "", "/posts/ice/"),
    "hugo bundle": ("content/posts/ice/index.md", "hugo", "", "/posts/ice/"),
    "eleventy": ("posts/2024-01-05-ice.md", "eleventy", "", "/posts/ice/"),
    "pelican": ("2024/ice.md", "pelican", "", "/ice.html"),
    "plain html": ("notes/ice.html", "plain", "", "/notes/ice.html"),
}


@pytest.mark.parametrize(("path", "preset", "text", "url"), PERMALINKS.values(), ids=PERMALINKS)
def test_presets_make_addresses(one: One, path: str, preset: str, text: str, url: str) -> None:
    article = one(
        f"---\ntitle: Ice\n{text}\n---\n{BODY}", path, preset=preset, base_url="https://site.example/blog/"
    )
    assert f"https://site.example/blog{url}" == article.url


def test_without_a_base_url_no_address_is_made_up(one: One) -> None:
    assert one(BODY, "_posts/2024-01-05-ice.md").url == ""


def test_links_of_the_body_lead_to_the_site(one: One) -> None:
    text = f"{BODY} [a](/a/) [b](b.html) [c](https://x.example) [d](#d) [e](mailto:m@x.example)"
    html = one(text, base_url="https://site.example/", permalink="/posts/:slug/").blocks[0].html
    assert 'href="https://site.example/a/"' in html
    assert 'href="https://site.example/posts/post/b.html"' in html
    assert 'href="https://x.example"' in html
    assert "#d" not in html
    assert 'href="mailto:m@x.example"' in html


def test_without_a_base_url_relative_links_are_text(one: One) -> None:
    assert "href" not in one(f"{BODY} [a](/a/) and [b](b.html)").blocks[0].html


LANGUAGES = {
    "field": ({"a.md": "---\nlang: pt_br\n---\nOlá."}, {"a.md": "pt-BR"}),
    "suffix": ({"a.md": "Hello.", "a.fr.md": "Bonjour."}, {"a.md": "en", "a.fr.md": "fr"}),
    "folders": ({"en/a.md": "Hello.", "fr/a.md": "Bonjour."}, {"en/a.md": "en", "fr/a.md": "fr"}),
    "one beside the root": ({"a.md": "Hello.", "fr/a.md": "Bonjour."}, {"a.md": "en", "fr/a.md": "fr"}),
    "a folder called it": ({"a.md": "Hello.", "it/b.md": "Servers."}, {"a.md": "en", "it/b.md": "en"}),
    "page": ({"a.html": "<html lang='de'><body><p>Hallo.</p></body></html>"}, {"a.html": "de"}),
}


@pytest.mark.parametrize(("files", "expected"), LANGUAGES.values(), ids=LANGUAGES)
def test_the_language(picked: Callable[..., PickUp], files: dict[str, str], expected: dict[str, str]) -> None:
    assert expected == {a.path: a.language for a in picked(files).articles}
