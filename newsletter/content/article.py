"""Page + what the folder knows -> Article, or the reason why it is none.

Here the precedence of fields is decided, once for all dialects: what front matter says
stands before what the page says, and that before what its name and place say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from newsletter.content import address, identity, images, publication, titles, verdict
from newsletter.content import fields as names
from newsletter.content.languages import by_script, tag
from newsletter.content.making import Folder, Made, Making
from newsletter.content.page import Page
from newsletter.content.plain import strip_markup, words
from newsletter.model import Article, Block, BlockKind

_LINK = re.compile(r'<a href="([^"]*)">')
_WHOLE = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")


def make(making: Making) -> Made:
    """The article that a page is, or why it is none."""
    page = making.page
    unpublished, refused = verdict.unpublished(page), verdict.by_fields(page)
    if refused:
        return Made(unpublished, refused, (), None, "", None)
    title, blocks = titles.find(making)
    date, precision = publication.published(making)
    expires = publication.moment(making, page.fields, names.EXPIRES)
    publish = publication.moment(making, page.fields, names.PUBLISH)
    opens = tuple(moment for moment in (date, publish) if moment)
    empty = _nothing(page, blocks) or _stub(title)
    article = None if empty else _article(making, title, blocks, date, precision, expires)
    return Made(unpublished, "", opens, expires, empty, article)


def _article(
    making: Making,
    title: str,
    blocks: tuple[Block, ...],
    date: datetime | None,
    precision: Literal["day", "time", "none"],
    expires: datetime | None,
) -> Article:
    page, folder = making.page, making.folder
    language = _language(page, folder)
    local = date.astimezone(folder.zone) if date and precision == "day" else date
    where = _address(making, local, language)
    image, gaps = images.choose(
        page.fields, page.said, blocks, page.path, where.url, folder.base_url, folder.files
    )
    for line, text in gaps:
        making.wrong(line, text)
    summary = _summary(page, blocks)
    keys = identity.keys(
        page.fields,
        where,
        blocks,
        title=making.spoken_title,
        summary=summary,
        day=local.date().isoformat() if local else "",
        path=page.path,
    )
    return Article(
        identity=keys[0],
        keys=keys,
        path=page.path,
        title=title,
        url=where.url,
        date=date,
        date_precision=precision,
        updated=publication.moment(making, page.fields, names.UPDATED)
        or publication.moment(making, page.said, ("updated",)),
        language=language,
        authors=_authors(page),
        tags=_tags(page, folder),
        summary=summary,
        standfirst=page.said.text(("standfirst",))[0],
        image=image,
        blocks=_linked(blocks, where.url, folder.base_url),
        expires=expires,
        weight=page.fields.number("weight") or page.fields.number("order"),
        problems=tuple(sorted(dict.fromkeys(making.problems), key=lambda p: p.line)),
    )


# ── whether ─────────────────────────────────────────────────────────────────


def _nothing(page: Page, blocks: Sequence[Block]) -> str:
    """Front matter alone is an article only when it has something to say or leads elsewhere."""
    if any(block.text for block in blocks) or any(block.kind is BlockKind.IMAGE for block in blocks):
        return ""
    if page.fields.text(names.SUMMARY)[0] or page.fields.raw(names.EXTERNAL)[0]:
        return ""
    return "has no text" if page.fields.values else "has no text and no front matter"


def _stub(title: str) -> str:
    return f'an example that was never filled in ("{title}")' if verdict.is_example(title) else ""


# ── the rest ────────────────────────────────────────────────────────────────


def _language(page: Page, folder: Folder) -> str:
    for fields, keys in ((page.fields, names.LANGUAGE), (page.said, ("lang",))):
        said = fields.raw(keys)[0]
        if said and tag(said):
            return tag(said)
    by_path = folder.variants.get(page.path)
    if by_path and by_path.language:
        return by_path.language
    said = tag(page.said.raw(("pagelanguage",))[0])
    return said or by_script(" ".join(block.text for block in page.draft.blocks[:6]), folder.language)


def _address(making: Making, date: datetime | None, language: str) -> address.Address:
    folder, page = making.folder, making.page
    found = address.find(
        page.fields, page.path, date, base=folder.base_url, pattern=folder.pattern, language=language
    )
    if found.problem:
        making.wrong(*found.problem)
    said = page.said.raw(("canonical",))[0] or page.said.raw(("ogurl",))[0]
    if not found.said and said:
        url = address.absolute(said, folder.base_url)
        if url:
            return address.Address(url, True, address.comparable(url, folder.base_url))
    return found


def _authors(page: Page) -> tuple[str, ...]:
    for fields, keys in ((page.fields, names.AUTHORS), (page.said, ("author",))):
        for _, value in fields.given(keys):
            people = names.people_in(value)
            if people:
                return people
    return ()


def _tags(page: Page, folder: Folder) -> tuple[str, ...]:
    for fields in (page.fields, page.said):
        for _, value in fields.given(names.TAGS):
            tags = names.names_in(value, spaces=folder.word_tags)
            if tags:
                return tags
    return ()


def _summary(page: Page, blocks: Sequence[Block]) -> str:
    """The author's own words about the article; an opening that was cut off is none."""
    for fields, keys in (
        (page.fields, names.SUMMARY),
        (page.said, ("summary", "ogdescription", "description")),
    ):
        for _, value in fields.given(keys):
            said = strip_markup(value) if isinstance(value, str) else ""
            if not said:
                continue
            if not _cut_off(said, blocks):
                return said
    return ""


def _cut_off(said: str, blocks: Sequence[Block]) -> bool:
    """Ends in an ellipsis, or is the body's first words stopped in mid-sentence."""
    if said.endswith(("…", "...", "[…]", "[...]", "&hellip;")):
        return True
    if _ENDS.search(said):
        return False
    spoken = words(said)
    opening = words(" ".join(b.text for b in blocks[:12] if b.kind is not BlockKind.HEADING))[:400]
    return len(spoken) > 5 and spoken[:-1] == opening[: len(spoken) - 1] and len(opening) > len(spoken)


def _linked(blocks: tuple[Block, ...], url: str, base: str) -> tuple[Block, ...]:
    """Relative links made absolute; where nobody knows the site, only their text stays."""

    def joined(found: re.Match[str]) -> str:
        target = found[1]
        if _WHOLE.match(target):
            return found[0]
        whole = address.beside(target.replace("&amp;", "&"), url, base)
        return f'<a href="{whole.replace("&", "&amp;")}">' if whole else "<a>"

    return tuple(
        Block(b.kind, b.text, _LINK.sub(joined, b.html), b.line, b.level, b.target)
        if "<a href=" in b.html
        else b
        for b in blocks
    )
