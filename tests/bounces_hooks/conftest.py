"""The webhooks behind a real server on loopback, and Amazon's and Postmark's parts played by the test."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from newsletter.audience.hooks.postmark import Postmark
from newsletter.audience.hooks.ses import Ses
from newsletter.audience.suppression import SOFT, reasons
from newsletter.store.database import Database
from newsletter.store.tables import metadata
from newsletter.web.hooks import routes
from newsletter.web.server import server
from tests.bounces_hooks.amazon import TOPIC, Amazon, amazon
from tests.bounces_hooks.postmarks import PASSWORD, USERNAME
from tests.inbox.returned import TOKENS
from tests.outbox.publishing import NOW, subscribe


@dataclass
class Hooks:
    """The routes, running, at a time that the test sets."""

    port: int
    database: Database
    amazon: Amazon
    now: datetime = NOW

    def call(
        self, provider: str, body: bytes | Iterator[bytes], headers: Mapping[str, str], method: str = "POST"
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, f"/hooks/{provider}", body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode().strip()
        except (BrokenPipeError, ConnectionResetError):
            return 413, "broken off"
        finally:
            connection.close()

    def ses(self, body: bytes | Iterator[bytes], kind: str = "text/plain; charset=UTF-8") -> tuple[int, str]:
        return self.call("ses", body, {"Content-Type": kind})

    def reasons(self, reader: int = 1) -> list[str]:
        with self.database.read() as connection:
            return [one.reason for one in reasons(connection, f"r{reader}@example.org")]

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        with self.database.read() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table))]
                for table in metadata.sorted_tables
            }


@pytest.fixture
def hooks(database: Database) -> Iterator[Hooks]:
    subscribe(database, 3)
    adapters = {"ses": Ses((TOPIC,)), "postmark": Postmark(USERNAME, PASSWORD, ("127.0.0.0/8",))}
    with amazon() as theirs:
        made = Hooks(0, database, theirs)
        app = Starlette(routes=routes(adapters, database, TOKENS, SOFT, theirs.fetch, lambda: made.now))
        with served(app) as made.port:
            yield made


@contextmanager
def served(app: Starlette) -> Iterator[int]:
    """A server for as long as the block runs; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    running = server(app)
    thread = threading.Thread(target=running.run, args=([listening],))
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        running.should_exit = True
        thread.join()
        listening.close()
