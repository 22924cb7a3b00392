"""Page + what the folder knows -> Article, or the reason why it is none.

Here the precedence of fields is decided, once for all dialects: what front matter says
stands before what the page says, and that before what its name and place say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Literal

from newsletter.content import address, dates, identity, images, verdict
from newsletter.content import fields as names
from newsletter.content.fields import Fields
from newsletter.content.languages import Variant, tag
from newsletter.content.page import Page
from newsletter.content.plain import same_words, squeeze, strip_markup, words
from newsletter.model import Article, Block, BlockKind, Problem, Skipped

_PATH_DATE = re.compile(r"(?:^|/)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?=[-_./ ]|$)")
_LONG_TITLE = 300
_ENDS = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")
_TITLED_BY = re.compile(r"\s+[|–—·»•:-]+\s+|\s*[|»]\s*")


@dataclass(frozen=True, slots=True)
class Folder:
    """What all files together say, and the settings that hold for all."""

    zone: tzinfo
    order: dates.Order
    voted: bool  #: the folder's own dates decided the order
    language: str
    base_url: str
    pattern: str  #: of permalinks; empty: none is made up
    word_tags: bool
    now: datetime
    drafts: bool
    future: bool
    variants: Mapping[str, Variant]
    title_tags: Mapping[str, int]  #: how many files have this <title>, or this part of one
    files: images.Files


@dataclass(slots=True)
class _Making:
    """An article in the making: collects what is wrong."""

    page: Page
    folder: Folder
    problems: list[Problem]
    spoken_title: str = ""  #: the title, unless it is made of the file name

    def wrong(self, line: int, text: str) -> None:
        self.problems.append(Problem(self.page.path, line, text))


def make(page: Page, folder: Folder) -> Article | Skipped:
    """The article that a page is, or why it is none."""
    why = verdict.by_fields(page, drafts=folder.drafts)
    if why:
        return Skipped(page.path, why)
    making = _Making(page, folder, [*page.problems, *page.draft.problems])
    title, blocks = _title(making)
    date, precision = _date(making)
    expires = _moment(making, page.fields, names.EXPIRES)
    why = _out_of_time(making, date, expires) or _nothing(page, blocks) or _stub(title)
    return Skipped(page.path, why) if why else _article(making, title, blocks, date, precision, expires)


def _article(
    making: _Making,
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
    keys = identity.keys(page.fields, where, blocks, f"{making.spoken_title} {summary}", page.path)
    return Article(
        identity=keys[0],
        keys=keys,
        path=page.path,
        title=title,
        url=where.url,
        date=date,
        date_precision=precision,
        updated=_moment(making, page.fields, names.UPDATED) or _moment(making, page.said, ("updated",)),
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


def _out_of_time(making: _Making, date: datetime | None, expires: datetime | None) -> str:
    now = making.folder.now
    if not making.folder.future:
        publish = _moment(making, making.page.fields, names.PUBLISH)
        for moment in (date, publish):
            if moment and moment > now:
                return f"dated in the future ({moment:%Y-%m-%d %H:%M} UTC)"
    if expires and expires <= now:
        return f"expired on {expires.astimezone(making.folder.zone):%Y-%m-%d}"
    return ""


def _nothing(page: Page, blocks: Sequence[Block]) -> str:
    """Front matter alone is an article only when it has something to say or leads elsewhere."""
    if any(block.text for block in blocks) or any(block.kind is BlockKind.IMAGE for block in blocks):
        return ""
    if page.fields.text(names.SUMMARY)[0] or page.fields.raw(names.EXTERNAL)[0]:
        return ""
    return "has no text" if page.fields.values else "has no text and no front matter"


def _stub(title: str) -> str:
    return f'an example that was never filled in ("{title}")' if verdict.is_example(title) else ""


# ── title ───────────────────────────────────────────────────────────────────


def _title(making: _Making) -> tuple[str, tuple[Block, ...]]:
    """The title, and the body without it."""
    page = making.page
    blocks = page.draft.blocks
    first = next((b for b in blocks if b.kind is BlockKind.HEADING and b.level == 1 and b.text), None)
    title, line = page.fields.text(names.TITLE)
    if not title:
        title, line = _spoken_title(page, first), first.line if first else 0
    if not title:
        title = page.fields.text(("name", "metatitle", "seotitle"))[0] or _tag_title(page, making.folder)
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


def _tag_title(page: Page, folder: Folder) -> str:
    """The <title> where it is this page's own: no other file has it, nor that part of it."""
    said = page.said.raw(("titletag",))[0]
    if not said or folder.title_tags.get(said, 0) > 1:
        return ""
    parts = [part for part in _TITLED_BY.split(said) if folder.title_tags.get(part, 0) <= 1]
    return strip_markup(parts[0] if len(parts) < len(_TITLED_BY.split(said)) and parts else said)


def tag_parts(said: str) -> set[str]:
    """A <title> and its parts, as they are counted over the folder."""
    return {said, *_TITLED_BY.split(said)} - {""}


