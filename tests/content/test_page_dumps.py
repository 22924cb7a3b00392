"""Web pages copied as plain text: the article is found, and nothing around it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from newsletter.content import FolderSettings, PickUp, pick_up, trace
from newsletter.content.dump_meta import meta
from newsletter.content.languages import by_script

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


PROSE = (
    "The harbour was full of ice on Sunday, and nobody could say whether the boats would get out "
    "before the week was over."
)


def body_of(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "page.txt").write_text(text, encoding="utf-8")
    return [block.text for block in pick_up(tmp_path, FolderSettings(), NOW).articles[0].blocks]


ASIDES = {
    "an advert's label": "Anzeige",
    "a pointer elsewhere": "Lire aussi : Le port en hiver",
    "a pointer and its list": "LEIA TAMBÉM:\nO porto no inverno\nBarcos presos no gelo",
    "a credited picture": "Boats in the ice. Photograph: Nora Quill",
    "alternative text and credit": "Two boats locked in the ice\nPhoto: Nora Quill",
    "alternative text and caption": "A boat locked in the ice\nThe Hope was the last to come in.",
    "a lone description": "the harbour, from the chapel roof",
    "a pull quote": '"Nobody could say whether the boats would get out"\nNora Quill, harbour master',
}


@pytest.mark.parametrize("aside", ASIDES.values(), ids=ASIDES)
def test_what_stands_beside_the_text_is_not_in_it(tmp_path: Path, aside: str) -> None:
    text = f"Ice in the harbour\n\n{PROSE}\n\n{aside}\n\nWhat comes next\n\n{PROSE}\n"
    assert body_of(tmp_path, text) == [PROSE, "What comes next", PROSE]


KEPT = {
    "a quotation with its speaker": '"The ice will stay until March, whatever they say."\nNora Quill, '
    "harbour master",
    "a note": "Note\nThe ferry leaves from the other quay.",
    "a command": "quill restore --from 29 --all",
    "a term and what it means": "Pancake ice\nRound pieces with a raised rim.",
}


@pytest.mark.parametrize("kept", KEPT.values(), ids=KEPT)
def test_what_only_looks_like_an_aside_is_kept(tmp_path: Path, kept: str) -> None:
    text = f"Ice in the harbour\n\n{PROSE}\n\n{kept}\n\n{PROSE}\n"
    assert body_of(tmp_path, text)[1] == " ".join(kept.split())


def test_teasers_below_the_text_are_cut_without_any_phrase(tmp_path: Path) -> None:
    tail = "Weitblick\n\nBoats on the hard\nWhy four stay ashore.\n\nThe winter table\nWhat a cook makes "
    "of it.\n"
    assert body_of(tmp_path, f"Ice in the harbour\n\n{PROSE}\n\n{PROSE}\n\n{tail}") == [PROSE, PROSE]


DATED = {
    "Valdeolmos - 12 de octubre de 2026 - 07:00 h": {"date": "12 de octubre de 2026 07:00 h"},
    "28. September 2026, aktualisiert am 2. Oktober 2026": {
        "date": "28. September 2026",
        "updated": "2. Oktober 2026",
    },
    "Publié le 1er octobre 2026 à 18 h 40": {"date": "1er octobre 2026 à 18 h 40"},
    "水野佳代（文）、堀田順（写真）": {"author": "水野佳代"},
    "Von Dr. Henrike Vollmer (Text) und Jasper Thun (Fotos)": {"author": "Dr. Henrike Vollmer"},
    "Von der Küste bis zum Meer": {},
    "The ferry sank on 12 October 2026.": {},
}


@pytest.mark.parametrize("line", DATED)
def test_a_line_is_read_as_date_and_byline(line: str) -> None:
    assert meta(line) == DATED[line]


SPOKEN = {
    "de": "Der Nachtzug galt als erledigt, und jetzt fährt er wieder, jeden Abend um neun. Wer mit ihm "
    "fährt, der "
    "hat Zeit, denn er ist nicht schnell. Das ist auch nicht der Sinn der Sache, sagt die Frau, die "
    "neben mir sitzt "
    "und auf ihr Gepäck wartet, das noch im Wagen steht.",
    "fr": "La sirène donne trois coups de quatre secondes, et on l'entend à neuf milles par temps calme. "
    "Elle a servi "
    "pendant des années, puis les navires ont eu des radars et des cartes qui leur disent où ils sont. "
    "Personne ne "
    "sait ce qu'elle deviendra, mais elle est encore là.",
    "en": "The night train was thought to be finished, and now it runs again every evening at nine. "
    "Those who take it "
    "have time, for it is not fast. That is not the point of it either, says the woman who sits beside "
    "me and waits "
    "for the luggage that is still in the van.",
}


@pytest.mark.parametrize("default", ["en-GB", "de", "cy"])
@pytest.mark.parametrize("language", SPOKEN)
def test_a_language_is_only_changed_where_it_is_clearly_another(language: str, default: str) -> None:
    known = default != "cy"  # of which we have no small words: nothing is clear
    expected = default if default.startswith(language) or not known else language
    assert by_script(SPOKEN[language], default) == expected


def test_wrapped_lines_are_one_paragraph() -> None:
    article = next(a for a in read("single").articles if a.path == "plain-note.txt")
    assert len(article.blocks) == 3
    assert [block.line for block in article.blocks] == [3, 7, 10]
