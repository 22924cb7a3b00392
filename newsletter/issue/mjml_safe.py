"""MJML -> the same MJML, said so that MJML prints it as it was meant.

It panics at some ``>`` in text, prints attribute values with the escapes of Rust's ``{:?}``, knows no
``inline`` styles, gives a picture without alt text no alt at all, and turns neither the columns nor the text
of ``dir="rtl"`` round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from newsletter.issue.dress import INLINE

_QUOTED: Final = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
#: Tags that MJML takes as they are: whatever their values say, they have nothing that it would escape.
_CLEAN = re.compile(
    r"""(?!mjml\b|style\b|mj-(?:head|body|style|title|image|social-element|carousel-image)\b)[a-zA-Z][\w:-]*"""
    r"""(?:\s+[\w:-]+="[^"<>\\\n\r\t\x80-\U0010ffff]*")*\s*/?"""
)
_BEGINS = re.compile(r"(?P<comment><!--.*?(?:-->|\Z))|<(?=[a-zA-Z])", re.DOTALL)
_TAG = re.compile(
    rf"(?P<open><(?P<opaque>mj-style|style)(?![\w:.-]){_QUOTED}(?<!/)>)[^<]*(?:<(?!/(?P=opaque)\s*>)[^<]*)*</(?P=opaque)\s*>"
    r"|<mj-title\b[^>]*>(?P<title>[^<]*)"
    rf"|<(?P<name>[a-zA-Z][\w:-]*){_QUOTED}>"
)
#: MJML looks two bytes back from a ``>`` in text, and panics in the middle of a letter of more bytes.
PANICS: Final = re.compile(r"[^\x00-\x7f][^<>]?>")
_BARE = re.compile(
    rf"<!--.*?-->|<(?P<opaque>mj-style|style|script)(?![\w:.-]){_QUOTED}(?<!/)>.*?</(?P=opaque)\s*>"
    rf"|</?[a-zA-Z]{_QUOTED}>|(?<=[^\x00-\x7f])[^<>]?(?P<bare>>)",
    re.DOTALL,
)
_VALUE = re.compile(r"""=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.DOTALL)
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")
_MARKED = re.compile(r"""<mj-style\b[^>]*\binline\s*=\s*["']inline["']""")
_ESCAPES: Final = {'"': "&quot;", "<": "&lt;", ">": "&gt;", "\\": "&#92;"}
_SPECIAL = re.compile(r'["<>\\]')
_PICTURES: Final = frozenset({"mj-image", "mj-social-element", "mj-carousel-image"})
_ALT = re.compile(r"\salt\s*=")
_RTL = re.compile(r"""\sdir\s*=\s*["']rtl["']""")
#: What MJML would mirror if it knew the direction of the page; a template's own defaults still win.
_MIRRORED: Final = (
    '<mj-attributes><mj-wrapper direction="rtl" /><mj-section direction="rtl" /><mj-group direction="rtl" />'
    '<mj-column direction="rtl" /><mj-text align="right" /><mj-table align="right" />'
    '<mj-social-element align="right" text-padding="4px 0 4px 4px" /></mj-attributes>'
)

_Edit = tuple[int, int, str]  #: from, to, what to write instead


def attr_safe(mjml: str, unclean: Iterable[int] | None = None) -> str:
    """The same MJML as MJML needs it.

    Attribute values and the title are ASCII without quotes, backslashes, tabs and newlines; every picture
    has an alt; inline styles are marked; in a page from right to left, columns and text are, too.
    `unclean`: where the tags begin that :func:`is_clean` says no to, if somebody has looked already.
    """
    return "".join(text for _, text in _mended(mjml, unclean))


def original(mjml: str, offset: int) -> int:
    """The place in `mjml` of a place in its :func:`attr_safe`."""
    at = 0
    for begin, text in _mended(mjml):
        if offset < at + len(text):
            return begin + (offset - at)
        at += len(text)
    return len(mjml)


def inlined_at(mjml: str) -> int:
    """Where the first style sheet stands that is to be inlined."""
    found = _MARKED.search(mjml)
    return found.start() if found else 0


def is_clean(head: str) -> bool:
    """Whether MJML prints a tag as it is, given without its ``<`` and ``>``."""
    return _CLEAN.fullmatch(head) is not None


def _mended(mjml: str, unclean: Iterable[int] | None = None) -> Iterator[tuple[int, str]]:
    """Pieces of :func:`attr_safe`, each with the offset at which it begins in the original."""
    at = 0
    edits: Iterable[_Edit] = _edits(mjml, _tags(mjml) if unclean is None else unclean)
    if not mjml.isascii() and PANICS.search(mjml):
        edits = sorted((*edits, *_in_text(mjml)), key=lambda edit: edit[:2])
    for begin, end, instead in edits:
        if begin < at:
            continue  # a title is written anew as a whole
        yield at, mjml[at:begin]
        yield begin, instead
        at = end
    yield at, mjml[at:]


def _tags(mjml: str) -> Iterator[int]:
    """Where tags begin."""
    return (found.start() for found in _BEGINS.finditer(mjml) if not found["comment"])


def _in_text(mjml: str) -> Iterator[_Edit]:
    """The bare ``>`` that MJML would panic at."""
    for found in _BARE.finditer(mjml):
        if found["bare"]:
            yield found.start("bare"), found.end("bare"), "&gt;"


def _edits(mjml: str, places: Iterable[int]) -> Iterator[_Edit]:
    """What is to be mended in tags and titles, in order."""
    mirrored, at = False, 0
    for place in places:
        tag = _TAG.match(mjml, place) if place >= at else None
        if tag is None:
            continue
        at = tag.end()
        name = tag["name"]
        if tag["title"]:  # it becomes an attribute, too: the label of the mail
            yield tag.start("title"), tag.end("title"), _ascii(tag["title"])
        if tag["open"]:
            yield from _values(mjml, place, tag.end("open"))
        if tag["opaque"] and _MARKED.match(tag["open"]):
            yield tag.end("open"), tag.end("open"), INLINE
        if name is None:
            continue
        if mirrored and name == "mj-body":
            yield place, place, f"<mj-head>{_MIRRORED}</mj-head>"
        if name in _PICTURES and not _ALT.search(tag[0]):
            yield tag.end("name"), tag.end("name"), ' alt=""'
        yield from _values(mjml, place, at)
        if mirrored and name == "mj-head":
            empty = tag[0].endswith("/>")
            yield at - 2 * empty, at, f">{_MIRRORED}</mj-head>" if empty else _MIRRORED
        mirrored = name == "mjml" and _RTL.search(tag[0]) is not None


def _values(mjml: str, begin: int, end: int) -> Iterator[_Edit]:
    """The edits of a tag's attributes."""
    for value in _VALUE.finditer(mjml, begin, end):
        yield value.start(), value.end(), f'="{_ascii(value["double"] or value["single"] or "")}"'


def _ascii(value: str) -> str:
    if value.isascii() and value.isprintable() and not _SPECIAL.search(value):
        return value
    flat = _BREAKS.sub(" ", value).strip() if _BREAKS.search(value) else value
    plain = _SPECIAL.sub(lambda found: _ESCAPES[found[0]], flat)
    return plain.encode("ascii", "xmlcharrefreplace").decode()
