"""One thread that writes: each call is one transaction, the urgent ones first.

SQLite has one writer at a time anyway. Queueing for it here, by priority, keeps
a reader's click from waiting behind a bulk insert, and keeps transactions whole.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


class Priority(IntEnum):
    """Who goes first when several wait to write."""

    WEB = 0
    OUTCOMES = 1
    BULK = 2
    CLOSE = 9


class Writer:
    """Runs functions of a connection, each in its own committed transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._order = itertools.count()
        self._calls: queue.PriorityQueue[tuple[int, int, Callable[[Connection], Any] | None, Future[Any]]]
        self._calls = queue.PriorityQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, call: Callable[[Connection], T], priority: Priority) -> Future[T]:
        """Queue one transaction. The future has its result once committed,
        or its error once rolled back."""
        answer: Future[T] = Future()
        self._calls.put((priority, next(self._order), call, answer))
        return answer

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._calls.put((Priority.CLOSE, next(self._order), None, Future()))
        self._thread.join()

    def _work(self) -> None:
        while True:
            _, _, call, answer = self._calls.get()
            if call is None:
                return
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                with self._engine.begin() as connection:
                    result = call(connection)
            except BaseException as error:
                answer.set_exception(error)
            else:
                answer.set_result(result)
