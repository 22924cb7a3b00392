"""A dialogue over one blocking socket: the driver for who sends one message at a time.

Whatever goes wrong here is told to the dialogue as a lost connection; what that means it knows itself.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from newsletter.senders.smtp_dialogue import Dialogue, Jobs
from newsletter.senders.smtp_server import QUIT_SECONDS, Server

_BLOCK = 64 * 1024
_OTHER_ADDRESS_SECONDS = 10.0  # an address that drops packets must not use up the whole time-out


class ConnectionLost(Exception):
    """The connection cannot be used any more; the message says what was seen, without secrets."""


class Session:
    """One connection and its dialogue."""

    def __init__(self, server: Server, jobs: Jobs) -> None:
        """Connect. :class:`ConnectionLost` when nobody answers."""
        self._server = server
        self._socket = _connected(server)
        self.dialogue = Dialogue(server, jobs, str(self._socket.getsockname()[0]), whole=0)

    @property
    def encryption(self) -> ssl.SSLSocket | None:
        """The encrypted connection, for who wants to know its certificate; None in clear."""
        return self._socket if isinstance(self._socket, ssl.SSLSocket) else None

    def work(self) -> None:
        """Move octets until the dialogue is idle or over."""
        try:
            while not (self.dialogue.idle or self.dialogue.over):
                self._turn()
        except ConnectionLost as lost:
            self.dialogue.lost(str(lost))

    def close(self) -> None:
        """Say goodbye where that can be done; waits seconds at most and never raises."""
        deadline = time.monotonic() + QUIT_SECONDS
        with suppress(ConnectionLost):
            self.dialogue.quit()
            while not self.dialogue.over and time.monotonic() < deadline:
                self._turn()
        self.hang_up()

    def hang_up(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _turn(self) -> None:
        for octets in self.dialogue.output():
            self._write(octets)
        if self.dialogue.encrypting:
            self._encrypt()
        elif self.dialogue.draining:
            self._hear_early()
            self.dialogue.drained()
        elif not (self.dialogue.idle or self.dialogue.over):
            self._hear()

    def _write(self, octets: bytes) -> None:
        with _losses("while sending"):
            view = memoryview(octets)
            for start in range(0, len(view), _BLOCK):
                self._socket.settimeout(self._server.timeout)
                self._socket.sendall(view[start : start + _BLOCK])

    def _hear(self) -> None:
        """Wait until the dialogue has gone on by a whole reply, however slowly it comes."""
        seconds, progress = self.dialogue.seconds, self.dialogue.progress
        deadline = time.monotonic() + (seconds or 0)
        while self.dialogue.progress == progress and not self.dialogue.over:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                octets = self._socket.recv(4096)
            except TimeoutError:
                self.dialogue.timed_out()
                return
            except OSError as error:
                raise ConnectionLost(f"waiting for a reply: {error.strerror or error}") from None
            if octets:
                self.dialogue.received(octets)
            else:
                self.dialogue.hung_up()

    def _hear_early(self) -> None:
        """What the server says while the text still goes out; does not wait."""
        try:
            self._socket.settimeout(0)
            octets = self._socket.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError as error:
            raise ConnectionLost(f"while sending: {error.strerror or error}") from None
        if octets:
            self.dialogue.received(octets)
        else:
            self.dialogue.hung_up()

    def _encrypt(self) -> None:
        assert self._server.trust is not None
        with _losses("TLS"):
            self._socket.settimeout(self._server.timeout)
            self._socket = self._server.trust.wrap_socket(self._socket, server_hostname=self._server.host)
        self.dialogue.encrypted()


def _connected(server: Server) -> socket.socket:
    with _losses(f"cannot connect to {server.host}:{server.port}"):
        sock = _first_answering(server.host, server.port, server.timeout)
        # The final dot is a write of its own; Nagle would hold it back for the body's ACK.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


def _first_answering(host: str, port: int, timeout: float) -> socket.socket:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for number, (family, kind, protocol, _, address) in enumerate(addresses, 1):
        last = number == len(addresses)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(timeout if last else min(timeout, _OTHER_ADDRESS_SECONDS))
            sock.connect(address)
            return sock
        except OSError:
            sock.close()
            if last:
                raise
    raise OSError(f"no address for {host}")


@contextmanager
def _losses(doing: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise ConnectionLost(f"{doing}: timed out") from None
    except ssl.SSLCertVerificationError as error:
        raise ConnectionLost(f"{doing}: certificate not trusted: {error.verify_message}") from None
    except OSError as error:
        raise ConnectionLost(f"{doing}: {error.strerror or type(error).__name__}") from None
