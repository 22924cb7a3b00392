"""Page name, words -> Response: the reader pages, which need no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse


def page(name: str, status: int = 200, /, *, site: str, title: str, **words: str) -> HTMLResponse:
    """The page ``name.html`` inside the frame. Every word is escaped here; a missing one is a bug."""
    safe = {key: html.escape(word) for key, word in {"site": site, "title": title, **words}.items()}
    main = Template(_text(f"{name}.html")).substitute(safe)
    whole = Template(_text("frame.html")).substitute(safe, main=main, style=_text("reader.css"))
    return HTMLResponse(whole, status, headers=_headers())


@cache
def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_text("reader.css").encode()).digest()).decode()
    return {
        # The sheet stands in the page: no address of ours to get wrong behind a proxy's prefix.
        "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        # The address of the page is the reader's capability: it must not travel or stay.
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-robots-tag": "noindex, nofollow",
        "x-content-type-options": "nosniff",
    }


@cache
def _text(name: str) -> str:
    return files(__name__).joinpath(name).read_text("utf-8")
