"""A mailbox on an IMAP server (RFC 3501) -> the mails that came back, marked there once they were dealt with.

What nobody has looked at is taken, at most :data:`MOST` at a time. Fetching marks nothing: a mail is put away
when what follows from it is committed. Whoever is killed in between reads it again, which changes nothing.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from newsletter.audience.bounces import LONGEST
from newsletter.audience.bounces_box import Returned
from newsletter.errors import SubscribersError

MOST: Final = 500
#: For each answer, and for everything: a server that hangs must not hold up what else is to be done.
_SECONDS: Final = 20
_SECONDS_IN_ALL: Final = 60
_PORTS: Final = {"tls": 993, "starttls": 143, "none": 143}

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True, repr=False)
class ImapBox:
    """Where the mailbox is. Has no repr: the password must not be in a traceback."""

    host: str
    port: int  #: 0 is the usual one
    security: Security
    username: str
    password: str
    folder: str
    handled: str  #: the folder for what was understood; empty: it is marked as seen
    ca_file: str  #: empty: the system's authorities

    @property
    def place(self) -> str:
        """For people."""
        return f"{self.host}:{self.door}/{self.folder}"

    @property
    def door(self) -> int:
        """The port."""
        return self.port or _PORTS[self.security]


def unread(box: ImapBox, seconds: float = _SECONDS_IN_ALL) -> Iterator[Returned]:
    """What nobody has seen or flagged yet, oldest first; what was not understood is flagged.

    :class:`SubscribersError` when the server cannot be reached or trusted, refuses, or takes longer.
    """
    try:
        with _session(box, seconds) as imap:
            for uid in _uids(imap):
                octets = _octets(imap, uid)
                if octets:
                    yield Returned(f"{box.folder} {uid}", octets, partial(_mark, imap, box, uid))
    except (OSError, imaplib.IMAP4.error) as error:
        raise SubscribersError(f"{box.place}: {_told(error)}") from error


@contextlib.contextmanager
def _session(box: ImapBox, seconds: float) -> Iterator[imaplib.IMAP4]:
    with _connected(box, min(seconds, _SECONDS)) as imap:
        cut = threading.Timer(seconds, _cut, (imap,))
        cut.daemon = True
        cut.start()
        try:
            if box.security == "starttls":
                imap.starttls(_trust(box))
            _log_in(imap, box)
            _done(imap.select(_quoted(box.folder)))
            yield imap
        finally:
            cut.cancel()


def _connected(box: ImapBox, seconds: float) -> imaplib.IMAP4:
    if box.security == "tls":
        return imaplib.IMAP4_SSL(box.host, box.door, ssl_context=_trust(box), timeout=seconds)
    return imaplib.IMAP4(box.host, box.door, timeout=seconds)


def _trust(box: ImapBox) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=box.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _cut(imap: imaplib.IMAP4) -> None:
    with contextlib.suppress(OSError):
        imap.sock.shutdown(socket.SHUT_RDWR)


def _log_in(imap: imaplib.IMAP4, box: ImapBox) -> None:
    if "AUTH=PLAIN" in imap.capabilities:  # LOGIN knows ASCII only
        imap.authenticate("PLAIN", lambda _: f"\0{box.username}\0{box.password}".encode())
    else:
        imap.login(box.username, box.password)


def _uids(imap: imaplib.IMAP4) -> tuple[str, ...]:
    (found,) = _done(imap.uid("SEARCH", "UNSEEN", "UNFLAGGED", "UNDELETED"))
    return tuple(found.decode("ascii", "replace").split()[:MOST]) if found else ()


def _octets(imap: imaplib.IMAP4, uid: str) -> bytes:
    """The head of a mail, long enough for any report; empty when it is gone."""
    parts = _done(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST}>)"))
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")


def _mark(imap: imaplib.IMAP4, box: ImapBox, uid: str, understood: bool) -> None:
    try:
        if not understood:
            _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Flagged)"))
        elif box.handled:
            _move(imap, uid, _quoted(box.handled))
        else:
            _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
    except (OSError, imaplib.IMAP4.error) as error:
        raise SubscribersError(f"{box.place}: {_told(error)}") from error


def _move(imap: imaplib.IMAP4, uid: str, folder: str) -> None:
    """RFC 6851 where the server knows it; else a copy, and the old one goes (RFC 4315)."""
    imap.create(folder)  # says NO where it is there already
    _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
    able = b" ".join(_done(imap.capability())).upper().split()  # more than before the login
    if b"MOVE" in able:
        _done(imap.uid("MOVE", uid, folder))
        return
    _done(imap.uid("COPY", uid, folder))
    _done(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
    if b"UIDPLUS" in able:
        _done(imap.uid("EXPUNGE", uid))


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    status, told = answer
    if status != "OK":
        words = b" ".join(each for each in told if isinstance(each, bytes)).decode("utf-8", "replace")
        raise imaplib.IMAP4.error(words or status)
    return told


def _quoted(folder: str) -> str:
    if not folder.isascii() or not folder.isprintable():
        raise imaplib.IMAP4.error(
            f"the folder {folder!r}: write its name as the server does (RFC 3501, 5.1.3)"
        )
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _told(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate not trusted: {error.verify_message}"
    words = str(error.strerror or error) if isinstance(error, OSError) else str(error)
    return "".join(sign if sign.isprintable() else " " for sign in words)[:200]