def _untitled(blocks: tuple[Block, ...], title: str) -> tuple[Block, ...]:
    """The blocks without a heading near the top that says the title again."""
    for at, block in enumerate(blocks[:6]):
        if block.kind is BlockKind.HEADING and block.level <= 2 and same_words(block.text, title):
            return blocks[:at] + blocks[at + 1 :]
    return blocks


# ── date ────────────────────────────────────────────────────────────────────


def written_dates(page: Page) -> list[dates.Written]:
    """Every date of a page that may vote on the order of day and month."""
    found = []
    for fields, keys in (
        (page.fields, (*names.DATE, *names.UPDATED, *names.EXPIRES)),
        (page.said, ("date", "updated", "dateline")),
    ):
        for _, value in fields.given(keys):
            written = dates.read(value) if isinstance(value, str) else None
            found += [written] if written else []
    return found


def _date(making: _Making) -> tuple[datetime | None, Literal["day", "time", "none"]]:
    """Publication: a field, the file's or bundle's name, the `path` field, the page itself."""
    page, folder = making.page, making.folder
    for found in (
        _field_date(making, page.fields, names.DATE),
        _path_date(page, folder),
        _field_date(making, page.said, ("date", "dateline")),
    ):
        if found:
            return found
    return None, "none"


def _field_date(
    making: _Making, fields: Fields, keys: tuple[str, ...]
) -> tuple[datetime, Literal["day", "time"]] | None:
    folder = making.folder
    for name, value in fields.given(keys):
        if not isinstance(value, str) or fields.truth(name) is not None:
            continue
        written = dates.read(value)
        found = dates.moment(written, folder.order, folder.zone) if written else None
        line = fields.line(name)
        if not written or not found:
            if fields is making.page.fields and "{{" not in value:
                making.wrong(
                    line,
                    f'"{squeeze(value)[:60]}" is no date; write it as 2026-11-23 or 2026-11-23 09:00 +01:00',
                )
            continue
        if written.note:
            making.wrong(line, written.note)
        if written.ambiguous:
            _ambiguous(making, line, value, folder.order)
        return found
    return None


def _ambiguous(making: _Making, line: int, value: str, order: dates.Order) -> None:
    first = "day" if order == "dmy" else "month"
    by = "as elsewhere in this folder" if making.folder.voted else "by the language: no date here settles it"
    making.wrong(line, f'"{squeeze(value)[:40]}" could be two dates; read with the {first} first, {by}')


def _path_date(page: Page, folder: Folder) -> tuple[datetime, Literal["day", "time"]] | None:
    for text in (page.path, page.fields.raw(("path", "permalink", "url"))[0]):
        # the last one: the file's own name stands behind its folders'
        found = next(reversed(list(_PATH_DATE.finditer(text[-500:]))), None)
        if found and 1900 <= int(found[1]) <= 2199:
            written = dates.Written(int(found[1]), int(found[3]), int(found[2]), numeric=False)
            moment = dates.moment(written, folder.order, folder.zone)
            if moment:
                return moment
    return None


def _moment(making: _Making, fields: Fields, keys: tuple[str, ...]) -> datetime | None:
    found = _field_date(making, fields, keys)
    return found[0] if found else None


# ── the rest ────────────────────────────────────────────────────────────────


def _language(page: Page, folder: Folder) -> str:
    for fields, keys in ((page.fields, names.LANGUAGE), (page.said, ("lang",))):
        said = fields.raw(keys)[0]
        if said and tag(said):
            return tag(said)
    by_path = folder.variants.get(page.path)
    if by_path and by_path.language:
        return by_path.language
    return tag(page.said.raw(("pagelanguage",))[0]) or folder.language


def _address(making: _Making, date: datetime | None, language: str) -> address.Address:
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
    opening: list[str] | None = None
    for fields, keys in (
        (page.fields, names.SUMMARY),
        (page.said, ("summary", "ogdescription", "description")),
    ):
        for _, value in fields.given(keys):
            said = strip_markup(value) if isinstance(value, str) else ""
            if not said:
                continue
            if opening is None:
                opening = words(" ".join(b.text for b in blocks[:12] if b.kind is not BlockKind.HEADING))[
                    :400
                ]
            if not _cut_off(said, opening):
                return said
    return ""


def _cut_off(said: str, opening: list[str]) -> bool:
    """Ends in an ellipsis, or is the body's first words stopped in mid-sentence."""
    if said.endswith(("…", "...", "[…]", "[...]", "&hellip;")):
        return True
    if _ENDS.search(said):
        return False
    spoken = words(said)
    return len(spoken) > 5 and spoken[:-1] == opening[: len(spoken) - 1] and len(opening) > len(spoken)


def _linked(blocks: tuple[Block, ...], url: str, base: str) -> tuple[Block, ...]:
    """Relative links made absolute; where nobody knows the site, only their text stays."""

    def joined(found: re.Match[str]) -> str:
        target = found[1]
        if re.match(r"(?:https?|mailto|tel):", target, re.IGNORECASE):
            return found[0]
        whole = address.beside(target.replace("&amp;", "&"), url, base)
        return f'<a href="{whole.replace("&", "&amp;")}">' if whole else "<a>"

    return tuple(
        replace(b, html=re.sub(r'<a href="([^"]*)">', joined, b.html)) if "<a href=" in b.html else b
        for b in blocks
    )
