"""Real content folders, each file accounted for and compared with a second, simpler reading."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from newsletter.content import FolderSettings, PickUp, pick_up

CORPORA = Path(__file__).resolve().parents[2] / ".." / "shared" / "corpora"
NOW = datetime(2026, 11, 23, tzinfo=UTC)
FOLDERS = ["18f", "digitalgov-news", "rust-blog", "rescript", "jekyll"]
ENDINGS = (".md", ".markdown", ".mdx", ".html", ".txt")

pytestmark = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="the content folders are not beside this repository"
)


@cache
def read(name: str) -> PickUp:
    return pick_up(CORPORA / name, FolderSettings(timezone="America/New_York"), NOW)


def simple(path: Path) -> dict[str, str]:
    """The one-line fields of a file, by nothing but lines."""
    lines = path.read_text(encoding="utf-8-sig").lstrip().split("\n")
    fence = lines[0].strip()
    found: dict[str, str] = {}
    for line in lines[1:]:
        if line.strip() == fence:
            break
        pair = re.match(r"(\w+) *(?:=|:) *(.+)$", line)
        if pair:
            value = pair[2].strip()
            quoted = re.match(r"(['\"])(.*)\1$", value)
            found.setdefault(pair[1], quoted[2].replace("''", "'").replace('\\"', '"') if quoted else value)
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_is_an_article_or_has_a_reason(name: str) -> None:
    found = read(name)
    files = [
        p.relative_to(CORPORA / name).as_posix() for p in (CORPORA / name).rglob("*") if p.suffix in ENDINGS
    ]
    assert sorted(files) == sorted([*(a.path for a in found.articles), *(s.path for s in found.skipped)])
    assert not [s for s in found.skipped if "failed" in s.reason or "cannot" in s.reason]


PRESETS = {
    "18f": "eleventy",
    "digitalgov-news": "hugo",
    "rust-blog": "zola",
    "rescript": "plain",
    "jekyll": "jekyll",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_site_generator_is_guessed(name: str) -> None:
    assert (PRESETS[name], True) == (read(name).preset, read(name).guessed)


@pytest.mark.parametrize("name", FOLDERS)
def test_titles_agree_with_a_simple_reading(name: str) -> None:
    compared = wrong = 0
    for article in read(name).articles:
        title = simple(CORPORA / name / article.path).get("title", "")
        if title and not re.search(r"^>|[&<*_`\\\u00a0\u200b]|:\w+:", title):
            compared += 1
            whole = " ".join(title.split())
            # a title of several lines: the simple reading knows the first
            wrong += not (article.title == whole or article.title.startswith(whole.lstrip("\"'")))
    assert compared > 30
    assert wrong == 0


@pytest.mark.parametrize("name", FOLDERS)
def test_dates_agree_with_a_simple_reading(name: str) -> None:
    compared = 0
    for article in read(name).articles:
        fields = simple(CORPORA / name / article.path)
        source = fields.get("date") or fields.get("path") or article.path.rsplit("/", 1)[-1]
        said = re.search(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(.*)", source)
        if said and article.date:
            compared += 1
            day = f"{int(said[1]):04}-{int(said[2]):02}-{int(said[3]):02}"
            near = {f"{article.date + timedelta(hours=hours):%Y-%m-%d}" for hours in range(-14, 15)}
            assert day in near, (article.path, article.date)
    assert compared > 30


def test_offsets_without_a_colon_are_read() -> None:
    article = next(a for a in read("jekyll").articles if "2014-08-10" in a.path)
    assert (article.date.isoformat() if article.date else "") == "2014-08-11T00:38:34+00:00"
    assert article.date_precision == "time"


@pytest.mark.parametrize("name", FOLDERS)
def test_no_template_code_is_left_outside_code(name: str) -> None:
    left = []
    for article in read(name).articles:
        for block in article.blocks:
            text = re.sub(r"<code>.*?</code>", "", block.html)
            if block.kind == "paragraph" and re.search(r"\{\{[<%]?|\{%|\[\^\w+\]|^import .* from ", text):
                left.append((article.path, block.line, block.text[:80]))
    assert left == []


@pytest.mark.parametrize("name", FOLDERS)
def test_no_block_is_empty_and_lines_are_in_the_file(name: str) -> None:
    for article in read(name).articles:
        last = (CORPORA / name / article.path).read_text(encoding="utf-8").count("\n") + 1
        for block in article.blocks:
            assert block.text or block.target or block.kind in ("embed", "break", "more"), (
                article.path,
                block,
            )
            assert 1 <= block.line <= last, (article.path, block)


def test_what_is_no_article_is_known_by_name() -> None:
    reasons = {s.path.rsplit("/", 1)[-1]: s.reason for name in FOLDERS for s in read(name).skipped}
    assert reasons["_index.md"] == "a section's front page (_index)"
    assert (
        reasons["application.txt"]
        == "belongs to the page content/Increasing-Rusts-Reach/index (a page bundle)"
    )
    assert reasons["2018-09-24-example.md"].startswith("an example")
    assert sum(reason.startswith("redirects to") for reason in reasons.values()) == 8
    assert sum("expired" in reason for reason in reasons.values()) == 241
    assert sum("folder without dates" in s.reason for s in read("rescript").skipped) == 216
