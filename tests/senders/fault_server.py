"""An SMTP server that misbehaves on purpose, and knows what it really took.

    with FaultServer({"rcpt": Act(b"450 4.2.0 later\\r\\n")}) as server:
        ...  # talk to 127.0.0.1, server.port
    server.accepted, server.commands

Every message stands in `accepted` before a byte of the answer is written, so it
is the truth that a sender's verdict can be held against.

It keeps to RFC 5321 where it is not told otherwise: RCPT without MAIL is 503, DATA without a recipient 554,
and a group of commands (RFC 2920) is answered one by one.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Self

CRLF = b"\r\n"


class Then(Enum):
    """What follows the answer."""

    GO_ON = auto()
    HANG_UP = auto()
    RESET = auto()  #: hang up with a TCP RST
    SAY_NOTHING = auto()  #: keep the connection open, and silent, until the server is closed


@dataclass(frozen=True, slots=True)
class Act:
    """What the server does at a stage."""

    say: bytes = b""
    then: Then = Then.GO_ON
    takes: bool | None = None  #: at the dot: whether it keeps the message; None: when it says 2yz
    after: float = 0.0  #: seconds of silence first
    byte_by_byte: bool = False
    pause: float = 0.0  #: seconds after each octet
    do: Callable[[], object] | None = None  #: called first, when the message stands in `accepted`
    afterwards: Act | None = None  #: done next, unasked


Script = Mapping[str, Act | tuple[Act, ...]]

USUAL: Mapping[str, Act] = {
    "greeting": Act(b"220 fault.test\r\n"),
    "ehlo": Act(b"250-fault.test\r\n250-SIZE 50000000\r\n250 ENHANCEDSTATUSCODES\r\n"),
    "helo": Act(b"250 fault.test\r\n"),
    "starttls": Act(b"220 2.0.0 go ahead\r\n"),
    "auth": Act(b"235 2.7.0 welcome\r\n"),
    "mail": Act(b"250 2.1.0 ok\r\n"),
    "rcpt": Act(b"250 2.1.5 ok\r\n"),
    "data": Act(b"354 go ahead\r\n"),
    "nobody": Act(b"554 5.5.1 no valid recipients\r\n"),
    "dot": Act(b"250 2.0.0 queued\r\n"),
    "dot for nobody": Act(b"554 5.5.1 no valid recipients\r\n"),
    "rset": Act(b"250 2.0.0 ok\r\n"),
    "quit": Act(b"221 2.0.0 bye\r\n", Then.HANG_UP),
}
"""What happens at each stage; ``nobody`` is DATA though no recipient was taken.
``middle``, behind the first line of a body, is a stage only where a script names it."""

PIPELINING = Act(b"250-fault.test\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250 ENHANCEDSTATUSCODES\r\n")


class FaultServer:
    """Plays the n-th script to the n-th connection, the last one to all further.

    Where a stage has several acts they are played in turn, the last one for ever.
    `tls` is used after STARTTLS, or from the first byte when `implicit`; `trickles`: it says
    everything one octet at a time.
    """

    def __init__(
        self,
        *scripts: Script,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        trickles: bool = False,
    ) -> None:
        self.accepted: list[bytes] = []  #: bodies as they came, still dot-stuffed, without the final dot
        self.recipients: list[str] = []  #: of each body in `accepted`, its one recipient
        self.for_nobody: list[bytes] = []  #: bodies that came though no recipient was taken
        self.commands: list[str] = []
        self.groups: list[str] = []  #: commands behind which the next one stood already
        self.connections = 0
        self.trickles = trickles
        self.held = threading.Event()  #: cleared: connections wait before the greeting
        self.held.set()
        self._scripts = scripts or ({},)
        self._tls, self._implicit = tls, implicit
        self._closing = threading.Event()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._listen)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self.held.set()
        for sock in (self._listener, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, run: object, *args: object) -> None:
        assert callable(run)
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each reply is a small write
            self._open.append(sock)
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self._start(self._serve, sock, script)

    def _serve(self, sock: socket.socket, script: Script) -> None:
        self.held.wait()
        with suppress(OSError, ValueError):
            if self._implicit:
                sock = self._encrypted(sock)
            _Dialogue(self, sock, script).run()
        with suppress(OSError):
            sock.close()

    def _encrypted(self, sock: socket.socket) -> ssl.SSLSocket:
        assert self._tls is not None
        encrypted = self._tls.wrap_socket(sock, server_side=True)
        self._open.append(encrypted)
        return encrypted


class _Lines:
    """What the client says, line by line."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket, self.unread = sock, b""

    def next(self) -> bytes:
        """One line; what there is of it when the client has gone."""
        while b"\n" not in self.unread:
            octets = self._socket.recv(65536)
            if not octets:
                break
            self.unread += octets
        line, end, self.unread = self.unread.partition(b"\n")
        return line + end


