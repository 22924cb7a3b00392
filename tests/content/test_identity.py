"""Renaming, moving, retitling and copying: what stays one article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.content import PickUp
from newsletter.model import Article

Picked = Callable[..., PickUp]
BODY = (
    "The harbour froze over in the night, and nobody had a boat that could break the ice. By noon "
    "the children "
    "walked across to the lighthouse, and the keeper made them tea.\n"
)
OTHER = (
    "A different text about summer, bees and the long road to the mountains, told by "
    "somebody who was there.\n"
)


def post(title: str = "Ice", date: str = "2024-01-05", body: str = BODY, more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: {date}\n{more}---\n{body}"


BEFORE = {"posts/ice.md": post()}
HISTORIES = {
    "renamed": {"posts/frost.md": post()},
    "moved": {"archive/2024/ice.md": post()},
    "retitled": {"posts/ice.md": post(title="Frost")},
    "renamed and retitled": {"posts/frost.md": post(title="Frost")},
    "re-dated": {"posts/ice.md": post(date="2024-02-01")},
    "edited": {"posts/ice.md": post(body=BODY + "And then it thawed.\n")},
    "rewrapped": {"posts/frost.md": post(body=BODY.replace(" ", "\n"))},
    "restyled": {"posts/frost.md": post(body=BODY.replace("harbour", "**harbour**").replace("tea.", "tea!"))},
    "made a bundle": {"posts/ice/index.md": post()},
    "other front matter": {"posts/ice-2.md": f'+++\ntitle = "Ice"\n+++\n{BODY}'},
    "to html": {"posts/ice.html": f"<html><body><article><h1>Ice</h1><p>{BODY}</p></article></body></html>"},
}


@pytest.mark.parametrize("after", HISTORIES.values(), ids=HISTORIES)
def test_no_history_makes_an_article_new(picked: Picked, tmp_path: object, after: dict[str, str]) -> None:
    (first,) = picked(BEFORE).articles
    root = tmp_path / "site"  # type: ignore[operator]
    for file in root.rglob("*.md"):
        file.unlink()
    (second,) = picked(after).articles
    assert set(first.keys) & set(second.keys)


@pytest.mark.parametrize("more", ["id: ice-1\n", "canonical: https://x.example/ice/\n"], ids=["id", "url"])
def test_an_id_or_address_outlasts_everything(picked: Picked, more: str) -> None:
    old = picked({"a/ice.md": post(more=more)}).articles[0]
    new = picked(
        {"b/frost.md": post("Frost", "2025-01-01", OTHER, more), "a/ice.md": post(more="draft: true\n")}
    )
    assert old.identity == new.articles[0].identity


def test_the_keys_are_in_their_order(one: Callable[..., Article]) -> None:
    article = one(post(more="id: ice-1\ncanonical: https://www.x.example/ice/index.html?utm_source=a\n"))
    assert list(article.keys[:2]) == ["id:ice-1", "url:x.example/ice"]
    assert [key.partition(":")[0] for key in article.keys[2:]] == ["text", "title", "path"]
    assert article.identity == article.keys[0]


def test_the_sites_own_addresses_do_not_depend_on_its_host(one: Callable[..., Article]) -> None:
    before = one(post(more="permalink: /ice/\n"))
    after = one(post(more="permalink: /ice/\n"), base_url="https://new.example/")
    assert before.identity == after.identity == "url:/ice"


def test_two_copies_are_one(picked: Picked) -> None:
    found = picked({"ice.md": post(), "old/ice-copy.md": post(date="2024-03-01")})
    assert [article.path for article in found.articles] == ["ice.md"]
    assert [s.reason for s in found.skipped] == ["a copy of ice.md"]


def test_one_id_on_two_texts_is_reported_and_both_stay(picked: Picked) -> None:
    found = picked({"a.md": post(more="id: x\n"), "b.md": post("Bees", "2024-06-01", OTHER, "id: x\n")})
    assert len({article.identity for article in found.articles}) == 2
    assert "a.md claims x too" in found.articles[0].problems[0].text


def test_one_slug_is_no_copy(picked: Picked) -> None:
    files = {"a.md": post(more="slug: x\n"), "b.md": post("Bees", "2024-06-01", OTHER, "slug: x\n")}
    assert len(picked(files, base_url="https://x.example/", permalink="/:slug/").articles) == 2


def test_short_texts_are_told_apart_by_their_titles(picked: Picked) -> None:
    files = {f"{n}.md": post(title=f"Note {n}", body="See the slides.\n") for n in range(3)}
    assert len(picked(files).articles) == 3


VARIANTS = {
    "suffix": ("ice.md", "ice.fr.md"),
    "folders": ("en/ice.md", "fr/ice.md"),
    "bundle": ("ice/index.md", "ice/index.fr.md"),
    "beside the root": ("ice.md", "fr/ice.md"),
}


@pytest.mark.parametrize(("english", "french"), VARIANTS.values(), ids=VARIANTS)
def test_language_variants_share_their_identity(picked: Picked, english: str, french: str) -> None:
    found = picked(
        {english: post(), french: post("Glace", body="Le port a gelé dans la nuit.\n")}, preset="hugo"
    )
    assert {"en", "fr"} == {article.language for article in found.articles}
    assert len({article.identity for article in found.articles}) == 1
    assert set(found.articles[0].keys) == set(found.articles[1].keys)


def test_a_field_may_declare_a_variant(picked: Picked) -> None:
    french = post("Glace", body="Le port a gelé dans la nuit.\n", more="lang: fr\ntranslationKey: ice\n")
    found = picked({"ice.md": post(more="translationKey: ice\n"), "glace.md": french})
    assert len({article.identity for article in found.articles}) == 1


def test_an_untranslated_copy_is_a_copy(picked: Picked) -> None:
    found = picked({"en/ice.md": post(), "fr/ice.md": post()})
    assert [article.path for article in found.articles] == ["en/ice.md"]
    assert [s.reason for s in found.skipped] == ["a copy of en/ice.md"]


def test_articles_come_newest_first_and_then_by_path(picked: Picked) -> None:
    files = {
        "b.md": post("B", "2024-01-05", OTHER + "B"),
        "a.md": post("A", "2024-01-05"),
        "c.md": post("C", "2025-01-05", "C."),
    }
    assert [article.path for article in picked(files).articles] == ["c.md", "a.md", "b.md"]
