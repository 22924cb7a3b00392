"""Routes -> pages that are served, in an event loop that belongs to somebody else."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute


class Server(uvicorn.Server):
    """Uvicorn that leaves signals to us: the pages outlive the last delivery."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def application(routes: Sequence[BaseRoute]) -> Starlette:
    """The ASGI application."""
    return Starlette(routes=list(routes))


def server(app: Starlette) -> Server:
    """A server that is not running yet."""
    return Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))


async def serve(app: Starlette, sockets: list[socket.socket]) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    running = server(app)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, setattr, running, "should_exit", True)
    await running.serve(sockets=sockets)
