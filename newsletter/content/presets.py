"""Site generators -> their habits, and a guess at which one a folder was written for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from newsletter.errors import ContentError


@dataclass(frozen=True, slots=True)
class Preset:
    """What holds in the folders of one site generator unless its settings say otherwise."""

    name: str
    permalink: str  #: the pattern of an article's address
    bundles: bool = False  #: what stands beside an ``index.md`` belongs to that page
    section_index: bool = True  #: an ``index.md`` beside other pages is a section's front page
    word_tags: bool = False  #: tags in one string are parted by spaces
    path_slash: bool = False  #: the address that a `path` field names is a folder's


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("hugo", "/:sections/:slug/", bundles=True),
        Preset("jekyll", "/:categories/:year/:month/:day/:title.html", word_tags=True),
        Preset("eleventy", "/:sections/:slug/"),
        Preset("zola", "/:sections/:slug/", bundles=True, path_slash=True),
        Preset("pelican", "/:slug.html"),
        Preset("mkdocs", "/:sections/:slug/"),
        Preset("plain", "/:sections/:file"),
    )
}
#: So many files are asked.
ENOUGH = 400
_MARKERS = {
    "_config.yml": "jekyll",
    "_config.yaml": "jekyll",
    "_config.toml": "jekyll",
    "hugo.toml": "hugo",
    "hugo.yaml": "hugo",
    "hugo.json": "hugo",
    ".eleventy.js": "eleventy",
    "eleventy.config.js": "eleventy",
    "eleventy.config.mjs": "eleventy",
    "eleventy.config.cjs": "eleventy",
    "mkdocs.yml": "mkdocs",
    "mkdocs.yaml": "mkdocs",
    "pelicanconf.py": "pelican",
    "publishconf.py": "pelican",
}
_NUNJUCKS = re.compile(r"\{%-?\s*image\b|\|\s*(?:url|safe|dump)\s*\}\}", re.IGNORECASE)
_LIQUID = re.compile(r"\{%-?\s*(?:post_url|link|highlight|include)\b|\{\{\s*site\.")
_SHORTCODE = re.compile(r"\{\{[<%]\s*/?\w")
_ADMONITION = re.compile(r"^(?:!!!|\?\?\?\+?) \w", re.MULTILINE)
_DATED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-")


def named(name: str) -> Preset:
    """The preset of that name; raises :class:`ContentError` listing the known ones."""
    if name not in PRESETS:
        raise ContentError(f'preset "{name}" is not known; one of {", ".join(sorted(PRESETS))}')
    return PRESETS[name]


def guess(root_name: str, files: Iterable[str], read: Iterable[tuple[str, tuple[str, ...]]]) -> Preset:
    """The preset that fits best, from file names and the path and `signs` of each file that was read."""
    for name in files:
        if name in _MARKERS:
            return PRESETS[_MARKERS[name]]
    votes: Counter[str] = Counter()
    seen = 0
    for path, found in islice(read, ENOUGH):
        seen += 1
        votes.update(found)
        if "_posts" in f"{root_name}/{path}".split("/")[:-1]:
            votes["jekyll"] += 3
    best = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    # A stray sign is no evidence: a third of the files must speak.
    return PRESETS[best[0][0]] if best and best[0][1] * 3 >= seen else PRESETS["plain"]


def top_names(root: Path) -> list[str]:
    """The files at the top of a folder that give its generator away."""
    return sorted(entry.name for entry in root.iterdir() if entry.name in _MARKERS) if root.is_dir() else []


def signs(path: str, dialect: str, keys: Set[str], body: str) -> tuple[str, ...]:
    """The generators for which one file speaks, each as often as it weighs."""
    return tuple(_signs(path.rsplit("/", 1)[-1], dialect, keys, body[:20_000]))


def _signs(name: str, dialect: str, keys: Set[str], body: str) -> Iterable[str]:
    if name == "_index.md":
        yield from (
            "zola" if dialect == "toml" and keys & {"sortby", "template", "paginateby"} else "hugo",
        ) * 3
    if dialect == "toml":
        zola = keys & {"path", "extra", "taxonomies", "template", "updated"}
        yield from ("zola",) * 2 if zola else ("hugo",)
    if dialect == "headers" and keys & {"date", "slug", "category"}:
        yield from ("pelican",) * 2
    braces = "{" in body
    if (braces and _SHORTCODE.search(body)) or keys & {
        "expirydate",
        "publishdate",
        "lastmod",
        "weight",
        "aliases",
    }:
        yield "hugo"
    if _is_nunjucks(body, braces) or keys & {"eleventynavigation", "eleventyexcludefromcollections"}:
        yield from ("eleventy",) * 2
    if braces and _LIQUID.search(body):
        yield "jekyll"
    if _DATED.match(name) and dialect == "yaml" and "layout" in keys:
        yield "jekyll"
    if ("!!! " in body or "??? " in body or "???+ " in body) and _ADMONITION.search(body):
        yield "mkdocs"


def _is_nunjucks(body: str, braces: bool) -> bool:
    tags = braces and ("{%" in body or "}}" in body)
    return "leventy" in body or (tags and bool(_NUNJUCKS.search(body)))
