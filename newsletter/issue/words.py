"""A language -> the words that a mail says around its articles.

English, German and Arabic; any other language reads English words in its own direction. Names, titles and
excerpts are never translated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_RTL_LANGUAGES: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})
_RTL_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
_ARABIC_SCRIPT: Final = frozenset({"ar", "ckb", "fa", "ps", "sd", "ug", "ur"})


def direction(language: str) -> str:
    """``rtl`` or ``ltr``, by the script of a BCP 47 tag, else by its language."""
    primary, *rest = language.lower().replace("_", "-").split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]
    rtl = scripts[0] in _RTL_SCRIPTS if scripts else primary in _RTL_LANGUAGES
    return "rtl" if rtl else "ltr"


def arabic_script(language: str) -> bool:
    """Whether capitals, letter-spacing and italics would do harm, and lines need more room."""
    parts = language.lower().replace("_", "-").split("-")
    return "arab" in parts[1:] or (parts[0] in _ARABIC_SCRIPT and direction(language) == "rtl")


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that the publication says in one language. ``{n}`` is a number."""

    plural: Callable[[int], int]  #: which of the forms a number takes
    minute_forms: tuple[str, ...]
    article_forms: tuple[str, ...]
    short_minutes: str
    read_in: str
    read_lead: str  #: on the one filled button
    in_this_issue: str
    also: str  #: before a list of titles
    also_here: str  #: heading of the articles without a tag
    briefly: str  #: heading of the rows
    unsubscribe: str
    days: tuple[str, ...]  #: from Monday
    months: tuple[str, ...]
    date_form: str
    comma: str
    digits: str = "0123456789"

    def number(self, n: int) -> str:
        """A number in the digits of the language."""
        return "".join(self.digits[int(digit)] for digit in str(n))

    def minutes(self, n: int) -> str:
        return self.minute_forms[self.plural(n)].format(n=self.number(n))

    def articles(self, n: int) -> str:
        return self.article_forms[self.plural(n)].format(n=self.number(n))

    def min(self, n: int) -> str:
        return self.short_minutes.format(n=self.number(n))

    def read(self, n: int) -> str:
        return self.read_in.format(n=self.number(n))

    def date(self, day: datetime) -> str:
        """The local date that ``day`` says, with no-break spaces inside the day of the month."""
        return self.date_form.format(
            weekday=self.days[day.weekday()],
            day=self.number(day.day),
            month=self.months[day.month - 1],
            year=self.number(day.year),
        )


def _two(n: int) -> int:
    return 0 if n == 1 else 1


def _arabic(n: int) -> int:
    # CLDR: one, two, few (3-10 of a hundred), many (11-99), other
    if n in (1, 2):
        return n - 1
    return 2 if 3 <= n % 100 <= 10 else 3 if 11 <= n % 100 <= 99 else 4


_EN: Final = Words(
    plural=_two,
    minute_forms=("1 minute", "{n} minutes"),
    article_forms=("1 article", "{n} articles"),
    short_minutes="{n} min",
    read_in="Read in {n} min",
    read_lead="Read the whole story",
    in_this_issue="In this issue",
    also="Also",
    also_here="More",
    briefly="Briefly",
    unsubscribe="Unsubscribe",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    date_form="{weekday} {day}\u00a0{month}\u00a0{year}",
    comma=", ",
)

_DE: Final = Words(
    plural=_two,
    minute_forms=("1 Minute", "{n} Minuten"),
    article_forms=("1 Artikel", "{n} Artikel"),
    short_minutes="{n} Min.",
    read_in="In {n} Min. lesen",
    read_lead="Die ganze Geschichte lesen",
    in_this_issue="In dieser Ausgabe",
    also="Außerdem",
    also_here="Mehr",
    briefly="Kurz notiert",
    unsubscribe="Abmelden",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni"),
        *("Juli", "August", "September", "Oktober", "November", "Dezember"),
    ),
    date_form="{weekday}, {day}.\u00a0{month}\u00a0{year}",
    comma=", ",
)

_AR: Final = Words(
    plural=_arabic,
    minute_forms=("دقيقة", "دقيقتان", "{n} دقائق", "{n} دقيقة", "{n} دقيقة"),
    article_forms=("مقال واحد", "مقالان", "{n} مقالات", "{n} مقالًا", "{n} مقال"),
    short_minutes="{n} د",
    read_in="اقرأ في {n} د",
    read_lead="اقرأ القصة كاملة",
    in_this_issue="في هذا العدد",
    also="وأيضًا",
    also_here="المزيد",
    briefly="باختصار",
    unsubscribe="إلغاء الاشتراك",
    days=("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    months=(
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
    date_form="{weekday} {day}\u00a0{month}\u00a0{year}",
    comma="، ",
    digits="٠١٢٣٤٥٦٧٨٩",
)

_BY_LANGUAGE: Final = {"en": _EN, "de": _DE, "ar": _AR}


def words_for(language: str) -> Words:
    """The words of a BCP 47 language; English where there are none."""
    return _BY_LANGUAGE.get(language.lower().replace("_", "-").split("-")[0], _EN)
