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
from collections.abc import Callable

from newsletter.errors import RenderError
from newsletter.issue.dress import dressed, spared
from newsletter.issue.inliner import IGNORE, Inliner, UnreadableRules, premailer
from newsletter.issue.kinds import after_head
from newsletter.issue.lint import read
from newsletter.issue.mjml_safe import attr_safe, inlined_at, original
from newsletter.issue.mjml_unplaced import panicked, unplaced

#: (offset in the MJML that was given, what is wrong) -> the error to raise
Blame = Callable[[int, str], RenderError]

_GAP = re.compile(r">[ \t](?=\s*</?mj)")
_SPAN = re.compile(r"(.*?)\s*(?:in root template )?at position (\d+):(\d+)", re.DOTALL)
_COMMENT = re.compile(r"(<!--.*?-->)", re.DOTALL)
_STYLE = re.compile(r"<style(?![\w:.-])([^>]*)>(?!\s*/\*inline\*/)")
_DOCTYPE = re.compile(r"\A\s*<!doctype html>", re.IGNORECASE)


def to_html(mjml: str, blame: Blame, inliner: Inliner = premailer) -> str:
    """The finished page, slots and comments still in it. Mistakes are raised as `blame` words them."""
    return spared(unspared(mjml, blame, inliner))


def unspared(mjml: str, blame: Blame, inliner: Inliner = premailer) -> str:
    """The same with all style rules, for whoever takes it apart: `spared` is for what is put together."""
    faults, unclean = read(mjml)
    for fault in faults:
        raise blame(fault.offset, fault.reason)
    page = bodied(compiled(mjml, blame, unclean))
    try:
        return dressed(page, inliner, protect)
    except UnreadableRules as error:
        raise blame(inlined_at(mjml), f"the rules to be inlined cannot be read ({error})") from None


# ── MJML ────────────────────────────────────────────────────────────────────


def compiled(mjml: str, blame: Blame, unclean: tuple[int, ...] | None = None) -> str:
    """MJML's HTML. What it refuses is raised as `blame` words it, for the place that MJML names.

    `unclean`: where the tags begin that are to be mended, if somebody has looked already.
    """
    from mjml import mjml2html

    # In its head MJML takes white space between tags only where a newline begins it.
    head = mjml.find("<mj-body")
    spaced = _GAP.sub(">\n", mjml[:head]) + mjml[head:] if head > 0 else _GAP.sub(">\n", mjml)
    safe = attr_safe(spaced, unclean)
    try:
        return mjml2html(safe, disable_comments=False, fonts={}, include_loader=None)
    except ValueError as error:
        raise blame(*_refusal(str(error), mjml, safe)) from None
    except BaseException as error:  # a panic of Rust is no Exception
        if type(error).__module__ != "pyo3_runtime":
            raise
        offset, reason = panicked(safe, error)
        raise blame(original(mjml, offset), reason) from None


def _refusal(message: str, mjml: str, safe: str) -> tuple[int, str]:
    """The place in `mjml`, and the reason; MJML counts bytes of what it was given, or names no place."""
    span = _SPAN.fullmatch(message)
    if span is None:
        return unplaced(mjml) or (0, f"MJML: {message}")
    raw, begin, end = safe.encode(), int(span[2]), int(span[3])
    found = raw[begin:end].decode("utf-8", "replace")
    offset = len(raw[:begin].decode("utf-8", "replace"))
    return original(mjml, offset), f"MJML: {span[1]}: {found[:60]!r}"


# ── after MJML ──────────────────────────────────────────────────────────────


def bodied(html: str) -> str:
    """MJML's HTML with a doctype that the parser keeps, and a body that has a class and no margin."""
    page = _DOCTYPE.sub("<!DOCTYPE html>", html, count=1)
    at = after_head(page)
    return page[:at] + page[at:].replace('<body style="', '<body class="body" style="margin:0;padding:0;', 1)


def protect(html: str) -> str:
    """The same for an inliner that is given the whole page: style blocks it leaves alone are marked."""
    return _outside_comments(html, lambda part: _STYLE.sub(rf"<style {IGNORE}\1>", part))


def _outside_comments(html: str, change: Callable[[str], str]) -> str:
    """The page with its parts changed but for comments: conditional ones hold style blocks for Word."""
    parts = _COMMENT.split(html)
    parts[::2] = [change(part) for part in parts[::2]]
    return "".join(parts)
