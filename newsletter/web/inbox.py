"""Maildir -> the pages of an inbox, on loopback: the list, and each mail as HTML, text, headers and file.

What a mail contains is hostile. Its HTML runs in a sandboxed frame under a policy of its own that
loads nothing but the mail's pictures; the pages around it have no script that could be fooled.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.web import inbox_pages
from newsletter.web.inbox_pages import View
from newsletter.web.received import Received, Row, ids, opened, origin, row

#: Another name would mean that a page elsewhere has its own name point at this computer.
_OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_CID = re.compile(r"\bcid:([^\"'\s)<>]+)", re.IGNORECASE)
_HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/svg+xml")
_LONGEST_LIST = 200
_RAIL = 50
_PRIVATE = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
#: Links open a tab of their own, and what they open is an ordinary page again.
_SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"

Answer = Callable[[Request], Response]


def routes(maildir: Path) -> list[BaseRoute]:
    """``/``, ``/m/…`` and ``/api/v1/messages`` of `maildir`; 421 when Host is not this computer."""
    inbox = Inbox(maildir)
    answers: dict[str, Answer] = {
        "/": inbox.list,
        "/m/{id}": inbox.html,
        "/m/{id}/text": inbox.text,
        "/m/{id}/headers": inbox.headers,
        "/m/{id}/frame": inbox.frame,
        "/m/{id}/raw": inbox.raw,
        "/m/{id}/part/{cid:path}": inbox.part,
        "/api/v1/messages": inbox.api_list,
        "/api/v1/messages/{id}": inbox.api_one,
    }
    return [Route(path, _guarded(answer), methods=["GET"]) for path, answer in answers.items()]


def _guarded(answer: Answer) -> Answer:
    def guarded(request: Request) -> Response:
        if not _OURS.fullmatch(request.headers.get("host", "")):
            return PlainTextResponse("This inbox answers to 127.0.0.1 and localhost only.\n", 421)
        return answer(request)

    return guarded


class Inbox:
    """What the routes answer."""

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir

    def list(self, request: Request) -> Response:
        """The newest mails, or those to a recipient."""
        view = View.of(request.query_params)
        found, rows = self._found(view.q)
        words: dict[str, Any] = {"rows": rows, "found": found, "total": len(ids(self._maildir)), "view": view}
        return inbox_pages.page("list", title="Inbox", **words)

    def html(self, request: Request) -> Response:
        """The mail in its frame."""
        return self._shown(request, "html", "frame")

    def text(self, request: Request) -> Response:
        """The plain text part."""
        return self._shown(request, "text", "text")

    def headers(self, request: Request) -> Response:
        """All headers, decoded."""
        return self._shown(request, "headers", "headers")

    def frame(self, request: Request) -> Response:
        """The mail's own HTML, for the frame; a browser that opens it alone sandboxes it as well."""
        mail = self._mail(request)
        if mail is None or mail.html is None:
            return _missing()
        here = f"{request.url.scheme}://{request.headers['host'].lower()}"
        # The frame has no origin, so that 'self' would be nobody: the address is spelt out.
        pictures = f"{here}/m/{quote(mail.row.id, safe='')}/part/"
        policy = (
            f"default-src 'none'; img-src data: {pictures}; style-src 'unsafe-inline'; "
            f"form-action 'none'; base-uri 'none'; frame-ancestors {here}; {_SANDBOX}"
        )
        return Response(
            framed(mail, pictures),
            media_type="text/html",
            headers={**_PRIVATE, "content-security-policy": policy},
        )

    def part(self, request: Request) -> Response:
        """A picture of the mail; anything else is only offered as a file."""
        mail, cid = self._mail(request), request.path_params["cid"]
        part = next((part for part in mail.parts if part.cid == cid), None) if mail else None
        if part is None:
            return _missing()
        shown = part.type in _PICTURES
        return Response(
            part.content,
            media_type=part.type if shown else "application/octet-stream",
            headers={
                **_PRIVATE,
                "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
                "content-disposition": "inline" if shown else "attachment",
            },
        )

    def raw(self, request: Request) -> Response:
        """The file as it lies in the Maildir."""
        id = request.path_params["id"]
        path = ids(self._maildir).get(id)
        if path is None:
            return _missing()
        named = {"content-disposition": f'attachment; filename="{id}.eml"'}
        return Response(path.read_bytes(), media_type="message/rfc822", headers={**_PRIVATE, **named})

    def api_list(self, request: Request) -> Response:
        """``{"messages": […], "found": n}``; ``?q=`` as on the page."""
        found, rows = self._found(View.of(request.query_params).q)
        return JSONResponse({"messages": [_json(one) for one in rows], "found": found}, headers=_PRIVATE)

    def api_one(self, request: Request) -> Response:
        """The mail, opened; of its parts what they are, not their content."""
        mail = self._mail(request)
        if mail is None:
            return JSONResponse({"error": "no such mail"}, 404, headers=_PRIVATE)
        told = {
            **_json(mail.row),
            "arrived": mail.arrived.isoformat(),
            "headers": mail.headers,
            "text": mail.text,
            "html": mail.html,
            "parts": [{"cid": part.cid, "type": part.type, "size": len(part.content)} for part in mail.parts],
            "list_unsubscribe": asdict(mail.exit),
            "defects": mail.defects,
        }
        return JSONResponse(told, headers=_PRIVATE)

    def _found(self, q: str) -> tuple[int, tuple[Row, ...]]:
        every = ids(self._maildir).items()
        if not q:
            return len(every), tuple(row(id, path) for id, path in [*every][:_LONGEST_LIST])
        wanted = q.casefold()
        hits = [
            one
            for id, path in every
            if wanted in (one := row(id, path)).to.casefold() or wanted in one.to_header.casefold()
        ]
        return len(hits), tuple(hits[:_LONGEST_LIST])

    def _mail(self, request: Request) -> Received | None:
        id = request.path_params["id"]
        path = ids(self._maildir).get(id)
        return opened(id, path) if path else None

    def _shown(self, request: Request, tab: str, template: str) -> Response:
        mail = self._mail(request)
        if mail is None:
            return _missing()
        view = View.of(request.query_params)
        found, rows = self._found(view.q)
        order = [one.id for one in rows]
        words: dict[str, Any] = {"mail": mail, "rows": rows[:_RAIL], "found": found, "tab": tab, "view": view}
        return inbox_pages.page(
            template,
            title=mail.row.subject,
            posts_to=origin(mail.exit.one_click),
            older=dict(pairwise(order)).get(mail.row.id),
            newer=dict(pairwise(reversed(order))).get(mail.row.id),
            **words,
        )


def framed(mail: Received, pictures: str) -> str:
    """The HTML of `mail` for the frame: pictures come from below `pictures`, links open in a new tab."""
    known = {part.cid for part in mail.parts}

    def address(match: re.Match[str]) -> str:
        cid = unquote(html.unescape(match[1]))
        return f"{pictures}{quote(cid, safe='')}" if cid in known else match[0]

    text = _CID.sub(address, mail.html or "")
    return _HEAD.sub(r'\g<0><base target="_blank">', text, count=1)


def _json(one: Row) -> dict[str, object]:
    return {**asdict(one), "date": one.date.isoformat()}


def _missing() -> Response:
    return inbox_pages.page("missing", 404, title="No such mail")
