"""Who may ask: pages of this computer that know our token, and nobody else. What every answer says."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

#: Another name would mean that a page elsewhere has its own name point at this computer.
_OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
PRIVATE: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
PAGE: Final = {
    **PRIVATE,
    "referrer-policy": "same-origin",  # with none at all our own forms would come from nobody
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}

Answer = Callable[[Request], Response]


def here(request: Request) -> str:
    """Our own origin, as the browser names it."""
    return f"{request.url.scheme}://{request.headers['host'].lower()}"


class Guard:
    """The rules for every request."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)  #: stands in our forms, where no other page can read it

    def refused(self, request: Request) -> Response | None:
        """Why a request is not answered; None when it is."""
        if not _OURS.fullmatch(request.headers.get("host", "")):
            return _no(421, "The preview answers to 127.0.0.1 and localhost only.")
        origin = request.headers.get("origin")
        if origin is not None and origin.lower() not in (here(request), *_nobody(request)):
            return _no(403, "The preview does not answer to other pages.")
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site") and not _is_visit(request):
            return _no(403, "The preview does not answer to other pages.")
        return None

    def forged(self, token: object) -> Response | None:
        """Why a form is not taken; None when it is ours."""
        ours = isinstance(token, str) and secrets.compare_digest(token.encode(), self.token.encode())
        return (
            None if ours else _no(403, "This form is not from this preview, or from an earlier run: reload.")
        )


def _nobody(request: Request) -> tuple[str, ...]:
    """Pictures of the frame, which has no origin, may be asked for under the name of nobody."""
    return ("null",) if request.method in ("GET", "HEAD") else ()


def _is_visit(request: Request) -> bool:
    """Whether a person follows a link to us, or the frame asks for a picture."""
    mode, method = request.headers.get("sec-fetch-mode", ""), request.method
    return method in ("GET", "HEAD") and (mode == "navigate" or "/part/" in request.url.path)


def _no(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status, headers=PRIVATE)
