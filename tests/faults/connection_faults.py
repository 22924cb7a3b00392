"""What goes wrong around messages: connections that cannot be had, end between them, or answer oddly."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from newsletter.delivery.line import Limits
from newsletter.senders import smtp_async
from newsletter.senders.smtp import SmtpSender
from tests.faults.real_line import PATIENT, outbox, smtp
from tests.faults.report import Fault
from tests.faults.smtp_faults import PEOPLE, aftermath
from tests.senders.fault_server import PIPELINING, USUAL, Act, FaultServer, Script, Then

OK, UNKNOWN = USUAL["rcpt"], Act(b"550 5.1.1 unknown\r\n")
HANG_UP = Then.HANG_UP
RELAY = "deferred (relay)"


def faults() -> list[Fault]:
    return [
        Fault("mixed replies in a group", "failed, suppressed · 7 sent · 1 connection", _mixed),
        Fault("354 though no RCPT was taken", "failed, suppressed · 7 sent · 1 connection", _for_nobody),
        Fault("RSET 502, 421 or dropped", "failed, suppressed · 7 sent", _reset),
        Fault("421 on an idle connection", "8 sent · nothing in doubt", _idle),
        Fault("at most 3 messages a connection", "8 sent · 3 connections", _most),
        Fault("every octet in a packet of its own", "8 sent", _trickle),
        Fault("connection refused", "8 " + RELAY, _refused),
        Fault("a name that does not exist", "8 " + RELAY, _no_name),
        Fault("the first address swallows packets", "8 sent", _black_hole),
    ]


def _told(folder: Path, *scripts: Script, limits: Limits | None = None, **options: Any) -> tuple[str, int]:
    """The verdicts, and how many connections it took. Every fault is met on the way; all must be well."""
    with outbox(folder, PEOPLE) as box, FaultServer(*scripts, **options) as server:
        box.limits = limits or box.limits
        box.send(smtp(server.port))
        verdicts = [each.verdict for each in box.seen()]
        wrong = aftermath(box, server, smtp)
    others = sorted({each for each in verdicts if each != "sent"})
    told = " · ".join([*others, f"{verdicts.count('sent')} sent"])
    return told + (f" BUT {wrong}" if wrong else ""), server.connections


def _ways(script: Script) -> Iterator[Script]:
    """With and without PIPELINING."""
    yield {**script, "ehlo": PIPELINING}
    yield script


def _third(act: Act) -> tuple[Act, ...]:
    return (OK, OK, act, OK)


def _mixed(folder: Path) -> Sequence[str]:
    made = [_told(folder, way) for place in (0, 2) for way in _ways({"rcpt": (OK,) * place + (UNKNOWN, OK)})]
    return [f"{told} · {connections} connection" for told, connections in made]


def _for_nobody(folder: Path) -> Sequence[str]:
    """A lone dot, for nobody: then the connection is good again (RFC 2920 3.1)."""
    nobody = Act(b"354 go ahead\r\n")
    refused = [Act(b"554 5.5.1 no\r\n"), Act(b"250 2.0.0 ok\r\n", takes=False)]
    made = []
    for place, end in product((0, 2), refused):
        rcpt = (OK,) * place + (UNKNOWN, OK)
        script = {"ehlo": PIPELINING, "rcpt": rcpt, "nobody": nobody, "dot for nobody": end}
        made.append(_told(folder, script))
    return [f"{told} · {connections} connection" for told, connections in made]


def _reset(folder: Path) -> Sequence[str]:
    acts = [Act(b"502 what\r\n"), Act(b"421 bye\r\n", HANG_UP), Act(then=HANG_UP)]
    return [
        _told(folder, way, {"ehlo": PIPELINING})[0]
        for act in acts
        for way in _ways({"rcpt": _third(UNKNOWN), "rset": act})
    ]


def _idle(folder: Path) -> Sequence[str]:
    """The rate leaves the connection alone for a while, and then the server takes its leave."""
    bye = Act(b"421 4.4.2 idle too long\r\n", HANG_UP, after=0.02)
    dots = [Act(b"250 2.0.0 ok\r\n", afterwards=bye), Act(b"250 2.0.0 ok\r\n421 4.4.2 bye\r\n", HANG_UP)]
    made = [_told(folder, way, limits=Limits(rate=20.0)) for dot in dots for way in _ways({"dot": dot})]
    return [told + ("" if "in doubt" in told else " · nothing in doubt") for told, _ in made]


def _most(folder: Path) -> Sequence[str]:
    mail = (OK, OK, OK, Act(b"421 4.7.0 enough\r\n", HANG_UP))
    made = [_told(folder, way) for way in _ways({"mail": mail})]
    return [f"{told} · {connections} connections" for told, connections in made]


def _trickle(folder: Path) -> Sequence[str]:
    return [_told(folder, way, trickles=True)[0] for way in _ways({})]


def _refused(folder: Path) -> Sequence[str]:
    with FaultServer() as gone:
        pass
    return [_unreachable(folder, smtp(gone.port))]


def _no_name(folder: Path) -> Sequence[str]:
    return [_unreachable(folder, lambda: SmtpSender("mail.invalid", 25, "none", timeout=PATIENT))]


def _unreachable(folder: Path, open_sender: Callable[[], SmtpSender]) -> str:
    with outbox(folder, PEOPLE) as box, FaultServer() as nobody:
        drained = box.send(open_sender)
        verdicts = {each.verdict for each in box.seen()}
        wrong = aftermath(box, nobody, smtp)
    if not drained.unreachable:
        wrong += " the operator is not told"
    return f"{PEOPLE} {' and '.join(verdicts)}" + (f" BUT {wrong}" if wrong else "")


def _black_hole(folder: Path) -> Sequence[str]:
    with outbox(folder, PEOPLE) as box, FaultServer() as server, _swallowing(server.port):
        box.send(lambda: SmtpSender("two-addresses.test", server.port, "none", timeout=PATIENT))
        sent = sum(each.verdict == "sent" for each in box.seen())
        wrong = aftermath(box, server, smtp)
    return [f"{sent} sent" + (f" BUT {wrong}" if wrong else "")]


@contextmanager
def _swallowing(port: int) -> Iterator[None]:
    """A name with two addresses: a queue that is full, so that SYNs are dropped, then 127.0.0.1."""
    family, host = (socket.AF_INET6, "::1") if _has_ipv6() else (socket.AF_INET, "127.0.0.2")
    usual, seconds = socket.getaddrinfo, smtp_async.OTHER_ADDRESS_SECONDS

    def names(name: str, *given: Any, **more: Any) -> list[Any]:
        if name != "two-addresses.test":
            return usual(name, *given, **more)
        return [
            *usual(host, port, type=socket.SOCK_STREAM),
            *usual("127.0.0.1", port, type=socket.SOCK_STREAM),
        ]

    with socket.create_server((host, port), family=family, backlog=0) as full:
        waiting = [_knock(full) for _ in range(4)]
        socket.getaddrinfo, smtp_async.OTHER_ADDRESS_SECONDS = names, 0.3  # type: ignore[assignment,misc]
        try:
            yield
        finally:
            socket.getaddrinfo, smtp_async.OTHER_ADDRESS_SECONDS = usual, seconds  # type: ignore[misc]
            for each in waiting:
                each.close()


def _knock(full: socket.socket) -> socket.socket:
    made = socket.socket(full.family)
    made.setblocking(False)
    made.connect_ex(full.getsockname())
    return made


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
