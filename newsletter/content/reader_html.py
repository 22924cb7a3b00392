"""An HTML page, or a piece of one -> Draft: the article in it, and what the page says about itself.

The article is the one ``<article>`` (or main element) that holds the text. Titles come
from ``og:title`` or the article's ``<h1>``; a ``<title>`` is handed on under its own name
because it is often the site's, which only the whole folder can tell.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from newsletter.content import gaps
from newsletter.content.markup import parse, walk
from newsletter.content.plain import squeeze, words
from newsletter.content.reader import Draft, Source, Value, reads
from newsletter.content.template_code import Masked, mask
from newsletter.model import Block, BlockKind, Problem

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 1_000_000  # characters of one page that are parsed
_MAIN = (
    "//article[not(ancestor::article)]",
    "//*[@itemprop='articleBody']",
    "//main | //*[@role='main']",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' post-content ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' entry-content ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' article-body ')"
    " or contains(concat(' ', normalize-space(@class), ' '), ' h-entry ')"
    " or @id='content' or @id='main' or @id='article']",
    "//body",
)
_META = {
    "og:title": "og_title",
    "twitter:title": "og_title",
    "og:description": "og_description",
    "description": "description",
    "og:image": "og_image",
    "og:image:alt": "og_image_alt",
    "twitter:image": "og_image",
    "og:site_name": "site_name",
    "og:url": "og_url",
    "article:published_time": "date",
    "article:modified_time": "updated",
    "article:author": "author",
    "article:tag": "tags",
    "author": "author",
    "authors": "author",
    "dc.creator": "author",
    "date": "date",
    "pubdate": "date",
    "publish_date": "date",
    "dc.date": "date",
    "dcterms.date": "date",
    "dcterms.created": "date",
    "modified": "updated",
    "tags": "tags",
    "keywords": "tags",
    "category": "category",
    "summary": "summary",
    "slug": "slug",
    "status": "status",
    "lang": "lang",
}
_STANDFIRST = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|subtitle|sub-title|lede|lead|intro|summary)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|author|p-author)(?:$|[\s_-])", re.IGNORECASE)
_DATELINE = re.compile(
    r"(?:^|[\s_-])(?:date|dateline|published|pubdate|post-meta|posted-on)(?:$|[\s_-])", re.I
)


@reads(".html", ".htm", ".xhtml")
def read(source: Source) -> Draft:
    """The blocks of the article on a page."""
    body = source.body
    problems: tuple[Problem, ...] = ()
    if len(body) > LARGEST:
        said = f"the page is longer than {LARGEST:,} characters; what follows is left out"
        body, problems = body[:LARGEST], (Problem(source.path, 0, said),)
    masked = mask(body, jsx=False)
    root = parse(masked.text)
    if root is None:
        return Draft((), problems)
    fields = _meta(root)
    main = _main(root)
    _speak(main, fields, masked)
    blocks = walk(main, masked, source.line - 1, chrome=_is_page(root, body))
    problems += gaps.in_body(masked, source.path, source.line)
    return Draft(tuple(_body(blocks, fields)), problems, fields)


def _is_page(root: _Element, body: str) -> bool:
    return root.find(".//head") is not None or "<body" in body[:5000].lower()


def _main(root: _Element) -> _Element:
    """The element that holds the article: the first kind of which one holds most of its text."""
    for path in _MAIN:
        found: Any = root.xpath(path)
        if not found:
            continue
        sized = sorted(
            ((_length(element), -n, element) for n, element in enumerate(found[:200])), reverse=True
        )
        if sized[0][0] >= 140 or path == "//body":
            return sized[0][2]  # type: ignore[no-any-return]
    return root


def _length(element: Any) -> int:
    return sum(len(text) for p in element.iter("p", "li", "blockquote", "div") for text in (p.text or "",))


def _meta(root: _Element) -> dict[str, Value]:
    """What the head says."""
    fields: dict[str, Value] = {}
    for element in list(root.iter("meta"))[:500]:
        name = (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()
        content = squeeze(element.get("content") or "")
        key = _META.get(name, "")
        if key == "tags" and name == "article:tag" and content:
            old = fields.get("tags", ())
            fields["tags"] = (*(old if isinstance(old, tuple) else (old,)), content)
        elif key and content:
            fields.setdefault(key, content)
        elif (element.get("http-equiv") or "").lower() == "refresh" and "url=" in content.lower():
            fields["redirect"] = re.split(r"url=", content, maxsplit=1, flags=re.IGNORECASE)[1].strip("'\" ")
    for element in list(root.iter("link"))[:500]:
        if "canonical" in (element.get("rel") or "").lower().split() and element.get("href"):
            fields.setdefault("canonical", squeeze(element.get("href") or ""))
    title = root.find(".//title")
    if title is not None and title.text:
        fields["title_tag"] = squeeze(title.text)
    top = next(root.iter("html"), None)
    if top is not None and top.get("lang"):
        fields.setdefault("page_language", squeeze(top.get("lang") or ""))
    _linked_data(root, fields)
    return fields


def _linked_data(root: _Element, fields: dict[str, Value]) -> None:
    """JSON-LD of schema.org: the article's own statement, where there is one."""
    for element in list(root.iter("script"))[:100]:
        if "ld+json" not in (element.get("type") or "") or len(element.text or "") > 100_000:
            continue
        try:
            found = json.loads(element.text or "")
        except (ValueError, RecursionError):
            continue
        for item in _articles(found):
            for key, name in (
                ("headline", "og_title"),
                ("datePublished", "date"),
                ("dateModified", "updated"),
            ):
                if isinstance(item.get(key), str):
                    fields.setdefault(name, squeeze(item[key]))
            author = item.get("author")
            named = [
                a.get("name") if isinstance(a, dict) else a
                for a in (author if isinstance(author, list) else [author])
            ]
            if named and all(isinstance(name, str) for name in named):
                fields.setdefault("author", tuple(str(name) for name in named))


