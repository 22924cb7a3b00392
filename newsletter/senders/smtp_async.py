"""A dialogue over one asyncio connection: the driver for who sends many messages.

Octets and time only. The protocol object is called back by the loop, so a message costs no task.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Protocol, cast

from newsletter.model import Fault, Outcome, Verdict
from newsletter.senders.smtp_dialogue import Dialogue, Jobs
from newsletter.senders.smtp_server import Server
from newsletter.senders.smtp_verdict import printable

OTHER_ADDRESS_SECONDS = 10.0
#: While an answer is awaited somebody looks so often whether it is overdue.
LOOK_SECONDS = 1.0


class Feed(Jobs, Protocol):
    """Jobs that come and go: who takes them is told when there may be more, and when there will be none."""

    @property
    def closing(self) -> bool:
        """Whether nothing more will come: finish what is under way and say goodbye."""
        ...

    def tell(self, wake: asyncio.Event) -> None:
        """Set `wake` from now on whenever something may have changed."""
        ...


async def serve(server: Server, feed: Feed) -> Outcome | None:
    """One connection from its beginning to its end.

    None when a session stood; else why it could not be had, and then no message was touched.
    """
    loop = asyncio.get_running_loop()
    wire = _Wire(server, feed, loop)
    implicit = server.trust if server.security == "tls" else None
    try:
        async with asyncio.timeout(server.timeout):
            sock = await _connected(server, loop)
            name = server.host if implicit else None
            await loop.create_connection(lambda: wire, sock=sock, ssl=implicit, server_hostname=name)
    except (OSError, TimeoutError) as error:
        return _unreachable(server, error)
    try:
        return await wire.until_over()
    finally:
        wire.hang_up()


async def _connected(server: Server, loop: asyncio.AbstractEventLoop) -> socket.socket:
    """The first address that answers; one that drops packets must not use up the whole time-out."""
    addresses = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    for number, (family, kind, protocol, _, address) in enumerate(addresses, 1):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            async with asyncio.timeout(OTHER_ADDRESS_SECONDS if number < len(addresses) else None):
                await loop.sock_connect(sock, address)
            return sock
        except BaseException as error:
            sock.close()
            if number == len(addresses) or not isinstance(error, OSError | TimeoutError):
                raise
    raise OSError(f"no address for {server.host}")


class _Wire(asyncio.Protocol):
    def __init__(self, server: Server, feed: Feed, loop: asyncio.AbstractEventLoop) -> None:
        self._server, self._feed, self._loop = server, feed, loop
        self._transport: asyncio.Transport | None = None
        self._dialogue: Dialogue | None = None
        self._wake = asyncio.Event()
        self._progress, self._since = -1, loop.time()
        self._handshake: asyncio.Task[None] | None = None
        self._unsent = 1 << 62  # octets that the kernel had not taken when somebody last looked

    # ── called by the loop ──────────────────────────────────────────────────

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._dialogue is None:
            local = str(transport.get_extra_info("sockname")[0])
            self._dialogue = Dialogue(self._server, self._feed, local)
            if self._server.security == "tls":
                self._dialogue.encrypted()
            self._flush()

    def data_received(self, data: bytes) -> None:
        if self._dialogue is not None:
            self._dialogue.received(data)
            self._flush()

    def resume_writing(self) -> None:
        if self._dialogue is not None and self._dialogue.draining:
            self._dialogue.drained()
            self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        dialogue = self._dialogue
        if dialogue is not None and not dialogue.over and self._handshake is None:
            if error is None:
                dialogue.hung_up()
            else:
                dialogue.lost(f"the connection broke: {_said(error)}")
        self._wake.set()

    # ── moving octets ───────────────────────────────────────────────────────

    def _flush(self) -> None:
        dialogue, transport = self._dialogue, self._transport
        assert dialogue is not None and transport is not None
        while out := dialogue.output():
            self._since = self._loop.time()
            transport.write(b"".join(out) if len(out) > 1 else out[0])
            if dialogue.draining and not transport.get_write_buffer_size():
                dialogue.drained()
        if dialogue.progress != self._progress:
            self._progress, self._since = dialogue.progress, self._loop.time()
        if dialogue.encrypting and self._handshake is None:
            self._handshake = self._loop.create_task(self._encrypt())
        if dialogue.over:
            self._wake.set()

    async def _encrypt(self) -> None:
        assert self._transport is not None and self._dialogue is not None and self._server.trust is not None
        try:
            transport = await self._loop.start_tls(
                self._transport,
                self,
                self._server.trust,
                server_hostname=self._server.host,
                ssl_handshake_timeout=self._server.timeout,
            )
        except (OSError, TimeoutError) as error:
            self._dialogue.lost(f"TLS: {_said(error)}")
            self._wake.set()
            return
        finally:
            self._handshake = None
        if transport is None:  # it was lost meanwhile
            self._dialogue.lost("TLS: the server hung up")
            self._wake.set()
            return
        self.connection_made(transport)
        self._dialogue.encrypted()
        self._flush()

    # ── the life of a connection ────────────────────────────────────────────

    async def until_over(self) -> Outcome | None:
        dialogue = self._dialogue
        assert dialogue is not None
        self._feed.tell(self._wake)
        goodbye = False
        while not dialogue.over:
            if self._feed.closing and not goodbye:
                goodbye, self._since = True, self._loop.time()
                dialogue.quit()
            else:
                dialogue.poll()
            self._flush()
            if dialogue.over:
                break
            await self._pause(dialogue)
        return dialogue.refusal

    async def _pause(self, dialogue: Dialogue) -> None:
        """Until something may have changed, or an answer is overdue."""
        seconds = dialogue.seconds
        left = None if seconds is None else self._since + seconds - self._loop.time()
        if left is not None and left <= 0:
            if not self._is_moving():
                dialogue.timed_out()
            return
        try:
            # Replies do not wake it, and the stage that they lead to may have less time.
            async with asyncio.timeout(None if left is None else min(left, LOOK_SECONDS)):
                await self._wake.wait()
        except TimeoutError:
            return  # the loop above looks whether it is overdue: replies may have come meanwhile
        self._wake.clear()

    def _is_moving(self) -> bool:
        """Whether a long text still goes out, however slowly."""
        before, self._unsent = self._unsent, self._transport.get_write_buffer_size() if self._transport else 0
        moving = 0 < self._unsent < before
        if moving:
            self._since = self._loop.time()
        return moving

    def hang_up(self) -> None:
        if self._handshake is not None:
            self._handshake.cancel()
        if self._dialogue is not None:
            self._dialogue.lost("we hung up")
        if self._transport is not None:
            # A server that has stopped reading would keep a polite close waiting for ever.
            stuck = self._transport.get_write_buffer_size() > 0
            refused = self._dialogue is not None and self._dialogue.refusal is not None
            self._transport.abort() if stuck or refused else self._transport.close()


def _unreachable(server: Server, error: BaseException) -> Outcome:
    text = f"cannot connect to {server.host}:{server.port}: {_said(error)}"
    return Outcome(Verdict.DEFERRED, Fault.RELAY, 0, printable(text))


def _said(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "timed out"
    return str(getattr(error, "strerror", "") or error or type(error).__name__)
