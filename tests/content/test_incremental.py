"""A cache spares reading and never changes a result."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.content import FolderSettings, PickUp, pick_up

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WORDS = "The lake froze in the night, harder than anybody in the village could remember, and stayed so."
TEXTS = (
    f"---\ntitle: Ice\ndate: 2026-11-01\n---\n{WORDS}\n",
    f"---\ntitle: Ice\ndate: 03/04/2026\nimage: ice.png\n---\nOne. {WORDS}\n\n![](a/ice.png)\n",
    f"---\ntitle: Snow\ndate: 25/04/2026\n---\nTwo. {WORDS}\n",
    f"---\ntitle: Sun\ndate: 04/25/2026\nid: sun\n---\nThree. {WORDS}\n",
    f"---\ntitle: Sun\ndate: 2026-11-24\nid: sun\n---\nFour. {WORDS}\n",
    f"---\ntitle: Fog\ndate: 2026-11-02\nexpires: 2026-11-23 10:00\ndraft: true\n---\nFive. {WORDS}\n",
    f"<html><head><title>Rain | The Site</title></head><body><p>Six. {WORDS}</p></body></html>",
    f"<html><head><title>Hail | The Site</title></head><body><p>Seven. {WORDS}</p></body></html>",
    f"The Site\n\nHome\nAbout\n\nWind\n\n12/04/2026\n\nEight. {WORDS}\n\nSubscribe to our letter\n",
    f"The Site\n\nHome\nAbout\n\nStorm\n\n05/06/2026\n\nNine. {WORDS}\n\nSubscribe to our letter\n",
    "",
    "\0\0\0\0",
    "{{< figure src='ice.png' >}}\n\nTen, with a shortcode. " + WORDS,
)
NAMES = (
    "a.md",
    "b.md",
    "c.txt",
    "d.txt",
    "e.html",
    "f.html",
    "a/index.md",
    "a/ice.png",
    "ice.png",
    "fr/a.md",
    "de/a.md",
    "_index.md",
)
SETTINGS = (
    FolderSettings(),
    FolderSettings(drafts=True, future=True),
    FolderSettings(base_url="https://example.org/", language="de"),
    FolderSettings(preset="hugo", exclude=("a",)),
    FolderSettings(timezone="America/New_York"),
)
LONG_AGO = 1_600_000_000

Seen = tuple[object, ...]
names, texts = st.sampled_from(NAMES), st.sampled_from(TEXTS)
steps = st.one_of(
    st.tuples(st.just("write"), names, texts),
    st.tuples(st.just("remove"), names, st.just("")),
    st.tuples(st.just("move"), names, names),
    st.tuples(st.just("touch"), names, st.just("")),
    st.tuples(st.just("look"), st.just(""), st.just("")),
)


def seen(found: PickUp) -> Seen:
    """All that a pick-up says."""
    return (found.listings, found.skipped, found.preset, found.guessed, tuple(found.articles))


def aged(path: Path) -> None:
    """It was written long ago: while it does not change it may be taken from the cache."""
    if path.is_file():
        state = path.stat()
        os.utime(path, ns=(state.st_atime_ns, LONG_AGO * 10**9 + state.st_mtime_ns % 10**9))


def do(root: Path, step: tuple[str, str, str]) -> None:
    what, name, more = step
    path = root / name
    if what == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG\r\n" + more.encode() if name.endswith(".png") else more.encode())
    elif what == "remove":
        path.unlink(missing_ok=True)
    elif what == "move" and path.exists() and name != more:
        (root / more).parent.mkdir(parents=True, exist_ok=True)
        path.replace(root / more)
    elif what == "touch" and path.exists():
        path.touch()


@given(st.lists(st.tuples(steps, st.sampled_from(SETTINGS), st.integers(-3, 3), st.booleans()), max_size=12))
def test_a_history_reads_the_same_with_a_cache_and_without(
    history: list[tuple[tuple[str, str, str], FolderSettings, int, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as there:
        root, cache = Path(there) / "site", Path(there) / "kept" / "content.cache"
        root.mkdir()
        for name, text in zip(NAMES, TEXTS, strict=False):
            do(root, ("write", name, text))
        for step, settings, hours, delete in history:
            do(root, step)
            now = NOW + timedelta(hours=hours)
            if delete:
                cache.unlink(missing_ok=True)
            assert seen(pick_up(root, settings, now, cache)) == seen(pick_up(root, settings, now))


@given(st.lists(st.tuples(steps, st.sampled_from(SETTINGS[:3]), st.integers(-3, 3)), min_size=1, max_size=8))
def test_a_history_reads_the_same_when_nothing_counts_as_just_written(
    history: list[tuple[tuple[str, str, str], FolderSettings, int]],
) -> None:
    with tempfile.TemporaryDirectory() as there:
        root, cache = filled(Path(there) / "site"), Path(there) / "content.cache"
        for step, settings, hours in history:
            do(root, step)
            aged(root / step[1])
            if step[0] == "move":
                aged(root / step[2])
            now = NOW + timedelta(hours=hours)
            assert seen(pick_up(root, settings, now, cache)) == seen(pick_up(root, settings, now))


def filled(folder: Path) -> Path:
    """A folder that was written long ago."""
    folder.mkdir()
    for name, text in zip(NAMES, TEXTS, strict=False):
        do(folder, ("write", name, text))
        aged(folder / name)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return filled(tmp_path / "site")


def test_an_unchanged_folder_is_not_read_again(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "content.cache"
    first = pick_up(root, FolderSettings(), NOW, cache)
    inode = cache.stat().st_ino
    again = pick_up(root, FolderSettings(), NOW, cache)
    assert seen(again) == seen(first)
    assert cache.stat().st_ino == inode


def test_what_was_just_written_is_read_again(tmp_path: Path) -> None:
    cache, file = tmp_path / "content.cache", tmp_path / "site" / "a.md"
    do(tmp_path / "site", ("write", "a.md", TEXTS[0]))
    pick_up(tmp_path / "site", FolderSettings(), NOW, cache)
    first = cache.stat().st_ino
    pick_up(tmp_path / "site", FolderSettings(), NOW, cache)
    assert file.exists()
    assert cache.stat().st_ino != first


def cut(cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:9000])


def foreign(cache: Path) -> None:
    cache.unlink()
    with sqlite3.connect(cache) as rows:
        rows.execute("create table about (version text)")
    rows.close()


def older(cache: Path) -> None:
    with sqlite3.connect(cache) as rows:
        rows.execute("update about set version = 'older'")
    rows.close()


def scrambled(cache: Path) -> None:
    with sqlite3.connect(cache) as rows:
        rows.execute("update listed set row = x'00'")
        rows.execute("update body set article = '[1]'")
        rows.execute("update file set facts = '{'")
    rows.close()


def a_folder(cache: Path) -> None:
    cache.unlink()
    cache.mkdir()


HARM = {
    "deleted": Path.unlink,
    "cut off": cut,
    "empty": lambda cache: cache.write_bytes(b""),
    "no database": lambda cache: cache.write_bytes(b"SQLite format 3\0" + b"x" * 8192),
    "foreign": foreign,
    "older": older,
    "scrambled": scrambled,
    "a folder": a_folder,
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM.keys())
def test_a_harmed_cache_changes_nothing(root: Path, tmp_path: Path, harm: object) -> None:
    cache = tmp_path / "content.cache"
    expected = seen(pick_up(root, FolderSettings(), NOW, cache))
    assert callable(harm)
    harm(cache)
    assert seen(pick_up(root, FolderSettings(), NOW, cache)) == expected


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM.keys())
def test_articles_are_there_although_the_cache_is_harmed_meanwhile(
    root: Path, tmp_path: Path, harm: object
) -> None:
    cache = tmp_path / "content.cache"
    expected = seen(pick_up(root, FolderSettings(), NOW, cache))
    again = pick_up(root, FolderSettings(), NOW, cache)
    assert callable(harm)
    harm(cache)
    assert seen(again) == expected


def test_a_locked_cache_changes_nothing(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "content.cache"
    expected = seen(pick_up(root, FolderSettings(), NOW, cache))
    rows = sqlite3.connect(cache)
    rows.execute("begin exclusive")
    assert seen(pick_up(root, FolderSettings(), NOW, cache)) == expected
    rows.close()


def test_a_cache_that_cannot_be_written_is_done_without(root: Path) -> None:
    expected = seen(pick_up(root, FolderSettings(), NOW))
    assert seen(pick_up(root, FolderSettings(), NOW, Path("/proc/nowhere/content.cache"))) == expected


def test_a_cache_of_another_folder_is_done_without(root: Path, tmp_path: Path) -> None:
    cache, other = tmp_path / "content.cache", tmp_path / "other"
    shutil.copytree(root, other)
    (other / "a.md").write_text(TEXTS[2])
    pick_up(other, FolderSettings(), NOW, cache)
    assert seen(pick_up(root, FolderSettings(), NOW, cache)) == seen(pick_up(root, FolderSettings(), NOW))


def test_an_article_that_comes_due_is_there(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "content.cache"
    do(root, ("write", "new.md", f"---\ntitle: New\ndate: 2026-11-24\n---\nEleven. {WORDS}\n"))
    aged(root / "new.md")
    before = pick_up(root, FolderSettings(), NOW, cache)
    after = pick_up(root, FolderSettings(), NOW + timedelta(days=2), cache)
    assert "new.md" not in {listing.path for listing in before.listings}
    assert "new.md" in {listing.path for listing in after.listings}


def test_a_picture_that_appears_is_found(tmp_path: Path) -> None:
    root, cache = tmp_path / "site", tmp_path / "content.cache"
    do(root, ("write", "b.md", TEXTS[1]))
    assert pick_up(root, FolderSettings(), NOW, cache).articles[0].image is not None
    do(root, ("write", "static/ice.png", "x"))
    image = pick_up(root, FolderSettings(), NOW, cache).articles[0].image
    assert image is not None
    assert (image.source, image.local) == ("static/ice.png", True)


def test_no_copy_is_left_behind(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    pick_up(root, FolderSettings(), NOW, kept / "content.cache")
    (root / "a.md").write_text(TEXTS[2])
    pick_up(root, FolderSettings(), NOW, kept / "content.cache")
    assert [path.name for path in kept.iterdir()] == ["content.cache"]
