"""``/`` -> a page that says what this address is for, so that a curious reader does not meet an error."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsletter.web.pages import page


def routes(*, site_name: str, site_url: str) -> list[BaseRoute]:
    """The front door of the reader pages."""

    async def home(_: Request) -> Response:
        return page("home", site=site_name, title=f"The letters of {site_name}", url=site_url)

    return [Route("/", home, name="home")]
