"""The words, dates and numbers of a language."""

import subprocess
import sys
from datetime import date

import pytest

from newsletter.issue.words import direction, words_for

MONDAY = date(2026, 11, 23)
DATES = {
    "en": "Monday 23_November_2026",
    "en-US": "Monday, November_23,_2026",
    "de": "Montag, 23._November_2026",
    "ar": "الاثنين، ٢٣_نوفمبر_٢٠٢٦",
    "ar-AE": "الاثنين، 23_نوفمبر_2026",
    "ja": "2026年11月23日月曜日",
    "fr": "lundi 23_novembre_2026",
    "pt-br": "segunda-feira, 23_de_novembro_de_2026",
    "lt": "2026_m._lapkričio_23_d., pirmadienis",
    "fa": "دوشنبه ۲۳_نوامبر_۲۰۲۶",
    "zh-Hant-TW": "2026年11月23日 星期一",
    "de-1996": "Montag, 23._November_2026",
    "tlh": "Monday, 23_November_2026",
    "not a language": "Monday, 23_November_2026",
}


@pytest.mark.parametrize("language", DATES)
def test_a_date_is_that_of_the_language_and_breaks_only_beside_the_weekday(language: str) -> None:
    assert words_for(language).date(MONDAY).replace("\u00a0", "_") == DATES[language]


NUMBERS = {"en": "12,345", "de": "12.345", "ar": "١٢٬٣٤٥", "ar-MA": "12.345", "fa": "۱۲٬۳۴۵", "ja": "12,345"}


@pytest.mark.parametrize("language", NUMBERS)
def test_a_number_has_the_digits_of_the_language(language: str) -> None:
    assert words_for(language).number(12345) == NUMBERS[language]


PLURALS = {
    "en": {0: "0 articles", 1: "1 article", 2: "2 articles", 11: "11 articles"},
    "de": {0: "0 Artikel", 1: "1 Artikel", 2: "2 Artikel"},
    "ja": {0: "記事0本", 1: "記事1本", 2: "記事2本"},
    "ar": {
        0: "لا مقالات",
        1: "مقال واحد",
        2: "مقالان",
        3: "٣ مقالات",
        10: "١٠ مقالات",
        11: "١١ مقالًا",
        99: "٩٩ مقالًا",
        100: "١٠٠ مقال",
        102: "١٠٢ مقال",
        103: "١٠٣ مقالات",
    },
}


@pytest.mark.parametrize("language", PLURALS)
def test_a_count_takes_the_plural_form_of_the_language(language: str) -> None:
    words = words_for(language)
    assert {n: words.articles(n) for n in PLURALS[language]} == PLURALS[language]


def test_a_language_without_a_catalogue_has_english_words_and_its_own_dates() -> None:
    danish = words_for("da")
    assert danish.unsubscribe == "Unsubscribe"
    assert danish.articles(1) == "1 article"
    assert danish.date(MONDAY).startswith("mandag den")


@pytest.mark.parametrize("language", ["de", "de-AT", "DE", "de_CH", "de-Latn-DE-1996"])
def test_a_longer_tag_takes_the_words_of_the_shorter_one(language: str) -> None:
    assert words_for(language).unsubscribe == "Abmelden"


def test_placeholders_are_filled_and_never_looked_at_again() -> None:
    english = words_for("en")
    assert english.say("Visit {site}", site="{n} %s {site}") == "Visit {n} %s {site}"


def test_a_placeholder_reaches_into_nothing() -> None:
    assert words_for("en").say("{n.__class__} {0} {}", n=1) == "{n.__class__} {0} {}"


def test_a_placeholder_without_a_value_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"no value is given for \{site\}"):
        words_for("en").say("Visit {site}")


DIRECTIONS = {"ar": "rtl", "ar-Latn": "ltr", "he-IL": "rtl", "uz-Arab": "rtl", "de": "ltr", "ja": "ltr"}


@pytest.mark.parametrize("language", DIRECTIONS)
def test_the_direction_is_that_of_the_script(language: str) -> None:
    assert direction(language) == DIRECTIONS[language]


def test_the_help_page_does_not_wait_for_babel() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "newsletter", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "newsletter.cli" in run.stderr
    assert "babel" not in run.stderr
