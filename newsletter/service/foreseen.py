"""Config, database, a time -> the plan: what will go out when, and what will not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp, pick_up
from newsletter.issue.portion import NOTHING_SAID, Offered
from newsletter.model import State
from newsletter.outbox import ledger, operate, shareable, sharing
from newsletter.outbox.ledger import Books
from newsletter.outbox.sharing import Group, Sharing
from newsletter.pipeline import Occasion
from newsletter.pipeline.choosing import ask
from newsletter.pipeline.offering import offered, written
from newsletter.schedule.coming import coming
from newsletter.schedule.due import BEGUN, ISSUED, resting
from newsletter.schedule.foreseen import PausedNewsletter, Plan, PlannedArticle, PlannedSlot, ZoneShare
from newsletter.schedule.pausing import paused
from newsletter.service.beats import Beat, Zones, beats, zones
from newsletter.service.foreseeing import Event, Foresight
from newsletter.service.gathering import cohorts
from newsletter.store import tables as t
from newsletter.store.tables import milliseconds

__all__ = ["PausedNewsletter", "Plan", "PlannedArticle", "PlannedSlot", "ZoneShare", "plan"]


def plan(config: Config, connection: Connection, now: datetime, weeks: int) -> Plan:
    """Each slot of this week and of those after it, `weeks` in all: what was, and what will be if nothing
    changes."""
    site = ZoneInfo(config.site.timezone)
    today = now.astimezone(site).date()
    begins = datetime.combine(today - timedelta(days=today.weekday()), time(), site)
    ends = datetime.combine(begins.date() + timedelta(weeks=weeks), time(), site)
    settings = replace(unpack.folder_settings(config), future=True)
    picked = pick_up(config.content_dir, settings, now, cache=unpack.content_cache(config))
    slots: list[PlannedSlot] = []
    for name in config.newsletters:
        slots += _decided(config, connection, name, begins, now)
        slots += _to_come(config, connection, name, picked, now, ends)
    rests = [pause for name in config.newsletters if (pause := paused(connection, name, now))]
    return Plan(
        tuple(config.newsletters),
        begins.astimezone(UTC),
        ends.astimezone(UTC),
        tuple(sorted(slots, key=lambda slot: (slot.due_at, slot.issue_id))),
        tuple(name for name in config.newsletters if not beats(config, name)),
        tuple(PausedNewsletter(one.newsletter, one.since, one.until, one.reason) for one in rests),
        tuple(note for name in config.newsletters for note in _notes(config, connection, name, now)),
    )


def _notes(config: Config, connection: Connection, name: str, now: datetime) -> Iterator[str]:
    for beat in beats(config, name):
        if beat.rhythm and (by := resting(connection, name, beat.cadence, now, ahead=beat.most_ahead)):
            at = f"{by.astimezone(beat.zone):%Y-%m-%d %H:%M}"
            told = f"nothing is due before {at}: an issue of that time was sent (a wrong clock?)."
            yield f"{name}, {beat.cadence}: {told}"


def _to_come(
    config: Config, connection: Connection, name: str, picked: PickUp, now: datetime, ends: datetime
) -> Iterator[PlannedSlot]:
    every = beats(config, name)
    if not every:
        return
    books = ledger.books(connection, name)
    seen = [milliseconds(at) for at in books.seen.values()]
    segment, zoned = config.newsletters[name].segment, any(beat.local for beat in every)
    so_far = _so_far(config, name, picked, books, now)
    there = cohorts(connection, name, segment, so_far, now, seen=seen, zoned=zoned)
    places = zones(connection, every)
    taken = set(connection.execute(select(t.issue.c.id).where(t.issue.c.newsletter == name)).scalars())
    rests = paused(connection, name, now)
    foresight = Foresight(
        config, name, picked, books, there, places, rests, now, taken, written=written(config)
    )
    events: list[Event] = []
    for beat in every:
        found = foresight.posts(beat) if beat.rhythm is None else _events(connection, beat, places, now, ends)
        events += [one for one in found if one.occasion.at <= ends]
    yield from foresight.slots(events)


def _so_far(config: Config, name: str, picked: PickUp, books: Books, now: datetime) -> Sharing:
    """Who reads what, the issues that may matter to them, and the corrections of what was in one."""
    asked = ask(config, name, Occasion("", now, now))
    listings = offered(config, name, "", picked, books).listings
    ids = books.ids(listings)
    notes = {ids[one.identity]: ids[one.corrects] for one in listings if one.corrects}
    pool = tuple(Offered(id, NOTHING_SAID, of) for id, of in notes.items())
    readers = sharing.groups(asked.cadences, asked.default, "")
    groups = tuple(Group(*each, fresh=frozenset(ids.values())) for each in readers)
    return shareable.regroup(Sharing(pool, asked.rules, groups), books, asked.cadences, now - asked.catch_up)


def _events(
    connection: Connection, beat: Beat, zoned: Zones, now: datetime, ends: datetime
) -> Iterator[Event]:
    """The slots of a cadence that are not decided yet: also those whose issue is overdue, or made early."""
    assert beat.rhythm is not None
    s = t.slot.c
    mine = s.newsletter == beat.newsletter, s.cadence == beat.cadence
    decided = {row.key for row in connection.execute(select(s.key).where(*mine))}
    rests = resting(connection, beat.newsletter, beat.cadence, now, ahead=beat.most_ahead)
    for one in coming(beat.rhythm, beat.zone, rests or now, ends):
        if one.slot.key not in decided:
            yield Event(beat, beat.occasion(one.slot, zoned), one)


def _decided(
    config: Config, connection: Connection, name: str, begins: datetime, now: datetime
) -> Iterator[PlannedSlot]:
    """The slots of this week that are decided, and issues that are made and still to go."""
    s, zone = t.slot.c, ZoneInfo(unpack.timezone(config, name))
    rows = connection.execute(
        select(t.slot).where(s.newsletter == name, s.state != BEGUN, s.due_at >= begins).order_by(s.due_at)
    ).all()
    for row in rows:
        local = row.due_at.astimezone(zone)
        made = PlannedSlot(name, row.cadence, row.issue_id or "", local, row.due_at, zone.key)
        issue = operate.issue(connection, row.issue_id) if row.state == ISSUED else None
        if issue is None:
            yield replace(made, skipped=row.reason or "skipped")
            continue
        yield replace(
            made,
            articles=tuple(
                PlannedArticle(one.title, one.path, None) for one in ledger.carried(connection, issue.id)
            ),
            recipients=issue.counts.recipients - issue.counts[State.SUPPRESSED],
            state="held" if issue.state == "held" else "sent",
            approval=config.newsletters[name].approval,
        )
