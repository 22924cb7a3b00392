"""The reader pages behind a real server on loopback, spoken to by a plain HTTP client."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import select
from starlette.applications import Starlette

from newsletter.audience.consent import Form
from newsletter.audience.subscribers import add, show
from newsletter.audience.tokens import Tokens
from newsletter.config import load, unpack
from newsletter.config.schema import Config
from newsletter.signup.answering import answer
from newsletter.signup.letters import Office
from newsletter.signup.limits import Limits
from newsletter.signup.wishes import Wish, ask
from newsletter.store.database import Database, open_database
from newsletter.store.tables import metadata
from newsletter.web import reader
from newsletter.web.server import application
from tests.needs import program

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URLENCODED = "application/x-www-form-urlencoded"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

CONFIG = """
[site]
name = "The Slow Post"
tagline = "Letters about things that take their time"
base_url = "https://slowpost.example"
timezone = "Europe/Copenhagen"
postal_address = "The Slow Post, 4 Tarn Street, 5519 Ostervik"
[newsletters.weekly]
title = "Slow <Post> Weekly"
description = "The week's letters, in one mail"
from = "Ida Vang <ida@slowpost.example>"
schedule = "mon 09:00"
frequencies = ["weekly", "each"]
topics = ["Tides", "Ropes & rust", "Bread"]
[newsletters.toolbox]
title = "Toolbox"
description = "One tool, and how it is kept sharp"
from = "Ida Vang <ida@slowpost.example>"
schedule = "first tue 10:00"
[newsletters.board]
title = "Minutes of the board"
from = "Ida Vang <ida@slowpost.example>"
sign_up = false
[store]
path = "newsletter.db"
[signup]
per_range = 0
per_domain = 0
in_all = 0
[web]
public_url = "https://news.slowpost.example"
allow_origins = ["https://slowpost.example"]
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Clock:
    """What the pages take for now."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Site:
    """A running site with one reader, Ingrid, who gets `weekly` and was once asked for nothing else."""

    port: int
    config: Config
    database: Database
    reader: int
    clock: Clock
    woken: list[datetime] = field(default_factory=list)

    @property
    def tokens(self) -> Tokens:
        return unpack.tokens(self.config)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        kind: str = "",
        **headers: str,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, named | ({"Content-Type": kind} if kind else {}))
            answer = connection.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, got, answer.read().decode())
        finally:
            connection.close()

    def post(self, path: str, *pairs: tuple[str, str], **headers: str) -> Answer:
        """A form, as a browser sends it."""
        return self.ask("POST", path, urlencode(pairs).encode(), URLENCODED, **headers)

    def preferences(self) -> str:
        return f"/p/{self.tokens.preferences(self.reader)}"

    def leave(self, newsletter: str = "weekly") -> str:
        return f"/u/{self.tokens.unsubscribe(self.reader, newsletter)}"

    def undo(self, newsletter: str = "weekly") -> str:
        return f"/r/{self.tokens.undo(self.reader, newsletter, self.clock.now)}"

    def of_theirs(self, page: str) -> str:
        return f"/{page}/{self.tokens.preferences(self.reader)}"

    def standing(self, newsletter: str = "weekly") -> str | None:
        found = show(self.database, self.reader)
        return found.standing(newsletter, self.clock.now) if found else None

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables."""
        with self.database.read() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table))]
                for table in metadata.sorted_tables
            }

    def pending(
        self,
        address: str = "bo@example.org",
        newsletters: tuple[str, ...] = ("weekly",),
        frequency: str = "",
    ) -> str:
        """Somebody signed up: the page that their mail leads to."""
        wish = Wish(address, newsletters, "", "203.0.113.0/24", Form("en", "Yes."), frequency)
        assert ask(self.database, wish, Limits(0, 0, 0), self.clock.now).taken
        answer(self.database, Office(self.config), self.clock.now)
        found = show(self.database, address)
        assert found is not None
        return f"/c/{self.tokens.confirm(found.id, self.clock.now)}"

    def shown(self) -> str:
        """The token of a form that was shown half a minute ago."""
        return self.tokens.form(self.clock.now - timedelta(seconds=30))


@contextmanager
def served(app: Starlette) -> Iterator[int]:
    """Serves an application; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        log_level="critical",
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=2,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def running(folder: Path, text: str = CONFIG) -> Iterator[Site]:
    """A site of its own in a folder."""
    file = folder / "config.toml"
    file.write_text(text)
    config = load(file, {})
    clock, woken = Clock(), list[datetime]()
    with open_database(config.store_path) as database:
        added = add(database, "ingrid@slowpost.example", name="Ingrid", newsletters=("weekly",), now=NOW)
        pages = [
            reader.door(config, database),
            *reader.routes(config, database, wake=lambda: woken.append(clock.now), now=clock),
        ]
        with served(application(pages)) as port:
            yield Site(port, config, database, added.subscriber_id, clock, woken)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as made:
        yield made


@pytest.fixture
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Site]]:
    """Sites with another configuration."""
    open_ones = []

    def start(text: str) -> Site:
        made = running(tmp_path_factory.mktemp("another"), text)
        open_ones.append(made)
        return made.__enter__()

    yield start
    for made in open_ones:
        made.__exit__(None, None, None)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for a whole module."""
    with running(tmp_path_factory.mktemp("still")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module only: while it is open, no other test can have an event loop."""
    chromium = program("chromium", "chromium")
    expect.set_options(timeout=20_000)  # a busy machine is no failure
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
