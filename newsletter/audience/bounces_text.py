"""The words of a bounce -> an RFC 3463 status: for servers that send no report, or one that says nothing.

Pure. Which message it is about is never guessed here, only what was said of it; and only words that cannot
mean anything else make an address a dead one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import Final

_LONGEST_TEXT: Final = 20_000
_LONGEST_LINE: Final = 500

#: An enhanced code where a server says it: ``550 5.1.1 …``, ``(#5.1.1)``, or first of all. Elsewhere such
#: digits may be an address or a version.
_CODE = re.compile(r"(?:\b[245]\d\d[ -]\s*|\(#|^)#?([245]\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_NOBODY = re.compile(
    r"user unknown|unknown (?:user|recipient|mailbox)\b|no such (?:user|mailbox|recipient|address)\b"
    r"|(?:user|mailbox|recipient|address|account)(?: \S+)? (?:does not|doesn't) exist"
    r"|no mailbox here by that name|(?:mailbox|recipient|address) not found",
    re.IGNORECASE,
)
_FULL = re.compile(r"over ?quota|quota exceeded|exceeded (?:its|their|the)? ?(?:storage|quota)"
                   r"|mailbox(?: is)? full", re.IGNORECASE)  # fmt: skip
_GOES_ON = re.compile(r"(?:will|shall) (?:keep|be retri|continue)|still being retried|not yet been delivered"
                      r"|do not need to resend", re.IGNORECASE)  # fmt: skip
#: Where the returned message begins, which says nothing about its fate.
_COPY = re.compile(
    r"^-* ?(?:below this line is a copy|this is a copy of|original message|returned message"
    r"|the (?:body|header)s? of (?:the|your) (?:original )?message|included is a copy|undelivered message)",
    re.IGNORECASE | re.MULTILINE,
)
_DAEMON = re.compile(r"(?:^|<|\s)(?:mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_FOR_WHOM = re.compile(r"^\s*<([^<>@\s]+@[^<>@\s]+)>:?", re.MULTILINE)
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a bounce in free form says."""

    status: str
    diagnostic: str
    recipient: str  #: empty when it does not say
    message_id: str
    goes_on: bool  #: the server has not given up


def read(mail: Message) -> Said | None:
    """What a server says in its own words; None when no server wrote this, or nothing can be made of it."""
    failed = header(mail, "X-Failed-Recipients")
    if not failed and not is_from_a_server(mail):
        return None
    text = words(_text_part(mail))
    before = text[: found.start()] if (found := _COPY.search(text)) else text
    code = status("", before)
    if not code:
        return None
    person = _FOR_WHOM.search(before)
    returned = _MESSAGE_ID.search(text)
    return Said(
        status=code,
        diagnostic=one_line(_sentence(before)),
        recipient=one_line(failed.partition(",")[0] or (person[1] if person else "")),
        message_id=returned[1] if returned else "",
        goes_on=_GOES_ON.search(before) is not None,
    )


def status(field: str, diagnostic: str) -> str:
    """The status that was meant: a general one gives way to what the server's words say."""
    codes = [found[1] for found in (_STATUS.match(field), _CODE.search(diagnostic)) if found]
    for code in codes:
        if not code.endswith(".0.0"):
            return code
    general = codes[0] if codes else ""
    if general[:1] in ("", "5"):  # what passes is not made to last by its words
        if _NOBODY.search(diagnostic):
            return "5.1.1"
        if _FULL.search(diagnostic):
            return "5.2.2"
    return general


def is_automatic(mail: Message) -> bool:
    """Whether a program wrote it (RFC 3834): an absence note, a list, a receipt."""
    submitted = header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    bulk = header(mail, "Precedence").lower() in ("bulk", "list", "junk", "auto_reply")
    null = header(mail, "Return-Path") == "<>"
    return submitted not in ("", "no") or bulk or null or "X-Autoreply" in mail


def header(mail: Message, name: str) -> str:
    """A header on one line, empty when it is not there."""
    return " ".join(str(mail.get(name, "")).split())


def words(part: Message) -> str:
    """The text of a part; bytes that its charset does not have are replaced."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        text = payload.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = payload.decode("utf-8", "replace")
    return text[:_LONGEST_TEXT].replace("\r\n", "\n")


def one_line(text: str) -> str:
    """`text` as it may stand in a table cell: no controls, at most 500 characters."""
    safe = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(safe.split())[:_LONGEST_LINE]


def is_from_a_server(mail: Message) -> bool:
    """Whether no person wrote it: a null return path, or a sender's name that only servers use."""
    return header(mail, "Return-Path") == "<>" or _DAEMON.search(header(mail, "From")) is not None


def message_id(mail: Message) -> str:
    """The Message-ID in the copy that a server put into its words; empty when there is none."""
    found = _MESSAGE_ID.search(words(_text_part(mail)))
    return found[1] if found else ""


def _text_part(mail: Message) -> Message:
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            return part
    return mail


def _sentence(text: str) -> str:
    """The line that says why, and the one after it where the sentence goes on."""
    found = _CODE.search(text) or _NOBODY.search(text) or _FULL.search(text)
    start = text.rfind("\n", 0, found.start() if found else 0) + 1
    return " ".join(text[start:].split("\n")[:2])