class _Dialogue:
    def __init__(self, server: FaultServer, sock: socket.socket, script: Script) -> None:
        self._server, self._socket, self._script = server, sock, script
        self._lines = _Lines(sock)
        self._played: Counter[str] = Counter()
        self._begun = False  # MAIL was taken
        self._recipients: list[str] = []

    def run(self) -> None:
        going = self._play("greeting")
        while going and (line := self._lines.next()):
            self._server.commands.append(line.decode().rstrip())
            if self._lines.unread:
                self._server.groups.append(line.decode().rstrip())
            going = self._answer(line.split(maxsplit=1)[0].decode().lower(), line)

    def _answer(self, verb: str, line: bytes) -> bool:
        match verb:
            case "mail":
                act = self._next("mail")
                self._begun, self._recipients = act.say.startswith(b"2"), []
                return self._do(act)
            case "rcpt":
                return self._rcpt(line)
            case "data":
                return self._data()
            case "rset":
                self._begun, self._recipients = False, []
                return self._play("rset")
            case "starttls":
                return self._start_tls()
            case "auth" if b"LOGIN" in line.upper():
                return self._login()
            case _ if verb in USUAL:
                return self._play(verb)
        self._socket.sendall(b"500 5.5.1 what\r\n")
        return True

    def _rcpt(self, line: bytes) -> bool:
        if not self._begun:
            return self._do(Act(b"503 5.5.1 MAIL first\r\n"))
        act = self._next("rcpt")
        if act.say.startswith(b"2"):
            self._recipients.append(line.decode().partition("<")[2].partition(">")[0])
        return self._do(act)

    def _data(self) -> bool:
        act = self._next("data" if self._recipients else "nobody")
        if not self._do(act):
            return False
        if not act.say.startswith(b"354"):
            return True
        return self._body()

    def _body(self) -> bool:
        lines = []
        while (line := self._lines.next()) != b".\r\n":
            if not line.endswith(b"\n"):
                return False
            lines.append(line)
            if len(lines) == 1 and "middle" in self._script and not self._play("middle"):
                return False
        act = self._next("dot" if self._recipients else "dot for nobody")
        if not self._recipients:
            self._server.for_nobody.append(b"".join(lines))
        elif act.takes if act.takes is not None else act.say.startswith(b"2"):
            self._server.recipients.append(self._recipients[0])
            self._server.accepted.append(b"".join(lines))
        self._begun, self._recipients = False, []
        return self._do(act)

    def _start_tls(self) -> bool:
        act = self._next("starttls")
        if not self._do(act):
            return False
        if act.say.startswith(b"220"):
            self._socket = self._server._encrypted(self._socket)
            self._lines = _Lines(self._socket)
        return True

    def _login(self) -> bool:
        for _ in range(2):
            self._socket.sendall(b"334 more\r\n")
            self._server.commands.append(self._lines.next().decode().rstrip())
        return self._play("auth")

    def _next(self, stage: str) -> Act:
        acts = self._script.get(stage, USUAL.get(stage, Act()))
        acts = acts if isinstance(acts, tuple) else (acts,)
        self._played[stage] += 1
        return acts[min(self._played[stage], len(acts)) - 1]

    def _play(self, stage: str) -> bool:
        return self._do(self._next(stage))

    def _do(self, act: Act) -> bool:
        if act.do is not None:
            act.do()
        if act.after:
            self._server._closing.wait(act.after)
        self._say(act)
        if act.then is Then.GO_ON:
            return act.afterwards is None or self._do(act.afterwards)
        if act.then is Then.SAY_NOTHING:
            self._server._closing.wait()
        if act.then is Then.RESET:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if act.then is Then.HANG_UP:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        return False

    def _say(self, act: Act) -> None:
        size = 1 if act.byte_by_byte or self._server.trickles else max(len(act.say), 1)
        for start in range(0, len(act.say), size):
            self._socket.sendall(act.say[start : start + size])
            if act.pause:
                self._server._closing.wait(act.pause)
