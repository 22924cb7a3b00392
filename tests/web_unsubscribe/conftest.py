"""The pages behind a real server on loopback, spoken to by a plain HTTP client."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from newsletter.audience.subscribers import add
from newsletter.audience.tokens import Tokens
from newsletter.config import load
from newsletter.store.database import Database
from newsletter.web.reader import routes

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Site:
    """A running site with one reader, Ingrid, who gets `weekly` and `blog`."""

    port: int
    tokens: Tokens
    reader: int

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, kind: str = ""
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if kind else {})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read().decode())
        finally:
            connection.close()

    def link(self, newsletter: str = "weekly") -> str:
        return f"/u/{self.tokens.unsubscribe(self.reader, newsletter)}"


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], int]]:
    """Serves an application until the test ends; answers its port."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Starlette) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=2
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        running.append((server, thread))
        return int(listening.getsockname()[1])

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join()


CONFIG = f"""
[site]
name = "Slow Post & Co"
base_url = "https://slowpost.example"
[newsletters.weekly]
title = "Slow <Post> Weekly"
from = "Ida Vang <ida@slowpost.example>"
[newsletters.blog]
title = "Each Article"
from = "Ida Vang <ida@slowpost.example>"
[web]
secret_key = "{"k" * 40}"
"""


@pytest.fixture
def site(tmp_path: Path, database: Database, serve: Callable[[Starlette], int]) -> Site:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    added = add(database, "ingrid@slowpost.example", name="Ingrid", newsletters=("weekly", "blog"), now=NOW)
    pages = routes(load(file, {}), database, now=lambda: NOW)
    return Site(serve(Starlette(routes=pages)), Tokens(("k" * 40,)), added.subscriber_id)
