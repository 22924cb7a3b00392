"""Config, database, a time -> the plan: what will go out when, and what will not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp, pick_up
from newsletter.issue.portion import NOTHING_SAID, Offered
from newsletter.model import State
from newsletter.outbox import approving, ledger, shareable, sharing
from newsletter.outbox.approving import Held
from newsletter.outbox.ledger import Books
from newsletter.outbox.sharing import Group, Sharing
from newsletter.pipeline import Occasion
from newsletter.pipeline.choosing import ask
from newsletter.pipeline.offering import offered, written
from newsletter.schedule.coming import NO_TIME, ComingSlot, coming
from newsletter.schedule.due import BEGUN, ISSUED, resting
from newsletter.schedule.each import decided_articles
from newsletter.schedule.foreseen import PausedNewsletter, Plan, PlannedArticle, PlannedSlot, ZoneShare
from newsletter.schedule.late import Late, lateness
from newsletter.schedule.pausing import paused
from newsletter.service.beats import EACH, Beat, Zones, beats, zones
from newsletter.service.foreseeing import Event, Foresight
from newsletter.service.gathering import cohorts
from newsletter.service.told import UNAPPROVED
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
        held = _held(config, connection, name, now)
        slots += _decided(config, connection, name, begins, now, held)
        slots += _to_come(config, connection, name, picked, now, ends, held)
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


def _held(config: Config, connection: Connection, name: str, now: datetime) -> dict[str, bool]:
    """The issues that wait for somebody's word and may yet go by themselves, for their time is to come or
    somebody has agreed: whether somebody has. What they will be is foreseen like any slot: they are made anew
    whenever something changes."""
    waiting = approving.held(connection)
    mine = [one for one in waiting if one.newsletter == name and one.reason == UNAPPROVED]
    agreed = {one.id: approving.is_approved(connection, one.id, one.hash) for one in mine}
    return {one.id: agreed[one.id] for one in mine if one.due_at > now or _goes(config, one, agreed, now)}


def _goes(config: Config, one: Held, agreed: Mapping[str, bool], now: datetime) -> bool:
    """Whether one goes whose time has come."""
    told = config.newsletters[one.newsletter]
    limits = {"late_after": told.late_after, "stale_after": told.stale_after}
    return agreed[one.id] and lateness(one.due_at, now, policy=told.late, **limits).does is not Late.SKIP


def _to_come(
    config: Config,
    connection: Connection,
    name: str,
    picked: PickUp,
    now: datetime,
    ends: datetime,
    held: Mapping[str, bool],
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
    ids = connection.execute(select(t.issue.c.id).where(t.issue.c.newsletter == name)).scalars()
    taken = {id for id in ids if id not in held}
    rests = paused(connection, name, now)
    noted = tuple(one for one in picked.listings if one.correction)
    decided = decided_articles(connection, name, EACH, but=held)
    foresight = Foresight(
        config,
        name,
        picked,
        books,
        there,
        places,
        rests,
        now,
        taken,
        decided=decided,
        noted=noted,
        written=written(config),
    )
    events: list[Event] = []
    for beat in every:
        found = (
            foresight.posts(beat)
            if beat.rhythm is None
            else _events(connection, beat, places, now, ends, held)
        )
        events += [one for one in found if one.occasion.at < ends]
    for made in foresight.slots(events):
        waits = made.issue_id in held and made.goes
        yield replace(made, state="held", agreed=held[made.issue_id]) if waits else made


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
    connection: Connection, beat: Beat, zoned: Zones, now: datetime, ends: datetime, held: Collection[str]
) -> Iterator[Event]:
    """The slots of a cadence that are not decided yet, and those whose issue is held: it may be overdue."""
    assert beat.rhythm is not None
    s = t.slot.c
    mine = s.newsletter == beat.newsletter, s.cadence == beat.cadence
    rows = connection.execute(select(s.key, s.issue_id, s.due_at).where(*mine)).all()
    overdue = [row.key for row in rows if row.issue_id in held and row.due_at <= now]
    for slot in filter(None, (beat.slot_of(date.fromisoformat(key)) for key in overdue)):
        at = slot.due_at.astimezone(beat.zone)
        yield Event(beat, beat.occasion(slot, zoned), ComingSlot(slot, at, NO_TIME))
    decided = {row.key for row in rows if row.issue_id not in held or row.key in overdue}
    rests = resting(connection, beat.newsletter, beat.cadence, now, ahead=beat.most_ahead)
    for one in coming(beat.rhythm, beat.zone, rests or now, ends):
        if one.slot.key not in decided:
            yield Event(beat, beat.occasion(one.slot, zoned), one)


def _decided(
    config: Config,
    connection: Connection,
    name: str,
    begins: datetime,
    now: datetime,
    held: Collection[str],
) -> Iterator[PlannedSlot]:
    """The slots of this week that are decided, and issues that are made and still to go, but those that are
    foreseen."""
    s, zone = t.slot.c, ZoneInfo(unpack.timezone(config, name))
    rows = connection.execute(
        select(t.slot).where(s.newsletter == name, s.state != BEGUN, s.due_at >= begins).order_by(s.due_at)
    ).all()
    if not rows:
        return
    from newsletter.outbox import operate  # loads what sends

    for row in rows:
        if row.issue_id in held:
            continue
        local = row.due_at.astimezone(zone)
        made = PlannedSlot(name, row.cadence, row.issue_id or "", local, row.due_at, zone.key)
        issue = operate.issue(connection, row.issue_id) if row.state == ISSUED else None
        if issue is None:
            yield replace(made, skipped=row.reason or "skipped")
            continue
        if issue.state == "cancelled" and not issue.counts.recipients:
            yield replace(made, issue_id="", skipped=issue.state_reason or "cancelled")
            continue
        is_held = issue.state == "held"
        yield replace(
            made,
            articles=tuple(
                PlannedArticle(one.title, one.path, None) for one in ledger.carried(connection, issue.id)
            ),
            recipients=issue.counts.recipients - issue.counts[State.SUPPRESSED],
            state="held" if is_held else "sent",
            note=f"{issue.state_reason}: newsletter issues show {issue.id}" if is_held else "",
            approval=config.newsletters[name].approval,
        )
