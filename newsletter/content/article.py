"""Page + what the folder knows -> Article, or the reason why it is none.

Here the precedence of fields is decided, once for all dialects: what front matter says
stands before what the page says, and that before what its name and place say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from newsletter.content import address, gaps, identity, images, publication, summary, titles, verdict
from newsletter.content import fields as names
from newsletter.content.languages import by_script, tag
from newsletter.content.making import Folder, Made, Making
from newsletter.content.page import Page
from newsletter.content.plain import strip_markup
from newsletter.content.publication import Published
from newsletter.model import Article, Block, BlockKind, Image

_LINK = re.compile(r'<a href="([^"]*)">')
_WHOLE = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)


def make(making: Making) -> Made:
    """The article that a page is, or why it is none."""
    page = making.page
    unpublished, refused = verdict.unpublished(page), verdict.by_fields(page)
    if refused:
        return Made(unpublished, refused, (), None, "", None)
    title, blocks = titles.find(making)
    published = publication.published(making)
    expires = publication.moment(making, page.fields, names.EXPIRES)
    publish = publication.moment(making, page.fields, names.PUBLISH)
    opens = tuple(moment for moment in (published.instant, publish) if moment)
    empty = _nothing(page, blocks) or _stub(page, title, blocks)
    article = None if empty else _article(making, title, blocks, published, expires)
    return Made(unpublished, "", opens, expires, empty, article)


def _article(
    making: Making,
    title: str,
    blocks: tuple[Block, ...],
    published: Published,
    expires: datetime | None,
) -> Article:
    page, folder = making.page, making.folder
    language = _language(page, folder)
    where = _address(making, published.local, language)
    image = _image(making, where, blocks)
    said = _summary(making, title, blocks)
    keys = identity.keys(
        page.fields,
        where,
        blocks,
        title=making.spoken_title,
        summary=said.first,
        day=published.key_day,
        path=page.path,
    )
    return Article(
        identity=keys[0],
        keys=keys,
        path=page.path,
        title=title,
        url=where.url,
        date=published.instant,
        date_precision=published.precision,
        updated=publication.moment(making, page.fields, names.UPDATED)
        or publication.moment(making, page.said, ("updated",)),
        language=language,
        authors=_authors(page),
        tags=_tags(page, folder),
        summary=said.text,
        standfirst=page.said.text(("standfirst",))[0],
        image=image,
        blocks=_linked(blocks, where.url, folder.base_url),
        expires=expires,
        weight=page.fields.number("weight") or page.fields.number("order"),
        pinned=any(page.fields.truth(name) for name in names.PINNED),
        correction=_correction(making),
        problems=tuple(sorted(dict.fromkeys(making.problems), key=lambda p: p.line)),
    )


def _correction(making: Making) -> str:
    """What was wrong once, as its author says it; a note that is no text is a problem."""
    fields = making.page.fields
    for name, value in fields.given(names.CORRECTION):
        said = strip_markup(value) if isinstance(value, str) else ""
        if fields.truth(name) is None and any(map(str.isalpha, said)):
            return said
        if fields.truth(name) is not False:
            told = f"{name} should be a sentence that says what was wrong and what is right, in quotes"
            making.wrong(fields.line(name), told)
    return ""


# ── whether ─────────────────────────────────────────────────────────────────


def _nothing(page: Page, blocks: Sequence[Block]) -> str:
    """Front matter alone is an article only when it has something to say or leads elsewhere."""
    if any(block.text for block in blocks) or any(block.kind is BlockKind.IMAGE for block in blocks):
        return ""
    if page.fields.text(names.SUMMARY)[0] or page.fields.raw(names.EXTERNAL)[0]:
        return ""
    return "has no text" if page.fields.values else "has no text and no front matter"


def _stub(page: Page, title: str, blocks: Sequence[Block]) -> str:
    if verdict.is_example(title):
        return f'an example that was never filled in ("{title}")'
    stem = address.stem(page.path)
    called = {stem, page.fields.raw(("slug",))[0] or stem}
    if any(block.text for block in blocks) or not all(map(verdict.is_example, called)):
        return ""
    return f'an example without text ("{stem}")'


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
        page.fields,
        page.path,
        date,
        base=folder.base_url,
        pattern=folder.pattern,
        language=language,
        slash=folder.path_slash,
    )
    if found.problem:
        making.wrong(*found.problem)
    said = page.said.raw(("canonical",))[0] or page.said.raw(("ogurl",))[0]
    if not found.said and said:
        url = address.absolute(said, folder.base_url)
        if url:
            return address.Address(url, True, address.comparable(url, folder.base_url))
    return found


def _image(making: Making, where: address.Address, blocks: Sequence[Block]) -> Image | None:
    page, folder = making.page, making.folder
    image, gaps = images.choose(
        page.fields, page.said, blocks, page.path, where.url, folder.base_url, folder.files
    )
    for line, text in gaps:
        making.wrong(line, text)
    return image


def _summary(making: Making, title: str, blocks: Sequence[Block]) -> summary.Summary:
    said = summary.find(making.page, title, blocks)
    if long := summary.too_long(said.text):
        making.wrong(said.line, long)
    for gap in gaps.in_field(making.page.fields, names.SUMMARY, gaps.OF_A_TEXT):
        making.wrong(*gap)
    return said


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
