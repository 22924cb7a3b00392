"""A content folder -> its Articles, and a reason for each file that is none.

One bad file never stops the rest. The stages are: find the files, read each by itself
(:mod:`page`), let the folder vote (day before month, lines that repeat, the site
generator), make each article (:mod:`article`), and settle who is whose copy
(:mod:`identity`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from newsletter import plugins
from newsletter.content import (
    address,
    article,
    dates,
    dump_lines,
    identity,
    images,
    languages,
    making,
    page,
    presets,
    publication,
    titles,
    verdict,
    walk,
)
from newsletter.content.fields import DATE
from newsletter.content.page import Page
from newsletter.content.reader import Reader, Repeated, Traced
from newsletter.errors import ContentError
from newsletter.model import Article, Skipped


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """How a folder is to be read."""

    language: str = "en"  #: BCP 47, for articles that do not say theirs
    timezone: str = "UTC"  #: IANA name, for dates without an offset
    base_url: str = ""  #: joined with relative links
    permalink: str = (
        ""  #: ``/:section/:slug/`` (``:year :month :day :title :slug :section``); empty: the preset's
    )
    preset: str = ""  #: ``hugo jekyll eleventy zola pelican mkdocs plain``; empty: guessed
    include: tuple[str, ...] = ()  #: glob patterns; empty: every known ending
    exclude: tuple[str, ...] = ()  #: glob patterns
    drafts: bool = False  #: take drafts too
    future: bool = False  #: take articles dated in the future too


@dataclass(frozen=True, slots=True)
class PickUp:
    """What a content folder holds."""

    articles: tuple[Article, ...]  #: newest first, then by path
    skipped: tuple[Skipped, ...]  #: by path
    preset: str  #: the one that was used
    guessed: bool  #: nobody named it


def pick_up(root: Path, settings: FolderSettings, now: datetime) -> PickUp:
    """Read a folder, or one file, as of `now`.

    Every file with an ending that some reader knows is in exactly one of `articles` and
    `skipped`. Raises :class:`ContentError` when `root` is missing or a setting names
    nothing; what is wrong with a single file becomes a reason or a problem.
    """
    zone = _zone(settings.timezone)
    readers = _readers()
    pages, skipped = _load(root, settings, readers)
    preset = presets.named(settings.preset) if settings.preset else _guess(root, pages)
    variants = languages.variants((p.path for p in pages), settings.language)
    pages, left = _named_out(pages, preset, settings)
    repeated = _repeated(pages)
    read = [page.read(p, readers, repeated) for p in pages]
    kept = [p for p in read if isinstance(p, Page)]
    folder = _folder(root, settings, preset, kept, variants, zone, now)
    made = [article.make(p, folder) for p in kept]
    skipped += [*left, *(s for s in (*read, *made) if isinstance(s, Skipped))]
    articles, left = _settled([a for a in made if isinstance(a, Article)], kept, variants, settings)
    return PickUp(
        tuple(sorted(articles, key=_newest_first)),
        tuple(sorted((*skipped, *left), key=lambda s: s.path)),
        preset.name,
        not settings.preset,
    )


def _folder(
    root: Path,
    settings: FolderSettings,
    preset: presets.Preset,
    pages: list[Page],
    variants: Mapping[str, languages.Variant],
    zone: ZoneInfo,
    now: datetime,
) -> making.Folder:
    order, voted = dates.order((w for p in pages for w in publication.votes(p)), settings.language)
    return making.Folder(
        zone=zone,
        order=order,
        voted=voted,
        language=languages.tag(settings.language) or settings.language,
        base_url=settings.base_url,
        pattern=settings.permalink or (preset.permalink if settings.base_url else ""),
        word_tags=preset.word_tags,
        now=now,
        drafts=settings.drafts,
        future=settings.future,
        variants=variants,
        title_tags=_title_tags(pages),
        files=_files(root),
    )


def _settled(
    articles: list[Article],
    pages: list[Page],
    variants: Mapping[str, languages.Variant],
    settings: FolderSettings,
) -> tuple[list[Article], list[Skipped]]:
    """Undated documentation set aside, copies made one, variants joined."""
    left: list[Skipped] = []
    if not settings.include:
        articles, left = verdict.undated_sections(articles)
    groups = {path: v.neutral for path, v in variants.items()} | _translated(pages)
    articles, copies = identity.settle(articles, groups, settings.language)
    return articles, [*left, *copies]


def trace(root: Path, path: str, settings: FolderSettings) -> tuple[Traced, ...]:
    """What became of each line of a plain-text page dump, and why; empty for other files."""
    readers = _readers()
    pages, _ = _load(root, settings, readers)
    repeated = _repeated(pages)
    read = (page.read(p, readers, repeated) for p in pages if p.path == path)
    return next((p.draft.trace for p in read if isinstance(p, Page)), ())


def _newest_first(found: Article) -> tuple[bool, float, int, str]:
    return found.date is None, -found.date.timestamp() if found.date else 0.0, found.weight, found.path


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ContentError(f'time zone "{name}" is not known; write one like "Europe/Berlin"') from None


def _readers() -> Mapping[str, Reader]:
    """The installed readers by the endings that they name; a reader of ours gives way to an added one."""
    ours = ("markdown", "html", "text")
    found: dict[str, Reader] = {}
    for name in sorted(plugins.installed("readers"), key=lambda n: (n not in ours, n)):
        reader = cast(Reader, plugins.load("readers", name))
        found |= dict.fromkeys(reader.endings, reader)
    return found


def _load(
    root: Path, settings: FolderSettings, readers: Mapping[str, Reader]
) -> tuple[list[Page], list[Skipped]]:
    if not root.exists():
        raise ContentError(f"{root}: there is no such content folder")
    if not root.is_dir() and not root.is_file():
        raise ContentError(f"{root}: neither a folder nor a file")
    included, excluded = walk.matcher(settings.include), walk.matcher(settings.exclude)
    endings = {*readers, *walk.OTHER_ENDINGS}
    named = {walk.ending(pattern) for pattern in settings.include}
    pages: list[Page] = []
    skipped: list[Skipped] = []
    for found in walk.find(root, lambda ending: ending in endings or ending in named):
        if settings.include and not found.path.endswith("/") and not included(found.path):
            loaded: Page | Skipped = Skipped(
                found.path, f"no include pattern names it ({', '.join(settings.include)})"
            )
        elif settings.exclude and excluded(found.path):
            loaded = Skipped(found.path, f'excluded by "{excluded(found.path)}"')
        elif walk.ending(found.path) not in readers and not found.refusal:
            loaded = Skipped(
                found.path, f"no reader for {walk.ending(found.path) or 'such'} files is installed"
            )
        else:
            loaded = page.load(found)
        if isinstance(loaded, Page):
            pages.append(loaded)
        else:
            skipped.append(loaded)
    return pages, skipped


def _guess(root: Path, pages: list[Page]) -> presets.Preset:
    names = sorted(entry.name for entry in root.iterdir()) if root.is_dir() else []
    read = ((p.path, p.dialect, set(p.fields.values), p.source.body) for p in pages)
    return presets.guess(root.resolve().name, names, read)


def _named_out(
    pages: list[Page], preset: presets.Preset, settings: FolderSettings
) -> tuple[list[Page], list[Skipped]]:
    """Set aside what its name and place say is no article; a single file or an include pattern overrules."""
    if len(pages) == 1:
        return pages, []
    siblings = verdict.siblings_of(p.path for p in pages)
    kept: list[Page] = []
    left: list[Skipped] = []
    for found in pages:
        dated = any(found.fields.given(DATE)) or bool(address.DATED.match(found.path.rsplit("/", 1)[-1]))
        why = verdict.by_name(found.path, siblings, preset, dated)
        if why:
            left.append(Skipped(found.path, why))
        else:
            kept.append(found)
    return kept, left


def _repeated(pages: Iterable[Page]) -> Repeated:
    """Lines that stand in at least three plain-text files, or in 30 of 100."""
    above: Counter[str] = Counter()
    below: Counter[str] = Counter()
    files = 0
    for found in pages:
        if found.path.lower().endswith((".txt", ".text")) and not found.source.has_fields:
            files += 1
            top, rest = dump_lines.halves(found.source.body)
            above.update(top)
            below.update(rest)
    least = max(2, min(3, round(0.3 * files)))
    return Repeated(
        frozenset(line for line, count in above.items() if count >= least),
        frozenset(line for line, count in below.items() if count >= least),
    )


def _title_tags(pages: Iterable[Page]) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for found in pages:
        counts.update(titles.tag_parts(found.said.raw(("titletag",))[0]))
    return counts


def _translated(pages: Iterable[Page]) -> dict[str, str]:
    """Variants that a field declares: Hugo's ``translationKey`` and the like."""
    found = {}
    for one in pages:
        key = one.fields.raw(("translationkey", "translationof", "translationid"))[0]
        if key:
            found[one.path] = f"key {key}"
    return found


def _files(root: Path) -> images.Files:
    from newsletter.content import pictures

    folder = root if root.is_dir() else root.parent
    return images.Files(
        exists=lambda relative: walk.inside(folder, relative) is not None,
        is_small=lambda relative: pictures.is_small(folder, relative),
    )
