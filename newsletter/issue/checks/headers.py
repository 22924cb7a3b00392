"""The header block: complete, once each, and from a domain that may say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parseaddr, parsedate_to_datetime
from typing import Final

from newsletter.issue.checks.mail import Fault, Mail
from newsletter.issue.checks.phrases import words

ONCE: Final = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id")
LONGEST: Final = 998  #: characters of a line: RFC 5322 2.1.1
_MESSAGE_ID = re.compile(r"<[^\s<>@]+@[^\s<>@]+>")
#: Endings below which everybody registers a name; enough of them to tell two owners apart.
_SHARED: Final = frozenset({"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne"})


def complete(mail: Mail) -> Iterator[Fault]:
    """Each header that a message needs stands there once, and can be read: RFC 5322."""
    found = fields(mail.head)
    for name in ONCE:
        values = found.get(name.lower(), ())
        if len(values) != 1:
            told = "is missing" if not values else f"stands there {len(values)} times"
            yield Fault(mail.setting("from"), f"the header {name} {told}", "please report this: we wrote it")
    yield from (
        Fault(mail.setting("from"), text, "please report this: we wrote it") for text in _unreadable(found)
    )


def long_lines(mail: Mail) -> Iterator[Fault]:
    """No header line is longer than 998 characters, which mail servers refuse."""
    if any(len(line) > LONGEST for line in mail.head.split(b"\r\n")):
        text = f"a header line has more than {LONGEST} characters"
        yield Fault(mail.setting("subject"), text, "shorten the subject, or the names in [newsletters]")


def aligned(mail: Mail) -> Iterator[Fault]:
    """The From address belongs to the domain that sends, and to no provider of free mail: DMARC, RFC 7489."""
    ours = _domain(next(iter(fields(mail.head).get("from", ())), ""))
    theirs = mail.mail_from.rpartition("@")[2].lower()
    if ours in words("free mail"):
        text = f"mail from {ours} that {ours} has not sent is refused or filed as spam (DMARC)"
        yield Fault(mail.setting("from"), text, "write from an address of your own domain")
    elif organisation(ours) != organisation(theirs):
        text = f"the mail is from {ours}, bounces go to {theirs}: without DKIM by {ours} it fails DMARC"
        yield Fault(mail.setting("from"), text, "let mail_from in [sender] end like the From address")


def no_reply(mail: Mail) -> Iterator[Fault]:
    """Readers can answer."""
    found = fields(mail.head)
    answer = next(iter(found.get("reply-to", ()) or found.get("from", ())), "")
    local = parseaddr(answer)[1].partition("@")[0].lower()
    if re.fullmatch(r"(?:no|do-?not|dont)[-_.]?reply.*", local):
        key = "reply_to" if found.get("reply-to") else "from"
        text = f"answers go to {local}@…, which says that nobody reads them"
        yield Fault(mail.setting(key), text, "let answers reach a person; inboxes count them in your favour")


def fields(head: bytes) -> Mapping[str, tuple[str, ...]]:
    """A header block, unfolded: lower-case name -> its values."""
    found: dict[str, tuple[str, ...]] = {}
    for line in re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n"):
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            found[name.lower()] = (*found.get(name.lower(), ()), value.strip())
    return found


def organisation(domain: str) -> str:
    """The part of a domain that somebody has registered: ``example.org`` of ``mail.example.org``."""
    labels = domain.lower().rstrip(".").split(".")
    deep = len(labels) > 2 and labels[-2] in _SHARED and len(labels[-1]) == 2
    return ".".join(labels[-3 if deep else -2 :])


def _unreadable(found: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for value in found.get("message-id", ())[:1]:
        if not _MESSAGE_ID.fullmatch(value):
            yield f"the Message-ID {value[:60]} is none"
    for value in found.get("date", ())[:1]:
        try:
            parsedate_to_datetime(value)
        except ValueError:
            yield f"the Date {value[:60]} is none"
    for value in found.get("from", ())[:1]:
        if "@" not in parseaddr(value)[1]:
            yield f"the From {value[:60]} has no address"


def _domain(mailbox: str) -> str:
    return parseaddr(mailbox)[1].rpartition("@")[2].lower()
