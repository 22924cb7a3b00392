"""A page -> why it is no article, or nothing.

Each rule is one sentence that a person can act on. What depends on other files (a
section's front page, undated documentation beside a dated blog) is asked with the
whole folder at hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from newsletter.content.fields import DATE, REDIRECT, Fields
from newsletter.content.page import Page
from newsletter.content.presets import Preset
from newsletter.model import Listing, Skipped

_REPOSITORY = frozenset(
    [
        "readme",
        "license",
        "licence",
        "contributing",
        "changelog",
        "code_of_conduct",
        "code-of-conduct",
        "security",
        "authors",
        "codeowners",
        "license-mit",
        "license-apache",
        "copying",
        "notice",
        "support",
    ]
)
_SITE = frozenset(["robots", "humans", "ads", "security", "llms", "404", "500", "sitemap", "search"])
_HIDDEN = frozenset(
    {"draft", "drafts", "hidden", "private", "unpublished", "pending", "in-review", "archived", "skip"}
)
_EXAMPLE = re.compile(
    r"^(?:another |yet another |an? )?(?:example|sample|test|template)"
    r"(?: (?:post|page|article|title|news))?$",
    re.I,
)


def by_name(path: str, siblings: Mapping[str, set[str]], preset: Preset, has_date: bool) -> str:
    """Why a file of this name and place is no article; empty when it may be one."""
    pure = PurePosixPath(path)
    name = pure.stem.lower()
    folder = str(pure.parent)
    if name == "_index" or name.startswith("_index."):
        return "a section's front page (_index)"
    if name in _SITE and not has_date:
        return f"a page of the site ({pure.name}), not an article"
    if name in _REPOSITORY and not has_date:
        return f"about the folder ({pure.name}), not an article"
    if preset.bundles and not _is_index(name):
        for parent in (folder, *(str(p) for p in pure.parent.parents)):
            if parent != "." and any(_is_index(n) for n in siblings.get(parent, ())):
                return f"belongs to the page {parent}/index (a page bundle)"
    if preset.name == "pelican" and "pages" in pure.parts[:-1] and not has_date:
        return "a page, not an article (pages/)"
    if _is_index(name) and not has_date and preset.section_index:
        others = [n for n in siblings.get(folder, ()) if not _is_index(n)]
        below = any(other.startswith(f"{folder}/") for other in siblings if other != folder)
        if folder == "." or ((others or below) and not preset.bundles):
            return "the front page of its folder (index)"
    return ""


def _is_index(name: str) -> bool:
    return name == "index" or bool(re.match(r"index\.[a-z]{2}(?:-[a-z]{2})?$", name))


def siblings_of(paths: Iterable[str]) -> dict[str, set[str]]:
    """The lower-case stems in each folder: of index pages all, of the others one that stands for them."""
    found: dict[str, set[str]] = defaultdict(set)
    others: set[str] = set()
    for path in paths:
        pure = PurePosixPath(path)
        folder, name = str(pure.parent), pure.stem.lower()
        if _is_index(name) or folder not in others:
            found[folder].add(name)
        if not _is_index(name):
            others.add(folder)
    return found


def unpublished(page: Page) -> str:
    """Why its author does not want a page to be read yet; empty when it may be."""
    return _unpublished(page.fields) or _unpublished(page.said)


def by_fields(page: Page) -> str:
    """Why what a page says about itself makes it no article; empty when it may be one."""
    fields = page.fields
    for name, value in (*fields.given(REDIRECT), *page.said.given(REDIRECT)):
        if isinstance(value, str) and fields.truth(name) is not False:
            return f"redirects to {value.strip()[:200]}"
    layout = fields.raw(("layout", "type"))[0].lower()
    if layout in ("redirect", "redirected"):
        return f"a redirect (layout: {layout})"
    if layout in ("page", "home", "archive", "category", "tag", "search") and not any(fields.given(DATE)):
        return f"a page without a date (layout: {layout}), not an article"
    return ""


def _unpublished(fields: Fields) -> str:
    if fields.truth("draft") or fields.truth("isdraft"):
        return "a draft (draft: true)"
    if fields.truth("published") is False:
        return "not published (published: false)"
    if fields.truth("publish") is False or fields.truth("permalink") is False:
        return "not published (the site does not write this page)"
    if fields.truth("hidden"):
        return "hidden (hidden: true)"
    for name in ("status", "visibility", "state"):
        status = fields.raw((name,))[0].lower()
        if status in _HIDDEN:
            return f"a draft ({name}: {status})"
    return ""


def is_example(name: str) -> bool:
    """Whether a title, or the name of a file, is that of a template that was never filled in."""
    return bool(_EXAMPLE.match(re.sub(r"[-_]+", " ", name).strip(" .!")))


def undated_sections(articles: list[Listing]) -> tuple[list[Listing], list[Skipped]]:
    """Set aside the pages of folders in which nothing has a date, where another folder is dated throughout.

    That is a blog beside its documentation. With fewer than five dated articles, or
    without such a folder, everything stays.
    """
    dated: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for article in articles:
        for folder in _folders(article.path):
            total[folder] += 1
            dated[folder] += article.date is not None
    blogs = [f for f in total if f != "." and dated[f] >= 5 and dated[f] >= 0.8 * total[f]]
    if not blogs or dated["."] >= 0.8 * total["."]:
        return articles, []
    blog = min(blogs, key=len)
    kept, left = [], []
    for article in articles:
        if article.date is None and not any(dated[f] for f in _folders(article.path) if not _holds(f, blog)):
            left.append(
                Skipped(article.path, f"a page without a date in a folder without dates, beside {blog}/")
            )
        else:
            kept.append(article)
    return kept, left


def _folders(path: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(path).parents]


def _holds(folder: str, inner: str) -> bool:
    return folder == "." or inner.startswith(f"{folder}/")
