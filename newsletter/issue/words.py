"""A language -> the words that a mail says around its articles, and its dates and numbers.

English stands here and in the templates; every other language is a catalogue beside the templates
(:mod:`newsletter.issue.words_catalogue`). Without one, English words stand with dates in the language itself.
Names, titles and excerpts are never translated.
"""

from __future__ import annotations

import gettext
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

if TYPE_CHECKING:
    import jinja2
    from babel import Locale

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")

_RTL_LANGUAGES: Final = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur", "yi"})
_RTL_SCRIPTS: Final = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})
_ARABIC_SCRIPT: Final = frozenset({"ar", "ckb", "fa", "ps", "sd", "ug", "ur"})

#: A language without a country is written as most of its readers write it, not as CLDR's first country does.
_WITHOUT_COUNTRY: Final = {"en": "en-GB", "ar": "ar-EG"}
_DATE_FORMS: Final = {"en": "EEEE d MMMM y"}  #: where CLDR's full form is not the one that mails use
#: The zero of CLDR's numbering systems; the other nine follow it in Unicode.
_ZEROS: Final = {
    "adlm": "ADLAM",
    "arab": "ARABIC-INDIC",
    "arabext": "EXTENDED ARABIC-INDIC",
    "beng": "BENGALI",
    "cakm": "CHAKMA",
    "deva": "DEVANAGARI",
    "mtei": "MEETEI MAYEK",
    "mymr": "MYANMAR",
    "nkoo": "NKO",
    "olck": "OL CHIKI",
    "tibt": "TIBETAN",
}
_NO_BREAK: Final = "\u00a0"


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
    """Everything that the publication says in one language."""

    language: str
    _translations: gettext.NullTranslations  #: hidden from templates, which must not change them

    def say(self, text: str, /, **values: object) -> str:
        """The English text in this language, its ``{placeholders}`` filled. Markup only if a value is."""
        return _filled(self._translations.gettext(text), values)

    def count(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The form that `n` of something takes; ``{n}`` in it is the number."""
        return _filled(self._translations.ngettext(one, many, n), {"n": self.number(n), **values})

    def number(self, n: int) -> str:
        """A number as the language writes it, in its digits."""
        return _number(n, self.language)

    def date(self, day: date | datetime) -> str:
        """The date that `day` says, weekday and all; it breaks beside the weekday only."""
        return _long_date(day.date() if isinstance(day, datetime) else day, self.language)

    def why(self, address: str, title: str) -> str:
        """Why an issue comes: the sentence at its end."""
        return self.say(
            "You get this because {address} is on the list of {title}.", address=address, title=title
        )

    def label(self, text: str) -> str:
        """The text in front of what it names, with the colon of the language."""
        return self.say("{label}:", label=text)

    def minutes(self, n: int) -> str:
        return self.count("{n} minute", "{n} minutes", n)

    def articles(self, n: int) -> str:
        return self.count("{n} article", "{n} articles", n)

    def min(self, n: int) -> str:
        return self.say("{n} min", n=self.number(n))

    def read(self, n: int) -> str:
        return self.say("Read in {n} min", n=self.number(n))

    def correction(self, title: str) -> str:
        """The title of a card that says what was wrong in an article."""
        return self.say("Correction: {title}", title=title)

    @property
    def read_lead(self) -> str:
        """On the one filled button."""
        return self.say("Read the whole story")

    @property
    def in_this_issue(self) -> str:
        return self.say("In this issue")

    @property
    def also(self) -> str:
        """Before a list of titles."""
        return self.say("Also")

    @property
    def also_here(self) -> str:
        """Heading of the articles without a tag."""
        return self.say("More")

    @property
    def briefly(self) -> str:
        """Heading of the rows."""
        return self.say("Briefly")

    @property
    def unsubscribe(self) -> str:
        return self.say("Unsubscribe")

    @property
    def preferences(self) -> str:
        """To the page where readers change what they get."""
        return self.say("Choose what you get")

    @property
    def comma(self) -> str:
        """Between two names."""
        return self.say(", ")


def words_for(language: str, loader: jinja2.BaseLoader | None = None) -> Words:
    """The words of a BCP 47 language: the catalogues of `loader` (None: the packaged ones), else English.

    Raises RenderError, ``file:line: what is wrong``, for a catalogue that cannot be used.
    """
    from newsletter.issue.words_catalogue import translations

    return Words(language, translations(language, loader))


def tags(language: str) -> tuple[str, ...]:
    """A BCP 47 tag as it is usually written, and what is left of it subtag by subtag: pt-BR, pt."""
    first, *rest = language.replace("_", "-").split("-")
    parts = [first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)]
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


@lru_cache(maxsize=64)
def babel_locale(language: str) -> Locale:
    """CLDR's locale for a BCP 47 language: of the nearest shorter tag that it knows, else English."""
    from babel import Locale, UnknownLocaleError

    for tag in tags(_WITHOUT_COUNTRY.get(language.lower(), language)):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale.parse(_WITHOUT_COUNTRY["en"], sep="-")


@lru_cache(maxsize=1024)
def _number(n: int, language: str) -> str:
    from babel.numbers import format_decimal

    locale = babel_locale(language)
    return _in_digits(format_decimal(n, locale=locale, numbering_system="default"), locale)


@lru_cache(maxsize=256)
def _long_date(day: date, language: str) -> str:
    from babel.dates import format_date

    locale = babel_locale(language)
    form = _DATE_FORMS.get(language.lower(), "full")
    text = _in_digits(format_date(day, form, locale=locale), locale)
    return _bound(text, format_date(day, "EEEE", locale=locale))


def _filled(text: str, values: Mapping[str, object]) -> str:
    if "{" not in text:
        return text
    # Not str.format: a catalogue must not reach into the attributes of what it is given.
    pieces: list[object] = [*PLACEHOLDER.split(text)]
    for place in range(1, len(pieces), 2):
        if pieces[place] not in values:
            raise ValueError(f"no value is given for {{{pieces[place]}}} in {text!r}")
        pieces[place] = values[str(pieces[place])]
    if any(hasattr(piece, "__html__") for piece in pieces):
        return Markup("").join(map(escape, pieces))
    return "".join(map(str, pieces))


def _in_digits(text: str, locale: Locale) -> str:
    """Babel writes European digits everywhere."""
    script = _ZEROS.get(locale.default_numbering_system)
    if script is None:
        return text
    zero = ord(unicodedata.lookup(f"{script} DIGIT ZERO"))
    return text.translate({ord("0") + value: chr(zero + value) for value in range(10)})


def _bound(text: str, weekday: str) -> str:
    before, _, after = text.partition(weekday)
    head, _, left = before.rpartition(" ")
    right, space, tail = after.partition(" ")
    return "".join(
        (
            head.replace(" ", _NO_BREAK) + (" " if head else ""),
            left + weekday + right + space,
            tail.replace(" ", _NO_BREAK),
        )
    )
