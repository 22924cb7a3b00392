"""Template name, words -> Response: the pages of the preview. Every word is escaped here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from newsletter.web.preview import guard, planning, views

_MIME: Final = {"css": "text/css", "js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the pages load."""

    data: bytes
    mime: str


def page(name: str, status: int = 200, /, **words: Any) -> HTMLResponse:
    """The page ``name.html``."""
    return HTMLResponse(_templates().get_template(f"{name}.html").render(words), status, headers=guard.PAGE)


@cache
def assets() -> Mapping[str, Asset]:
    """Name -> file; the name has a hash in it, so that a browser asks for it once."""
    found = {}
    for file in ("preview.css", "views.css", "preview.js"):
        data = files(__name__).joinpath(file).read_bytes()
        stem, ending = file.split(".")
        found[f"{stem}-{hashlib.sha256(data).hexdigest()[:12]}.{ending}"] = Asset(data, _MIME[ending])
    return found


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("newsletter.web.preview", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kb"] = lambda octets: f"{octets / 1000:,.1f} kB"
    made.filters["grouped"] = lambda number: f"{number:,}"
    made.filters["signed"] = planning.signed
    made.filters["clocks"] = planning.clocks
    made.filters["breakable"] = lambda name: Markup("/<wbr>").join(escape(name).split("/"))
    made.globals |= {
        "TABS": views.TABS,
        "WIDTHS": views.WIDTHS,
        "SCHEMES": views.SCHEMES,
        "assets": tuple(assets()),
    }
    return made
