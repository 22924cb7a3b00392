"""Configuration and rows -> what comes next: when to look again, and which issue a preview shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, func, select

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import pick_up
from newsletter.model import State
from newsletter.outbox import approving
from newsletter.pipeline import Occasion
from newsletter.schedule.coming import next_begin
from newsletter.schedule.rhythm import LOOK_BACK
from newsletter.service.beats import EACH, Beat, Zones, beats, zones
from newsletter.service.due import rests
from newsletter.store import tables as t
from newsletter.store.database import Database


def wake_at(config: Config, database: Database, now: datetime) -> datetime | None:
    """The next instant at which there is something to decide, or to send: the alarm rings then, and every
    half a minute anyway."""
    with database.read() as connection:
        found = [*_slots(config, connection, now), *_held(connection), *_queued(connection, now)]
    found += [*rests(config, database, now), *_posts(config, now)]
    return min((at for at in found if at > now), default=None)


def coming(
    config: Config, database: Database | None, name: str, now: datetime, cadence: str = ""
) -> Occasion | None:
    """What the next issue of a newsletter will be made for, of a cadence or of the readers who chose none;
    None when it has no dates."""
    wanted = cadence or config.newsletters[name].default_cadence
    every = [beat for beat in beats(config, name) if beat.rhythm is not None]
    beat = next((beat for beat in every if beat.cadence == wanted), every[0] if every else None)
    if beat is None or beat.rhythm is None:
        return None
    there: Zones = {}
    if database is not None:
        with database.read() as connection:
            there = zones(connection, every)
    slots = beat.rhythm.occurrences(beat.zone, now, now + LOOK_BACK + beat.most_ahead)
    return next((beat.occasion(slot, there) for slot in slots), None)


def first_slot(config: Config, name: str, now: datetime) -> datetime | None:
    """When the first issue of a newsletter is due, whatever it may be made of."""
    found = (_next(beat, {}, now) for beat in beats(config, name))
    return min((at for at in found if at is not None), default=None)


def _slots(config: Config, connection: Connection, now: datetime) -> Iterator[datetime]:
    for name in config.newsletters:
        every = beats(config, name)
        there = zones(connection, every)
        yield from (at for beat in every if (at := _next(beat, there, now)) is not None)
        yield from (beat.opens(now) for beat in every)  # what is due in quiet hours is decided at their end


def _next(beat: Beat, there: Zones, now: datetime) -> datetime | None:
    if beat.rhythm is None:
        return None
    begins = partial(beat.made_at, zones=there)
    return next_begin(beat.rhythm, beat.zone, now, begins=begins, ahead=beat.most_ahead)


def _held(connection: Connection) -> Iterator[datetime]:
    yield from (one.due_at for one in approving.held(connection))


def _queued(connection: Connection, now: datetime) -> Iterator[datetime]:
    """When the next readers are due of issues that are out: those of a time zone further west."""
    d, i = t.delivery.c, t.issue.c
    for id in connection.execute(select(i.id).where(i.state == "open")).scalars().all():
        waits = d.issue_id == id, d.state == State.QUEUED, d.due_at > now
        found = connection.execute(select(func.min(d.due_at)).where(*waits)).scalar()
        if found is not None:
            yield found


def _posts(config: Config, now: datetime) -> Iterator[datetime]:
    """When the next article is published that has a date to come, where posts go out as they appear."""
    if not any(EACH in newsletter.cadences for newsletter in config.newsletters.values()):
        return
    settings = replace(unpack.folder_settings(config), future=True)
    listings = pick_up(config.content_dir, settings, now, cache=unpack.content_cache(config)).listings
    yield from (one.date for one in listings if one.date is not None and one.date > now)
