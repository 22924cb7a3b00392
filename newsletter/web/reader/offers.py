"""Configuration -> what a reader may choose among: newsletters, how often, about what, languages, zones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.config.tables import Newsletter
from newsletter.issue.words import Words, babel_locale, tags
from newsletter.press.folders import Folders
from newsletter.schedule.slots import Rhythm, parse
from newsletter.signup.answering import offered

#: The continents and oceans of the time zone database; its other names are old or of no place.
_REGIONS: Final = "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()


@dataclass(frozen=True, slots=True)
class Offer:
    """One newsletter as a reader sees it."""

    name: str
    title: str
    about: str  #: what it is about, in the publication's own words; may be empty
    when: str  #: how often it comes to who chose nothing, in the reader's language
    cadences: Mapping[str, str]  #: how often, by frequency; empty where there is one schedule
    frequencies: tuple[str, ...]  #: that may be chosen, beside nothing; empty: no choice
    topics: tuple[str, ...]

    def comes(self, frequency: str) -> str:
        """How often it comes to who chose that; what it does not have is as nothing."""
        return self.cadences.get(frequency, self.when)


def offers(config: Config, words: Words) -> tuple[Offer, ...]:
    """Those that readers may sign up for."""
    return tuple(offer(config, name, words) for name in offered(config))


def offer(config: Config, name: str, words: Words) -> Offer:
    """A configured newsletter."""
    one = config.newsletters[name]
    often: dict[str, str] = {
        cadence: often_in_words(words)["each"] if cadence == "each" else when_in_words(parse(rhythm), words)
        for cadence, rhythm in one.cadences.items()
    }
    when = when_in_words(parse(one.schedule), words) if one.schedule else words.say("Now and then")
    when = often.get(default_cadence(one), when)
    return Offer(name, unpack.title(config, name), one.description, when, often, frequencies(one), one.topics)


def frequencies(one: Newsletter) -> tuple[str, ...]:
    """Those that readers may choose: what the configuration says, else every cadence. None where that would
    be no choice."""
    named = one.frequencies if "frequencies" in one.model_fields_set else tuple(one.cadences)
    return named if len({*named, default_cadence(one)} - {""}) > 1 else ()


def default_cadence(one: Newsletter) -> str:
    """The cadence of those who chose none; empty where there is one schedule."""
    return one.default_cadence or next(iter(one.cadences), "")


def when_in_words(rhythm: Rhythm, words: Words) -> str:
    """How often, and at what time."""
    at = f"{rhythm.at:%H:%M}"
    if rhythm.is_uneven:
        return words.say("Now and then")
    if rhythm.cadence == "monthly":
        return words.say("Once a month")
    if rhythm.cadence == "daily":
        return words.say("Every day at {time}", time=at)
    if rhythm.cadence == "weekdays":
        return words.say("Monday to Friday at {time}", time=at)
    names = babel_locale(words.language).days["stand-alone"]["wide"]
    days = words.comma.join(names[day] for day in sorted(rhythm.days))
    return words.say("Every week: {days}, {time}", days=days, time=at)


def often_in_words(words: Words) -> dict[str, str]:
    """What each frequency is called, and what to have chosen none."""
    return {
        "": words.say("As it comes"),
        "each": words.say("Each article, as it appears"),
        "daily": words.say("Once a day"),
        "weekly": words.say("Once a week"),
    }


def choices(what: Offer, words: Words, own: str = "") -> dict[str, str]:
    """Frequency -> what it is called and when it comes, where there is a choice; `own` is the reader's."""
    if not what.frequencies:
        return {}
    # What they once chose is among them, unless nothing comes of it.
    mine = (own,) if own in what.cadences or not what.cadences else ()
    often = {**often_in_words(words), **what.cadences}
    return {name: often[name] for name in ("", *what.frequencies, *mine)}


def languages(config: Config) -> dict[str, str]:
    """The languages that there are words for, by tag, each called by its own name."""
    folders = Folders(unpack.searchpath(config))
    found = {config.site.language, "en"}
    for name in folders.list_templates():
        if name.startswith("locale/") and name.endswith(".po"):
            found.add(name.removeprefix("locale/").removesuffix(".po").replace("_", "-"))
    return dict(sorted(((tag, own_name(tag)) for tag in found), key=_by_name))


def own_name(tag: str) -> str:
    """What a language calls itself: Deutsch, português (Brasil)."""
    locale = babel_locale(tag)
    name = locale.get_display_name() if "-" in tag else locale.languages.get(tags(tag)[-1])
    return f"{name[:1].upper()}{name[1:]}" if name else tag


@cache
def zones() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Region -> the zones in it, each with the name of its place."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(available_timezones()):
        region, _, place = name.partition("/")
        if place and region in _REGIONS:
            found[region].append((name, place.replace("_", " ").replace("/", ", ")))
    return tuple((region, tuple(found[region])) for region in _REGIONS)


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()
