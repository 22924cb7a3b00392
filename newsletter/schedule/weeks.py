"""Plan -> its weeks, day by day, each with what goes and what changes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from newsletter.schedule.clocks import ClockChange, clock_changes
from newsletter.schedule.foreseen import Plan, PlannedSlot

_DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One date."""

    date: date
    slots: tuple[PlannedSlot, ...]  #: by their local dates
    changes: tuple[ClockChange, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Monday to Sunday."""

    days: tuple[Day, ...]

    @property
    def number(self) -> int:
        """Of ISO 8601."""
        return self.days[0].date.isocalendar().week

    @property
    def slots(self) -> tuple[PlannedSlot, ...]:
        return tuple(slot for day in self.days for slot in day.slots)

    @property
    def going(self) -> int:
        """How many issues go out, or went."""
        return sum(slot.goes for slot in self.slots)


def weeks(plan: Plan, zone: ZoneInfo) -> tuple[Week, ...]:
    """Each week of the plan, empty ones too; `zone` is where its weeks begin: the site's."""
    first, last = bounds(plan, zone)
    slots: dict[date, list[PlannedSlot]] = {}
    for slot in plan.slots:
        slots.setdefault(min(max(slot.local_time.date(), first), last), []).append(slot)
    changes: dict[date, list[ClockChange]] = {}
    for change in clock_changes(zones(plan), first, last):
        changes.setdefault(change.day, []).append(change)

    def day(when: date) -> Day:
        return Day(when, tuple(slots.get(when, ())), tuple(changes.get(when, ())))

    return tuple(
        Week(tuple(day(monday + timedelta(days=n)) for n in range(_DAYS))) for monday in _mondays(first, last)
    )


def bounds(plan: Plan, zone: ZoneInfo) -> tuple[date, date]:
    """The first Monday and the last Sunday that the plan shows."""
    first = plan.begins.astimezone(zone).date()
    last = (plan.ends - timedelta(microseconds=1)).astimezone(zone).date()
    return first - timedelta(days=first.weekday()), last + timedelta(days=_DAYS - 1 - last.weekday())


def zones(plan: Plan) -> frozenset[str]:
    """Every time zone in which something is due."""
    shares = (share.zone for slot in plan.slots for share in slot.zones)
    return frozenset((*(slot.zone for slot in plan.slots), *shares))


def label(slot: PlannedSlot) -> str:
    """What a slot is called: its newsletter, and its cadence where the newsletter has cadences."""
    has_cadences = slot.issue_id.startswith(f"{slot.newsletter}-{slot.cadence}-")
    return f"{slot.newsletter} {slot.cadence}" if slot.cadence and has_cadences else slot.newsletter


def _mondays(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=_DAYS)
