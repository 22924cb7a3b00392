"""A process of its own that sends what is due: for faults that need something to kill, stop or starve.

Started from a server that has imported everything already (``forkserver``), so that a thousand are cheap.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from newsletter.cli.sending import stopping
from newsletter.delivery import desk
from newsletter.errors import StoreError
from newsletter.store.alive import Presence
from newsletter.store.database import Database, open_database
from newsletter.store.writer import Priority
from tests.faults.real_line import Outbox, smtp
from tests.outbox.publishing import NOW

T = TypeVar("T")
_starter = multiprocessing.get_context("forkserver")
_starter.set_forkserver_preload(["tests.faults.sending_child"])
#: An exit code can be read once only, and starting a process reads those of all others.
_asking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is to do."""

    path: Path
    port: int
    window: int = 2
    connections: int = 1
    commit: int = 0  #: kill yourself at this commit, counted from 1; 0: at none
    committed: bool = False  #: and that after it, not before
    clock: Path | None = None  #: a file that says how many seconds it is later than it was
    patience: int = 20  #: how often a database that cannot be written is tried again
    told: Path | None = None  #: where the log goes
    starved: bool = False  #: no file may grow, from before anything is sent


def start(order: Order) -> ForkServerProcess:
    with _asking:
        process = _starter.Process(target=run, args=(order,), daemon=True)
        process.start()
    return process


def ended(process: ForkServerProcess) -> int | None:
    """Its exit code, once it has ended; it is killed when that takes a minute."""
    if not wait([process.sentinel], timeout=60):
        process.kill()
    with _asking:
        process.join(10)
        return process.exitcode


def run(order: Order) -> None:
    """Exit code 0 when done, 130 when stopped, 3 when the database could not be used."""
    logging.basicConfig(filename=order.told or os.devnull, level=logging.WARNING)
    desk.PATIENCE = order.patience
    try:
        with open_database(order.path) as database, Presence(order.path) as presence, stopping() as halt:
            _doom(database, order)
            box = Outbox(database, owner=presence.owner, window=order.window, connections=order.connections)
            box.stop, box.abandon = halt
            if order.starved:
                resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            if order.clock is not None:
                box.clock = _read_from(order.clock)
            box.send(smtp(order.port))
            sys.exit(130 if box.stop.is_set() else 0)
    except StoreError:
        sys.exit(3)


def _read_from(file: Path) -> Callable[[], Any]:
    return lambda: NOW + timedelta(seconds=float(file.read_text()))


def _doom(database: Database, order: Order) -> None:
    if order.commit:
        database._writer = _Doomed(database._writer, order)  # type: ignore[assignment]


class _Doomed:
    """Writes, until its commit comes."""

    def __init__(self, writer: Any, order: Order) -> None:
        self._writer, self._order, self._count = writer, order, 0
        self.close = writer.close

    def submit(self, call: Callable[[Connection], T], priority: Priority) -> Future[T]:
        self._count += 1
        if self._count != self._order.commit:
            made: Future[T] = self._writer.submit(call, priority)
            return made
        if self._order.committed:
            made = self._writer.submit(call, priority)
            made.add_done_callback(_kill)
            return made

        def doomed(connection: Connection) -> T:
            result = call(connection)
            _kill()
            return result

        never: Future[T] = self._writer.submit(doomed, priority)
        return never


def _kill(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
