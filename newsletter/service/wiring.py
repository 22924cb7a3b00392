"""Configuration -> the line that sends, and the routes that are served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from newsletter.config import returning, routes, unpack
from newsletter.config.schema import Config
from newsletter.delivery.compose import Composer
from newsletter.delivery.line import Line
from newsletter.model import Delivery, Outcome
from newsletter.pipeline import queue
from newsletter.store.alive import Presence
from newsletter.store.database import Database

if TYPE_CHECKING:
    from newsletter.web.metrics import Metric


def open_line(
    config: Config,
    database: Database,
    presence: Presence,
    clock: Callable[[], datetime],
    *,
    stop: threading.Event,
    on_outcome: Callable[[Delivery, Outcome], None],
    only: str = "",
    abandon: threading.Event | None = None,
) -> Line:
    """The configured senders behind the outbox; one that cannot be made is told before anything is taken."""
    return Line(
        database=database,
        owner=presence.owner,
        compose=Composer(database, unpack.tokens(config), verp=config.sender.verp),
        routes=routes.routes(config),
        clock=clock,
        window=config.sender.window,
        only=only,
        stop=stop,
        on_outcome=on_outcome,
        limits=routes.limits(config),
        abandon=abandon or threading.Event(),
        complete=partial(queue, config, database),
    )


def nobody_waits() -> None:
    """In the place of what wakes whoever answers sign-ups, where the next round does."""


def reader_routes(
    config: Config, database: Database, wake: Callable[[], None] = nobody_waits
) -> list[BaseRoute]:
    """What links and pictures in a mail lead to. `wake` is called when somebody signed up or confirmed."""
    from newsletter.web import media, reader

    return [*reader.routes(config, database, wake=wake), *media.routes(database)]


def all_routes(
    config: Config,
    database: Database,
    running: Callable[[], Iterable[Metric]],
    wake: Callable[[], None] = nobody_waits,
) -> list[BaseRoute]:
    """Everything that `newsletter run` serves; `running` is what only the process knows of itself."""
    from newsletter.web import hooks, metrics, reader
    from newsletter.web.callers import callers
    from newsletter.web.fetching import fetch

    door = reader.door(config, database)
    token = config.web.metrics_token.get_secret_value()
    figures = metrics.routes(database, token=token, running=running)
    providers = returning.hooks(config)
    caller = callers(config.web.trusted_proxies)
    called = hooks.routes(
        providers, database, unpack.tokens(config), returning.soft(config), fetch, caller=caller
    )
    return [door, *reader_routes(config, database, wake), *called, *figures]
