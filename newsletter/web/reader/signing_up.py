"""``/subscribe`` -> a wish that is written down, and a page that says the same to everybody.

A form of ours carries a token: who presses faster than anybody reads is asked to press again. A form on
another site has none. From a site that the configuration names it is taken as it is; from any other its
reader presses once more, here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.responses import Response

from newsletter.audience.addresses import parse
from newsletter.audience.consent import Form
from newsletter.audience.people import zone_name
from newsletter.issue.words import Words
from newsletter.signup.answering import limits_of
from newsletter.signup.wishes import Asked, Wish, ask
from newsletter.web.bodies import Refused
from newsletter.web.reader import asking
from newsletter.web.reader.house import House
from newsletter.web.reader.offers import Offer, choices, offers, often_in_words
from newsletter.web.reader.said import said
from newsletter.web.reader.visits import Visit

#: People do not see this field; programs fill in whatever they find.
TRAP: Final = "website"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed and chose."""

    address: str = ""
    newsletters: tuple[str, ...] = ()
    frequency: str = ""
    topics: tuple[str, ...] = ()
    zone: str = ""

    def wish(self, language: str, source: str, form: Form | None) -> Wish:
        """The same, to be written down."""
        return Wish(
            self.address, self.newsletters, language, source, form, self.frequency, self.topics, self.zone
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What there is to choose on the form."""

    offers: tuple[Offer, ...]

    @property
    def frequencies(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(often for one in self.offers for often in one.frequencies))

    def often(self, words: Words) -> dict[str, str]:
        """Each frequency in words, none among them; empty where there is no choice."""
        every = [choices(one, words) for one in self.offers]
        found = dict.fromkeys(name for each in every for name in each)
        called = {name: {each[name] for each in every if name in each} for name in found}
        # What is at another time in each newsletter is called by its name alone.
        return {
            name: said.pop() if len(said) == 1 else often_in_words(words)[name]
            for name, said in called.items()
        }

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(topic for one in self.offers for topic in one.topics))

    def wrong(self, typed: Typed) -> dict[str, str]:
        """What cannot be, by field, in plain English."""
        names = {one.name for one in self.offers}
        checks: dict[str, Callable[[], object]] = {
            "address": lambda: parse(typed.address.strip()),
            "newsletters": lambda: _of(typed.newsletters, names, "newsletter", needed=True),
            "frequency": lambda: _of(tuple(filter(None, (typed.frequency,))), self.frequencies, "frequency"),
            "topics": lambda: _of(typed.topics, self.topics, "topic"),
            "zone": lambda: zone_name(typed.zone) if typed.zone else "",
        }
        return {field: told for field, check in checks.items() if (told := _mistake(check))}


def sign_up(house: House, visit: Visit) -> Response:
    """GET: the form. POST: look in your inbox."""
    language = house.language(visit.form.one("language"), *visit.languages)
    choice = Choice(offers(house.config, house.words(language)))
    if not visit.acts:
        return _form(house, visit, language, choice, Typed())
    if visit.form.one(TRAP):
        return house.page("check-inbox", language)
    typed = _typed(visit.form, choice)
    wrong = choice.wrong(typed)
    if wrong.keys() - {"address", "newsletters"}:
        raise Refused(400, "; ".join(wrong.values()))
    again = _why_again(house, visit)
    if wrong or again:
        return _form(house, visit, language, choice, typed, wrong, again if not wrong else "")
    read = _read(house, language, choice) if visit.form.has("t") else None
    asked = ask(house.database, typed.wish(language, visit.source, read), limits_of(house.config), visit.now)
    if not asked.taken:
        return too_many(house, language, asked)
    house.wake()
    return house.page("check-inbox", language)


def too_many(house: House, language: str, asked: Asked) -> Response:
    """A limit is used up: 429, and when to come again."""
    page = house.page("too-many", language, 429, minutes=ceil(asked.again / timedelta(minutes=1)))
    page.headers["retry-after"] = str(seconds(asked))
    return page


def seconds(asked: Asked) -> int:
    """When to come again, as in ``Retry-After``."""
    return max(1, ceil(asked.again.total_seconds()))


def is_ours(house: House, origin: str) -> bool:
    """Whether a form or a program on that site may sign readers up: our own pages, and configured sites."""
    parts = urlsplit(house.config.web.public_url)
    return origin in (f"{parts.scheme}://{parts.netloc}", *house.config.web.allow_origins)


def _typed(form: asking.Form, choice: Choice) -> Typed:
    named = tuple(dict.fromkeys(form.all("newsletter")))
    if not named and len(choice.offers) == 1:
        named = (choice.offers[0].name,)
    return Typed(
        form.one("email"),
        named,
        form.one("frequency"),
        tuple(dict.fromkeys(form.all("topic"))),
        form.one("zone"),
    )


def _why_again(house: House, visit: Visit) -> str:
    """Why the button is to be pressed once more; empty when not."""
    if not visit.form.has("t"):
        return "" if is_ours(house, visit.origin) else "elsewhere"
    shown = house.tokens.read_form(visit.form.one("t"))
    if shown is None or not timedelta(0) <= visit.now - shown <= house.config.signup.form_max_age:
        return "late"
    return "fast" if visit.now - shown < house.config.signup.form_min_age else ""


def _form(
    house: House,
    visit: Visit,
    language: str,
    choice: Choice,
    typed: Typed,
    wrong: Mapping[str, str] | None = None,
    again: str = "",
) -> Response:
    # A form that was shown keeps its time: mending it may go as fast as it will.
    keeps = visit.form.one("t") if house.tokens.read_form(visit.form.one("t")) and again != "late" else ""
    page = house.page(
        "sign-up",
        language,
        422 if wrong or again in ("late", "fast") else 200,
        reads="subscribe",
        choice=choice,
        often=choice.often(house.words(language)),
        typed=typed,
        wrong=wrong or {},
        again=again,
        token=keeps or house.tokens.form(visit.now),
    )
    page.headers["vary"] = "accept-language"
    return page


def _read(house: House, language: str, choice: Choice) -> Form:
    """What stood on the form before anything was typed."""
    if language not in house.forms:
        often = choice.often(house.words(language))
        blank: dict[str, Any] = {"typed": Typed(), "wrong": {}, "again": "", "token": ""}
        page = house.rendered("sign-up", language, choice=choice, often=often, **blank)
        house.forms[language] = Form(language, said(page))
    return house.forms[language]


def _mistake(check: Callable[[], object]) -> str:
    try:
        check()
    except ValueError as error:
        return str(error)
    return ""


def _of(chosen: tuple[str, ...], there: Container[str], what: str, *, needed: bool = False) -> None:
    if needed and not chosen:
        raise ValueError(f"no {what} is chosen")
    for one in chosen:
        if one not in there:
            raise ValueError(f"there is no {what} of that name")
