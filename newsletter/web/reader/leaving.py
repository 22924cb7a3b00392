"""``/u/{token}`` -> the way out of a newsletter, and ``/r/{token}`` back: GET shows a button, POST acts.

Mail scanners follow every link, so GET and HEAD change nothing. The POST to leave (RFC 8058) needs no cookie,
no script and no login, and answers 200 without a redirect, whatever it finds.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from newsletter.audience import joining
from newsletter.audience.known import Subscriber
from newsletter.audience.subscribers import leave
from newsletter.audience.subscriptions import Subscription
from newsletter.audience.suppression import ALL, UNSUBSCRIBED
from newsletter.signup import confirming
from newsletter.store.writer import Priority
from newsletter.web.bodies import Refused, bounded
from newsletter.web.reader.asking import Form
from newsletter.web.reader.house import House
from newsletter.web.reader.visits import Visit, nowhere, reader

#: The one pair that RFC 8058 lets a mail program post, and that our button posts.
ONE_CLICK: Final = [("List-Unsubscribe", "One-Click")]
#: Bytes; the pair as multipart with the longest boundary takes a tenth of it.
LARGEST_BODY: Final = 4096


async def one_click(request: Request) -> Form:
    """The wish to leave in the body, urlencoded or multipart. The token is not looked at yet."""
    body = await bounded(request, LARGEST_BODY)

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form: FormData = await Request(request.scope, again).form(max_files=0, max_fields=8)
    except (HTTPException, MultiPartException):
        raise Refused(400, "the request did not ask to unsubscribe") from None
    if form.multi_items() != ONE_CLICK:
        raise Refused(400, "the request did not ask to unsubscribe")
    return Form(tuple(ONE_CLICK))


def unsubscribe(house: House, visit: Visit) -> Response:
    """GET: one button. POST: they leave."""
    link = house.tokens.read_unsubscribe(visit.token)
    who = reader(house, link[0] if link else None)
    if link is None or who is None:
        return nowhere(house, visit)
    _, newsletter = link
    if visit.acts:
        _leave(house, visit, who, newsletter)
        who = reader(house, who.id)
        if who is None:
            return nowhere(house, visit)
        return _left(house, visit, who, newsletter, now=True)
    if has_left(who, newsletter):
        return _left(house, visit, who, newsletter, now=False)
    return house.page(
        "unsubscribe",
        house.language(who.language),
        address=who.address,
        newsletter=house.title(newsletter),
        preferences=house.tokens.preferences(who.id),
    )


def undo(house: House, visit: Visit) -> Response:
    """GET: one button. POST: what they had before they left."""
    link = house.tokens.read_undo(visit.token)
    who = reader(house, link[0] if link else None)
    if link is None or who is None:
        return nowhere(house, visit)
    _, newsletter, at = link
    language = house.language(who.language)
    known = {
        "address": who.address,
        "newsletter": house.title(newsletter),
        "preferences": house.tokens.preferences(who.id),
    }
    if not visit.acts:
        late = visit.now - at > joining.UNDO or not has_left(who, newsletter)
        return house.page("too-late" if late else "restore", language, **known)
    back = house.database.write(
        lambda connection: joining.restore(
            connection, who.id, newsletter, visit.evidence("undo"), tuple(house.config.newsletters)
        ),
        Priority.WEB,
    )
    # Pressed twice: it is as it was, and the page says the same.
    has = back or any(one.status != "unsubscribed" for one in _meant(who, newsletter))
    return house.page("restored" if has else "too-late", language, **known)


def has_left(who: Subscriber, newsletter: str) -> bool:
    """Whether there is nothing left to unsubscribe from: neither this newsletter nor, for ``*``, any."""
    if any(one.reason == UNSUBSCRIBED and one.scope in (newsletter, ALL) for one in who.suppressions):
        return True
    meant = _meant(who, newsletter)
    return bool(meant) and all(one.status == "unsubscribed" for one in meant)


def _leave(house: House, visit: Visit, who: Subscriber, newsletter: str) -> None:
    def write(connection: Connection) -> None:
        if leave(connection, who.id, newsletter, visit.evidence("one-click")):
            confirming.left(connection, house.config, who.id, newsletter, visit.now)

    house.database.write(write, Priority.WEB)
    house.wake()


def _left(house: House, visit: Visit, who: Subscriber, newsletter: str, *, now: bool) -> Response:
    since = _since(who, newsletter)
    undone = since is not None and visit.now - since <= joining.UNDO
    return house.page(
        "left",
        house.language(who.language),
        address=who.address,
        newsletter=house.title(newsletter),
        just_now=now,
        undo=house.tokens.undo(who.id, newsletter, since) if undone and since else "",
        still=tuple(house.title(one.newsletter) for one in who.subscriptions if one.status == "active")
        if newsletter != ALL
        else (),
        everything=house.tokens.unsubscribe(who.id, ALL),
        preferences=house.tokens.preferences(who.id),
    )


def _since(who: Subscriber, newsletter: str) -> datetime | None:
    """When they left: the same however often they press."""
    left = [one.since for one in _meant(who, newsletter) if one.status == "unsubscribed"]
    return max(left, default=None)


def _meant(who: Subscriber, newsletter: str) -> list[Subscription]:
    return [one for one in who.subscriptions if newsletter in (one.newsletter, ALL)]