def _articles(found: Any) -> list[dict[str, Any]]:
    items = found if isinstance(found, list) else [found]
    items = [*items, *(g for item in items if isinstance(item, dict) for g in _listed(item.get("@graph")))]
    return [
        i
        for i in items
        if isinstance(i, dict) and re.search("Article|Posting|Report", str(i.get("@type"))[:100])
    ]


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _speak(main: _Element, fields: dict[str, Value], masked: Masked) -> None:
    """What the article's own elements say: its heading, date, byline and standfirst."""
    headings = [squeeze(masked.without(_text(h))) for h in list(main.iter("h1"))[:2]]
    if headings and headings[0]:
        fields["heading"] = headings[0]
    for element in list(main.iter("time"))[:1]:
        fields.setdefault("date", squeeze(element.get("datetime") or _text(element)))
    for element in list(main.iter("p", "div", "span", "a", "address"))[:60]:
        named = f"{element.get('class') or ''} {element.get('rel') or ''} {element.get('itemprop') or ''}"[
            :300
        ]
        if len(named) < 4:
            continue
        text = squeeze(_text(element))[:400]
        if _STANDFIRST.search(named) and element.tag in ("p", "div") and len(text) >= 30:
            fields.setdefault("standfirst", text)
        elif _BYLINE.search(named) and 3 < len(text) < 80:
            fields.setdefault("author", re.sub(r"^(?:written )?by:?\s+", "", text, flags=re.IGNORECASE))
        elif _DATELINE.search(named) and len(text) < 60:
            fields.setdefault("dateline", text)


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _body(blocks: list[Block], fields: dict[str, Value]) -> list[Block]:
    """The blocks without the lines that `fields` already hold: byline, date, standfirst above the text."""
    said = {
        " ".join(words(value))
        for key in ("standfirst", "dateline", "author")
        if isinstance(value := fields.get(key), str)
    }
    kept: list[Block] = []
    prose = 0
    for block in blocks:
        text = " ".join(words(block.text)) if len(block.text) < 500 else ""
        plain = block.kind is BlockKind.PARAGRAPH
        head = plain and prose < 2 and (text in said or text.removeprefix("by ") in said)
        prose += plain and not head and len(block.text) > 100
        if not head:
            kept.append(block)
    return kept
