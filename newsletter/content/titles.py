"""A page -> its title, and its body without the heading that says it.

A field stands before what the page says, that before the file's name; a ``<title>``
counts only where the folder shows that it is this page's own.
"""

from __future__ import annotations

import re

from newsletter.content import address, gaps
from newsletter.content import fields as names
from newsletter.content.making import Making
from newsletter.content.page import Page
from newsletter.content.plain import same_words, squeeze, strip_markup
from newsletter.model import Block, BlockKind

_LONG_TITLE = 300
_TITLED_BY = re.compile(r"\s+[|–—·»•:-]+\s+|\s*[|»]\s*")


def find(making: Making) -> tuple[str, tuple[Block, ...]]:
    """The title, and the body without it."""
    page = making.page
    blocks = page.draft.blocks
    first = next((b for b in blocks if b.kind is BlockKind.HEADING and b.level == 1 and b.text), None)
    title, line = page.fields.text(names.TITLE)
    for gap in gaps.in_field(page.fields, names.TITLE, gaps.OF_A_TITLE):
        making.wrong(*gap)
    if not title:
        title, line = _spoken_title(page, first), first.line if first else 0
    if not title:
        title = page.fields.text(("name", "metatitle", "seotitle"))[0] or _tag_title(making)
    making.spoken_title = title
    if not title:
        title = squeeze(re.sub(r"[-_+]+", " ", address.stem(page.path)))
        title = title[:1].upper() + title[1:]
        making.wrong(0, f'no title; "{title}" is made of the file name')
    if len(title) > _LONG_TITLE:
        making.wrong(line, f"the title has {len(title)} characters; only the first {_LONG_TITLE} are used")
        title = title[:_LONG_TITLE].rsplit(" ", 1)[0] + "…"
    return title, _untitled(blocks, title)


def _spoken_title(page: Page, first: Block | None) -> str:
    """What the page calls itself: its first heading, or og:title without the site's name."""
    heading = page.said.text(("heading", "title"))[0] or (first.text if first else "")
    og = page.said.text(("ogtitle",))[0]
    site = page.said.text(("sitename",))[0]
    if og and site:
        og = re.sub(rf"\s*[|–—·»•:-]+\s*{re.escape(site)}$", "", og) or og
    if og and heading and og != heading and og.startswith(heading):
        return heading  # og:title with the site's name behind it
    return og or heading


def _tag_title(making: Making) -> str:
    """The <title> where it is this page's own: no other file has it, nor that part of it."""
    folder = making.folder
    said = tag_of(making.page)
    making.asked_tags = bool(said)
    if not said or folder.title_tags.get(said, 0) > 1:
        return ""
    parts = [part for part in _TITLED_BY.split(said) if folder.title_tags.get(part, 0) <= 1]
    return strip_markup(parts[0] if len(parts) < len(_TITLED_BY.split(said)) and parts else said)


def tag_of(page: Page) -> str:
    """The <title> of an HTML page; empty for others."""
    return page.said.raw(("titletag",))[0]


def tag_parts(said: str) -> set[str]:
    """A <title> and its parts, as they are counted over the folder."""
    return {said, *_TITLED_BY.split(said)} - {""}


def _untitled(blocks: tuple[Block, ...], title: str) -> tuple[Block, ...]:
    """The blocks without a heading near the top that says the title again."""
    for at, block in enumerate(blocks[:6]):
        if block.kind is BlockKind.HEADING and block.level <= 2 and same_words(block.text, title):
            return blocks[:at] + blocks[at + 1 :]
    return blocks
