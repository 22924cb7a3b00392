"""SMTP on loopback -> files of a Maildir: the server that the demo's mail is sent to.

It is not for the open network: it takes mail for anybody, without a password.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as Transaction

from newsletter.model import Envelope, Verdict
from newsletter.senders.maildir import MaildirSender

_REPLIES = {
    Verdict.SENT: "250 2.0.0 filed",
    Verdict.FAILED: "550 5.1.3 no address that a mail can be filed for",
    # A file of which the folder may not know yet is filed once more rather than lost.
    Verdict.DEFERRED: "451 4.3.0 not filed, try again",
    Verdict.IN_DOUBT: "451 4.3.0 not filed, try again",
}


class MailDrop:
    """An SMTP server on a free port of 127.0.0.1 while its ``with`` block lasts.

    Each message that it accepts is in ``folder/new``, on the disk, before the 250:
    ``Return-Path`` and ``Delivered-To``, then what came over the wire, with LF line
    ends; a message to several recipients is one file each. `delay` (seconds) stands
    between the disk and the 250; other connections go on meanwhile.
    """

    def __init__(self, folder: Path, delay: float = 0.0) -> None:
        """PluginError when the Maildir cannot be made."""
        self._maildir = MaildirSender(str(folder))
        self._delay = delay
        self._count = 0
        self._counting = threading.Condition()

    @property
    def port(self) -> int:
        """Where it listens; only inside the ``with`` block."""
        return self._port

    @property
    def count(self) -> int:
        """Messages filed since it was made."""
        return self._count

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait until so many messages are filed; False when the time (seconds) ran out first."""
        with self._counting:
            return self._counting.wait_for(lambda: self._count >= count, timeout)

    def __enter__(self) -> MailDrop:
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._port: int = listening.getsockname()[1]
        started: Future[Callable[[], object]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening, started)), name="maildrop", daemon=True
        )
        self._thread.start()
        self._stop = started.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._thread.join()

    async def _serve(self, listening: socket.socket, started: Future[Callable[[], object]]) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        loop.set_exception_handler(_tell)
        # aiosmtpd's own Controller cannot say which free port it was given.
        server = await loop.create_server(self._session, sock=listening)
        started.set_result(partial(loop.call_soon_threadsafe, stop.set))
        await stop.wait()
        server.close()
        await _hang_up()

    def _session(self) -> SMTP:
        # The name is given: looking it up waits for a DNS that may not be there.
        return SMTP(self, hostname="localhost", ident="newsletter demo", enable_SMTPUTF8=True)

    async def handle_DATA(self, _server: SMTP, _session: Any, mail: Transaction) -> str:
        """The reply to a whole message; aiosmtpd calls this by its name."""
        # aiosmtpd hands on the null return path as it stood on the wire.
        mail_from = (mail.mail_from or "").removeprefix("<>")
        assert mail.original_content is not None
        reply = await asyncio.to_thread(self._file, mail_from, mail.rcpt_tos, mail.original_content)
        await asyncio.sleep(self._delay)
        return reply

    def _file(self, mail_from: str, recipients: list[str], content: bytes) -> str:
        verdict = Verdict.SENT
        for rcpt_to in recipients:
            trace = f"Return-Path: <{mail_from}>\r\nDelivered-To: {rcpt_to}\r\n"
            octets = trace.encode("utf-8", "surrogateescape") + content
            try:
                verdict = self._maildir.send(Envelope(mail_from, rcpt_to), octets).verdict
            except ValueError as error:
                return f"554 5.6.0 {error}"
            if verdict is not Verdict.SENT:
                break
            with self._counting:
                self._count += 1
                self._counting.notify_all()
        return _REPLIES[verdict]


async def _hang_up() -> None:
    """End the sessions that are still open: each closes its connection when it is cancelled."""
    sessions = asyncio.all_tasks() - {asyncio.current_task()}
    for session in sessions:
        session.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
    await asyncio.sleep(0)


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that is gone is nothing to tell of."""
    if not isinstance(context.get("exception"), ConnectionError):
        loop.default_exception_handler(context)
