"""Desk -> the Plan view: what goes out in the coming weeks, to how many, when, and where nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from newsletter.errors import NewsletterError
from newsletter.schedule.clocks import ClockChange
from newsletter.schedule.foreseen import Plan, PlannedSlot
from newsletter.schedule.weeks import Day, Week, label, weeks
from newsletter.web.preview.bar import Overall
from newsletter.web.preview.desk import EACH, Desk

WEEKS: Final = 8
_MOST_WEEKS: Final = 104
_NUMBERS: Final = "no one two three four five six seven eight nine ten eleven twelve".split()
_SATURDAY: Final = 5
#: In a cell of the calendar; the others are counted.
MOST_SLOTS: Final = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the plan is looked at."""

    of: str  #: a newsletter; empty: all
    weeks: int
    slot: str  #: id of the chosen slot's issue; empty: the next that goes

    @classmethod
    def of_request(cls, asked: Mapping[str, str], newsletters: tuple[str, ...]) -> Asked:
        """What was asked for; the ordinary view where that is nonsense."""
        number, of = asked.get("weeks", ""), asked.get("of", "")
        usable = number.isascii() and number.isdecimal() and len(number) < 4
        return cls(
            of if of in newsletters else "",
            min(max(int(number), 1), _MOST_WEEKS) if usable else WEEKS,
            asked.get("slot", "")[:200],
        )

    def link(self, **changes: str | int) -> str:
        """The address of this view with these changes."""
        told = {"of": self.of, "weeks": self.weeks, "slot": self.slot} | changes
        kept = {name: value for name, value in told.items() if value and (name, value) != ("weeks", WEEKS)}
        return f"/plan?{urlencode(kept)}" if kept else "/plan"


