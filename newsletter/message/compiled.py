"""One variant of an issue -> a writer of messages: everything that is the same for all is encoded once.

HTML and text become pieces of quoted-printable with a gap for each slot. A gap stands between two soft
line breaks, so no value can move the breaks of what is around it: writing a message is filling the gaps and
joining. What comes out decodes to the same text as filling the slots first and encoding then.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

from newsletter.issue.slots import segments
from newsletter.message import mime

SOFT: Final = b"=\r\n"
#: A value that is its own encoding on a line of its own; one that begins with a dot or "From " is not.
_PLAIN = re.compile(r"(?!\.|From )[!-<>-~](?:[ -<>-~]{0,70}[!-<>-~])?")
_PLAINEST: Final = 72  #: characters; asked first, for the pattern is slow to refuse what is longer
#: A longer one, such as an address with a token, that may be broken anywhere but before a dot.
_SOLID = re.compile(r"[!-<>-~]+")
_LARGE: Final = 16_384  #: bytes that are not copied to be joined with what stands beside them
LINE: Final = 75  #: characters before a soft break (RFC 2045 6.7)

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Gap:
    """Where a recipient's value goes, and how it is escaped for that place."""

    name: str
    escape: Escape


Piece = bytes | Gap


def as_is(value: str) -> str:
    """The escape of plain text: none."""
    return value


def encoded(value: str) -> bytes:
    """A value as quoted-printable that may stand between two soft breaks."""
    if len(value) <= _PLAINEST and _PLAIN.fullmatch(value):
        return value.encode("ascii")
    if _SOLID.fullmatch(value):
        lines = [value[start : start + LINE] for start in range(0, len(value), LINE)]
        if not any(line[0] == "." for line in lines):
            return "=\r\n".join(lines).encode("ascii")
    return mime.breakable(value)


def body_pieces(template: str, values: Mapping[str, str], escape: Escape) -> tuple[Piece, ...]:
    """A text with slots as quoted-printable pieces. Slots that `values` know are filled for good."""
    pieces: list[Piece] = []
    literal = ""
    for place, part in enumerate(segments(template)):
        if place % 2 == 0:
            literal += part
        elif part in values:
            literal += escape(values[part])
        else:
            pieces += [mime.breakable(literal) + SOFT, Gap(part, escape), SOFT]
            literal = ""
    return merged([*pieces, mime.quoted_printable(literal)])


def message_body(
    page: str, text: str, values: Mapping[str, str], pictures: tuple[bytes, ...]
) -> tuple[Piece, ...]:
    """The whole MIME body: text and HTML, and the pictures that the HTML names, as pieces.

    The boundaries come from what stands between them, so they are the same for every recipient.
    """
    seed = hashlib.sha256(b"\0".join((page.encode(), text.encode(), *pictures))).hexdigest()
    html_part = _part("html", body_pieces(page, values, html.escape))
    if pictures:
        mark = mime.boundary("related", seed)
        html_part = _multipart(
            "related", mark, (html_part, *((each,) for each in pictures)), '; type="text/html"'
        )
    text_part = _part("plain", body_pieces(text, values, as_is))
    return merged(_multipart("alternative", mime.boundary("alternative", seed), (text_part, html_part)))


def merged(pieces: list[Piece] | tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same, every run of bytes joined but for large ones: the variants of an issue share a picture."""
    made: list[Piece] = []
    for piece in pieces:
        if _small(piece) and made and _small(made[-1]):
            made[-1] += piece
        else:
            made.append(piece)
    return tuple(made)


def _small(piece: Piece) -> TypeGuard[bytes]:
    return isinstance(piece, bytes) and len(piece) < _LARGE


class Joiner:
    """Pieces -> bytes for one recipient's values."""

    __slots__ = ("_gaps", "_pieces")

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        # The head of each message goes before all.
        self._pieces = [b"", *(piece if isinstance(piece, bytes) else b"" for piece in pieces)]
        named: dict[tuple[str, Escape], list[int]] = {}
        for place, piece in enumerate(pieces, 1):
            if isinstance(piece, Gap):
                named.setdefault((piece.name, piece.escape), []).append(place)
        ordered = sorted(named.items(), key=lambda gap: gap[0][0])
        self._gaps = tuple((name, escape, tuple(places)) for (name, escape), places in ordered)

    @property
    def names(self) -> frozenset[str]:
        """The slots that wait for a value."""
        return frozenset(name for name, _, _ in self._gaps)

    def __call__(self, head: bytes, values: Mapping[str, str]) -> bytes:
        """`head`, then the pieces with every gap filled. A slot without a value is a KeyError."""
        pieces = self._pieces.copy()
        pieces[0] = head
        last, value = None, b""
        for name, escape, places in self._gaps:
            text = escape(values[name])
            if text != last:  # escaped for HTML and for plain text, most values are the same
                last, value = text, encoded(text)
            for place in places:
                pieces[place] = value
        return b"".join(pieces)


def _part(subtype: str, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return (mime.text_head(subtype), *pieces)


def _multipart(
    subtype: str, mark: str, parts: tuple[tuple[Piece, ...], ...], parameters: str = ""
) -> tuple[Piece, ...]:
    line = b"--" + mark.encode("ascii")
    inside = [piece for part in parts for piece in (line + b"\r\n", *part, b"\r\n")]
    return (mime.multipart_head(subtype, mark, parameters), *inside, line + b"--\r\n")
