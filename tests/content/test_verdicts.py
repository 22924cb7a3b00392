"""What is no article, and the reason that a person is given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from newsletter.content import PickUp
from newsletter.model import Article

Picked = Callable[..., PickUp]
BODY = "The harbour froze over in the night, and nobody had a boat that could break the ice.\n"


def fields(text: str) -> str:
    return f"---\ntitle: Ice\n{text}\n---\n{BODY}"


REASONS = {
    "draft": ("draft: true", "a draft (draft: true)"),
    "draft yes": ("draft: yes", "a draft (draft: true)"),
    "status": ("status: draft", "a draft (status: draft)"),
    "published false": ("published: false", "not published (published: false)"),
    "permalink false": ("permalink: false", "not published (the site does not write this page)"),
    "hidden": ("hidden: true", "hidden (hidden: true)"),
    "redirect": ("redirect: /new/", "redirects to /new/"),
    "redirectto": ("redirectto: https://x.example/", "redirects to https://x.example/"),
    "redirect_to": ("redirect_to: /new/", "redirects to /new/"),
    "layout": ("layout: redirect", "a redirect (layout: redirect)"),
    "expired": ('expirydate: "2025-01-22"', "expired on 2025-01-22"),
    "expired hugo": ("expiryDate: 2025-01-22T10:00:00Z", "expired on 2025-01-22"),
    "future": ("date: 2027-01-01", "dated in the future (2027-01-01 00:00 UTC)"),
    "embargo": ("date: 2026-01-01\npublishDate: 2027-01-01", "dated in the future (2027-01-01 00:00 UTC)"),
    "page": ("layout: page", "a page without a date (layout: page), not an article"),
}


@pytest.mark.parametrize(("text", "reason"), REASONS.values(), ids=REASONS)
def test_what_is_no_article_has_its_reason(why: Callable[..., str], text: str, reason: str) -> None:
    assert reason == why(fields(text))


@pytest.mark.parametrize(
    "text",
    [
        "draft: false",
        "published: true",
        "status: published",
        "expirydate: 2099-01-01",
        "date: 2026-11-23",
        "redirect: false",
        "redirect_from: /old/",
        "weight: 0",
    ],
)
def test_what_only_looks_like_one_is_an_article(one: Callable[..., Article], text: str) -> None:
    assert one(fields(text)).title == "Ice"


def test_drafts_and_the_future_can_be_asked_for(picked: Picked) -> None:
    files = {"a.md": fields("draft: true\nid: a"), "b.md": fields("date: 2027-01-01\nid: b") + "B.\n"}
    assert len(picked(files, drafts=True, future=True).articles) == 2


def test_midnight_is_where_the_site_is(picked: Picked) -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert len(picked({"a.md": fields("date: 2026-11-23")}, now=now).articles) == 0
    assert len(picked({"a.md": fields("date: 2026-11-23")}, now=now, timezone="Europe/Berlin").articles) == 1


FOLDERS = {
    "hugo section": ("hugo", {"_index.md": fields(""), "a.md": BODY}, "_index.md", "front page"),
    "hugo resource": ("hugo", {"a/index.md": fields(""), "a/notes.md": BODY}, "a/notes.md", "page bundle"),
    "home": ("plain", {"index.md": fields(""), "a.md": BODY}, "index.md", "front page"),
    "readme": ("plain", {"README.md": "# Read me\n\nPlease.", "a.md": BODY}, "README.md", "about the folder"),
    "licence": ("plain", {"LICENSE.txt": "MIT", "a.md": BODY}, "LICENSE.txt", "about the folder"),
    "robots": ("plain", {"robots.txt": "User-agent: *", "a.md": BODY}, "robots.txt", "a page of the site"),
    "pelican page": (
        "pelican",
        {"pages/about.md": BODY, "a.md": BODY + "A."},
        "pages/about.md",
        "a page, not",
    ),
    "copy": ("plain", {"a.md": BODY * 3, "b/a-copy.md": BODY * 3}, "b/a-copy.md", "a copy of a.md"),
    "rst": ("plain", {"a.rst": BODY, "b.md": BODY}, "a.rst", "no reader for .rst"),
    "hidden": ("plain", {".a.md": BODY, "b.md": BODY}, ".a.md", "a hidden or temporary file"),
    "modules": ("plain", {"node_modules/x/a.md": BODY, "b.md": BODY}, "node_modules/", "not entered"),
}


@pytest.mark.parametrize(("preset", "files", "path", "reason"), FOLDERS.values(), ids=FOLDERS)
def test_name_and_place_decide(
    picked: Picked, preset: str, files: dict[str, str], path: str, reason: str
) -> None:
    found = picked(files, preset=preset)
    assert [path] == [s.path for s in found.skipped]
    assert reason in found.skipped[0].reason
    assert len(found.articles) == 1


def test_a_bundle_is_an_article(picked: Picked) -> None:
    found = picked(
        {"ice/index.md": fields("date: 2024-01-01"), "ice/picture.png": b"x", "snow/index.md": BODY}
    )
    assert [a.path for a in found.articles] == ["ice/index.md", "snow/index.md"]


def test_an_external_stub_links_away(one: Callable[..., Article]) -> None:
    article = one("---\ntitle: Ice\nsource_url: https://else.example/ice\nsummary: It froze.\n---\n")
    assert (article.url, article.summary, article.blocks) == ("https://else.example/ice", "It froze.", ())


@pytest.mark.parametrize(
    "text", ["", "   \n\n", "---\ntitle: Ice\n---\n", "---\n---\n", "<!-- nothing -->\n"], ids=repr
)
def test_a_file_without_text_is_no_article(why: Callable[..., str], text: str) -> None:
    assert why(text) in ("empty", "has no text", "has no text and no front matter")


def test_documentation_beside_a_blog_is_set_aside(picked: Picked) -> None:
    posts = {f"blog/2024-01-0{n}.md": f"Post {n}. {BODY}" for n in range(1, 7)}
    found = picked(
        {**posts, "docs/manual/a.md": "How to.", "docs/b.md": "What for.", "blog/undated.md": "Later."}
    )
    assert {*posts, "blog/undated.md"} == {a.path for a in found.articles}
    assert {"docs/manual/a.md", "docs/b.md"} == {s.path for s in found.skipped}


def test_undated_folders_stay_where_nothing_is_a_blog(picked: Picked) -> None:
    assert len(picked({"a/x.md": "How to.", "b/y.md": "---\ndate: 2024-01-01\n---\nWhat."}).articles) == 2


def test_include_and_exclude_account_for_every_file(picked: Picked) -> None:
    files = {"posts/a.md": "A.", "posts/b.txt": "B.", "notes/c.md": "C.", "posts/old/d.md": "D."}
    found = picked(files, include=("posts/**/*.md",), exclude=("old/",))
    assert [a.path for a in found.articles] == ["posts/a.md"]
    assert [s.path for s in found.skipped] == ["notes/c.md", "posts/b.txt", "posts/old/d.md"]
    assert found.skipped[2].reason == 'excluded by "old/"'


PRESETS = {
    "jekyll": {"_posts/2024-01-01-a.md": fields("layout: post")},
    "zola": {"a.md": "+++\ntitle='A'\npath='2024/a'\n+++\nA."},
    "hugo": {"a.md": "---\ntitle: A\n---\n{{< note >}}A.{{< /note >}}"},
    "pelican": {"a.md": "Title: A\nDate: 2024-01-01\nSlug: a\n\nA."},
    "eleventy": {"a.md": '---\ntitle: A\n---\n{% image "a.png" "A" %}\n\nA.'},
    "mkdocs": {"mkdocs.yml": "site_name: A", "docs/a.md": "A."},
    "plain": {"a.md": "A."},
}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_site_generator_is_guessed_and_said(picked: Picked, preset: str) -> None:
    found = picked(PRESETS[preset])
    assert (preset, True) == (found.preset, found.guessed)


STUBS = {
    "named an example": ("2018-09-20-another-example.md", "slug: another-example", "", False),
    "its file alone": ("2018-09-20-yet-another-example.md", "", "", False),
    "with a text": ("2018-09-20-another-example.md", "slug: another-example", BODY, True),
    "with another slug": ("2018-09-20-example.md", "slug: thin-ice", "", True),
    "with another file": ("2018-09-20-thin-ice.md", "slug: example", "", True),
    "three of them": ("2018-09-20-three-examples.md", "slug: three-examples", "", True),
}


@pytest.mark.parametrize(("name", "text", "body", "article"), STUBS.values(), ids=STUBS)
def test_a_stub_that_every_name_calls_an_example_is_none(
    picked: Picked, name: str, text: str, body: str, article: bool
) -> None:
    head = f"---\ntitle: Ice\nsource_url: https://x.example/\nsummary: Thin.\n{text}\n---\n"
    found = picked({name: head + body})
    assert article == bool(found.articles)
    assert article or found.skipped[0].reason.startswith("an example without text")
