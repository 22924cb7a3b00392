"""The line of a test: its routes, and what most tests say alike of all else."""

import threading
from collections.abc import Callable
from datetime import datetime

from newsletter.audience.tokens import Tokens
from newsletter.delivery.compose import Composer
from newsletter.delivery.line import Limits, Line, Route
from newsletter.model import Delivery, Message, Outcome
from newsletter.store.database import Database
from tests.outbox.publishing import NOW

NO_LIMITS = Limits()


def composer(database: Database) -> Composer:
    """What writes the messages of :func:`line`."""
    return Composer(database, Tokens(("k" * 32,)))


def line(
    database: Database,
    *routes: Route,
    window: int = 16,
    compose: Callable[[Delivery], Message] | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    only: str = "",
    stop: threading.Event | None = None,
    on_outcome: Callable[[Delivery, Outcome], None] = lambda delivery, outcome: None,
    limits: Limits = NO_LIMITS,
) -> Line:
    """It sends whatever is due, as `me`, until nothing is left or `stop` is set."""
    return Line(
        database=database,
        owner="me",
        compose=compose or composer(database),
        routes=routes,
        clock=clock,
        window=window,
        only=only,
        stop=stop or threading.Event(),
        on_outcome=on_outcome,
        limits=limits,
    )
