"""What an author says of an article beside its text: it is in the listing, also out of the cache."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.content import FolderSettings, pick_up
from newsletter.model import Article
from tests.content.conftest import NOW

One = Callable[..., Article]
BODY = "The harbour froze over in the night, and nobody had a boat that could break the ice."
NO_SENTENCE = "correction should be a sentence that says what was wrong and what is right, in quotes"


def test_what_is_listed_survives_the_cache(tmp_path: Path) -> None:
    root, cache = tmp_path / "site", tmp_path / "cache.db"
    root.mkdir()
    heads = {
        "plain": "tags: [a, B]\nweight: 3",
        "pinned": "pinned: true",
        "mended": 'correction: "It was 1871."',
        "both": 'featured: yes\ncorrection: "Über 1871."\nweight: -2\ntags: [x]',
    }
    for name, head in heads.items():
        (root / f"{name}.md").write_text(f"---\ntitle: {name}\n{head}\n---\n{BODY}\n")
    looks = [pick_up(root, FolderSettings(), NOW, cache=cache) for _ in range(3)]

    assert looks[0].listings == looks[1].listings == looks[2].listings
    said = {one.path: (one.weight, one.pinned, one.correction, one.tags) for one in looks[2].listings}
    assert said == {
        "plain.md": (3, False, "", ("a", "B")),
        "pinned.md": (0, True, "", ()),
        "mended.md": (0, False, "It was 1871.", ()),
        "both.md": (-2, True, "Über 1871.", ("x",)),
    }
    for path in said:
        whole = looks[2].article(path)
        assert (whole.weight, whole.pinned, whole.correction, whole.tags) == said[path]
        assert looks[0].article(path) == whole


def test_what_is_edited_is_listed_anew(tmp_path: Path) -> None:
    root, cache = tmp_path / "site", tmp_path / "cache.db"
    root.mkdir()
    (root / "a.md").write_text(f"---\ntitle: A\npinned: true\n---\n{BODY}\n")
    assert pick_up(root, FolderSettings(), NOW, cache=cache).listings[0].pinned
    (root / "a.md").write_text(f"---\ntitle: A\ncorrection: It was 1871.\n---\n{BODY}\n")
    (found,) = pick_up(root, FolderSettings(), NOW, cache=cache).listings
    assert (found.pinned, found.correction) == (False, "It was 1871.")


PINNED = {
    "pinned: true": True,
    "sticky: yes": True,
    "featured: true": True,
    "Featured: 1": True,
    "pinned: false\nfeatured: true": True,
    "featured: false": False,
    "featured: images/ice.png": False,
    "pinned:": False,
}


@pytest.mark.parametrize(("head", "pinned"), PINNED.items(), ids=PINNED)
def test_who_wants_to_stand_first(one: One, head: str, pinned: bool) -> None:
    assert one(f"---\ntitle: Ice\n{head}\n---\n{BODY}").pinned is pinned


CORRECTIONS = {
    "yaml": ('---\ncorrection: "It was *1871*, not 1817."\n---\n', "It was 1871, not 1817."),
    "toml": ('+++\nerratum = "It was 1871."\n+++\n', "It was 1871."),
    "a word": ("---\ncorrection: Elsewhere\n---\n", "Elsewhere"),
    "two lines": ("---\ncorrection: |\n  It was\n  1871.\n---\n", "It was 1871."),
    "the next name": ("---\ncorrection: no\nerratum: It was 1871.\n---\n", "It was 1871."),
    "no": ("---\ncorrection: false\n---\n", ""),
    "empty": ("---\ncorrection:\n---\n", ""),
}


@pytest.mark.parametrize(("head", "said"), CORRECTIONS.values(), ids=CORRECTIONS)
def test_a_correction_is_a_sentence(one: One, head: str, said: str) -> None:
    article = one(head + BODY)
    assert article.correction == said
    assert [p.text for p in article.problems if "sentence" in p.text] == []


NO_CORRECTIONS = {
    "yaml true": "---\ntitle: Ice\ncorrection: true\n---\n",
    "toml true": "+++\ntitle = 'Ice'\ncorrection = true\n+++\n",
    "yes": "---\ntitle: Ice\ncorrection: 'Yes'\n---\n",
    "a year": "---\ntitle: Ice\ncorrection: 1871\n---\n",
    "a toml date": "+++\ntitle = 'Ice'\ncorrection = 2026-11-23\n+++\n",
    "a list": "---\ntitle: Ice\ncorrection: [It was 1871.]\n---\n",
    "a table": "---\ntitle: Ice\ncorrection:\n  text: It was 1871.\n---\n",
}


@pytest.mark.parametrize("head", NO_CORRECTIONS.values(), ids=NO_CORRECTIONS)
def test_what_is_no_sentence_is_told_with_its_line(one: One, head: str) -> None:
    article = one(head + BODY)
    assert article.correction == ""
    assert [(p.path, p.line, p.text) for p in article.problems] == [("post.md", 3, NO_SENTENCE)]
