"""`newsletter plan`: what will be sent when, to how many, and why not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from newsletter.cli.session import Session, session

if TYPE_CHECKING:
    from newsletter.schedule.foreseen import Plan, PlannedSlot


@click.command("plan")
@click.option("--weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@click.option("--newsletter", "name", metavar="NAME", help="Only this one; default: all.")
@session(json=True, now=True)
def command(s: Session, weeks: int, name: str | None) -> None:
    """Each slot of this week and of the coming ones: when, what is known of it, and to how many.

    An article counts in the first slot that can carry it. The same files, readers and
    week give the same text, so that `git diff` shows what a change does.
    """
    from newsletter.cli.plan_text import lines
    from newsletter.service.foreseen import plan

    chosen = s.newsletter(name) if name else ""
    with s.database() as database, database.read() as connection:
        made = plan(s.config, connection, s.now, weeks)
    made = made.of(chosen) if chosen else made
    for note in made.notes:
        s.note(note)
    zone = ZoneInfo(s.config.site.timezone)
    if s.json:
        s.answer(document(made, zone))
    else:
        s.answer(None, "\n".join(lines(made, zone)))


def document(plan: Plan, zone: ZoneInfo) -> dict[str, Any]:
    """The plan as plain values, for JSON."""
    from newsletter.schedule.weeks import weeks

    every = weeks(plan, zone)
    return {
        "newsletters": plan.newsletters,
        "begins": plan.begins,
        "ends": plan.ends,
        "slots": [_slot(slot) for slot in plan.slots],
        "empty_weeks": [_iso(week.days[0].date) for week in every if not week.going],
        "clock_changes": [
            {"date": change.day.isoformat(), "at": f"{change.at:%H:%M}", "minutes": _minutes(change.by),
             "zones": change.zones}
            for week in every for day in week.days for change in day.changes
        ],
        "by_hand": plan.by_hand,
        "paused": [
            {"newsletter": one.newsletter, "since": one.since, "until": one.until, "reason": one.reason}
            for one in plan.paused
        ],
    }  # fmt: skip


def _slot(slot: PlannedSlot) -> dict[str, Any]:
    return {
        "newsletter": slot.newsletter,
        "cadence": slot.cadence,
        "issue": slot.issue_id,
        "local": slot.local_time.isoformat(),
        "zone": slot.zone,
        "due": slot.due_at,
        "offset_change_minutes": _minutes(slot.offset_change),
        "note": slot.note,
        "state": "skipped" if slot.skipped else slot.state or "planned",
        "skipped": slot.skipped,
        "articles": [
            {"title": one.title, "path": one.path, "date": one.date, "why": one.why} for one in slot.articles
        ],
        "waiting": slot.waiting,
        "recipients": slot.recipients,
        "zones": [
            {"zone": one.zone, "due": one.due_at, "readers": one.readers, "without_zone": one.without_zone,
             "offset_change_minutes": _minutes(one.offset_change)}
            for one in slot.zones
        ],
        "sent_by": slot.ends_at,
        "approval": slot.approval,
        "agreed": slot.agreed,
        "built": slot.built_at,
    }  # fmt: skip


def _minutes(by: timedelta) -> int:
    return by // timedelta(minutes=1)


def _iso(monday: Any) -> str:
    """`2026-W42`."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"
