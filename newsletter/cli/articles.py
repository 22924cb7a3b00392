"""`newsletter articles`: what the content folder holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    looks = _look(s, paths, drafts, future)
    if s.json:
        articles = [_document(look, article, trace) for look in looks for article in look.picked.articles]
        skipped = [{"path": k.path, "reason": k.reason} for look in looks for k in look.picked.skipped]
        s.answer({"articles": articles, "skipped": skipped})
        return
    for look in looks:
        _show(s, look, trace)


@dataclass(frozen=True, slots=True)
class _Look:
    """One folder or file, and how it is looked at."""

    root: Path
    settings: FolderSettings
    picked: PickUp
    method: Method
    limits: Limits

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)

    def trace(self, article: Article) -> tuple[str, ...]:
        """Why the excerpt is what it is; of a page dump, what became of each line too."""
        from newsletter import content, excerpt

        folder = self.root if self.root.is_dir() else self.root.parent
        dump = article.path.endswith((".txt", ".text"))
        lines = content.trace(folder, article.path, self.settings) if dump else ()
        told = (f"{t.line:>4} {t.part:<10} {t.confidence:.1f} {t.rule}: {t.text[:60]}" for t in lines)
        return (*excerpt.trace(article, self.method, self.limits), *told)


def _look(s: Session, paths: tuple[Path, ...], drafts: bool, future: bool) -> list[_Look]:
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
    method, cache = plugins.load("excerpts", name)(), None if paths else _cache(s)
    roots = paths or (s.config.content_dir,)
    return [_Look(r, settings, pick_up(r, settings, now, cache=cache), method, limits) for r in roots]


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


def _document(look: _Look, article: Article, trace: bool) -> dict[str, Any]:
    from newsletter import excerpt

    card = excerpt.make_card(article, look.method, look.limits)
    document: dict[str, Any] = {
        "path": article.path,
        "id": article.identity,
        "title": article.title,
        "url": article.url,
        "date": _date(article, look.zone),
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
        document["trace"] = look.trace(article)
    return document


def _date(article: Article, zone: ZoneInfo) -> str | None:
    """As precise as the author was: a day, or a moment."""
    if article.date is None:
        return None
    local = article.date.astimezone(zone)
    return local.date().isoformat() if article.date_precision == "day" else local.isoformat()


def _show(s: Session, look: _Look, trace: bool) -> None:
    from newsletter import excerpt

    picked = look.picked
    preset = f"{picked.preset}{' (guessed)' if picked.guessed else ''}"
    s.say(f"{number(len(picked.listings), 'article')}, {len(picked.skipped)} skipped · {preset}")
    rows, notes = [], []
    for article in picked.articles:
        card = excerpt.make_card(article, look.method, look.limits)
        day = article.date.astimezone(look.zone).date().isoformat() if article.date else "no date"
        rows.append((day, article.title, f"{card.reading_minutes} min", card.excerpt_from, article.path))
        notes += [str(problem) for problem in article.problems]
    show_table(("date", "title", "time", "excerpt from", "file"), rows)
    for note in notes:
        s.note(note)
    for article in picked.articles if trace else ():
        s.say(f"\n{article.path}")
        for line in look.trace(article):
            s.say(f"  {line}")
    if picked.skipped:
        show_table(("skipped", "because"), [(k.path, k.reason) for k in picked.skipped])