class Planning(Overall):
    """What the template asks for."""

    here = "plan"

    def __init__(self, desk: Desk, asked: Mapping[str, str]) -> None:
        super().__init__(desk)
        self.view = Asked.of_request(asked, self.newsletters)
        self._zone = ZoneInfo(self.config.site.timezone)
        self.plan = self._plan()

    def _plan(self) -> Plan | None:
        try:
            whole = self._desk.outside.plan(self.config, self._desk.database, self.now, self.view.weeks)
        except NewsletterError as error:
            self.fail(error)
            return None
        return whole.of(self.view.of) if self.view.of else whole

    @property
    def title(self) -> str:
        return f"Plan, {self.view.weeks} weeks"

    @property
    def heading(self) -> str:
        """`The next eight weeks`."""
        number = self.view.weeks
        many = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
        return "This week" if number == 1 else f"The next {many} weeks"

    @property
    def command(self) -> str:
        """The same in a terminal."""
        of = f" --newsletter {self.view.of}" if self.view.of else ""
        return f"newsletter plan --weeks {self.view.weeks}{of}"

    # ── the calendar ───────────────────────────────────────────────────────

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        return weeks(self.plan, self._zone) if self.plan else ()

    @property
    def today(self) -> date:
        return self.now.astimezone(self._zone).date()

    @property
    def slots(self) -> tuple[PlannedSlot, ...]:
        return self.plan.slots if self.plan else ()

    @property
    def coming(self) -> int:
        """How many issues will go out."""
        return sum(slot.comes for slot in self.slots)

    @property
    def empty(self) -> int:
        """How many slots stay without an issue."""
        return sum(not slot.goes for slot in self.slots)

    def about(self, slot: PlannedSlot) -> str:
        """What stands below the name of a slot: its article, or how many they are; why there is none."""
        if slot.skipped:
            return slot.skipped
        if len(slot.articles) == 1:
            return slot.articles[0].title
        whom = "held" if slot.is_undecided else f"{slot.recipients:,}" if slot.recipients else "nobody"
        return f"{len(slot.articles)} articles · {whom}"

    def name(self, slot: PlannedSlot) -> str:
        """`Weekly`, `Blog each`; its cadence alone where only one newsletter is shown."""
        told = label(slot)
        alone = bool(self.view.of) or len(self.newsletters) == 1
        told = told.removeprefix(f"{slot.newsletter} ") if alone else told
        return told[:1].upper() + told[1:]

    def place(self, change: ClockChange) -> str:
        """`Copenhagen`, `Europe`."""
        return change.place.rpartition("/")[2].replace("_", " ")

    def kind(self, slot: PlannedSlot) -> str:
        """How it is drawn: ``empty``, ``sent``, ``held`` or nothing."""
        return "empty" if slot.skipped else slot.state

    def day(self, day: Day) -> str:
        """The number of a day, with the month where it begins."""
        first = self.weeks[0].days[0].date
        return f"{day.date:%-d %b}" if day.date.day == 1 or day.date == first else f"{day.date:%-d}"

    def cell(self, day: Day) -> str:
        """The classes of a day."""
        when = day.date
        names = {
            "past": when < self.today,
            "off": when.weekday() >= _SATURDAY,
            "void": not day.slots and not day.changes and when != self.today,
        }
        return " ".join(name for name, holds in names.items() if holds)

    def shown(self, day: Day) -> tuple[PlannedSlot, ...]:
        """The slots of a day that its cell has room for, the chosen one among them."""
        first, rest = day.slots[:MOST_SLOTS], day.slots[MOST_SLOTS:]
        return (*first, *(slot for slot in rest if slot is self.chosen))

    def more(self, day: Day) -> int:
        """How many slots of a day have no room in its cell."""
        return len(day.slots) - len(self.shown(day))

    # ── the chosen slot ────────────────────────────────────────────────────

    @cached_property
    def chosen(self) -> PlannedSlot | None:
        """The slot that was asked for; else the next that goes."""
        asked = next((slot for slot in self.slots if slot.key == self.view.slot), None)
        next_one = next((slot for slot in self.slots if slot.goes and slot.due_at >= self.now), None)
        return asked or next_one or next(iter(self.slots), None)

    @property
    def mail(self) -> str:
        """Where the mail of the chosen slot can be seen; empty when it is too far off."""
        if self.chosen is None or self.chosen.skipped:
            return ""
        if self.chosen.state:
            return f"/i/{self.chosen.issue_id}"
        name, cadence = self.chosen.newsletter, self.chosen.cadence
        same = (slot for slot in self.slots if (slot.newsletter, slot.cadence) == (name, cadence))
        if next((slot for slot in same if not slot.state), None) is not self.chosen:
            return ""
        return "" if cadence == EACH else f"/n/{self._desk.stream(name, cadence)}"

    def local(self, slot: PlannedSlot, when: datetime) -> str:
        """In the slot's zone: `Fri 30 Oct, 09:00`."""
        return f"{when.astimezone(ZoneInfo(slot.zone)):%a %-d %b, %H:%M}"

    def date(self, slot: PlannedSlot, when: datetime) -> str:
        """In the slot's zone: `27 Oct`, with the year where it is another."""
        there = when.astimezone(ZoneInfo(slot.zone))
        return f"{there:%-d %b}" if there.year == slot.local_time.year else f"{there:%-d %b %Y}"

    def long(self, when: datetime) -> str:
        """In the site's zone: `Fri 30 Oct 2026, 09:00`."""
        return f"{when.astimezone(self._zone):%a %-d %b %Y, %H:%M}"

    def clock(self, slot: PlannedSlot, when: datetime) -> str:
        """A time of UTC, with its day where that is another than the slot's."""
        return f"{when:%H:%M}" if when.date() == slot.local_time.date() else f"{when:%a %H:%M}"


def signed(by: timedelta) -> str:
    """`+1 h`, `−30 min`; nothing for no time."""
    minutes = round(by.total_seconds() / 60)
    size = abs(minutes)
    told = f"{size // 60} h" if size % 60 == 0 else f"{size} min"
    return f"{'+' if minutes > 0 else '−'}{told}" if minutes else ""


def clocks(change: ClockChange) -> str:
    """`−1 h at 03:00`, `−1 h from 02:00`."""
    return f"{signed(change.by)} {'at' if change.at == change.until else 'from'} {change.at:%H:%M}"
