"""``/p/{token}`` -> what somebody gets, and all they can change about it: one form, and POST saves it.

Answers 200 and no redirect: what was saved stands on the page, not in an address, and to send the same form
twice changes nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.responses import Response

from newsletter.audience.known import Subscriber
from newsletter.audience.people import language_tag, zone_name
from newsletter.audience.preferring import BREAK, Preferences, Preferred, prefer
from newsletter.audience.subscriptions import LEFT, Asked, Subscription, frequency
from newsletter.audience.subscriptions import topics as checked_topics
from newsletter.audience.suppression import ALL
from newsletter.config import unpack
from newsletter.issue.words import Words
from newsletter.schedule.pausing import paused
from newsletter.signup import confirming
from newsletter.signup.answering import limits_of, offered
from newsletter.signup.wishes import Wish, ask
from newsletter.store.writer import Priority
from newsletter.web.bodies import Refused
from newsletter.web.reader.asking import Form
from newsletter.web.reader.coming import coming
from newsletter.web.reader.house import House
from newsletter.web.reader.offers import Offer, choices, offer, zones
from newsletter.web.reader.visits import Visit, nowhere, reader


@dataclass(frozen=True, slots=True)
class Line:
    """One newsletter on the page."""

    offer: Offer
    gets: bool  #: or waits to confirm it
    waits: bool
    when: str  #: how often it comes to them
    frequency: str  #: the choice that is ticked
    often: dict[str, str]  #: to choose among, each in words; empty: no choice
    topics: tuple[str, ...]
    topics_there: tuple[str, ...]
    paused_until: datetime | None


def preferences(house: House, visit: Visit) -> Response:
    """GET: the form. POST: saved."""
    who = reader(house, house.tokens.read_preferences(visit.token))
    if who is None:
        return nowhere(house, visit)
    if not visit.acts:
        return _page(house, visit, who)
    lines = _lines(house, who, house.words(house.language(who.language)), visit.now)
    wanted = _wanted(house, visit, lines)
    _save(house, visit, who, wanted)
    asked = _ask_for_more(house, visit, who, lines)
    saved = reader(house, who.id)
    return nowhere(house, visit) if saved is None else _page(house, visit, saved, saved=True, asked=asked)


def _save(house: House, visit: Visit, who: Subscriber, wanted: Preferences) -> Preferred | None:
    def write(connection: Connection) -> Preferred | None:
        made = prefer(connection, who.id, wanted, visit.evidence("preferences"))
        for name in made.left if made else ():
            confirming.left(connection, house.config, who.id, name, visit.now)
        return made

    made = house.database.write(write, Priority.WEB)
    if made and made.left:
        house.wake()
    return made


def _wanted(house: House, visit: Visit, lines: tuple[Line, ...]) -> Preferences:
    """What the form says. A newsletter that was not on it when it was shown stays as it is."""
    form = visit.form
    shown, ticked, button = form.all("shown"), form.all("newsletter"), form.one("do")
    if button not in ("save", "pause", "resume"):
        raise Refused(400, "the form does not say what to do")
    until = visit.now + BREAK if button == "pause" else None
    language, zone = _chosen(house, form)
    here = [line for line in lines if line.offer.name in shown and line.gets]
    return Preferences(
        {
            line.offer.name: _asked(form, line, until, resumes=button == "resume")
            for line in here
            if line.offer.name in ticked
        },
        tuple(line.offer.name for line in here if line.offer.name not in ticked),
        language,
        zone,
    )


def _asked(form: Form, line: Line, until: datetime | None, *, resumes: bool = False) -> Asked:
    name = line.offer.name
    often, about = form.one(f"often-{name}"), form.all(f"topic-{name}")
    if often not in ("", *line.often) or set(about) - set(line.topics_there):
        raise Refused(400, "the form asks for what is not offered")
    chosen: tuple[str, ...] | None = None
    if line.topics_there:
        # All of them means all, those too that begin later.
        chosen = () if set(about) == set(line.topics_there) else checked_topics(about)
    # What was not changed stays as it is kept, also a frequency that the newsletter has no more.
    is_new = form.has(f"often-{name}") and often != line.frequency
    return Asked(frequency(often) if is_new else None, chosen, until, resumes)


def _chosen(house: House, form: Form) -> tuple[str | None, str | None]:
    """Language and time zone; None where the form does not say."""
    language = form.one("language") if form.has("language") else None
    zone = form.one("zone") if form.has("zone") else None
    try:
        return (
            language_tag(language) if language else language,
            zone_name(zone) if zone else zone,
        )
    except ValueError as error:
        raise Refused(400, str(error)) from None


def _ask_for_more(house: House, visit: Visit, who: Subscriber, lines: tuple[Line, ...]) -> tuple[str, ...]:
    """Newsletters that were ticked and are not theirs: asked for as anybody asks, confirmed by mail."""
    ticked = visit.form.all("newsletter")
    taken = []
    for line in (line for line in lines if line.offer.name in ticked and not line.gets):
        asked = _asked(visit.form, line, None)
        often, about = asked.frequency or "", asked.topics or ()
        wish = Wish(who.address, (line.offer.name,), who.language, visit.source, None, often, about, who.zone)
        if ask(house.database, wish, limits_of(house.config), visit.now).taken:
            taken.append(line.offer.title)
    if taken:
        house.wake()
    return tuple(taken)


def _page(
    house: House, visit: Visit, who: Subscriber, *, saved: bool = False, asked: tuple[str, ...] = ()
) -> Response:
    language = house.language(who.language)
    words = house.words(language)
    lines = _lines(house, who, words, visit.now)
    rests = max((line.paused_until for line in lines if line.paused_until), default=None)
    zone = who.zone or house.config.site.timezone
    known: dict[str, Any] = {
        "address": who.address,
        "saved": saved,
        "next": _next_mail(house, visit, who, words),
        "asked": asked,
        "lines": lines,
        "all_languages": _with(house.languages, who.language),
        "their_language": who.language,
        "sites_language": house.languages.get(house.config.site.language, house.config.site.language),
        "zones": zones(),
        "their_zone": who.zone,
        "sites_zone": unpack.timezone(house.config, next(iter(house.config.newsletters))),
        "clock": f"{visit.now.astimezone(ZoneInfo(zone)):%H:%M}",
        "paused": words.date(rests.astimezone(ZoneInfo(zone))) if rests else "",
        "break_ends": words.date((visit.now + BREAK).astimezone(ZoneInfo(zone))),
        "kept_back": tuple(
            one for one in who.suppressions if one.reason != "unsubscribed" and one.holds(visit.now)
        ),
        "everything": house.tokens.unsubscribe(who.id, ALL),
        "token": visit.token,
    }
    return house.page("preferences", language, **known)


def _next_mail(house: House, visit: Visit, who: Subscriber, words: Words) -> str:
    """What comes next, and when; empty when nobody can tell."""
    with house.database.read() as connection:
        resting = {name for name in house.config.newsletters if paused(connection, name, visit.now)}
    found = coming(house.config, who, visit.now, resting)
    if found is None:
        return ""
    when = words.say("{date}, {time}", date=words.date(found.at), time=f"{found.at:%H:%M}")
    title = house.title(found.newsletter)
    return words.say("Your next mail: {title}, {when}, if there is anything new.", title=title, when=when)


def _with(languages: dict[str, str], own: str) -> dict[str, str]:
    """Theirs among them, also where there are no words for it: articles may be in it."""
    return languages if not own or own in languages else {own: own, **languages}


def _lines(house: House, who: Subscriber, words: Words, now: datetime) -> tuple[Line, ...]:
    has = {one.newsletter: one for one in who.subscriptions}
    names = [
        name
        for name in house.config.newsletters
        if name in offered(house.config) or (name in has and has[name].status != LEFT)
    ]
    return tuple(_line(offer(house.config, name, words), has.get(name), words, now) for name in names)


def _line(what: Offer, has: Subscription | None, words: Words, now: datetime) -> Line:
    gets = has is not None and has.status != LEFT
    own = has.frequency if has and gets else ""
    topics = has.topics if has and gets else ()
    often = choices(what, words, own)
    there = tuple(dict.fromkeys((*what.topics, *topics)))
    return Line(
        offer=what,
        gets=gets,
        waits=has is not None and has.status == "pending",
        when=what.comes(own),
        frequency=own if own in often else "",
        often=often,
        topics=topics,
        topics_there=there,
        paused_until=has.paused_until if has and gets and has.is_paused(now) else None,
    )
