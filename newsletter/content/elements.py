"""The elements of HTML, by what they are in an article."""

from __future__ import annotations

import re
from typing import Any

from newsletter.model import BlockKind

#: What a paragraph is inside of them.
CONTEXTS = {
    "li": BlockKind.LIST,
    "dd": BlockKind.LIST,
    "dt": BlockKind.LIST,
    "blockquote": BlockKind.QUOTE,
    **{f"h{n}": BlockKind.HEADING for n in range(1, 7)},
}
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "td",
        "th",
        "tr",
        "ul",
        "blockquote",
    ]
)
#: What stands within a line of text, and in a mail too.
INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "sup",
        "u",
        "var",
    ]
)
SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "head",
        "title",
        "noscript",
        "svg",
        "math",
        "button",
        "select",
        "textarea",
        "input",
        "dialog",
        "map",
    ]
)
EMBEDS = frozenset(["iframe", "video", "audio", "object", "embed", "canvas"])
#: Around an article on a page, never part of it.
_CHROME = frozenset({"nav", "footer", "aside", "form"})
_CHROME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|sidebar|share|sharing|social|related|comments?|cookie|newsletter"
    r"|subscribe|pagination|footer|promo|advert(?:isement)?|skip-link|toc|table-of-contents|author-bio|metadata)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)


def is_chrome(element: Any, tag: str) -> bool:
    """Whether an element stands around an article on a page, or is hidden."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return tag in _CHROME or hidden or (len(named) > 1 and bool(_CHROME_CLASS.search(named[:300])))
