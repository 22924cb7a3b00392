"""Fields and body -> the one picture of an article, with its alternative text or a reported gap."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from newsletter.content.address import absolute, beside
from newsletter.content.fields import ALT, CAPTION, IMAGE, Fields, fold
from newsletter.content.plain import strip_markup
from newsletter.content.reader import Value
from newsletter.model import Block, BlockKind, Image

_SOURCES = ("src", "url", "path", "image", "file", "filename", "source", "relative", "large", "teaser", "uid")
_NO_PICTURE = re.compile(
    r"\.svgz?(?:[?#]|$)|^data:|shields\.io|/badges?/|badge\.(?:svg|png)|travis-ci|/pixel|gravatar\.com|/emoji/",
    re.IGNORECASE,
)
_FROM_ROOT = re.compile(r"/|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_FOLDERS = (
    "",
    "static",
    "public",
    "assets",
    "images",
    "img",
    "content",
    "src",
    "docs",
)  # where "/x.png" may lie


@dataclass(frozen=True, slots=True)
class Files:
    """What is known about the pictures of the folder; questions, so that this module opens nothing."""

    exists: Callable[[str], bool]  #: whether a relative path names a file inside the folder
    is_small: Callable[[str], bool]  #: whether a local picture is too small to be the article's


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: str
    alt: str
    line: int
    field: str = ""  # empty for a picture of the body


def choose(
    fields: Fields, said: Fields, blocks: Sequence[Block], path: str, url: str, base: str, files: Files
) -> tuple[Image | None, list[tuple[int, str]]]:
    """The author's picture, else the first of the body that a mail can show; and what is wrong with it."""
    body = tuple(_in_body(blocks))
    left: list[tuple[int, str]] = []
    unresolved: _Candidate | None = None
    for candidate in (*_named(fields, said, body), *body):
        if _is_id(candidate.source):
            left.append((candidate.line, f'"{candidate.source[:60]}" is an id of the site and no path'))
            continue
        if _NO_PICTURE.search(candidate.source):
            continue
        image = _resolve(candidate, path, url, base, files)
        if image is None:
            unresolved = unresolved or candidate
        elif unresolved and not image.local:
            continue  # what comes after the author's own picture is rarely the article's
        elif candidate.field or not image.local or not files.is_small(image.source):
            return image, list(_gaps(candidate, image, path))
    if unresolved:
        alone = "" if unresolved.alt else "; it has no alternative text either"
        text = f"the image {unresolved.source[-80:]} is not in the folder, and no base URL is set{alone}"
        return Image(unresolved.source, unresolved.alt or None, local=False), [(unresolved.line, text)]
    return None, left[:1]


def _gaps(candidate: _Candidate, image: Image, path: str) -> Iterator[tuple[int, str]]:
    """What is wrong with a picture that was found: its file, its alternative text."""
    bundle = posixpath.basename(path).lower().startswith("index.")
    if bundle and not image.local and not _FROM_ROOT.match(candidate.source):
        folder = posixpath.dirname(path) or "the folder"
        yield candidate.line, f"the image {candidate.source[-80:]} is not in {folder}; its address is a guess"
    if not image.alt:
        yield candidate.line, f"the image {image.source[-80:]} has no alternative text"


def _is_id(source: str) -> bool:
    return "/" not in source and not re.search(r"\.\w{2,5}(?:[?#]|$)", source)


def _in_body(blocks: Sequence[Block]) -> Iterator[_Candidate]:
    return (_Candidate(b.target, b.text, b.line) for b in blocks if b.kind is BlockKind.IMAGE and b.target)


def _named(fields: Fields, said: Fields, body: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """The pictures that fields name, each with the best alternative text that stands anywhere."""
    alt = fields.text(ALT)[0]
    caption = fields.text(CAPTION)[0]
    for name, value in fields.given(IMAGE):
        source, own, key = _source(value)
        if not source or fields.truth(name) is not None or "{{" in source:
            continue
        same = next((c.alt for c in body if c.alt and _base(c.source) == _base(source)), "")
        yield _Candidate(source, own or alt or same or caption, fields.line(f"{name}{key}"), name)
    shown = said.get("ogimage")
    if isinstance(shown, str) and shown:
        same = next((c.alt for c in body if c.alt and _base(c.source) == _base(shown)), "")
        yield _Candidate(shown, said.text(("ogimagealt",))[0] or same, 0, "og:image")


def _source(value: Value) -> tuple[str, str, str]:
    """(source, alt, its place in a table) of an image field: text, a table, or a list of either."""
    if isinstance(value, str):
        found = re.match(r"!\[([^\]]*)\]\((\S+?)\)$", value.strip())
        return (found[2], found[1], "") if found else (value.strip(), "", "")
    if isinstance(value, Mapping):
        folded = {fold(key): inner for key, inner in value.items()}
        named = ((s, key) for key in _SOURCES if isinstance(s := folded.get(key), str) and s.strip())
        source, at = next(named, ("", ""))
        alt = next(
            (a for key in ("alt", "alttext", "caption") if isinstance(a := folded.get(key), str) and a), ""
        )
        return source.strip(), strip_markup(alt), f".{at}"
    return _source(value[0]) if value and not isinstance(value[0], tuple) else ("", "", "")


def _base(source: str) -> str:
    return posixpath.basename(source.split("?")[0].split("#")[0]).lower()


def _resolve(candidate: _Candidate, path: str, url: str, base: str, files: Files) -> Image | None:
    source = candidate.source
    alt = candidate.alt or None
    if re.match(r"(?:https?:)?//", source, re.IGNORECASE):
        remote = absolute(source, "")
        return Image(remote, alt, local=False) if remote else None
    if ":" in source.split("/")[0]:
        return None
    local = _local(unquote(source.split("?")[0].split("#")[0]), path, files)
    if local:
        return Image(local, alt, local=True)
    if source.startswith("/") or not url.startswith("http"):
        remote = absolute("/" + source.lstrip("/"), base) if base else ""
    else:
        remote = beside(source, url, base)
    return Image(remote, alt, local=False) if remote.startswith("http") else None


def _local(source: str, path: str, files: Files) -> str:
    """Where in the folder a picture lies that a page at `path` names; empty when nowhere."""
    beside = posixpath.dirname(path)
    bare = source.lstrip("/")
    places = [] if source.startswith("/") else [posixpath.join(beside, source)]
    places += [posixpath.join(folder, bare) for folder in (*_FOLDERS, beside)]
    for place in dict.fromkeys(posixpath.normpath(p) for p in places):
        if not place.startswith("..") and files.exists(place):
            return place
    return ""
