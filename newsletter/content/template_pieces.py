"""A piece of template code -> the picture, address or embed that it stands for."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from newsletter.content.template_code import MARK, OPEN, Masked, tag_name

_PICTURE = re.compile(r"(?:^|[-_/.])(?:img|image|figure|fig|picture|photo)(?:$|[-_/.])")
_EMBED = re.compile(
    r"youtube|vimeo|tweet|twitter|^x$|instagram|gist|iframe|video|embed|audio|fb-|codepen|map$|chart"
)
_MORE = re.compile(
    r"(?:<!--+|\{/\*)\s*(?:more|truncate|excerpt|end[- _]?excerpt|excerpt[- _]end|read[- _]?more)"
    r"\s*(?:--+>|\*/\})",
    re.IGNORECASE,
)
_NAMED = re.compile(r"([\w-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\s\"'>%}]+))")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'")
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|svg)(?:[?#]|$)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\{\{-?\s*[\"']([^\"'\s]*)[\"']\s*\|\s*(?:url|relative_url|absolute_url|prepend|relURL|absURL|asset_url)"
)
_SITE = re.compile(
    r"\{\{-?\s*(?:site|page|config|base)[\w.]*(?:url|path)\s*(?:\|[^}]*)?-?\}\}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in a body: `target` as the author wrote it; `alt` None when not said."""

    target: str
    alt: str | None


def picture(piece: str) -> Shown | None:
    """The picture that an image shortcode or tag shows; its target may be an id that only the site knows."""
    name = tag_name(piece)
    if name.startswith("/") or not _PICTURE.search(name):
        return None
    named = {key.lower(): a or b or c for key, a, b, c in _NAMED.findall(piece)}
    if "src" in named or "uid" in named or "path" in named:
        target = named.get("src") or named.get("path") or named["uid"]
        alt = named.get("alt", named.get("caption"))
        return Shown(target, html.unescape(alt) if alt is not None else None)
    texts = [a or b for a, b in _QUOTED.findall(piece)]
    target = next((text for text in texts if _FILE.search(text)), texts[0] if texts else "")
    spoken = [text for text in texts if text != target and " " in text]
    return Shown(target, html.unescape(spoken[-1]) if spoken else None) if target else None


def is_embed(piece: str) -> bool:
    """Whether the piece stands for a video or alike, which no mail can show."""
    name = tag_name(piece)
    return bool(name) and not name.startswith("/") and bool(_EMBED.search(name))


def is_more(piece: str) -> bool:
    """Whether the piece (or HTML comment) ends the opening of the article."""
    return bool(_MORE.match(piece.strip()))


def address(target: str, masked: Masked) -> str:
    """A link's target with its template code worked out; empty when only the site can do that."""
    if OPEN not in target:
        return target
    resolved = MARK.sub(lambda found: _literal(masked.pieces[int(found[1])]), target)
    return "" if "\0" in resolved else resolved


def _literal(piece: str) -> str:
    found = _ADDRESS.match(piece)
    if found:
        return found[1]
    return "" if _SITE.match(piece) or piece.startswith(("{:", " {#")) else "\0"
