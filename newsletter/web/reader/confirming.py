"""``/c/{token}`` -> what was asked for, and one button: the mailbox itself says that it wants it.

Confirmed is what the page showed, and nothing that was asked for since.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from newsletter.audience.addresses import masked
from newsletter.audience.consent import Form
from newsletter.audience.known import Subscriber
from newsletter.signup.confirming import asked_for, confirmed
from newsletter.web.reader.house import House
from newsletter.web.reader.offers import offer
from newsletter.web.reader.said import said
from newsletter.web.reader.visits import Visit, reader


def confirm(house: House, visit: Visit) -> Response:
    """GET: what would come. POST: it does from now on."""
    read = house.tokens.read_confirm(visit.token)
    late = house.config.subscribers.pending_expires
    if read is None or not -late <= visit.now - read[1] <= late:
        return _over(house, visit)
    who = reader(house, read[0])
    if who is None:
        return _over(house, visit)
    with house.database.read() as connection:
        waits = asked_for(connection, who.id, visit.now)
    waits = tuple(name for name in waits if name in house.config.newsletters)
    if not visit.acts:
        return _page(house, who, waits) if waits else _welcome(house, who, _has(who))
    chosen = tuple(name for name in dict.fromkeys(visit.form.all("newsletter")) if name in waits)
    if chosen:
        # One text for all who read it: whose it was, the entry says, and loses when they are erased.
        text = said(_page(house, who, chosen).body).replace(masked(who.address), "…")
        words = Form(house.language(who.language), text)
        evidence = visit.evidence("confirmation", words)
        confirmed(house.config, house.database, who.id, chosen, evidence)
        house.wake()
        who = reader(house, who.id) or who
    has = [name for name in _has(who) if name in visit.form.all("newsletter")]
    return _welcome(house, who, tuple(has)) if has else _page(house, who, waits)


def _page(house: House, who: Subscriber, waits: tuple[str, ...]) -> Response:
    if not waits:
        return _welcome(house, who, _has(who))
    language = house.language(who.language)
    words = house.words(language)
    often = {one.newsletter: one.frequency for one in who.subscriptions}
    offers = tuple(offer(house.config, name, words) for name in waits)
    return house.page(
        "confirm",
        language,
        address=who.address,
        # They say yes to what will come, not to what others get.
        offers=tuple(replace(one, when=one.comes(often[one.name])) for one in offers),
        days=house.config.subscribers.pending_expires.days,
    )


def _welcome(house: House, who: Subscriber, names: tuple[str, ...]) -> Response:
    return house.page(
        "confirmed",
        house.language(who.language),
        address=who.address,
        titles=tuple(map(house.title, names)),
        preferences=house.tokens.preferences(who.id),
    )


def _over(house: House, visit: Visit) -> Response:
    page = "test" if house.tokens.is_inert(visit.token) else "over"
    return house.page(page, house.language(*visit.languages))


def _has(who: Subscriber) -> tuple[str, ...]:
    return tuple(one.newsletter for one in who.subscriptions if one.status == "active")
