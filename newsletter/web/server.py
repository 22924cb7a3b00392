"""Routes -> pages that are served, in an event loop that belongs to somebody else."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import Message, Receive, Scope, Send

#: What every answer says that says nothing else about it: also those that Starlette gives by itself.
GUARDS: Final = {
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Server(uvicorn.Server):
    """Uvicorn that leaves signals to us: the pages outlive the last delivery."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Guarded(Starlette):
    """Starlette, whose middleware would not see what it answers when something has gone wrong."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in GUARDS.items():
                    headers.setdefault(name, value)
            await send(message)

        await super().__call__(scope, receive, guarded)


def application(routes: Sequence[BaseRoute]) -> Starlette:
    """The ASGI application: each of its answers carries `GUARDS`, or its own words for them."""
    return _Guarded(routes=list(routes))


def server(app: Starlette) -> Server:
    """A server that is not running yet."""
    # Whom to believe about where a request came from, the configuration says and not the environment.
    own = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, proxy_headers=False)
    return Server(own)


async def serve(app: Starlette, sockets: list[socket.socket]) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    running = server(app)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, setattr, running, "should_exit", True)
    await running.serve(sockets=sockets)
