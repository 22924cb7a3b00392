"""What is meant to break the reading of a folder, or came to be by accident."""

from __future__ import annotations

import os
import pwd
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.content import FolderSettings, PickUp, pick_up
from newsletter.errors import ContentError
from newsletter.model import Article

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GOOD = "The harbour froze over in the night, and nobody had a boat that could break the ice.\n"
SECRET = "The secret recipe is kept outside of the folder, where nothing may be read.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "good.md").write_text(GOOD)
    (tmp_path / "secret.md").write_text(SECRET)
    return folder


def reasons(root: Path) -> dict[str, str]:
    found = pick_up(root, FolderSettings(), NOW)
    assert [article.path for article in found.articles] == ["good.md"]
    return {s.path: s.reason for s in found.skipped}


def test_a_link_out_of_the_folder_is_not_followed(root: Path) -> None:
    (root / "out.md").symlink_to("../secret.md")
    (root / "absolute.md").symlink_to(root.parent / "secret.md")
    assert reasons(root) == {"out.md": "a link out of the folder", "absolute.md": "a link out of the folder"}


def test_a_link_to_a_folder_is_not_entered(root: Path) -> None:
    (root.parent / "more").mkdir()
    (root.parent / "more" / "x.md").write_text(SECRET)
    (root / "linked").symlink_to("../more")
    (root / "loop").symlink_to(".")
    assert reasons(root) == {}


def test_a_link_inside_the_folder_is_a_copy(root: Path) -> None:
    (root / "twin.md").symlink_to("good.md")
    assert reasons(root) == {"twin.md": "a copy of good.md"}


def test_links_that_lead_nowhere_or_round_are_named(root: Path) -> None:
    (root / "gone.md").symlink_to("no-such-file.md")
    (root / "round.md").symlink_to("round.md")
    assert reasons(root) == {"gone.md": "a link that leads nowhere", "round.md": "a link that leads nowhere"}


def test_a_fifo_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    assert reasons(root) == {"pipe.md": "not a regular file (a FIFO, socket or device)"}


def test_a_link_to_a_device_is_not_opened(root: Path) -> None:
    (root / "zero.md").symlink_to("/dev/zero")
    assert reasons(root) == {"zero.md": "a link out of the folder"}


@contextmanager
def somebody() -> Iterator[None]:
    """As an ordinary user: root may read everything."""
    privileged = os.geteuid() == 0
    if privileged:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        if privileged:
            os.seteuid(0)


def test_an_unreadable_file_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)  # pytest's own folders are closed to other users
        (root / "good.md").write_text(GOOD)
        assert reasons(root) == {}  # what is imported late is, as whoever may read the program
        (root / "closed.md").write_text(SECRET)
        (root / "closed.md").chmod(0)
        with somebody():
            found = reasons(root)
    assert "Permission denied" in found["closed.md"]


def test_a_file_over_the_limit_is_named(root: Path) -> None:
    with (root / "large.md").open("wb") as file:
        file.truncate(10 * 1024 * 1024 + 1)
    assert reasons(root) == {"large.md": "larger than 10 MB"}


def test_binary_files_are_no_text(root: Path) -> None:
    (root / "zip.md").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 40 + b"\0" * 5000)
    assert "not text" in reasons(root)["zip.md"]


NAMES = [
    b"caf\xe9.md",
    b"line\nbreak.md",
    b"a 'quoted' \"name\".md",
    "naïve.md".encode(),
    b"nai\xcc\x88ve.md",
    b"GOOD2.md",
]


def test_odd_names_are_printable_and_unique(root: Path) -> None:
    for n, name in enumerate(NAMES):
        (root / os.fsdecode(name)).write_text(f"Text {n}. {GOOD}")
    found = pick_up(root, FolderSettings(), NOW)
    paths = [article.path for article in found.articles]
    assert len(NAMES) + 1 == len(set(paths))
    assert all(path.isprintable() for path in paths)
    assert "caf\\xe9.md" in paths


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="there is no such content folder"):
        pick_up(tmp_path / "nowhere", FolderSettings(), NOW)


def test_a_folder_that_is_a_fifo_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ContentError, match="neither a folder nor a file"):
        pick_up(tmp_path / "pipe", FolderSettings(), NOW)


@pytest.mark.parametrize(
    ("settings", "said"),
    [(FolderSettings(timezone="Mars/Base"), "time zone"), (FolderSettings(preset="gatsby"), "preset")],
    ids=["zone", "preset"],
)
def test_a_setting_that_names_nothing_is_an_error(root: Path, settings: FolderSettings, said: str) -> None:
    with pytest.raises(ContentError, match=said):
        pick_up(root, settings, NOW)


def test_a_single_file_is_read(root: Path) -> None:
    assert [a.path for a in pick_up(root / "good.md", FolderSettings(), NOW).articles] == ["good.md"]


def test_a_file_that_breaks_its_reader_costs_no_other(picked: Callable[..., PickUp]) -> None:
    found = picked(
        {"a.md": GOOD, "b.md": b"\xff\xfe\x00", "c.md": "---\n" + "[" * 5000 + "\n---\n" + GOOD + "C."}
    )
    assert "a.md" in [article.path for article in found.articles]
    assert len(found.articles) + len(found.skipped) == 3


