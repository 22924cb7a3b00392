"""`newsletter plan`: what will be sent when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session
from newsletter.cli.tables import show_table

if TYPE_CHECKING:
    from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Row:
    """One slot to come."""

    newsletter: str
    local: str
    due_at: datetime
    articles: int
    people: int
    note: str


@click.command("plan")
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@session(json=True, now=True)
def command(s: Session, weeks: int) -> None:
    """Each slot of the coming weeks: when, how many articles known today, to how many.

    An article counts in the first slot that can carry it.
    """
    with s.database() as database:
        rows = [row for name in s.config.newsletters for row in _rows(s, database, name, weeks)]
        by_hand = [name for name, n in s.config.newsletters.items() if not n.schedule]
    rows.sort(key=lambda row: (row.due_at, row.newsletter))
    if s.json:
        s.answer(
            {
                "slots": [
                    {
                        "newsletter": r.newsletter,
                        "local": r.local,
                        "due": r.due_at,
                        "articles": r.articles,
                        "recipients": r.people if r.articles else 0,
                        "note": r.note,
                    }
                    for r in rows
                ],
                "by_hand": by_hand,
            }
        )
        return
    show_table(
        ("newsletter", "local time", "UTC", "articles", "to", "note"),
        [
            (
                r.newsletter,
                r.local,
                f"{r.due_at:%a %H:%M}",
                r.articles,
                r.people if r.articles else "-",
                r.note,
            )
            for r in rows
        ],
    )
    for name in by_hand:
        s.say(f"{name}: only by hand (no schedule)")


def _rows(s: Session, database: Database, name: str, weeks: int) -> list[Row]:
    from newsletter.audience import subscribers
    from newsletter.config import unpack
    from newsletter.schedule.due import held_until, plan
    from newsletter.service.due import rhythm

    beat = rhythm(s.config, name)
    if beat is None:
        return []
    zone = ZoneInfo(unpack.timezone(s.config, name))
    held = held_until(database, name, beat, s.now)
    if held:
        s.note(
            f"{name}: nothing is due before {s.local(held)}: an issue of that time was sent (a wrong clock?)"
        )
    people = subscribers.counts(database, name, s.now, segment=s.config.newsletters[name].segment).active
    slots = plan(beat, zone, s.now, weeks)
    counted = _articles(s, database, name, [slot.due_at for slot in slots])
    return [
        Row(name, f"{slot.local_time:%a %d %b %Y %H:%M}", slot.due_at, n, people, slot.note or why)
        for slot, (n, why) in zip(slots, counted, strict=True)
    ]


def _articles(s: Session, database: Database, name: str, due: list[datetime]) -> list[tuple[int, str]]:
    """How many of the articles known today each slot would carry, one slot after the other."""
    from dataclasses import replace

    from newsletter.config import unpack
    from newsletter.content import pick_up
    from newsletter.issue.choose import choose
    from newsletter.outbox import ledger

    newsletter = s.config.newsletters[name]
    with database.read() as connection:
        had = ledger.had(connection, name)
    settings = replace(unpack.folder_settings(s.config), future=True)
    cache = unpack.content_cache(s.config)
    listings = pick_up(s.config.content_dir, settings, s.now, cache=cache).listings
    taken: set[str] = set()
    first = had.first
    counted: list[tuple[int, str]] = []
    for when in due:
        known = [a for a in listings if a.identity not in taken and (a.date is None or a.date <= when)]
        choice = choose(
            known,
            had.why_not,
            language=s.config.site.language,
            max_items=newsletter.max_items,
            min_items=newsletter.min_items,
            overflow=newsletter.overflow,
            first=first,
        )
        gone = known if first and choice.carried else [*choice.carried, *choice.dropped]
        first = first and not choice.carried
        taken |= {article.identity for article in gone}
        counted.append((len(choice.carried), choice.skip and f"skipped: {choice.skip}"))
    return counted
