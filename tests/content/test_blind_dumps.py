"""Page dumps whose right answers were written down before the cleaner had seen them.

`expected.json` (twenty-five dumps of twelve sites) and `more/more.json` (six more, each in
a manner of its own) say for each file what its article is; here each is held to all of it.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from newsletter.content import FolderSettings, PickUp, pick_up
from newsletter.excerpt import Limits, make_card
from newsletter.excerpt.ranker import ranker
from newsletter.model import Article

DUMPS = Path(__file__).parent / "dumps"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
EXPECTED: dict[str, dict[str, Any]] = json.loads((DUMPS / "expected.json").read_text(encoding="utf-8"))
MORE = DUMPS / "more" / "more.json"
if MORE.exists():
    EXPECTED |= {f"more/{name}": said for name, said in json.loads(MORE.read_text(encoding="utf-8")).items()}

# Lines amid the body that stay in it, and why no rule may take them.
STAYS: dict[str, dict[str, str]] = {}


@cache
def read(folder: str) -> PickUp:
    return pick_up(DUMPS / folder, FolderSettings(preset="plain"), NOW)


def article(name: str) -> Article:
    folder, _, file = name.rpartition("/")
    return next(a for a in read(folder).articles if a.path == file)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u200b", "").replace("\xa0", " ")).strip()


def body(found: Article) -> str:
    return " ".join(plain(block.text) for block in found.blocks)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_dump_gives_its_article_and_nothing_of_the_site(name: str) -> None:
    said, found = EXPECTED[name], article(name)
    text = body(found)
    allowed = STAYS.get(name, {})
    assert plain(found.title) == plain(said["title"])
    assert found.date is not None and found.date.date().isoformat() == said["date"]
    assert found.language.split("-")[0] == said["language"].split("-")[0]
    assert plain(said["body_first"]) in f"{plain(found.standfirst)} {text}"
    assert plain(said["body_last"]) in text
    assert [part for part in said["must_be_in_body"] if plain(part) not in text] == []
    assert [part for part in said["chrome"] if plain(part) in text and part not in allowed] == []
    assert said["standfirst"] is None or plain(found.standfirst) == plain(said["standfirst"])
    assert said["author"] is None or said["author"] in ", ".join(found.authors)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_body_begins_and_ends_with_the_article(name: str) -> None:
    said, found = EXPECTED[name], article(name)
    first = plain(f"{found.standfirst} {found.blocks[0].text}")
    assert plain(said["body_first"]) in first
    assert plain(said["body_last"]) in plain(found.blocks[-1].text)


@pytest.mark.parametrize("name", EXPECTED)
def test_no_excerpt_has_a_line_of_the_site_in_it(name: str) -> None:
    said = EXPECTED[name]
    excerpt = plain(make_card(article(name), ranker(), Limits()).excerpt)
    assert excerpt
    assert [part for part in said["chrome"] if plain(part) in excerpt] == []
