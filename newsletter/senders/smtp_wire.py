"""Commands → replies, over one socket.

The one thing to know: whatever goes wrong here is :class:`ConnectionLost`, and
after it the connection must not be used again, for nobody can say which reply
would belong to which command. What a loss *means* depends on how far the
message was, so the caller decides that.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_LONGEST_LINE = 2048  # RFC 5321 4.5.3.1.5 says 512; real servers exceed it a little
_MOST_LINES = 100
_MOST_BYTES = 32 * 1024
_BLOCK = 64 * 1024
_OTHER_ADDRESS_SECONDS = 10.0  # an address that drops packets must not use up the whole time-out

_REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])(?:([ -])(.*))?", re.DOTALL)
_ENHANCED = re.compile(r"#?([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")


class ConnectionLost(Exception):
    """The connection cannot be used any more; the message says what was seen, without secrets."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole reply of the server (RFC 5321 4.2)."""

    code: int
    lines: tuple[str, ...]  #: without their codes; any characters, as the server sent them

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def enhanced(self) -> str:
        """The enhanced status code of RFC 3463, ``5.1.1``; empty when there is none."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""


class Wire:
    """One socket, and what has been read from it but not been understood yet."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._unread = b""
        self._secrets: tuple[str, ...] = ()

    @classmethod
    def connect(cls, host: str, port: int, timeout: float) -> Wire:
        """A connection to the first address of `host` that answers."""
        with _losses(f"cannot connect to {host}:{port}"):
            sock = _first_answering(host, port, timeout)
            # The final dot is a write of its own; Nagle would hold it back for the body's ACK.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock)

    def start_tls(self, context: ssl.SSLContext, host: str, timeout: float) -> None:
        """Encrypt from here on; the name `host` is verified as `context` says."""
        if self.has_input():
            # RFC 3207 6: anything that came in clear could have been put there by anyone.
            raise ConnectionLost("TLS: the server spoke in clear instead")
        with _losses("TLS"):
            self._socket.settimeout(timeout)
            self._socket = context.wrap_socket(self._socket, server_hostname=host)

    @property
    def local_address(self) -> str:
        return str(self._socket.getsockname()[0])

    def hide(self, *secrets: str) -> None:
        """From now on replace `secrets` in all that the server says, for it may say what it was told."""
        self._secrets = secrets

    def command(self, line: str, timeout: float, name: str = "") -> Reply:
        """The reply to one command. `name` stands for the line in messages, for a line may hold a secret."""
        name = name or line
        if self.has_input():
            reply = self.reply(timeout, name)
            if reply.code == 421:  # the one reply that may come unasked (RFC 5321 3.8)
                return reply
            raise ConnectionLost(f"the server spoke out of turn before {name}: {reply.code} {reply.text}")
        self.write(line.encode() + b"\r\n", timeout, name)
        return self.reply(timeout, name)

    def write(self, octets: bytes, timeout: float, name: str) -> None:
        """Hand `octets` to the kernel, at most `timeout` seconds for each block."""
        with _losses(f"while sending {name}"):
            view = memoryview(octets)
            for start in range(0, len(view), _BLOCK):
                self._socket.settimeout(timeout)
                self._socket.sendall(view[start : start + _BLOCK])

    def reply(self, timeout: float, name: str) -> Reply:
        """The next whole reply; a slow one must be complete within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        code, lines, size = 0, [], 0
        with _losses(f"waiting for the reply to {name}"):
            while True:
                line = self._line(deadline, name)
                size += len(line)
                found = _REPLY_LINE.fullmatch(line)
                if not found or (code and code != int(found[1])):
                    raise ConnectionLost(f"not an SMTP reply to {name}: {self._text(line[:80])}")
                code = int(found[1])
                lines.append(self._text(found[3] or b""))
                if found[2] != b"-":
                    return Reply(code, tuple(lines))
                if len(lines) >= _MOST_LINES or size >= _MOST_BYTES:
                    raise ConnectionLost(f"the reply to {name} does not end")

    def has_input(self) -> bool:
        """Whether the server said something, or hung up, that nobody asked for; does not wait."""
        if self._unread:
            return True
        try:
            self._socket.settimeout(0)
            self._unread = self._socket.recv(4096)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        return True  # nothing read means that it hung up

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _text(self, octets: bytes) -> str:
        text = octets.decode("utf-8", "replace")
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _line(self, deadline: float, name: str) -> bytes:
        while b"\n" not in self._unread and len(self._unread) <= _LONGEST_LINE:
            self._socket.settimeout(max(deadline - time.monotonic(), 0.001))
            received = self._socket.recv(4096)
            if not received:
                raise ConnectionLost(f"the server hung up instead of answering {name}")
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        if len(line) > _LONGEST_LINE:
            raise ConnectionLost(f"the reply to {name} has a line over {_LONGEST_LINE} octets")
        return line.removesuffix(b"\r")


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
