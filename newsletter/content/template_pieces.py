"""A piece of template code -> the picture, address or embed that it stands for."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from newsletter.content.template_arguments import arguments
from newsletter.content.template_code import MARK, OPEN, Masked, tag_name

_PICTURE = re.compile(r"(?:^|[-_/.])(?:img|image|figure|fig|picture|photo)(?:$|[-_/.])")
#: Tags that run another file: what they show is named by that file.
_INCLUDE = re.compile(r"\{%-?\s*(?:include(?:_\w+)?|render)\s+[\"']?([\w./-]+)")
_TARGETS = ("src", "path", "url", "image", "file", "image_path", "image_url", "uid")
_EMBED = re.compile(
    r"youtube|vimeo|tweet|twitter|^x$|instagram|gist|iframe|video|embed|audio|fb-|codepen|map$|chart"
)
_MORE = re.compile(
    r"(?:<!--+|\{/\*)\s*(?:more|truncate|excerpt|end[- _]?excerpt|excerpt[- _]end|read[- _]?more)"
    r"\s*(?:--+>|\*/\})",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
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
    included = _INCLUDE.match(piece)
    name = included[1].lower() if included else tag_name(piece)
    if name.startswith("/") or not _PICTURE.search(name):
        return None
    said = list(arguments(piece))
    named = {key: value for key, value in said if key}
    texts = [value for key, value in said if not key and value][1 if included else 0 :]
    alt = named.get("alt", named.get("caption"))
    target = next((named[key] for key in _TARGETS if named.get(key)), "")
    if not target:
        target = next((text for text in texts if _FILE.search(text)), texts[0] if texts else "")
        spoken = [text for text in texts if text != target and " " in text]
        alt = spoken[-1] if spoken and alt is None else alt
    return Shown(_rooted(target, piece), html.unescape(alt) if alt is not None else None) if target else None


def _rooted(target: str, piece: str) -> str:
    """A tag runs in the site's root, and not beside the article: a path into a folder begins there."""
    tag = piece.startswith("{%") and "/" in target and not target.startswith(("/", "."))
    return f"/{target}" if tag and not _SCHEME.match(target) and "{" not in target else target


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
