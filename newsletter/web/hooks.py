"""``POST /hooks/{provider}`` -> bounces and complaints, as a mail provider tells them.

Nothing is believed before the adapter has verified it, and what is refused changes nothing. What is taken is
answered 200 also when it is about nobody here: the provider would only send it again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.audience.hooks import LARGEST, Call, Fetch, Hook, Refused, notice
from newsletter.audience.suppression import Soft
from newsletter.audience.tokens import Tokens
from newsletter.delivery.called import act
from newsletter.errors import StoreError
from newsletter.store.database import Database
from newsletter.web.bodies import Refused as Unread
from newsletter.web.bodies import bounded
from newsletter.web.callers import NOBODY_TRUSTED, Caller

log = logging.getLogger(__name__)


def routes(
    hooks: Mapping[str, Hook],
    database: Database,
    tokens: Tokens,
    soft: Soft,
    fetch: Fetch,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    caller: Caller = NOBODY_TRUSTED,
) -> list[BaseRoute]:
    """One route for all adapters, by their names; none when there are none."""
    calls = Calls(hooks, database, tokens, soft, fetch, now, caller)
    return [Route("/hooks/{provider}", calls.answer, methods=["POST"], name="hooks")] if hooks else []


class Calls:
    """What the route answers, and what it must know for that."""

    def __init__(
        self,
        hooks: Mapping[str, Hook],
        database: Database,
        tokens: Tokens,
        soft: Soft,
        fetch: Fetch,
        now: Callable[[], datetime],
        caller: Caller,
    ) -> None:
        self._hooks = hooks
        self._caller = caller
        self._database = database
        self._tokens = tokens
        self._soft = soft
        self._fetch = fetch
        self._now = now

    async def answer(self, request: Request) -> Response:
        """200 when the call was taken; 4xx when it is refused, 503 when it may come again."""
        provider = str(request.path_params["provider"])
        try:
            hook = self._hook(provider, request)
            body = await bounded(request, LARGEST)
            headers = {name.lower(): value for name, value in request.headers.items()}
            call = Call(body, headers, self._caller(request), self._now())
            # In a thread: the loop also sends the mail.
            told = await run_in_threadpool(self._taken, provider, hook, call)
        except (Refused, Unread) as refusal:
            log.warning("hooks/%s: refused: %s", provider if provider in self._hooks else "?", refusal)
            return _said(refusal.status, str(refusal))
        except (OSError, StoreError) as error:
            log.warning("hooks/%s: not now: %s", provider, type(error).__name__)
            return _said(503, "not now")
        return _said(200, told)

    def _hook(self, provider: str, request: Request) -> Hook:
        hook = self._hooks.get(provider)
        if hook is None:
            raise Refused(404, "there is no such webhook")
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in hook.media_types:
            raise Refused(415, "it is of another type")
        return hook

    def _taken(self, provider: str, hook: Hook, call: Call) -> str:
        verified = hook.verify(call, self._fetch)
        events = hook.events(call.body)
        if verified.visit:
            self._fetch(verified.visit)
            log.info("hooks/%s: the subscription is confirmed", provider)
        notices = tuple(notice(event, self._tokens, call.at) for event in events)
        recorded = act(self._database, provider, verified.id, notices, self._soft, call.at)
        if recorded is None:
            raise Refused(409, "it was taken before")
        effects = ", ".join(one.effect for one in recorded)
        log.info("hooks/%s: %s", provider, effects or "nothing for us")
        return "taken"


def _said(status: int, words: str) -> Response:
    return PlainTextResponse(words + "\n", status)
