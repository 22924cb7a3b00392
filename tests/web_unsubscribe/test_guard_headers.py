"""Every answer of the reader pages says what a browser may do with it, also those that no page gives."""

import http.client
from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.audience.tokens import Tokens
from newsletter.store.database import Database
from newsletter.web import home, media, metrics, unsubscribe
from newsletter.web.server import GUARDS, application


def broken(_: Request) -> Response:
    """What a bug in a page looks like from outside."""
    raise RuntimeError("a bug")


@pytest.fixture
def port(database: Database, serve: Callable[[Starlette], int]) -> int:
    """All that `newsletter run` serves, and one page with a bug."""
    leave = unsubscribe.routes(database, Tokens(("k" * 40,)), site_name="Slow Post", titles={})
    pages = [
        *home.routes(site_name="Slow Post", site_url="https://slowpost.example"),
        *leave,
        *media.routes(database),
        *metrics.routes(database, token="", running=tuple),
    ]
    return serve(application([*pages, Route("/broken", broken)]))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/u/nonsense", 200),
        ("POST", "/u/nonsense", 400),
        ("GET", "/metrics", 200),
        ("GET", "/media/none.png", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/metrics/", 307),
        ("PUT", "/u/nonsense", 405),
        ("HEAD", "/nowhere", 404),
        ("GET", "/broken", 500),
    ],
)
def test_every_answer_is_guarded(port: int, method: str, path: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()

    assert (answer.status, [name for name in GUARDS if not told.get(name)]) == (status, [])
    assert [name for name in GUARDS if "," in told[name] and name != "content-security-policy"] == []
