"""Changes -> open pages, as server-sent events: one line that names the newest state."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from newsletter.web.preview.guard import PRIVATE


class Hub:
    """The pages that listen. All of it runs in one event loop."""

    def __init__(self) -> None:
        self._listening: set[asyncio.Event] = set()
        self._state = ""
        self._closed = False

    def tell(self, state: str) -> None:
        """Something is new."""
        self._state = state
        self._ring()

    def close(self) -> None:
        """Let every page go: a server that shuts down waits for its open answers."""
        self._closed = True
        self._ring()

    def answer(self, seen: str) -> StreamingResponse:
        """The stream of a page that shows the state `seen`."""
        return StreamingResponse(self._lines(seen), media_type="text/event-stream", headers=PRIVATE)

    async def _lines(self, seen: str) -> AsyncIterator[str]:
        bell = asyncio.Event()
        self._listening.add(bell)
        try:
            yield "retry: 300\n\n"
            while not self._closed:
                bell.clear()
                if self._state not in ("", seen):
                    seen = self._state
                    yield f"data: {seen}\n\n"
                await bell.wait()
        finally:
            self._listening.discard(bell)

    def _ring(self) -> None:
        for bell in self._listening:
            bell.set()
