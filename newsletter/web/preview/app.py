"""Desk -> the routes of the preview. GET shows, POST sends a test, and nothing else is changed from here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.audience.addresses import parse
from newsletter.errors import NewsletterError
from newsletter.proof.copies import Reader
from newsletter.web.preview import frame, pages, readers, shown
from newsletter.web.preview.checks import Checks
from newsletter.web.preview.desk import Desk, parted
from newsletter.web.preview.events import Hub
from newsletter.web.preview.explaining import Explaining
from newsletter.web.preview.guard import PRIVATE, Guard, here
from newsletter.web.preview.page import Page, Trial
from newsletter.web.preview.planning import Planning
from newsletter.web.preview.shown import Answer
from newsletter.web.preview.views import TABS, View

_PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
#: A year: the name of a picture is a hash of its bytes, that of a style sheet ends in one.
_FOR_EVER: Final = "private, max-age=31536000, immutable"
_MOST_TRIALS: Final = 50
_COOKIE: Final = "test-to"

Find = Callable[[Request, Reader | None], Answer | None]


class Preview:
    """What the routes answer."""

    def __init__(self, desk: Desk, hub: Hub, checks: Checks) -> None:
        self._desk, self._hub, self._checks = desk, hub, checks
        self._guard = Guard()
        self._trials: dict[str, Trial] = {}

    def routes(self) -> list[BaseRoute]:
        """All of it."""
        made: list[BaseRoute] = [
            Route("/", self._guarded(self._front)),
            Route("/favicon.ico", self._guarded(lambda _: Response(status_code=204, headers=PRIVATE))),
            Route("/events", self._events),
            Route("/assets/{name}", self._guarded(self._asset)),
            Route("/blank", self._guarded(self._blank)),
            Route("/n/{name}/test", self._test, methods=["POST"]),
            Route("/plan", self._guarded(self._plan)),
            Route("/explain", self._guarded(self._explain)),
        ]
        for path, find in (
            ("/n/{name}", self._next),
            ("/i/{id}", self._past),
            ("/l/{name}/{letter}", self._letter),
        ):
            leaves = {"frame": self._frame, "eml": self._eml, "part/{part}": self._part}
            made += [Route(f"{path}/{leaf}", self._found(find, say)) for leaf, say in leaves.items()]
            made += [Route(f"{path}/{tab}" if tab else path, self._found(find, self._page)) for tab in TABS]
        return made

    # ── finding ────────────────────────────────────────────────────────────

    def _guarded(self, say: Callable[[Request], Response]) -> Callable[[Request], Response]:
        def guarded(request: Request) -> Response:
            return self._guard.refused(request) or say(request)

        return guarded

    def _found(
        self, find: Find, say: Callable[[Request, View, Answer], Response]
    ) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            view = _view(request)
            name, _ = parted(request.path_params.get("name", ""))
            found = find(request, self._reader(view, name))
            return say(request, view, found) if found else self._missing()

        return self._guarded(answer)

    def _reader(self, view: View, newsletter: str) -> Reader | None:
        known = readers.asked(self._desk.database, view.as_, newsletter, self._desk.outside.clock())
        return known.reader if known else None

    def _next(self, request: Request, reader: Reader | None) -> Answer | None:
        stream = request.path_params["name"]
        if not self._desk.is_known(stream):
            return None
        return shown.next_issue(self._desk, stream, reader, again=request.query_params.get("again") == "1")

    def _past(self, request: Request, reader: Reader | None) -> Answer | None:
        found = shown.past_issue(self._desk, request.path_params["id"], reader)
        return found if found and found.newsletter in self._desk.config.newsletters else None

    def _letter(self, request: Request, reader: Reader | None) -> Answer | None:
        name = request.path_params["name"]
        if name not in self._desk.config.newsletters:
            return None
        return shown.letter(self._desk, name, request.path_params["letter"], reader)

    # ── showing ────────────────────────────────────────────────────────────

    def _front(self, _: Request) -> Response:
        first = next(iter(self._desk.config.newsletters))
        return RedirectResponse(f"/n/{first}", 302, headers=PRIVATE)

    def _missing(self) -> Response:
        return pages.page("missing", 404, title="Nothing here", site=self._desk.config.site.name)

    def _page(self, request: Request, view: View, answer: Answer) -> Response:
        page = Page(
            self._desk,
            self._checks,
            view,
            answer,
            request.cookies.get(_COOKIE, ""),
            self._trials.get(view.tried),
        )
        alone = page.matches.alone
        if alone is not None:
            return RedirectResponse(view.link(as_=alone), 302, headers=PRIVATE)
        return pages.page(
            "mail", title=page.title, site=page.site, page=page, view=view, token=self._guard.token
        )

    def _plan(self, request: Request) -> Response:
        page = Planning(self._desk, request.query_params)
        return pages.page("plan", title=page.title, site=page.site, page=page, view=page.view)

    def _explain(self, request: Request) -> Response:
        page = Explaining(self._desk, request.query_params)
        return pages.page("explain", title=page.title, site=page.site, page=page, view=page.view)

    def _frame(self, request: Request, view: View, answer: Answer) -> Response:
        if answer.shown is None:
            return self._blank(request)  # it has just gone: the page around it follows
        mail, ours = answer.shown, here(request)
        pictures = f"{ours}{view.path}/part/"
        text = frame.framed(mail.html, view, pictures, mail.media.keys(), mail.hosted)
        headers = {**_LOOSE, "content-security-policy": frame.policy(ours, pictures, view)}
        return Response(text, media_type="text/html", headers=headers)

    def _part(self, request: Request, _: View, answer: Answer) -> Response:
        media = answer.shown.media.get(request.path_params["part"]) if answer.shown else None
        if media is None or media.mime not in _PICTURES:
            return self._missing()
        headers = {
            **_LOOSE,
            "cache-control": _FOR_EVER,
            "content-security-policy": "default-src 'none'; sandbox",
        }
        return Response(media.data, media_type=media.mime, headers=headers)

    def _eml(self, _: Request, __: View, answer: Answer) -> Response:
        if answer.shown is None:
            return self._missing()
        named = {"content-disposition": f'attachment; filename="{answer.shown.id}.eml"'}
        return Response(answer.shown.copy.data, media_type="message/rfc822", headers={**PRIVATE, **named})

    def _asset(self, request: Request) -> Response:
        found = pages.assets().get(request.path_params["name"])
        if found is None:
            return self._missing()
        return Response(found.data, media_type=found.mime, headers={**PRIVATE, "cache-control": _FOR_EVER})

    def _blank(self, request: Request) -> Response:
        policy = {"content-security-policy": f"default-src 'none'; frame-ancestors {here(request)}"}
        return Response(b"<!doctype html>", media_type="text/html", headers={**_LOOSE, **policy})

    async def _events(self, request: Request) -> Response:
        refused = self._guard.refused(request)
        return refused or self._hub.answer(request.query_params.get("seen", ""))

    # ── doing ──────────────────────────────────────────────────────────────

    async def _test(self, request: Request) -> Response:
        refused = self._guard.refused(request)
        if refused:
            return refused
        async with request.form(max_fields=20, max_files=0) as form:
            said = {name: value for name, value in form.items() if isinstance(value, str)}
        forged = self._guard.forged(said.get("token"))
        if forged:
            return forged
        return await run_in_threadpool(self._try, request.path_params["name"], said)

    def _try(self, name: str, said: dict[str, str]) -> Response:
        if not self._desk.is_known(name):
            return self._missing()
        view = View.of_request(f"/n/{name}", said.get("tab", "") if said.get("tab") in TABS else "", said)
        trial = self._trial(name, said.get("to", ""), again=view.again == "1")
        number = secrets.token_hex(4)
        self._trials = {**dict([*self._trials.items()][-_MOST_TRIALS:]), number: trial}
        answer = RedirectResponse(
            f"{view.link()}{'&' if view.asked else '?'}tried={number}#test", 303, headers=PRIVATE
        )
        if trial.to:
            answer.set_cookie(_COOKIE, trial.to, max_age=365 * 86400, httponly=True, samesite="strict")
        return answer

    def _trial(self, name: str, address: str, *, again: bool) -> Trial:
        now = self._desk.outside.clock()
        try:
            to = parse(address).address
        except ValueError as error:
            return Trial("", f"{address[:100] or 'An empty field'}: {error}", False, now)
        try:
            built = self._desk.fresh(name, again=again)
            if built is None:
                return Trial(to, "There is no article that could be sent.", False, now)
            told = self._desk.outside.send_test(self._desk.config, built, to)
        except NewsletterError as error:
            return Trial(to, str(error), False, now)
        return Trial(to, told, True, now)


#: Of what is asked for by the frame, which has no origin.
_LOOSE: Final[dict[str, str]] = {k: v for k, v in PRIVATE.items() if k != "cross-origin-resource-policy"}


def _view(request: Request) -> View:
    """How the page of this address is looked at."""
    parts = request.url.path.split("/")
    whose = 4 if parts[1] == "l" else 3
    leaf = parts[whose] if len(parts) > whose else ""
    return View.of_request("/".join(parts[:whose]), leaf if leaf in TABS else "", request.query_params)
