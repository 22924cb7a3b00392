"""Maildir -> Received: the mails in it, as the inbox pages show them. Nothing is moved or marked.

Mail is hostile: a header that the parser of the standard library stumbles over is shown as it stood.
"""

from __future__ import annotations

import email
import email.errors
import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from email.policy import default as modern
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

#: Octets from which the row of a list is read: the headers and the opening, none of the pictures.
OPENING = 65536
_WORDS = 140
#: What names a mail in an address: plain characters, so that it stands in a URL and a header as it is.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,_=+@-]*")
_INVISIBLE = dict.fromkeys([0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PARSER_STUMBLES = (ValueError, LookupError, AttributeError, TypeError, email.errors.MessageError)


@dataclass(frozen=True, slots=True)
class Row:
    """A mail in the list."""

    id: str
    to: str  #: whom it was handed over for: the address in ``Delivered-To``
    to_header: str
    sender: str
    subject: str
    date: datetime
    words: str  #: the first that a reader sees, as lists of mail programs show them
    size: int  #: octets of the file


@dataclass(frozen=True, slots=True)
class Part:
    """A picture or file that the HTML names by ``cid:``."""

    cid: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Exit:
    """What List-Unsubscribe offers (RFC 2369), and whether a POST is enough (RFC 8058)."""

    urls: tuple[str, ...] = ()
    mailtos: tuple[str, ...] = ()
    one_click: str = ""  #: the URL that a button may post to: one of this computer


@dataclass(frozen=True, slots=True)
class Received:
    """A mail, opened."""

    row: Row
    arrived: datetime
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    parts: tuple[Part, ...]
    outline: tuple[tuple[str, int], ...]  #: how many parts there are of each type
    exit: Exit
    defects: tuple[str, ...]


def ids(maildir: Path) -> dict[str, Path]:
    """The mails in ``new`` and ``cur``, newest first; what is no plain file with a plain name is left out."""
    found: list[tuple[int, str, Path]] = []
    for folder in ("new", "cur"):
        if (maildir / folder).is_dir():
            with os.scandir(maildir / folder) as entries:
                for entry in entries:
                    id = entry.name.partition(":")[0]
                    if _PLAIN.fullmatch(id) and entry.is_file(follow_symlinks=False):
                        found.append((entry.stat().st_mtime_ns, id, Path(entry.path)))
    return {id: path for _, id, path in sorted(found, reverse=True)}


@lru_cache(maxsize=4096)
def row(id: str, path: Path) -> Row:
    """What the list shows of the mail; it is read once, since the files of a Maildir never change."""
    with path.open("rb") as file:
        mail, status = _parsed(file.read(OPENING)), os.fstat(file.fileno())
    arrived = datetime.fromtimestamp(status.st_mtime, UTC)
    return Row(
        id,
        header(mail, "Delivered-To") or header(mail, "To"),
        header(mail, "To"),
        header(mail, "From"),
        header(mail, "Subject") or "(no subject)",
        _date(mail) or arrived,
        _first_words(mail),
        status.st_size,
    )


def opened(id: str, path: Path) -> Received:
    """The whole mail."""
    mail = _parsed(path.read_bytes())
    parts = [part for part in mail.walk() if not part.is_multipart()]
    html, text = (_body(mail, kind) for kind in ("html", "plain"))
    return Received(
        row(id, path),
        datetime.fromtimestamp(path.stat().st_mtime, UTC),
        tuple((name, _value(mail, at)) for at, (name, _) in enumerate(mail.raw_items())),
        text,
        html,
        tuple(Part(cid, part.get_content_type(), _content(part)) for part in parts if (cid := _cid(part))),
        tuple(Counter(part.get_content_type() for part in parts).items()),
        _exit(mail),
        tuple(str(defect) or type(defect).__name__ for part in mail.walk() for defect in part.defects),
    )


def header(mail: EmailMessage, name: str) -> str:
    """The first header of this name, on one line; empty when there is none."""
    for at, (found, _) in enumerate(mail.raw_items()):
        if found.lower() == name.lower():
            return " ".join(_value(mail, at).split())
    return ""


def _parsed(octets: bytes) -> EmailMessage:
    mail = email.message_from_bytes(octets, policy=modern)
    assert isinstance(mail, EmailMessage)
    return mail


def _value(mail: EmailMessage, at: int) -> str:
    name, raw = list(mail.raw_items())[at]
    try:
        text = str(modern.header_fetch_parse(name, raw))
    except _PARSER_STUMBLES:
        text = str(raw)
    return text.encode("utf-8", "replace").decode()


def _date(mail: EmailMessage) -> datetime | None:
    try:
        date: datetime | None = getattr(mail["Date"], "datetime", None)
        return date.astimezone(UTC) if date and date.tzinfo else date and date.replace(tzinfo=UTC)
    except (*_PARSER_STUMBLES, OverflowError):
        return None


def _body(mail: EmailMessage, kind: str) -> str | None:
    try:
        part = mail.get_body((kind,))
    except _PARSER_STUMBLES:
        return None
    if part is None:
        return None
    content = _content(part)
    try:
        text = content.decode(part.get_content_charset("utf-8"), "replace")
    except _PARSER_STUMBLES:
        text = content.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()


def _content(part: MIMEPart) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _cid(part: EmailMessage) -> str:
    return header(part, "Content-ID").strip("<> ")


def _exit(mail: EmailMessage) -> Exit:
    urls = re.findall(r"<\s*([^<>\s]+)\s*>", header(mail, "List-Unsubscribe"))
    web = tuple(url for url in urls if url.lower().startswith(("http://", "https://")))
    posts = header(mail, "List-Unsubscribe-Post").replace(" ", "").lower() == "list-unsubscribe=one-click"
    return Exit(
        web,
        tuple(url for url in urls if url.lower().startswith("mailto:")),
        next((url for url in web if posts and origin(url)), ""),
    )


def origin(url: str) -> str:
    """``http://127.0.0.1:8000`` when the URL leads to this computer, else empty."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or host not in _LOOPBACK or "@" in parts.netloc:
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")


def _first_words(mail: EmailMessage) -> str:
    html = _body(mail, "html")
    text = _Words.of(html) if html is not None else _body(mail, "plain") or ""
    words = " ".join(text.translate(_INVISIBLE).split())
    return words if len(words) <= _WORDS else words[:_WORDS].rsplit(" ", 1)[0] + "…"


class _Words(HTMLParser):
    """The first words of a page; what stands in its head is none of them."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[str] = []
        self._inside = 0

    @classmethod
    def of(cls, html: str) -> str:
        words = cls()
        for start in range(0, len(html), 2048):
            words.feed(html[start : start + 2048])
            if sum(map(len, words._found)) > 4 * _WORDS:
                break
        return "".join(words._found)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag in ("style", "script", "title")
        self._found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in ("style", "script", "title") and self._inside > 0

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self._found.append(data)
