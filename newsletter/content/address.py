"""Fields, path and date -> the address of an article, and the addresses of what it links to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from newsletter.content.fields import LINK, Fields
from newsletter.content.plain import squeeze

DATED = re.compile(r"^(\d{4})[-_.](\d{1,2})[-_.](\d{1,2})(?:[-_. ]+|$)")
_PLACEHOLDER = re.compile(r":(\w+)")
#: Folders that hold a site's content and are no part of its addresses.
_ROOTS = frozenset(
    {"content", "contents", "src", "source", "_posts", "docs", "site", "pages", "markdown-pages"}
)
_TRACKING = re.compile(r"^(?:utm_\w+|fbclid|gclid|mc_cid|mc_eid|ref)$")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an article is read, and how firmly the file says so."""

    url: str  #: absolute where it could be made so; maybe empty
    said: bool  #: a field names it; else it is worked out from a pattern
    key: str  #: how it is compared; empty when it may not identify the article
    problem: tuple[int, str] | None = None


def find(
    fields: Fields,
    path: str,
    date: datetime | None,
    *,
    base: str,
    pattern: str,
    language: str,
    slash: bool = False,
) -> Address:
    """The address that a field names, else the one that the permalink pattern makes, else an alias.

    `date` gives the day as it stands in an address. With `slash` the generator writes what a
    `path` field names as a folder.
    """
    for name, value in fields.given(LINK):
        raw = squeeze(value) if isinstance(value, str) else ""
        if not raw or "{{" in raw or "{%" in raw or fields.truth(name) is not None:
            continue
        if ":" in raw and not _SCHEME.match(raw):
            raw = expand(raw, fields, path, date, language)
        if slash and name == "path" and not raw.endswith(("/", ".html", ".htm")):
            raw += "/"
        url = absolute(raw if _SCHEME.match(raw) or raw.startswith("/") else f"/{raw}", base)
        if not url:
            return Address(
                "", False, "", (fields.line(name), f'"{name}: {raw[:80]}" is no address of a web page')
            )
        return Address(url, True, comparable(url, base))
    if pattern:
        url = absolute(expand(pattern, fields, path, date, language), base)
        return Address(url, False, comparable(url, base) if fields.get("slug") else "")
    aliases = fields.get("aliases")
    first = aliases[0] if isinstance(aliases, tuple) and aliases else aliases
    url = absolute(f"/{first.lstrip('/')}", base) if isinstance(first, str) and first.strip() else ""
    return Address(url, bool(url), comparable(url, base))


def absolute(target: str, base: str) -> str:
    """`target` joined with `base`; empty when it is nothing that a browser may open."""
    scheme = _SCHEME.match(target)
    if target.startswith("//"):
        target = f"https:{target}"
    elif scheme and scheme[0].lower() not in ("http:", "https:"):
        return ""
    if not target.isprintable() or len(target) > 2083:
        return ""
    try:
        joined = (
            urljoin(base if base.endswith("/") else f"{base}/", target.lstrip("/"))
            if base and not scheme and not target.startswith("https:")
            else target
        )
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme and (not parts.hostname or "@" in parts.netloc):
        return ""
    return quote(joined, safe="/:?#[]@!$&'()*+,;=%~-._")


def comparable(url: str, base: str) -> str:
    """An address as it is compared: without scheme, ``www.``, index file, tracking and trailing slash.

    The site's own addresses lose their host: they stay the same when the site moves or its
    address becomes known.
    """
    if not url:
        return ""
    parts = urlsplit(url)
    host = (parts.netloc or "").lower().removeprefix("www.")
    own = urlsplit(base).netloc.lower().removeprefix("www.") if base else ""
    prefix = urlsplit(base).path.rstrip("/") if base and host == own else ""
    path = re.sub(r"/index\.html?$|\.html?$|/+$", "", parts.path.removeprefix(prefix))
    query = urlencode([pair for pair in parse_qsl(parts.query) if not _TRACKING.match(pair[0])])
    here = "" if host == own else host
    return f"{here}{path or '/'}{'?' + query if query else ''}"


def stem(path: str) -> str:
    """The name that a file gives its article, without date and ending; a bundle's is its folder's."""
    pure = PurePosixPath(path)
    name = pure.stem
    if name.lower() in ("index", "readme") and len(pure.parts) > 1:
        name = pure.parts[-2]
    return DATED.sub("", name) or name


def expand(pattern: str, fields: Fields, path: str, date: datetime | None, language: str) -> str:
    """A permalink pattern with its ``:names`` filled in; a part without a value falls away."""
    values = _values(fields, path, date, language)
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1].lower(), ""), pattern)
    return "/" + re.sub(r"/{2,}", "/", filled).lstrip("/")


def _values(fields: Fields, path: str, date: datetime | None, language: str) -> Mapping[str, str]:
    slug = fields.raw(("slug",))[0].strip("/") or stem(path)
    folders = [part for part in PurePosixPath(path).parts[:-1] if part not in (".", "..")]
    if PurePosixPath(path).stem.lower() == "index" and folders:
        folders = folders[:-1]
    while folders and folders[0] in _ROOTS:
        folders = folders[1:]
    folders = [part for part in folders if part != "_posts"]
    categories = fields.get("categories") or fields.get("category")
    if isinstance(categories, str):
        categories = tuple(categories.split())
    named = (
        [c.lower().replace(" ", "-") for c in categories if isinstance(c, str)]
        if isinstance(categories, tuple)
        else []
    )
    day = (f"{date:%Y}", f"{date:%m}", f"{date:%d}") if date else ("", "", "")
    return {
        "year": day[0],
        "month": day[1],
        "day": day[2],
        "i_month": day[1].lstrip("0"),
        "i_day": day[2].lstrip("0"),
        "title": slug,
        "slug": slug,
        **dict.fromkeys(("filename", "basename", "slugorfilename", "slugorcontentbasename"), slug),
        "section": folders[0] if folders else "",
        "sections": "/".join(folders),
        "path": "/".join((*folders, slug)),
        "file": _file(path, slug),
        "categories": "/".join(named),
        "lang": language,
    }


def _file(path: str, slug: str) -> str:
    """A page that is served as it lies; else a folder of its name."""
    name = PurePosixPath(path).name
    return (
        name
        if name.lower().endswith((".html", ".htm", ".xhtml")) and not name.lower().startswith("index.")
        else f"{slug}/"
    )


def beside(target: str, url: str, base: str) -> str:
    """A link in an article at `url`, made absolute; empty when nobody knows where it leads."""
    if target.startswith("/") and not target.startswith("//"):
        return absolute(target, base) if base else ""
    if target.startswith("//"):
        return absolute(target, "")
    if not url.startswith("http"):
        return ""
    try:
        return absolute(urljoin(url, target), "")
    except ValueError:
        return ""
