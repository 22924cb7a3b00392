"""MJML -> HTML with its styles inlined: the one home of MJML (its Rust implementation) and of the inliner.

Their faults are mended here and nowhere else, before and after MJML and before the inliner:

* MJML prints attribute values with the escapes of Rust's ``{:?}``: :func:`attr_safe` leaves none to make.
* It links Google's fonts unless told otherwise; it knows no ``inline`` styles; it gives ``body`` no class,
  and a picture without alt text no alt at all. ``dir="rtl"`` turns neither its columns nor its text round.
* It writes attributes that HTML does not know, widths in fractions of pixels, and much that mail programs
  show partly: :mod:`newsletter.issue.trim`.
* premailer drops a lower-case doctype, loses ``@media`` rules, and takes as long as all else together: it is
  given what a template marked ``<mj-style inline="inline">`` and one element of each kind
  (:mod:`newsletter.issue.kinds`), and the whole page, behind :func:`protect`, only where that is not enough.

What cannot be mended, :mod:`newsletter.issue.lint` refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from newsletter.errors import RenderError
from newsletter.issue.dress import INLINE, dressed
from newsletter.issue.inliner import IGNORE, Inliner, premailer
from newsletter.issue.lint import lint

#: (offset in the MJML that was given, what is wrong) -> the error to raise
Blame = Callable[[int, str], RenderError]

_QUOTED: Final = r"""[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*"""
#: Tags that MJML takes as they are: whatever their values say, they have nothing that it would escape.
_CLEAN: Final = (
    r"""<(?!mjml\b|style\b|mj-(?:head|body|style|title|image|social-element|carousel-image)\b)[a-zA-Z][\w:-]*"""
    r"""(?:\s+[\w:-]+="[^"\\\n\r\t\x80-\U0010ffff]*")*\s*/?>"""
)
_TAG = re.compile(
    rf"(?P<clean>{_CLEAN})|"
    r"(?P<open><(?P<opaque>mj-style|style)\b[^>]*>).*?</(?P=opaque)\s*>"
    r"|<mj-title\b[^>]*>(?P<title>[^<]*)"
    rf"|<(?P<name>[a-zA-Z][\w:-]*){_QUOTED}>",
    re.DOTALL,
)
_ONE_CLEAN = re.compile(_CLEAN)
_VALUE = re.compile(r"""=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.DOTALL)
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")
_MARKED = re.compile(r"""<mj-style\b[^>]*\binline\s*=\s*["']inline["']""")
_GAP = re.compile(r">[ \t](?=\s*</?mj)")
_SPAN = re.compile(r"(.*?)\s*(?:in root template )?at position (\d+):(\d+)", re.DOTALL)
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_STYLE = re.compile(r"<style\b([^>]*)>(?!\s*/\*inline\*/)")
_DOCTYPE = re.compile(r"\A\s*<!doctype html>", re.IGNORECASE)
_PICTURES: Final = frozenset({"mj-image", "mj-social-element", "mj-carousel-image"})
_ALT = re.compile(r"\salt\s*=")
_RTL = re.compile(r"""\sdir\s*=\s*["']rtl["']""")
#: What MJML would mirror if it knew the direction of the page; a template's own defaults still win.
_MIRRORED: Final = (
    '<mj-attributes><mj-wrapper direction="rtl" /><mj-section direction="rtl" /><mj-group direction="rtl" />'
    '<mj-column direction="rtl" /><mj-text align="right" /><mj-table align="right" />'
    '<mj-social-element align="right" text-padding="4px 0 4px 4px" /></mj-attributes>'
)


def to_html(mjml: str, blame: Blame, inliner: Inliner = premailer) -> str:
    """The finished page, slots and comments still in it. Mistakes are raised as `blame` words them."""
    for fault in lint(mjml):
        raise blame(fault.offset, fault.reason)
    return dressed(bodied(compiled(mjml, blame)), inliner, protect)


# ── before MJML ─────────────────────────────────────────────────────────────


def attr_safe(mjml: str) -> str:
    """The same MJML as MJML needs it.

    Attribute values and the title are ASCII without quotes, backslashes, tabs and newlines; every picture
    has an alt; inline styles are marked; in a page from right to left, columns and text are, too.
    """
    return "".join(text for _, text in _mended(mjml))


def _mended(mjml: str) -> Iterator[tuple[int, str]]:
    """Pieces of :func:`attr_safe`, each with the offset at which it begins in the original."""
    at = 0
    for begin, end, instead in _edits(mjml):
        yield at, mjml[at:begin]
        yield begin, instead
        at = end
    yield at, mjml[at:]


def _edits(mjml: str) -> Iterator[tuple[int, int, str]]:
    """(from, to, what to write instead), in order."""
    mirrored = False
    first, *pieces = mjml.split("<")
    following, at = len(first), 0
    for piece in pieces:
        begin, following = following, following + 1 + len(piece)
        if begin < at or piece[:1] == "/":
            continue
        head, ended, _ = piece.partition(">")
        if ended and _is_clean(head):
            mirrored = False
            continue
        if piece[:3] == "!--":
            at = mjml.find("-->", begin + 4) + 3  # 2 where it never ends
            continue
        tag = _TAG.match(mjml, begin)
        if tag is None:
            continue
        at = tag.end()
        if tag.lastgroup == "clean":
            mirrored = False
            continue
        name = tag["name"]
        if tag["title"]:  # it becomes an attribute, too: the label of the mail
            yield tag.start("title"), tag.end("title"), _ascii(tag["title"])
        if tag["opaque"] and _MARKED.match(tag["open"]):
            yield tag.end("open"), tag.end("open"), INLINE
        if name is None:
            continue
        if mirrored and name == "mj-body":
            yield tag.start(), tag.start(), f"<mj-head>{_MIRRORED}</mj-head>"
        if name in _PICTURES and not _ALT.search(tag[0]):
            yield tag.end("name"), tag.end("name"), ' alt=""'
        for value in _VALUE.finditer(mjml, tag.start(), tag.end()):
            yield value.start(), value.end(), f'="{_ascii(value["double"] or value["single"] or "")}"'
        if name == "mj-title" and (end := mjml.find("<", tag.end())) > 0:
            yield tag.end(), end, _ascii(mjml[tag.end() : end])  # MJML makes an aria-label of it, too
        if mirrored and name == "mj-head":
            empty = tag[0].endswith("/>")
            yield tag.end() - 2 * empty, tag.end(), f">{_MIRRORED}</mj-head>" if empty else _MIRRORED
        mirrored = name == "mjml" and _RTL.search(tag[0]) is not None


@lru_cache(maxsize=4096)
def _is_clean(head: str) -> bool:
    """Whether it is a clean tag, without its ``<`` and ``>``: most are written often, in every mail."""
    return _ONE_CLEAN.fullmatch(f"<{head}>") is not None


def _ascii(value: str) -> str:
    flat = _BREAKS.sub(" ", value).strip() if _BREAKS.search(value) else value
    plain = flat.replace('"', "&quot;").replace("\\", "&#92;")
    return plain.encode("ascii", "xmlcharrefreplace").decode()


# ── MJML ────────────────────────────────────────────────────────────────────


def compiled(mjml: str, blame: Blame) -> str:
    """MJML's HTML. What it refuses is raised as `blame` words it, for the place that MJML names."""
    from mjml import mjml2html

    # In its head MJML takes white space between tags only where a newline begins it.
    head = mjml.find("<mj-body")
    safe = attr_safe(_GAP.sub(">\n", mjml[:head]) + mjml[head:] if head > 0 else _GAP.sub(">\n", mjml))
    try:
        return mjml2html(safe, disable_comments=False, fonts={}, include_loader=None)
    except ValueError as error:
        raise blame(*_refusal(str(error), mjml, safe)) from None


def _refusal(message: str, mjml: str, safe: str) -> tuple[int, str]:
    """The place in `mjml`, and the reason; MJML counts bytes of what it was given, or names no place."""
    span = _SPAN.fullmatch(message)
    if span is None:
        return 0, f"MJML: {message}"
    raw, begin, end = safe.encode(), int(span[2]), int(span[3])
    found = raw[begin:end].decode("utf-8", "replace")
    offset = len(raw[:begin].decode("utf-8", "replace"))
    return _original(mjml, offset), f"MJML: {span[1]}: {found[:60]!r}"


def _original(mjml: str, offset: int) -> int:
    """The place in `mjml` of a place in its :func:`attr_safe`."""
    at = 0
    for begin, text in _mended(mjml):
        if offset < at + len(text):
            return begin + (offset - at)
        at += len(text)
    return len(mjml)


# ── after MJML ──────────────────────────────────────────────────────────────


def bodied(html: str) -> str:
    """MJML's HTML with a doctype that the parser keeps, and a body that has a class and no margin."""
    page = _DOCTYPE.sub("<!DOCTYPE html>", html, count=1)
    return page.replace('<body style="', '<body class="body" style="margin:0;padding:0;', 1)


def protect(html: str) -> str:
    """The same for an inliner that is given the whole page: style blocks it leaves alone are marked."""
    return _outside_comments(html, lambda part: _STYLE.sub(rf"<style {IGNORE}\1>", part))


def _outside_comments(html: str, change: Callable[[str], str]) -> str:
    """The page with its parts changed but for comments: conditional ones hold style blocks for Word."""
    parts = _COMMENT.split(html)
    parts[::2] = [change(part) for part in parts[::2]]
    return "".join(parts)
