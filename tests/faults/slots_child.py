"""A process of its own that is `newsletter run`, on a clock on which a day is a second."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from newsletter.cli import copies
from newsletter.config import load
from newsletter.delivery import channel
from newsletter.outbox import claim
from newsletter.schedule.alarm import Alarm
from newsletter.service.running import Service
from newsletter.store.database import open_database
from tests.faults.sending_child import _asking, _starter

#: Where the clocks begin. The next change of clocks is weeks away; whoever goes on for longer meets it.
BEGIN = datetime(2026, 10, 1, 12, tzinfo=UTC)
#: What an hour and a half is on that clock, in seconds of the machine's: in the place of half a minute.
ROUND_SECONDS = 0.0625


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds of the machine's clock, as days."""

    begun: float  #: when the machine's clock was at `BEGIN`, in seconds since 1970
    offset: timedelta = timedelta(0)  #: by how much it is wrong

    def __call__(self) -> datetime:
        return BEGIN + timedelta(days=time.time() - self.begun) + self.offset

    def machine(self, when: datetime) -> datetime:
        """When the machine's clock shows that it is then."""
        return datetime.fromtimestamp(self.begun + (when - self.offset - BEGIN) / timedelta(days=1), UTC)


def start(config: Path, clock: Clock, log: Path) -> ForkServerProcess:
    with _asking:
        process = _starter.Process(target=run, args=(config, clock, log), daemon=True)
        process.start()
    return process


def run(config_path: Path, clock: Clock, log: Path) -> None:
    """The service, until somebody kills it."""
    logging.basicConfig(filename=log, level=logging.WARNING, format=f"%(asctime)s {clock.offset} %(message)s")
    # Twenty minutes, which a process has for a message, are 14 ms on that clock.
    claim.LEASE = timedelta(days=10_000)
    channel.USABLE = claim.LEASE / 2
    config = load(config_path, os.environ)

    def rings(ring: Callable[[], None], next_due: Callable[[], datetime | None]) -> Alarm:
        def due() -> datetime | None:
            at = next_due()
            return at and clock.machine(at)

        return Alarm(ring, due, every=ROUND_SECONDS)

    with socket.create_server(("127.0.0.1", 0)) as pages, open_database(config.store_path) as database:
        own = copies.instance(database)
        service = Service(config, database, clock, own, lambda reason: reason, rings=rings)
        asyncio.run(service.run(pages))
