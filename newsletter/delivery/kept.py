"""Something that was made -> the same again, as long as there is room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """What was made, the least lately used forgotten first. Any thread may use it.

    By bytes and not by number: a small issue for ten thousand tastes and a large one for all cost alike.
    """

    def __init__(self, room: int, weigh: Callable[[V], int]) -> None:
        """`room`: bytes, by what `weigh` says of each; the newest is kept whatever it weighs."""
        self._room, self._weigh, self._weight = room, weigh, 0
        self._lock = threading.Lock()
        self._made: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What `make` makes of the key, or made. Two threads may both make it; that is only slower."""
        with self._lock:
            if found := self._made.get(key):
                self._made.move_to_end(key)
                return found[0]
        made = make()
        weight = self._weigh(made)
        with self._lock:
            self._forget(key)
            self._made[key] = made, weight
            self._weight += weight
            while self._weight > self._room and len(self._made) > 1:
                self._forget(next(iter(self._made)))
        return made

    def _forget(self, key: K) -> None:
        self._weight -= self._made.pop(key, (None, 0))[1]
