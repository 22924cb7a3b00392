"""Template name, words -> Response: the inbox pages, which need no script and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

WIDTHS = ("375", "600", "full")
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class View:
    """How one looks at it. All of it stands in the address, so that a view can be kept and passed on."""

    q: str  #: part of the recipient's name or address
    w: str
    mail: str  #: the colour scheme of the frame, whatever that of the page is

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> View:
        """What was asked for; the ordinary view where that is nonsense."""
        w, mail = asked.get("w", ""), asked.get("mail", "")
        return cls(
            asked.get("q", "").strip()[:200],
            w if w in WIDTHS else "600",
            mail if mail in SCHEMES else "light",
        )

    def link(self, path: str, **changes: str) -> str:
        """The address of `path`, looked at like this."""
        other = replace(self, **changes)
        ordinary = {"q": "", "w": "600", "mail": "light"}
        asked = {name: getattr(other, name) for name in ordinary if getattr(other, name) != ordinary[name]}
        return f"{path}?{urlencode(asked)}" if asked else path


def page(name: str, status: int = 200, /, *, title: str, posts_to: str = "", **words: Any) -> HTMLResponse:
    """The page ``name.html``, every word escaped. `posts_to`: an origin beside ours that a form may go to."""
    words = {"view": View.of({}), "widths": WIDTHS, "schemes": SCHEMES, **words}
    text = _templates().get_template(f"{name}.html").render(title=title, style=_style(), **words)
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; frame-src 'self'; "
        f"form-action 'self' {posts_to}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
    }
    return HTMLResponse(text, status, headers=headers)


@cache
def _style() -> str:
    return files(__name__).joinpath("inbox.css").read_text("utf-8")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("newsletter.web", "inbox_pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kb"] = lambda octets: f"{octets / 1000:,.1f} kB"
    return made
