"""Bodies: text -> quoted-printable, bytes -> base64, parts -> multipart. CRLF only, lines of at most 76."""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64encode

_LINE_ENDS = re.compile(r"\r\n|\r|\n")
#: Lines that start with a dot would be stuffed on the wire; lines that start with "From " were once mangled.
_DELICATE = re.compile(rb"(?m)^(?:\.|From )[^\r\n]*")
_LONGEST_LINE = 76  #: RFC 2045 6.7, its soft line break included


def quoted_printable(text: str) -> bytes:
    """RFC 2045 quoted-printable of UTF-8 text: no line starts with a dot, none ends in a space."""
    canonical = _LINE_ENDS.sub("\n", text).encode("utf-8")
    encoded = binascii.b2a_qp(canonical, istext=True).replace(b"\n", b"\r\n")
    return _DELICATE.sub(_made_safe, encoded)


def breakable(text: str) -> bytes:
    """The same, and a soft break may follow: its ``=`` still fits on the last line."""
    encoded = quoted_printable(text)
    if len(encoded) - (encoded.rfind(b"\n") + 1) < _LONGEST_LINE:
        return encoded
    # Only the very last character may come to stand there, and then it stands for itself.
    return encoded[:-1] + b"=\r\n" + quoted_printable(encoded[-1:].decode("ascii"))


def _made_safe(found: re.Match[bytes]) -> bytes:
    first, rest = b"=%02X" % found[0][0], found[0][1:]
    if len(first) + len(rest) <= _LONGEST_LINE:
        return first + rest
    return first + b"=\r\n" + _DELICATE.sub(_made_safe, rest)


def base64_lines(data: bytes) -> bytes:
    """RFC 2045 base64 in lines of 76 characters."""
    encoded = b64encode(data)
    return b"\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))


def boundary(*seeds: str) -> str:
    """A boundary that is the same on every attempt. ``=_`` occurs in neither encoding above."""
    return "=_" + hashlib.sha256("\0".join(seeds).encode()).hexdigest()[:32]


def text_head(subtype: str) -> bytes:
    """The headers of a text part."""
    return (
        b"Content-Type: text/%s; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" % subtype.encode()
    )


def inline_part(mime: str, content_id: str, name: str, data: bytes) -> bytes:
    """An embedded picture (RFC 2387) that HTML names by ``cid:``."""
    return (
        f"Content-Type: {mime}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{content_id}>\r\n"
        f'Content-Disposition: inline; filename="{name}"\r\n\r\n'
    ).encode("ascii") + base64_lines(data)


def multipart_head(subtype: str, mark: str, parameters: str = "") -> bytes:
    """The headers of a multipart whose parts `mark` divides."""
    return f'Content-Type: multipart/{subtype}{parameters};\r\n boundary="{mark}"\r\n\r\n'.encode("ascii")