HOSTILE_HTML = {
    "script": "<script>alert(1)</script>",
    "handler": '<img src="x.png" onerror="alert(1)"><b onclick="alert(1)">b</b>',
    "javascript link": '<a href="javascript:alert(1)">a</a> [b](javascript:alert(1))',
    "data link": '<a href="data:text/html,x">a</a>',
    "style": '<b style="position:fixed">b</b><style>@import "x";</style>',
    "unclosed": '<b><a href="https://x.example',
    "svg": "<svg><script>alert(1)</script></svg>",
    "iframe": '<iframe src="javascript:alert(1)"></iframe>',
    "encoded": '<a href="java&#x09;script:alert(1)">a</a>',
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt;",
}


@pytest.mark.parametrize("name", ["post.md", "post.html", "post.mdx", "post.txt"])
@pytest.mark.parametrize("markup", HOSTILE_HTML.values(), ids=HOSTILE_HTML)
def test_nothing_in_a_block_can_act(one: Callable[..., Article], markup: str, name: str) -> None:
    article = one(f"{GOOD}\nText with {markup} in it.\n", name)
    html = " ".join(re.findall("<[^>]*>?", " ".join(block.html for block in article.blocks).lower()))
    targets = " ".join(block.target for block in article.blocks).lower()
    for bad in (
        "<script",
        "onerror",
        "onclick",
        "javascript:",
        "data:",
        "style=",
        "<svg",
        "<iframe",
        "@import",
    ):
        assert bad not in html
        assert bad not in targets


BOMBS = {
    "aliases": "---\na0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1}]\n" for n in range(1, 200))
    + "tags: *a199\n---\n",
    "a list in itself": "---\ntags: &a [*a, *a]\nauthor: *a\n---\n",
    "yaml brackets": "---\nx: " + "[" * 50_000 + "\n---\n",
    "yaml dashes": "---\nx:\n" + "- " * 30_000 + "x\n---\n",
    "toml keys": "+++\n" + "a." * 30_000 + "b = 1\n+++\n",
    "toml brackets": "+++\na = " + "[" * 50_000 + "\n+++\n",
    "json": '{"a": ' + "[" * 60_000 + "\n\n",
    "quotes": "> " * 20_000 + "\n\n",
    "lists": "- " * 20_000 + "\n\n",
    "brackets": "[" * 50_000 + "\n\n",
    "comments": "x <!-- " * 8_000 + "\n\n",
    "loops": "{% for %}" * 5_000 + "\n\n",
    "raw": "{% raw %}" * 5_000 + "\n\n",
    "divs": "<div>" * 20_000 + "\n\n",
    "tables": "<table><tr><td>" * 1_000 + "\n\n",
    "one long line": "word " * 100_000 + "\n\n",
}


@pytest.mark.parametrize("name", ["post.md", "post.mdx", "post.html", "post.txt"])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_costs_no_more_than_its_size(picked: Callable[..., PickUp], bomb: str, name: str) -> None:
    started = time.process_time()
    found = picked({name: bomb + GOOD})
    assert len(found.articles) + len(found.skipped) == 1
    assert time.process_time() - started < 10


def test_a_text_of_a_million_words_is_cut_and_reported(one: Callable[..., Article]) -> None:
    article = one(f"{GOOD}\n" * 10_000)
    assert any("what follows is left out" in problem.text for problem in article.problems)


def test_lines_keep_their_numbers_around_template_code(one: Callable[..., Article]) -> None:
    text = f"---\ntitle: x\n---\n\n{{{{< note\n  a=1\n>}}}}\n\n{GOOD}\n"
    assert one(text).blocks[-1].line == 9


FRAGMENTS = st.sampled_from(
    [
        "---\n",
        "+++\n",
        "<!--{",
        "{",
        "}",
        "title: ",
        "date: 2024-01-01\n",
        "draft: true\n",
        "{{< x >}}",
        "{% raw %}",
        "{% endraw %}",
        "{% for %}",
        "<A b={",
        ">",
        "```\n",
        "# ",
        "- ",
        "[a](",
        "![",
        "](b.png)",
        "|a|b|\n|-|-|\n",
        "<div>",
        "</p>",
        "<img src=x>",
        "\ue0000\ue001",
        "\0",
        "\r",
        "\u2028",
        "&amp;",
        "[^1]",
        ":::",
        "!!! note\n",
        "\n: ",
        "import x from 'y'\n",
        "\n\n",
        "x" * 200 + ". ",
    ]
)
ENDINGS = st.sampled_from(["a.md", "a.mdx", "a.html", "a.txt"])


@given(raw=st.binary(max_size=400), name=ENDINGS)
@example(raw=b"\xff\xfe", name="a.md")
@example(raw=b"\xef\xbb\xbf---\n", name="a.md")
@example(raw=b"\x00\x00\xfe\xff\x00", name="a.txt")
@example(raw="---\ntitle: \ud7ff\n---\n".encode(), name="a.html")
def test_any_bytes_are_an_article_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str
) -> None:
    _accounted(tmp_path_factory, raw, name)


@given(parts=st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=25), name=ENDINGS)
@example(parts=["+++\n+++\n", "{{< x >}}"], name="a.md")
def test_any_text_is_an_article_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], name: str
) -> None:
    _accounted(tmp_path_factory, "".join(parts).encode("utf-8", "surrogatepass"), name)


def _accounted(factory: pytest.TempPathFactory, raw: bytes, name: str) -> None:
    root = factory.mktemp("any")
    (root / name).write_bytes(raw)
    found = pick_up(root, FolderSettings(), NOW)
    assert [name] == [*(a.path for a in found.articles), *(s.path for s in found.skipped)]
    assert not any("its reader failed" in s.reason for s in found.skipped)
    for article in found.articles:
        assert article.title.strip()
        assert not any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in article.title)
        assert "\ue000" not in "".join(block.text + block.html + block.target for block in article.blocks)
