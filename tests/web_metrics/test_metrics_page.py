"""What Prometheus is told, and who else is not."""

from collections.abc import Iterable, Mapping

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from newsletter.store.database import Database
from newsletter.web.metrics import Metric, may_read, stored, text
from tests.outbox.publishing import NOW, issue, publish, subscribe


def request(client: str, host: str, headers: Mapping[str, str] | None = None) -> Request:
    given = {"host": host, **(headers or {})}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/metrics",
            "query_string": b"",
            "headers": raw,
            "client": (client, 50000),
            "server": ("127.0.0.1", 8765),
            "scheme": "http",
            "app": Starlette(),
        }
    )


@pytest.mark.parametrize(
    ("client", "host", "headers", "expected"),
    [
        ("127.0.0.1", "127.0.0.1:8765", {}, True),
        ("127.0.0.1", "localhost:8765", {}, True),
        ("::1", "[::1]:8765", {}, True),
        ("192.0.2.7", "127.0.0.1:8765", {}, False),
        ("127.0.0.1", "news.example.org", {}, False),
        ("127.0.0.1", "localhost", {"x-forwarded-for": "192.0.2.7"}, False),
        ("127.0.0.1", "localhost", {"forwarded": "for=192.0.2.7"}, False),
        ("127.0.0.1", "localhost", {"via": "1.1 proxy"}, False),
    ],
)
def test_without_a_token_only_this_computer_may_read(
    client: str, host: str, headers: dict[str, str], expected: bool
) -> None:
    assert may_read(request(client, host, headers), "") is expected


@pytest.mark.parametrize(
    ("shown", "expected"), [("Bearer s3cret", True), ("Bearer other", False), ("", False), ("Bearer ", False)]
)
def test_with_a_token_whoever_shows_it_may_read_and_nobody_else(shown: str, expected: bool) -> None:
    headers = {"authorization": shown} if shown else {}
    for client, host in (("192.0.2.7", "news.example.org"), ("127.0.0.1", "localhost")):
        assert may_read(request(client, host, headers), "s3cret") is expected


def samples(metrics: Iterable[Metric]) -> dict[str, float]:
    lines = (line for line in text(metrics).splitlines() if not line.startswith("#"))
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_the_figures_are_those_of_the_database(database: Database) -> None:
    subscribe(database, 5)
    publish(database, issue())
    with database.read() as connection:
        found = samples(stored(connection, NOW))

    assert found['newsletter_deliveries{state="queued"}'] == 5
    assert found['newsletter_deliveries{state="sent"}'] == 0
    assert found['newsletter_issues{state="open"}'] == 1
    assert found['newsletter_subscriptions{newsletter="weekly",status="active"}'] == 5
    assert found["newsletter_oldest_waiting_seconds"] == 0


def test_an_empty_database_has_figures_too(database: Database) -> None:
    with database.read() as connection:
        assert samples(stored(connection, NOW))['newsletter_deliveries{state="failed"}'] == 0


def test_the_format_is_the_one_that_prometheus_reads() -> None:
    odd = Metric("m", "gauge", "Help.", {(("name", 'a"b\\c\nd'),): 1.5, (): 2e10})
    assert text([odd]) == '# HELP m Help.\n# TYPE m gauge\nm{name="a\\"b\\\\c\\nd"} 1.5\nm 20000000000\n'
