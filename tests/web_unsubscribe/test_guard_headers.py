"""Every answer of the reader pages says what a browser may do with it, also those that no page gives."""

import http.client
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.config import load
from newsletter.store.database import Database
from newsletter.web import media, metrics, reader
from newsletter.web.server import GUARDS, application

CONFIG = """
[site]
name = "The Slow Post"
base_url = "https://slowpost.example"
[newsletters.weekly]
from = "Ida Vang <ida@slowpost.example>"
"""


def broken(_: Request) -> Response:
    """What a bug in a page looks like from outside."""
    raise RuntimeError("a bug")


@pytest.fixture
def port(tmp_path: Path, database: Database, serve: Callable[[Starlette], int]) -> int:
    """All that `newsletter run` serves, and one page with a bug."""
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    config = load(file, {})
    pages = [
        reader.door(config, database),
        *reader.routes(config, database),
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
        ("GET", "/subscribe", 404),
        ("GET", "/my-data/nonsense", 200),
        ("PUT", "/erase/nonsense", 405),
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
