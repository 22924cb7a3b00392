"""``/metrics`` -> how the outbox stands, for Prometheus: programs on this computer, or those with a token.

Behind a web server on the same machine every reader seems to be near, so what was passed on counts as far.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, Select, func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from newsletter import __version__
from newsletter.model import State
from newsletter.outbox import archive
from newsletter.store import tables as t
from newsletter.store.database import Database

#: Text exposition format 0.0.4.
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


#: Label names and values -> value.
Samples = Mapping[tuple[tuple[str, str], ...], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric and its samples."""

    name: str
    kind: str  #: gauge or counter
    help: str
    samples: Samples


def routes(
    database: Database,
    *,
    token: str,
    running: Callable[[], Iterable[Metric]],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[BaseRoute]:
    """The page; `running` adds what only this process knows. Whoever may not read it finds nothing there."""

    def answer() -> str:
        with database.read() as connection:
            return text([*stored(connection, now()), *running()])

    async def metrics(request: Request) -> Response:
        if not may_read(request, token):
            return Response(status_code=404, headers={"cache-control": "no-store"})
        body = await run_in_threadpool(answer)
        return Response(body, media_type=MEDIA_TYPE, headers={"cache-control": "no-store"})

    return [Route("/metrics", metrics, name="metrics")]


def may_read(request: Request, token: str) -> bool:
    """Whether the request shows the token or, where there is none, comes from this computer itself."""
    if token:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(), token.encode())
    host = request.client.host if request.client else ""
    passed_on = any(name in request.headers for name in _PASSED_ON)
    # The Host too: a web page may have its own name lead to 127.0.0.1.
    return _is_near(host) and _is_near(request.url.hostname or "") and not passed_on


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def stored(connection: Connection, now: datetime) -> Iterable[Metric]:
    """What the database knows."""
    d, i, s = t.delivery.c, t.issue.c, t.subscription.c
    packed = archive.counts(connection)
    states = {row.state: row.number for row in connection.execute(_by_state(d.state))}
    yield Metric(
        "newsletter_deliveries",
        "gauge",
        "Deliveries by state.",
        {(("state", state.value),): states.get(state.value, 0) + packed.get(state, 0) for state in State},
    )
    issues: Samples = {(("state", row.state),): row.number for row in connection.execute(_by_state(i.state))}
    yield Metric("newsletter_issues", "gauge", "Issues by state.", issues)
    oldest = connection.execute(
        select(func.min(d.due_at))
        .join(t.issue, i.id == d.issue_id)
        .where(d.state == "queued", i.state == "open")
    ).scalar()
    late = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    yield Metric(
        "newsletter_oldest_waiting_seconds", "gauge", "How late the oldest due delivery is.", {(): late}
    )
    people = connection.execute(select(s.newsletter, s.status, func.count()).group_by(s.newsletter, s.status))
    yield Metric(
        "newsletter_subscriptions",
        "gauge",
        "Subscriptions by newsletter and status.",
        {(("newsletter", name), ("status", status)): count for name, status, count in people},
    )
    yield Metric("newsletter_info", "gauge", "The release.", {(("version", __version__),): 1})


def _by_state(state: Column[str]) -> Select[str, int]:
    return select(state.label("state"), func.count().label("number")).group_by(state)


def text(metrics: Iterable[Metric]) -> str:
    """The text exposition format."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}"]
        lines += [f"{metric.name}{_labels(labels)} {value:.15g}" for labels, value in metric.samples.items()]
    return "\n".join(lines) + "\n"


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
