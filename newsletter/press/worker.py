"""The parent's side of the child: starting it, asking it, and stopping it when it does not answer.

Nothing that comes back is unpickled: a child that a template has taken over can lie, but not act.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

from newsletter.press import wire

#: Until a child has imported what it needs; a slow disk may take its time.
_START: Final = 60.0  #: seconds
#: The child stops itself at the deadline, and can then say where; a little later it is killed.
_GRACE: Final = 3.0  #: seconds
_KEPT: Final = "LANG LC_ALL LC_CTYPE TZ PYTHONTZPATH PYTHONHOME LD_LIBRARY_PATH DYLD_LIBRARY_PATH".split()
_PLACE: Final = re.compile(r'File "(.*?\.j2)", line (\d+) in ')


@dataclass(frozen=True, slots=True)
class Place:
    """Where a template was when its child died: the line is that of Jinja's code, not of the file."""

    file: str
    line: int


class Died(Exception):
    """The child did not answer: `signal` killed it, or 0 when it took too long."""

    def __init__(self, signal: int, place: Place | None) -> None:
        super().__init__(signal, place)
        self.signal, self.place = signal, place


class Worker:
    """One child at a time, started when it is needed. May be used from any thread; one call at a time."""

    def __init__(self, deadline: float, memory: int) -> None:
        """`deadline`: seconds that one call may take. `memory`: bytes that the child may have in all."""
        self._deadline, self._memory = deadline, memory
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def start(self) -> None:
        """Let the child warm up, without waiting for it."""
        with self._lock:
            self._running()

    def call(self, request: bytes) -> bytes:
        """The child's answer. Raises :class:`Died`; the next call has a new child."""
        with self._lock:
            child = self._running()
            try:
                child.wait_ready()
                return child.call(request, self._deadline + _GRACE)
            except BaseException:
                self._stop()
                raise

    def close(self) -> None:
        """Let the child go. A later call starts another."""
        with self._lock:
            self._stop()

    def _running(self) -> _Child:
        if self._child is not None and not self._child.alive:
            self._stop()
        if self._child is None:
            self._child = _Child(self._deadline, self._memory)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    """A running process, and the socket to it."""

    def __init__(self, deadline: float, memory: int) -> None:
        self._line, theirs = socket.socketpair()
        self._trace, trace = os.pipe()
        os.set_blocking(self._trace, False)
        life, self._life = os.pipe()  # ours alone, never written: it closes when we end, however
        self._ready = False
        numbers = map(str, (deadline, memory, trace, life))
        words = [sys.executable, "-P", "-m", "newsletter.press.child", *numbers]
        try:
            # A session of its own: what is typed at the terminal is for the parent alone.
            self._process = subprocess.Popen(
                words,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_surroundings(),
                pass_fds=(trace, life),
                start_new_session=True,
            )
        finally:
            theirs.close()
            os.close(trace)
            os.close(life)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Until it has warmed up. What keeps it from that is a bug, and on stderr."""
        if self._ready:
            return
        if wire.take(self._line, time.monotonic() + _START) is None:
            raise RuntimeError(f"the rendering process did not start: exit status {self._process.wait()}")
        self._ready = True

    def call(self, request: bytes, seconds: float) -> bytes:
        end = time.monotonic() + seconds
        try:
            wire.put(self._line, request, end)
            answer = wire.take(self._line, end)
        except BrokenPipeError:
            answer = None
        except TimeoutError:
            raise Died(0, None) from None
        if answer is None:
            raise self._fate()
        return answer

    def close(self) -> None:
        """It leaves when its socket closes; what is still busy then is killed."""
        self._line.close()
        try:
            self._process.wait(0.2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._trace)
        os.close(self._life)

    def _fate(self) -> Exception:
        """What ended it: a signal; its own watchdog, that first wrote where it was; else a bug of ours."""
        status = self._process.wait()
        told = os.read(self._trace, 1 << 16).decode("utf-8", "replace")
        found = _PLACE.search(told)
        place = Place(found[1], int(found[2])) if found else None
        if status < 0 or told.startswith("Timeout"):
            return Died(max(0, -status), place)
        return RuntimeError(f"a bug in the rendering process: it ended with exit status {status}")


def _surroundings() -> dict[str, str]:
    """The child's environment: where the parent finds its modules, and nothing secret."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
