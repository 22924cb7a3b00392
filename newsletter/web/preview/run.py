"""Desk -> a running preview: pages, the watch over the files, and the checks in the background."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from newsletter.web.preview.app import Preview
from newsletter.web.preview.checks import Checks
from newsletter.web.preview.desk import Desk
from newsletter.web.preview.events import Hub
from newsletter.web.preview.watching import Watch
from newsletter.web.server import application, server


class Running:
    """One preview, from `serve` to `stop`; both belong to one event loop."""

    def __init__(self, desk: Desk) -> None:
        self._loop = asyncio.get_running_loop()
        self._desk, self._hub = desk, Hub()
        self._checks = Checks(self._checked)
        self._watch = Watch(desk, self._hub)
        self._server = server(application(Preview(desk, self._hub, self._checks).routes()))

    async def serve(self, sockets: list[socket.socket], ready: Callable[[], object]) -> None:
        """Serve and follow the files until :meth:`stop`; `ready` is called once nothing is missed."""
        watching = asyncio.create_task(self._watch.run())
        try:
            await self._watch.begun.wait()
            self._desk.changed(config=True)  # it may have been written since it was read
            ready()
            await self._server.serve(sockets=sockets)
        finally:
            self._watch.stop()
            await watching
            self._checks.close()
            self._desk.close()

    def stop(self) -> None:
        """Come to an end; pages that listen are let go."""
        self._server.should_exit = True
        self._hub.close()

    def _checked(self) -> None:
        """In the thread of the checks: an open page has something to show."""
        self._desk.checked()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hub.tell, self._desk.state)
