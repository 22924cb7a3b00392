"""``/u/{token}`` -> the way out of a newsletter: GET shows a button, POST acts (RFC 8058).

Mail scanners follow every link, so GET and HEAD change nothing. The POST needs no cookie, no
script and no login, and answers 200 without a redirect, whatever it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message

from newsletter.audience.addresses import masked
from newsletter.audience.consent import Evidence
from newsletter.audience.subscribers import Subscriber, show, unsubscribe
from newsletter.audience.suppression import ALL, UNSUBSCRIBED
from newsletter.audience.tokens import Tokens
from newsletter.store.database import Database
from newsletter.web.pages import page

#: The one pair that RFC 8058 lets a mail program post, and that our button posts.
ONE_CLICK = [("List-Unsubscribe", "One-Click")]
#: Bytes; the pair as multipart with the longest boundary takes a tenth of it.
LARGEST_BODY = 4096


class TooLarge(Exception):
    """The body of a request is longer than any honest one."""


def routes(
    database: Database,
    tokens: Tokens,
    *,
    site_name: str,
    titles: Mapping[str, str],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[BaseRoute]:
    """The unsubscribe pages; `titles` gives what readers call each newsletter."""
    pages = Unsubscribe(database, tokens, site_name, titles, now)
    return [Route("/u/{token}", pages.answer, methods=["GET", "POST"], name="unsubscribe")]


class Unsubscribe:
    """What the route answers, and what it must know for that."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        site_name: str,
        titles: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._site = site_name
        self._titles = titles
        self._now = now

    async def answer(self, request: Request) -> Response:
        """GET, HEAD: a page. POST: leave, then a page."""
        acts = request.method == "POST"
        if acts and (refusal := await self._refusal(request)):
            return refusal
        # The database is waited for in a thread: the loop also sends the mail.
        return await run_in_threadpool(self._turn, request.path_params["token"], acts)

    async def _refusal(self, request: Request) -> Response | None:
        """Why the body is not a wish to leave; None when it is one. The token is not looked at yet."""
        try:
            form = await _form(request)
        except TooLarge:
            return self._refuse(413, "The request is too large", "It was longer than any that we expect.")
        if form is None or form.multi_items() != ONE_CLICK:
            return self._refuse(400, "This was not understood", "The request did not ask to unsubscribe.")
        return None

    def _refuse(self, status: int, title: str, reason: str) -> Response:
        return page("refused", status, site=self._site, title=title, reason=reason)

    def _turn(self, token: str, acts: bool) -> Response:
        if self._tokens.is_inert(token):
            return page("test", site=self._site, title="This link is only a test")
        link = self._tokens.read_unsubscribe(token)
        reader = show(self._database, link[0]) if link else None
        if link is None or reader is None:
            # One page for forged, broken and outdated links: it tells nothing about who is on the list.
            return page("unknown", site=self._site, title="This link leads to no subscription")
        _, newsletter = link
        if acts:
            now = self._now()
            by_click = Evidence(now, "one-click", "")
            unsubscribe(self._database, reader.id, newsletter, now, evidence=by_click)
            return self._page("unsubscribed", "You are unsubscribed", reader, newsletter)
        if has_left(reader, newsletter):
            return self._page("already", "You are unsubscribed", reader, newsletter)
        title = f"Stop {self._called(newsletter)}?"
        return self._page("unsubscribe", title, reader, newsletter)

    def _page(self, name: str, title: str, reader: Subscriber, newsletter: str) -> Response:
        words = {"address": masked(reader.address), "newsletter": self._called(newsletter)}
        return page(name, site=self._site, title=title, **words)

    def _called(self, newsletter: str) -> str:
        return self._titles.get(newsletter, self._site)


def has_left(reader: Subscriber, newsletter: str) -> bool:
    """Whether there is nothing left to unsubscribe from: neither this newsletter nor, for ``*``, any."""
    if any(one.reason == UNSUBSCRIBED and one.scope in (newsletter, ALL) for one in reader.suppressions):
        return True
    held = [one for one in reader.subscriptions if newsletter in (one.newsletter, ALL)]
    return bool(held) and all(one.status == "unsubscribed" for one in held)


async def _form(request: Request) -> FormData | None:
    """The form in the body, urlencoded or multipart; None when it is neither."""
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooLarge
        return message

    try:
        return await Request(request.scope, receive).form(max_files=0, max_fields=8)
    except (HTTPException, MultiPartException, ClientDisconnect):
        return None
