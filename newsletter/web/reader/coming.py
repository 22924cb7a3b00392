"""A reader's subscriptions -> the next mail that they may expect, as they now want it.

It is what the schedules say: an issue without anything new for them is not sent, and of a post that goes out
as it appears nobody knows when.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.audience.known import Subscriber
from newsletter.audience.subscriptions import Subscription
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.schedule.quiet import after_quiet, is_holiday, parse_quiet
from newsletter.schedule.rhythm import LOOK_BACK
from newsletter.schedule.slots import parse
from newsletter.store.tables.basis import MILLISECOND
from newsletter.web.reader.offers import default_cadence


@dataclass(frozen=True, slots=True)
class Coming:
    """The next slot of a newsletter for one reader."""

    at: datetime  #: in the reader's time zone, or the newsletter's
    newsletter: str


def coming(config: Config, who: Subscriber, now: datetime, resting: Container[str]) -> Coming | None:
    """The first that comes of all that they get, but for newsletters that are `resting`; None when nobody can
    tell. After their break, where they take one."""
    found = [
        next_slot(config, one.newsletter, one.frequency, who.zone, _from(one, now))
        for one in who.subscriptions
        if one.newsletter in config.newsletters
        and one.newsletter not in resting
        and who.standing(one.newsletter, now) in ("active", "paused")
        and _from(one, now) - now < LOOK_BACK
    ]
    return min((one for one in found if one), key=lambda one: (one.at, one.newsletter), default=None)


def _from(one: Subscription, now: datetime) -> datetime:
    """Whatever is due after that comes to them: what is due when their break ends comes, too."""
    return max(now, one.paused_until - MILLISECOND) if one.paused_until else now


def next_slot(config: Config, name: str, frequency: str, zone: str, after: datetime) -> Coming | None:
    """When a newsletter comes next to a reader of that frequency and time zone (empty: not known)."""
    one = config.newsletters[name]
    cadence = frequency if frequency in one.cadences else default_cadence(one)
    rhythm = one.schedule or next((text for key, text in one.cadences.items() if key == cadence), "")
    if not rhythm or cadence == "each":
        return None
    here = ZoneInfo(unpack.timezone(config, name))
    theirs = ZoneInfo(zone) if zone else here
    clock = theirs if one.local_time else here
    quiet = parse_quiet(one.quiet_hours)
    for slot in parse(rhythm).occurrences(clock, after, after + LOOK_BACK):
        if not is_holiday(slot.local_date, one.holidays):
            return Coming(after_quiet(slot.due_at, quiet, clock).astimezone(theirs), name)
    return None
