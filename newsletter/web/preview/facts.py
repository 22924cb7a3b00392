"""A mail -> the figures beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from newsletter.audience import subscribers
from newsletter.audience.subscribers import Counts
from newsletter.config import unpack
from newsletter.model import Finding, Level
from newsletter.outbox import approving
from newsletter.web.preview.desk import Desk
from newsletter.web.preview.shown import Shown

#: Bytes of HTML after which Gmail cuts a mail off, and of one style element that it still reads.
CLIP: Final = 102_400
STYLES: Final = 8_192
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Weight:
    """How heavy a mail is, in bytes."""

    html: int
    styles: int
    message: int
    pictures: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checks found, by level."""

    errors: int
    warnings: int
    infos: int


def weight(shown: Shown) -> Weight:
    """The figures that mail programs have limits for."""
    styles = sum(len(found.encode()) for found in _STYLE.findall(shown.html))
    return Weight(len(shown.html.encode()), styles, len(shown.copy.data), len(shown.media))


def people(desk: Desk, newsletter: str) -> Counts:
    """How many get it, and how many do not."""
    database = desk.database
    now = desk.outside.clock()
    return subscribers.counts(database, newsletter, now) if database else Counts(0, 0, 0, 0)


def held(desk: Desk, id: str) -> tuple[str, str] | None:
    """What an issue that is made waits for, and the command by which somebody lets it go; None of others."""
    if desk.database is None:
        return None
    with desk.database.read() as connection:
        (one,) = approving.held(connection, id) or (None,)
        if one is None:
            return None
        if approving.is_approved(connection, one.id, one.hash):
            return "Made and approved. What changes now must be approved again.", ""
    return f"Made, and held: {one.reason}. Nothing of it goes before somebody agrees.", one.command


def verdict(findings: Sequence[Finding]) -> Verdict:
    """How many of each level."""
    levels = [finding.level for finding in findings]
    return Verdict(*(levels.count(level) for level in (Level.ERROR, Level.WARNING, Level.INFO)))


def local(desk: Desk, newsletter: str, when: datetime) -> str:
    """A time as people in the newsletter's zone say it: ``Mon 23 Nov, 09:00``."""
    return f"{when.astimezone(_zone(desk, newsletter)):%a %-d %b %Y, %H:%M}"


def clock(desk: Desk, when: datetime) -> str:
    """The time of day in the site's zone."""
    return f"{when.astimezone(ZoneInfo(desk.config.site.timezone)):%H:%M:%S}"


def zone(desk: Desk, newsletter: str) -> str:
    """The zone in which the newsletter's times are told."""
    return unpack.timezone(desk.config, newsletter)


def distance(until: timedelta) -> str:
    """``in 3 days``, ``in 5 h``, ``in 12 min``."""
    minutes = max(0, round(until.total_seconds() / 60))
    if minutes >= 48 * 60:
        return f"in {minutes // (24 * 60)} days"
    return f"in {minutes // 60} h" if minutes >= 120 else f"in {minutes} min"


def _zone(desk: Desk, newsletter: str) -> ZoneInfo:
    return ZoneInfo(unpack.timezone(desk.config, newsletter))
