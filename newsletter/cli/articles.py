"""`newsletter articles`: what the content folder holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import number, show_table

if TYPE_CHECKING:
    from newsletter.content import FolderSettings, PickUp
    from newsletter.excerpt import Limits, Method
    from newsletter.model import Article


@click.command("articles")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--trace", is_flag=True, help="Say for each article where its excerpt came from, and why.")
@click.option("--drafts", is_flag=True, help="Take drafts too.")
@click.option("--future", is_flag=True, help="Take articles with a date in the future too.")
@session(json=True, now=True)
def command(s: Session, paths: tuple[Path, ...], trace: bool, drafts: bool, future: bool) -> None:
    """List the articles of the content folder, or of any folder or file.

    Needs no config.toml when PATHS are given. Every content file is in one of
    two lists: the articles, and the skipped with the reason.
    """
    picked, method, limits, zone = _pick(s, paths, drafts, future)
    if s.json:
        articles = [_document(a, method, limits, zone, trace) for p in picked for a in p.articles]
        skipped = [{"path": k.path, "reason": k.reason} for p in picked for k in p.skipped]
        s.answer({"articles": articles, "skipped": skipped})
        return
    for each in picked:
        _show(s, each, method, limits, zone, trace)


def _pick(
    s: Session, paths: tuple[Path, ...], drafts: bool, future: bool
) -> tuple[list[PickUp], Method, Limits, ZoneInfo]:
    from dataclasses import replace

    from newsletter import plugins
    from newsletter.content import FolderSettings, pick_up
    from newsletter.excerpt import Limits

    settings, limits, name = FolderSettings(), Limits(), "ranker"
    now = datetime.now(UTC)
    if not paths or s.config_path.exists():
        from newsletter.config import unpack

        settings = _settings(s, paths)
        first = next(iter(s.config.newsletters))
        limits, name = unpack.limits(s.config, first), s.config.newsletters[first].excerpt
        now = s.now
    elif s.at is not None:
        now = s.at if s.at.tzinfo else s.at.replace(tzinfo=UTC)
    settings = replace(settings, drafts=drafts, future=future)
    roots = paths or (s.config.content_dir,)
    picked = [pick_up(root, settings, now, cache=None if paths else _cache(s)) for root in roots]
    return picked, plugins.load("excerpts", name)(), limits, ZoneInfo(settings.timezone)


def _cache(s: Session) -> Path:
    from newsletter.config import unpack

    return unpack.content_cache(s.config)


def _settings(s: Session, paths: tuple[Path, ...]) -> FolderSettings:
    """The configured settings; for a folder that is not the configured one, only what holds for any."""
    from newsletter.config import unpack
    from newsletter.content import FolderSettings

    configured = unpack.folder_settings(s.config)
    home = s.config.content_dir.resolve()
    if all(home == path.resolve() or home in path.resolve().parents for path in paths):
        return configured
    return FolderSettings(language=configured.language, timezone=configured.timezone)


def _document(
    article: Article, method: Method, limits: Limits, zone: ZoneInfo, trace: bool
) -> dict[str, Any]:
    from newsletter import excerpt

    card = excerpt.make_card(article, method, limits)
    document: dict[str, Any] = {
        "path": article.path,
        "id": article.identity,
        "title": article.title,
        "url": article.url,
        "date": _date(article, zone),
        "language": article.language,
        "authors": article.authors,
        "tags": article.tags,
        "image": article.image.source if article.image else None,
        "image_alt": article.image.alt if article.image else None,
        "reading_minutes": card.reading_minutes,
        "excerpt": card.excerpt,
        "excerpt_from": card.excerpt_from,
        "problems": [{"line": p.line, "text": p.text} for p in article.problems],
    }
    if trace:
        document["trace"] = excerpt.trace(article, method, limits)
    return document


def _date(article: Article, zone: ZoneInfo) -> str | None:
    """As precise as the author was: a day, or a moment."""
    if article.date is None:
        return None
    local = article.date.astimezone(zone)
    return local.date().isoformat() if article.date_precision == "day" else local.isoformat()


def _show(s: Session, picked: PickUp, method: Method, limits: Limits, zone: ZoneInfo, trace: bool) -> None:
    from newsletter import excerpt

    guessed = " (guessed)" if picked.guessed else ""
    s.say(
        f"{number(len(picked.listings), 'article')}, {len(picked.skipped)} skipped · {picked.preset}{guessed}"
    )
    rows, notes = [], []
    for article in picked.articles:
        card = excerpt.make_card(article, method, limits)
        day = article.date.astimezone(zone).date().isoformat() if article.date else "no date"
        rows.append((day, article.title, f"{card.reading_minutes} min", card.excerpt_from, article.path))
        notes += [str(problem) for problem in article.problems]
    show_table(("date", "title", "time", "excerpt from", "file"), rows)
    for note in notes:
        s.note(note)
    for article in picked.articles if trace else ():
        s.say(f"\n{article.path}")
        for line in excerpt.trace(article, method, limits):
            s.say(f"  {line}")
    if picked.skipped:
        show_table(("skipped", "because"), [(k.path, k.reason) for k in picked.skipped])
