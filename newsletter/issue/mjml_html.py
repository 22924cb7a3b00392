"""MJML -> HTML with its styles inlined: the one home of MJML (its Rust implementation) and of premailer.

Their faults are mended here and nowhere else:

* MJML prints attribute values with the escapes of Rust's ``{:?}``: :func:`attr_safe` leaves none to make.
* It links Google's fonts unless told otherwise; it knows no ``inline`` styles; it gives ``body`` no class.
* premailer drops a lower-case doctype, fetches style sheets, and loses ``@media`` rules: :func:`protect`
  hides every style block from it but those that a template marked ``<mj-style inline="inline">``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Final

from newsletter.errors import RenderError
from newsletter.issue.lint import lint

#: (offset in the MJML that was given, what is wrong) -> the error to raise
Blame = Callable[[int, str], RenderError]

_INLINE: Final = "/*inline*/"
_IGNORE: Final = 'data-premailer="ignore"'
_TAG = re.compile(
    r"<!--.*?-->|<(?P<opaque>mj-style|style)\b[^>]*>.*?</(?P=opaque)\s*>"
    r"""|<[a-zA-Z][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""",
    re.DOTALL,
)
_VALUE = re.compile(r"""=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.DOTALL)
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")
_MARKED = re.compile(r"""(<mj-style\b[^>]*\binline\s*=\s*["']inline["'][^>]*>)""")
_GAP = re.compile(r">[ \t](?=\s*</?mj)")
_SPAN = re.compile(r"(.*?)\s*(?:in root template )?at position (\d+):(\d+)", re.DOTALL)
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_STYLE = re.compile(r"<style\b([^>]*)>(?!\s*/\*inline\*/)")
_DOCTYPE = re.compile(r"\A\s*<!doctype html>", re.IGNORECASE)
_BARE = re.compile(r"<(?![a-zA-Z/!])")


def to_html(mjml: str, blame: Blame) -> str:
    """The finished page, slots and comments still in it. Mistakes are raised as `blame` words them."""
    for fault in lint(mjml):
        raise blame(fault.offset, fault.reason)
    return inlined(protect(compiled(mjml, blame)))


# ── MJML ────────────────────────────────────────────────────────────────────


def attr_safe(mjml: str) -> str:
    """The same MJML, attribute values being ASCII without quotes, backslashes, tabs and newlines."""
    return "".join(text for _, text in _attr_safe(mjml))


def _attr_safe(mjml: str) -> Iterator[tuple[int, str]]:
    """Pieces of :func:`attr_safe`, each with the offset at which it begins in the original."""
    at = 0
    for tag in _TAG.finditer(mjml):
        if tag["opaque"] or tag[0].startswith("<!--"):
            continue
        for value in _VALUE.finditer(mjml, tag.start(), tag.end()):
            yield at, mjml[at : value.start()]
            yield value.start(), f'="{_ascii(value["double"] or value["single"] or "")}"'
            at = value.end()
    yield at, mjml[at:]


def _ascii(value: str) -> str:
    flat = _BREAKS.sub(" ", value).strip() if _BREAKS.search(value) else value
    plain = flat.replace('"', "&quot;").replace("\\", "&#92;")
    return plain.encode("ascii", "xmlcharrefreplace").decode()


def compiled(mjml: str, blame: Blame) -> str:
    """MJML's HTML. What it refuses is raised as `blame` words it, for the place that MJML names."""
    from mjml import mjml2html

    # In its head MJML takes white space between tags only where a newline begins it.
    marked = _MARKED.sub(rf"\1{_INLINE}", _GAP.sub(">\n", mjml))
    safe = attr_safe(marked)
    try:
        return mjml2html(safe, disable_comments=False, fonts={}, include_loader=None)
    except ValueError as error:
        offset, reason = _refusal(str(error), marked, safe)
        raise blame(offset - len(_INLINE) * len(_MARKED.findall(mjml[:offset])), reason) from None


def _refusal(message: str, mjml: str, safe: str) -> tuple[int, str]:
    span = _SPAN.fullmatch(message)
    if span:
        begin, end = int(span[2]), int(span[3])
        raw = safe.encode()
        found = raw[begin:end].decode("utf-8", "replace")
        return _original(
            mjml, len(raw[:begin].decode("utf-8", "replace"))
        ), f"MJML: {span[1]}: {found[:60]!r}"
    bare = _BARE.search(_COMMENT.sub(lambda m: " " * len(m[0]), mjml))
    if bare:
        return bare.start(), "MJML: a bare < in the text; write &lt;"
    return 0, f"MJML: {message}"


def _original(mjml: str, offset: int) -> int:
    """The place in `mjml` of a place in its :func:`attr_safe`."""
    at = 0
    for begin, text in _attr_safe(mjml):
        if offset < at + len(text):
            return begin + (offset - at)
        at += len(text)
    return len(mjml)


# ── premailer ───────────────────────────────────────────────────────────────


def protect(html: str) -> str:
    """HTML for premailer: a doctype it keeps, style blocks it leaves alone, a body with a class.

    Comments are passed over: conditional ones hold style blocks for Word.
    """
    parts = _COMMENT.split(html)
    parts[::2] = [_STYLE.sub(rf"<style {_IGNORE}\1>", part) for part in parts[::2]]
    page = _DOCTYPE.sub("<!DOCTYPE html>", "".join(parts), count=1)
    return page.replace('<body style="', '<body class="body" style="margin:0;padding:0;', 1)


def inlined(html: str) -> str:
    """HTML with the rules of its unprotected style blocks in style attributes, and those blocks gone."""
    from premailer import Premailer  # slow to import: a third of a second

    for name in ("cssutils", "CSSUTILS"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    page: str = Premailer(
        html,
        keep_style_tags=False,
        include_star_selectors=False,
        remove_classes=False,
        strip_important=False,
        exclude_pseudoclasses=True,
        disable_basic_attributes=["width", "height", "bgcolor", "align", "valign"],
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
        allow_network=False,
        allow_loading_external_files=False,
        method="html",
    ).transform(pretty_print=False)
    return page.replace(f"<style {_IGNORE}", "<style")
