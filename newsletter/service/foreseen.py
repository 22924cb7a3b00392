"""Config, database, a time -> the plan: what will go out when, and what will not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.config.schema import Config
from newsletter.schedule.coming import coming
from newsletter.schedule.foreseen import PausedNewsletter, Plan, PlannedArticle, PlannedSlot, ZoneShare
from newsletter.schedule.pausing import paused
from newsletter.service.beats import beats

__all__ = ["PausedNewsletter", "Plan", "PlannedArticle", "PlannedSlot", "ZoneShare", "plan"]


def plan(config: Config, connection: Connection, now: datetime, weeks: int) -> Plan:
    """Each slot of this week and of those after it, `weeks` in all."""
    site = ZoneInfo(config.site.timezone)
    today = now.astimezone(site).date()
    begins = datetime.combine(today - timedelta(days=today.weekday()), time(), site)
    ends = datetime.combine(begins.date() + timedelta(weeks=weeks), time(), site)
    slots = [slot for name in config.newsletters for slot in _slots(config, name, now, ends)]
    rests = [pause for name in config.newsletters if (pause := paused(connection, name, now))]
    return Plan(
        tuple(config.newsletters),
        begins.astimezone(UTC),
        ends.astimezone(UTC),
        tuple(sorted(slots, key=lambda slot: (slot.due_at, slot.issue_id))),
        tuple(name for name in config.newsletters if not beats(config, name)),
        tuple(PausedNewsletter(one.newsletter, one.since, one.until, one.reason) for one in rests),
    )


def _slots(config: Config, name: str, now: datetime, ends: datetime) -> Iterator[PlannedSlot]:
    for beat in beats(config, name):
        for one in coming(beat.rhythm, beat.zone, now, ends) if beat.rhythm else ():
            yield PlannedSlot(
                name,
                beat.cadence,
                beat.id(one.slot),
                one.local_time,
                one.due_at,
                beat.zone.key,
                note=one.note,
                offset_change=one.offset_change,
                skipped="nothing new",
            )
