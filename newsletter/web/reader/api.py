"""``POST /api/subscribe`` -> the same for programs of other sites: JSON in, JSON out.

Browsers let a page of another site in only where the configuration names that site (CORS).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter.errors import NewsletterError
from newsletter.signup.answering import limits_of
from newsletter.signup.wishes import ask
from newsletter.web.bodies import Refused
from newsletter.web.reader import asking
from newsletter.web.reader.house import House
from newsletter.web.reader.look import GUARDED
from newsletter.web.reader.offers import offers
from newsletter.web.reader.signing_up import Choice, Typed, is_ours, seconds
from newsletter.web.reader.visits import Visit, visit

log = logging.getLogger(__name__)
_GUARDED = dict(GUARDED)
#: Seconds for which a browser need not ask again whether it may.
_MAX_AGE = 600


def api(house: House) -> Route:
    """The endpoint."""

    async def answer(request: Request) -> Response:
        origin = request.headers.get("origin", "")
        allowed = bool(origin) and is_ours(house, origin)
        if request.method == "OPTIONS":
            made = _preflight(allowed, origin)
        elif origin and not allowed:
            made = _told({"error": "this site may not sign readers up"}, 403)
        else:
            made = await _answer(house, request)
        if allowed:
            made.headers["access-control-allow-origin"] = origin
        made.headers["vary"] = "origin"
        return made

    return Route("/api/subscribe", answer, methods=["POST", "OPTIONS"])


async def _answer(house: House, request: Request) -> Response:
    try:
        given = await asking.json_object(request)
        return await run_in_threadpool(_take, house, visit(house, request, asking.Form()), given)
    except Refused as refusal:
        return _told({"error": str(refusal)}, refusal.status)
    except NewsletterError as error:
        log.error("/api/subscribe: %s", error)
        return _told({"error": "not now"}, 503)


def _take(house: House, visit: Visit, given: Mapping[str, Any]) -> Response:
    language = house.language(*asking.texts(given, "language"))
    choice = Choice(offers(house.config, house.words(language)))
    typed = Typed(
        _one(given, "address"),
        tuple(dict.fromkeys(asking.texts(given, "newsletters"))),
        _one(given, "frequency"),
        tuple(dict.fromkeys(asking.texts(given, "topics"))),
        _one(given, "zone"),
    )
    wrong = choice.wrong(typed)
    if wrong:
        return _told({"errors": wrong}, 422)
    wish = typed.wish(language, visit.source, None)
    asked = ask(house.database, wish, limits_of(house.config), visit.now)
    if not asked.taken:
        made = _told({"error": "too many sign-ups", "retry_after": seconds(asked)}, 429)
        made.headers["retry-after"] = str(seconds(asked))
        return made
    house.wake()
    return _told({"status": "check your inbox"}, 202)


def _one(given: Mapping[str, Any], name: str) -> str:
    found = asking.texts(given, name)
    if len(found) > 1:
        raise Refused(400, f"{name} is one text")
    return found[0] if found else ""


def _preflight(allowed: bool, origin: str) -> Response:
    if origin and not allowed:
        return Response(status_code=403, headers=_GUARDED)
    headers = _GUARDED | {"allow": "POST, OPTIONS"}
    if allowed:
        headers |= {
            "access-control-allow-methods": "POST",
            "access-control-allow-headers": "content-type",
            "access-control-max-age": str(_MAX_AGE),
        }
    return Response(status_code=204, headers=headers)


def _told(words: Mapping[str, Any], status: int) -> Response:
    return JSONResponse(words, status, headers=_GUARDED)
