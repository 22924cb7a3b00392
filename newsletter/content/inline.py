"""Inline Markdown tokens -> plain text, sanitised HTML, and the pictures among them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from newsletter.content import template_pieces as pieces
from newsletter.content.elements import INLINE
from newsletter.content.plain import squeeze, tags_off, without_emoji_names
from newsletter.content.template_code import OPEN, Masked
from newsletter.content.template_pieces import Shown

if TYPE_CHECKING:
    from markdown_it.token import Token

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_SCHEMES = frozenset({"http:", "https:", "mailto:", "tel:"})
_TAGS = INLINE | {"br"}
_PAIRS = {"strong": "strong", "em": "em", "s": "s"}
# What a reference or footnote leaves behind when its definition is missing.
_REFERENCE = re.compile(r"\[([^\[\]]{1,300})\]\[[^\[\]]{0,100}\]")
# A link that is broken, or stands inside raw HTML.
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\((?:[^()]|\([^()]{0,100}\)){0,500}\)")
_TARGET = re.compile(r"\]\(([a-zA-Z][a-zA-Z0-9+.-]*:[^\s()]{1,500}(?:\([^()]{0,100}\))?)")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]")
_IMG = re.compile(r"<img\b[^<>]{0,2000}>", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


@dataclass(slots=True)
class Run:
    """The inline content of one block."""

    text: str = ""
    html: str = ""
    pictures: list[Shown] = field(default_factory=list)
    pictures_first: bool = False
    embed: str = ""  #: the piece or tag of an embed
    more: bool = False  #: the mark that ends the opening stands in it


def safe_link(target: str) -> str:
    """`target` when a mail may link to it (web, mail, telephone or relative); else empty."""
    target = target.strip()
    scheme = _SCHEME.match(target)
    if not target or target.startswith("#") or (scheme and scheme[0].lower() not in _SCHEMES):
        return ""
    return target if target.isprintable() else ""


def linked(target: str, masked: Masked) -> str:
    """The same, for a link that somebody wrote: one that a mail may not have is noted."""
    safe = safe_link(target)
    if not safe and target.strip() and not target.strip().startswith("#"):
        masked.unlinked.append(target.strip())
    return safe


def escaped(text: str) -> str:
    """`text` as HTML; most has nothing to escape."""
    return html.escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


def sanitise(markup: str) -> str:
    """Inline HTML with nothing in it that could act, load or lay out."""
    import nh3

    return nh3.clean(
        markup,
        tags=set(_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
        clean_content_tags={"script", "style"},
    )


def in_rows(rows: Sequence[Sequence[str]], *, headed: bool) -> tuple[str, str]:
    """The cells of a table as text on one line, and as HTML on a line for each row, its head bold."""
    text = " | ".join(cell for row in rows for cell in row if cell)
    lines = [" | ".join(map(escaped, row)) for row in rows if any(row)]
    if headed and lines:
        lines[0] = f"<strong>{lines[0]}</strong>"
    return text, "<br>".join(lines)


def plain_run(content: str) -> Run:
    """Read an inline text without any markup in it."""
    if "\n" in content:
        content = " ".join(line.lstrip(" \t") for line in content.split("\n"))
    said = without_emoji_names(content)
    text = squeeze(said)
    return Run(text, escaped(said).strip() if text else "")


def read_run(tokens: Sequence[Token], masked: Masked) -> Run:
    """Read the children of one inline token."""
    run = Run()
    text: list[str] = []
    markup: list[str] = []
    raw = False
    links: list[bool] = []
    for token in tokens:
        kind = token.type
        if kind == "text":
            said = token.content
            if "[" in said or ":" in said or OPEN in said:
                said = _text(said, run, masked)
            text.append(said)
            markup.append(escaped(said))
        elif kind in ("softbreak", "hardbreak"):
            text.append(" " if any(text[-1:]) else "")
            markup.append("<br>" if kind == "hardbreak" else " ")
        elif kind == "code_inline":
            said = masked.restore(token.content)
            text.append(said)
            markup.append(f"<code>{escaped(said)}</code>")
        elif kind == "link_open":
            target = linked(pieces.address(str(token.attrs.get("href", "")), masked), masked)
            links.append(bool(target))
            markup.append(f'<a href="{html.escape(target)}">' if target else "")
        elif kind == "link_close":
            markup.append("</a>" if links and links.pop() else "")
        elif kind == "image":
            run.pictures_first |= not any(text)
            target = pieces.address(str(token.attrs.get("src", "")), masked)
            run.pictures.append(Shown(target, squeeze(masked.without(token.content)) or None))
        elif kind == "footnote_ref":
            markup.append(f"<sup>[{token.meta['id'] + 1}]</sup>")
        elif kind == "html_inline":
            raw |= _raw(token.content, run, text, markup, masked)
        elif token.tag in _PAIRS:
            markup.append(f"</{token.tag}>" if token.nesting < 0 else f"<{token.tag}>")
    run.html = "".join(markup).strip()
    run.text = "".join(text)
    if raw:
        run.html = sanitise(run.html)
        run.text = tags_off(run.html)
    run.text = squeeze(run.text)
    if not run.text:
        run.html = ""
    return run


def _raw(content: str, run: Run, text: list[str], markup: list[str], masked: Masked) -> bool:
    """One piece of raw HTML; whether the run must be sanitised as a whole."""
    if content.startswith("<!--"):
        run.more |= pieces.is_more(content)
        return False
    name = re.match(r"</?([a-zA-Z]+)", content)
    if name and name[1].lower() == "img":
        run.pictures_first |= not any(text)
        run.pictures += pictures_in(content, masked)
        return False
    if name and name[1].lower() in ("iframe", "video", "audio", "object", "embed"):
        run.embed = run.embed or content
        return False
    for quoted in _HREF.findall(content):
        linked(html.unescape(quoted[1:-1]), masked)  # what is wrong with it `sanitise` takes away
    markup.append(masked.without(content))
    return True


def pictures_in(markup: str, masked: Masked) -> list[Shown]:
    """The ``<img>`` tags of a short piece of HTML."""
    found = []
    for tag in _IMG.findall(markup):
        values = {key.lower(): html.unescape(a or b or c) for key, a, b, c in _ATTRIBUTE.findall(tag)}
        if values.get("src"):
            alt = squeeze(masked.without(values.get("alt", "")))
            found.append(Shown(pieces.address(values["src"], masked), alt or None))
    return found


def _text(content: str, run: Run, masked: Masked) -> str:
    """A text token without what only a site generator can read."""
    if OPEN in content:
        for piece in masked.found_in(content):
            shown = pieces.picture(piece)
            if shown:
                run.pictures_first |= content.lstrip().startswith(OPEN)
                run.pictures.append(shown)
            elif pieces.is_more(piece):
                run.more = True
            elif pieces.is_embed(piece):
                run.embed = run.embed or piece
        content = masked.drop(content)
    if "[" in content:
        for target in _TARGET.findall(content):
            linked(target, masked)  # the parser takes none to javascript: and its like
        content = _FOOTNOTE.sub("", _REFERENCE.sub(r"\1", _LINK.sub(r"\1", content)))
    return without_emoji_names(content)
