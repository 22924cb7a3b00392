"""Web pages copied as plain text: the article is found, and nothing around it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from newsletter.content import FolderSettings, PickUp, pick_up, trace

DUMPS = Path(__file__).parent / "dumps"
NOW = datetime(2026, 11, 23, tzinfo=UTC)

# path: title, date, language, first words, last words of the body
EXPECTED = {
    "health/salt": (
        "Is salt really bad for you?",
        "2023-11-30",
        "en",
        "Most adults eat",
        "most of us believe.",
    ),
    "health/sleep-and-blood-pressure": (
        "Can better sleep lower your blood pressure?",
        "2024-04-03",
        "en",
        "People who sleep",
        "can be dangerous.",
    ),
    "health/walking-after-meals": (
        "Walking after meals",
        "2024-01-21",
        "en",
        "A walk of ten",
        "in other ways.",
    ),
    "single/docs-pagination": (
        "Paging through long lists",
        "2024-03-02",
        "en",
        "Every list",
        "kept for an hour.",
    ),
    "single/frost": ("What the frost left us", "2024-04-03", "en", "Last night was", "More on Thursday."),
    "single/glace": (
        "La glace bloque le vieux port",
        "2024-01-09",
        "fr",
        "Pour la première",
        "l'hiver 1956.",
    ),
    "single/kvartal": ("הספרייה העירונית תיפתח גם בערב", "2024-04-09", "he", "הספרייה", "בכל ערב."),
    "single/led": ("В порту встал лёд", "2024-01-09", "ru", "Впервые за", "до апреля."),
    "single/maktaba": ("مكتبة المدينة تفتح أبوابها ليلا", "2024-04-09", "ar", "أعلنت", "في كل أمسية."),
    "single/market": (
        "Fish prices double after week of ice",
        "2024-01-14",
        "en",
        "The price of cod",
        "has not frozen.",
    ),
    "single/noticia": (
        "El puerto reabre tras la tormenta",
        "2024-03-12",
        "es",
        "El puerto de",
        "de seguridad.",
    ),
    "single/plain-note": ("Thoughts on slow mail", None, "en", "I have been writing", "keep at it."),
    "single/rezept": ("Kürbissuppe mit Ingwer", "2023-10-09", "en", "Wenn die Tage", "Guten Appetit!"),
    "single/soup-en": (
        "Leek and potato soup for a frozen week",
        "2024-01-12",
        "en",
        "When the ground",
        "and serve.",
    ),
    "single/toshokan": (
        "町の図書館が夜間開館を始める",
        "2024-04-09",
        "ja",
        "町の図書館は",
        "申し込みはいらない。",
    ),
}


@cache
def read(folder: str) -> PickUp:
    return pick_up(DUMPS / folder, FolderSettings(), NOW)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_article_in_a_dump_is_found(name: str) -> None:
    folder, _, stem = name.partition("/")
    title, date, language, first, last = EXPECTED[name]
    article = next(a for a in read(folder).articles if a.path == f"{stem}.txt")
    assert article.title == title
    assert (f"{article.date:%Y-%m-%d}" if article.date else None) == date
    assert article.language == language
    assert article.blocks[0].text.startswith(first)
    assert article.blocks[-1].text.endswith(last)


CHROME = (
    "cookie newsletter share imprimir facebook copyright © drucken comment subscribe related advertisement"
).split()


@pytest.mark.parametrize("name", EXPECTED)
def test_no_line_of_the_site_is_in_the_body(name: str) -> None:
    folder, _, stem = name.partition("/")
    article = next(a for a in read(folder).articles if a.path == f"{stem}.txt")
    said = " ".join(block.text for block in article.blocks).lower()
    assert [word for word in CHROME if word in said] == []


STANDFIRSTS = {
    "health/salt": "What twelve years of studies say, and what they leave open.",
    "health/walking-after-meals": "Does a short stroll help your blood sugar?",
    "single/market": "With boats locked in, the market paid twice for half the catch",
    "single/noticia": "Las autoridades levantaron la prohibición de navegar a primera hora de la mañana.",
}


@pytest.mark.parametrize("name", STANDFIRSTS)
def test_the_standfirst_is_kept_apart(name: str) -> None:
    folder, _, stem = name.partition("/")
    article = next(a for a in read(folder).articles if a.path == f"{stem}.txt")
    assert article.standfirst == STANDFIRSTS[name]


def test_bylines_and_updates_are_read() -> None:
    found = {a.path: a for a in (*read("single").articles, *read("health").articles)}
    assert found["rezept.txt"].authors == ("Martha Lindner",)
    assert found["glace.txt"].authors == ("Claire Dumont",)
    assert f"{found['salt.txt'].updated:%Y-%m-%d}" == "2024-06-15"


def test_every_line_has_its_part_rule_and_confidence() -> None:
    lines = (DUMPS / "health" / "salt.txt").read_text(encoding="utf-8").split("\n")
    traced = trace(DUMPS / "health", "salt.txt", FolderSettings())
    assert [t.line for t in traced] == [n for n, line in enumerate(lines, 1) if line.strip()]
    assert all(t.rule and 0 < t.confidence <= 1 for t in traced)
    parts = {t.text: t.part for t in traced}
    assert parts["Is salt really bad for you?"] == "title"
    assert parts["Home"] == parts["Cookie settings"] == parts["Related articles"] == "chrome"
    assert parts["A wooden spoon with coarse salt"] == "caption"
    assert parts["Where it comes from"] == "heading"


def test_what_is_unsure_is_kept_and_asks_for_review(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("Boats\n\nNora\nHope\nGrey Seal\n", encoding="utf-8")
    article = pick_up(tmp_path, FolderSettings(), NOW).articles[0]
    assert [block.text for block in article.blocks] == ["Nora", "Hope", "Grey Seal"]
    assert any("needs review" in problem.text for problem in article.problems)


def test_wrapped_lines_are_one_paragraph() -> None:
    article = next(a for a in read("single").articles if a.path == "plain-note.txt")
    assert len(article.blocks) == 3
    assert [block.line for block in article.blocks] == [3, 7, 10]
