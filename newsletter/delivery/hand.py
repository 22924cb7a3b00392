"""A thread of one's own for calls that wait: a plug-in's sender, one message at a time.

Unlike those of the library's pools it keeps no program from ending: a sender that is stuck can be left.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Hand:
    """Makes one call after the other, in its thread, which begins with the first."""

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    async def do(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `call` returns or raises. Who is cancelled while waiting leaves it running."""
        if not self._thread.is_alive():
            self._thread.start()
        answer: Future[T] = Future()
        self._calls.put((lambda: call(*args, **kwargs), answer))
        return await asyncio.wrap_future(answer)

    def let_go(self) -> None:
        """End the thread as soon as it has nothing to do."""
        self._calls.put(None)

    def _work(self) -> None:
        while (next := self._calls.get()) is not None:
            call, answer = next
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(call())
            except BaseException as error:
                answer.set_exception(error)
