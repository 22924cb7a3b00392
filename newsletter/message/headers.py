"""Header fields, written by ourselves: a wrong fold hides the unsubscribe button, a wrong decode adds one.

The standard library turns a long URI into an encoded word (cpython #85725; mail
programs then show no unsubscribe button), and until 3.13 decodes an encoded
word that somebody put into a name, line break and all. So the fields are
encoded here (RFC 2047, 5322), and the finished block is read back.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import datetime
from email.utils import format_datetime

LINE = 76  #: characters a header line: RFC 5322 asks for at most 78, RFC 2047 for 76 with encoded words
#: of text in one encoded word: 60 characters leave room for the field's name, less ``=?utf-8?b?`` and ``?=``
ENCODED_BYTES = (60 - 12) // 4 * 3

#: A longer word cannot be folded as it is; encoded words can be cut anywhere.
LONGEST_WORD = 50

#: A longer name would not fit on a line beside its field's.
LONGEST_NAME = 60

_NOT_IN_A_URI = re.compile(r"[\s<>]")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
#: A line end that is no fold, or a fold with nothing after it: some take either for the end of the field.
_BREAKS_OUT = re.compile(r"\r(?!\n[ \t]+[^\s])|(?<!\r)\n|\n(?![ \t])|[\x00\x0b\x0c\x85\u2028\u2029]")
_NAME = re.compile(rb"[!-9;-~]+")


class HeaderError(ValueError):
    """A header block is not what was meant. Always a bug, never sent."""


def clean(text: str) -> str:
    """Text from outside, safe in a header: no control characters, nothing that reads as an encoded word."""
    safe = text if text.isascii() and text.isprintable() else _UNSAFE.sub(" ", text)
    return safe.replace("=?", "= ?").strip()


def unstructured(text: str) -> str:
    """The value of Subject and the like: plain when ASCII, else encoded words, folded (RFC 2047)."""
    text = clean(text)
    if text.isascii() and max(map(len, text.split()), default=0) <= LONGEST_WORD:
        return _fold_words(text)
    return "\r\n ".join(_encoded_words(text))


def mailbox(name: str, address: str) -> str:
    """``name <address>`` (RFC 5322), the name quoted or encoded as it needs."""
    name = " ".join(clean(name).split())[:200]
    if not name:
        return address
    if not name.isascii() or len(name) > LONGEST_NAME:
        return "\r\n ".join([*_encoded_words(name), f"<{address}>"])
    if not _ATOM.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return f"{name} <{address}>" if len(name) + len(address) < LINE - 12 else f"{name}\r\n <{address}>"


def list_id(name: str, id: str) -> str:
    """The value of List-Id (RFC 2919): the brackets always stand, the name may be missing."""
    return mailbox(name, id) if name else f"<{id}>"


def uris(*values: str) -> str:
    """The value of a List-* field (RFC 2369): each URI whole, folded only after a comma."""
    for value in values:
        if not value.isascii() or _NOT_IN_A_URI.search(value):
            raise HeaderError(f"not a URI for a header: {value!r}")
    return ",\r\n ".join([f"<{value}>" for value in values])


def date(when: datetime) -> str:
    """RFC 5322 date-time, in UTC."""
    return format_datetime(when)


def block(fields: list[tuple[str, str]]) -> bytes:
    """Fields -> bytes with CRLF. What is read back must be exactly the names that went in."""
    data = b"".join(f"{name}: {value}\r\n".encode() for name, value in fields)
    if names(data) != [name.lower().encode() for name, _ in fields]:
        raise HeaderError(f"a header value broke out of its field: {[name for name, _ in fields]}")
    return data


def varying(*fields: tuple[str, str]) -> bytes:
    """Fields of one recipient -> bytes with CRLF. A value that would begin another field is a HeaderError."""
    for name, value in fields:
        if not value.isprintable() and _BREAKS_OUT.search(value):
            raise HeaderError(f"a header value broke out of its field: {name}")
    return "".join([f"{name}: {value}\r\n" for name, value in fields]).encode()


def names(data: bytes) -> list[bytes]:
    """The field names of a header block, lower case, as a mail program would find them."""
    found = []
    for line in re.split(rb"\r\n|\r|\n", data)[:-1]:
        if line[:1] in (b" ", b"\t") and line.strip():
            continue
        name, colon, _ = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise HeaderError(f"not a header line: {line[:80]!r}")
        found.append(name.lower())
    return found


def _encoded_words(text: str) -> list[str]:
    """Encoded words of whole characters, at most 75 long each."""
    words, start = [], 0
    encoded = [character.encode("utf-8") for character in text]
    size = 0
    for index, character in enumerate(encoded):
        if size + len(character) > ENCODED_BYTES:
            words.append(b"".join(encoded[start:index]))
            start, size = index, 0
        size += len(character)
    words.append(b"".join(encoded[start:]))
    return [f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words]


def _fold_words(text: str) -> str:
    """Fold at spaces only, so that unfolding gives the text back; a long word stays whole."""
    lines = [""]
    for word in re.split(r"(?<=\S)(?= )", text):
        if lines[-1].strip() and len(lines[-1]) + len(word) > LINE - 20:
            lines.append("")
        lines[-1] += word
    return "\r\n".join(lines)
