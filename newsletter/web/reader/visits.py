"""Route -> Visit -> page: what all reader pages do alike.

GET and HEAD show, POST acts. The database is waited for in a thread: the loop also sends the mail.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.audience.consent import Evidence, Form
from newsletter.audience.known import Subscriber
from newsletter.audience.subscribers import show
from newsletter.errors import NewsletterError
from newsletter.signup.limits import address_range
from newsletter.web.bodies import Refused
from newsletter.web.reader import asking
from newsletter.web.reader.house import House

log = logging.getLogger(__name__)

Reads = Callable[[Request], Awaitable[asking.Form]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page."""

    token: str
    acts: bool  #: a POST
    form: asking.Form
    now: datetime
    source: str  #: the range of addresses that it came from
    origin: str  #: the site whose page sent it, as far as the browser says
    languages: tuple[str, ...]  #: that the browser asks for, the best first

    def evidence(self, through: str, form: Form | None = None) -> Evidence:
        """What the consent log says of where a change came from."""
        return Evidence(self.now, through, self.source, form)


Turn = Callable[[House, Visit], Response]


def route(house: House, path: str, turn: Turn, reads: Reads = asking.form, *, acts: bool = True) -> Route:
    """A page; `reads` takes the body of a POST."""

    async def answer(request: Request) -> Response:
        language = house.language(*_languages(request))
        try:
            form = await reads(request) if request.method == "POST" else asking.Form()
            return await run_in_threadpool(turn, house, visit(house, request, form))
        except Refused as refusal:
            told = str(refusal)
            return house.page("refused", language, refusal.status, too_large=refusal.status == 413, told=told)
        except NewsletterError as error:
            log.error("%s: %s", path, error)
            return house.page("later", language, 503)

    return Route(path, answer, methods=["GET", "POST"] if acts else ["GET"])


def visit(house: House, request: Request, form: asking.Form) -> Visit:
    """What a page has to know of a request."""
    return Visit(
        token=str(request.path_params.get("token", "")),
        acts=request.method == "POST",
        form=form,
        now=house.now(),
        source=address_range(house.caller(request)),
        origin=request.headers.get("origin", ""),
        languages=_languages(request),
    )


def nowhere(house: House, visit: Visit) -> Response:
    """For forged, broken and outdated links alike: it tells nothing about who is on the list."""
    page = "test" if house.tokens.is_inert(visit.token) else "unknown"
    return house.page(page, house.language(*visit.languages))


def nothing_here(house: House, visit: Visit) -> Response:
    """The front door where there is no form: what this address is for."""
    return house.page("home", house.language(*visit.languages))


def reader(house: House, subscriber_id: int | None) -> Subscriber | None:
    """Who that is; None for nobody, and for who was erased."""
    return None if subscriber_id is None else show(house.database, subscriber_id)


def _languages(request: Request) -> tuple[str, ...]:
    """The one in the address, then those of the browser (RFC 9110, 12.5.4)."""
    asked = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:500].split(",")):
        tag, _, parameter = part.strip().partition(";")
        weight = parameter.strip().removeprefix("q=") or "1"
        if (
            tag
            and tag != "*"
            and weight.replace(".", "", 1).isascii()
            and weight.replace(".", "", 1).isdigit()
        ):
            asked.append((-float(weight), place, tag.strip()))
    named = request.query_params.get("lang", "")
    return (named, *(tag for weight, _, tag in sorted(asked) if weight))
