"""What the coming weeks bring, as values: the plan. Pure; `newsletter.service.foreseen` makes one.

Nothing in it depends on the second at which it is made: the same inputs give the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class PlannedArticle:
    """An article as it is known today, in the slot that would carry it."""

    title: str
    path: str  #: relative to the content folder
    date: datetime | None  #: publication, UTC; None when nobody says
    why: str = ""  #: why it is in this slot, where that is not plain: ``waits since weekly-2026-11-16``


@dataclass(frozen=True, slots=True)
class ZoneShare:
    """The readers of one time zone, and when the slot reaches them."""

    zone: str  #: IANA
    due_at: datetime  #: UTC
    readers: int
    offset_change: timedelta = NONE  #: as in :class:`PlannedSlot`
    without_zone: int = 0  #: of the readers: say no zone, and are counted in the newsletter's


@dataclass(frozen=True, slots=True)
class PlannedSlot:
    """A slot, and what it would become if nothing changed until then."""

    newsletter: str
    cadence: str
    issue_id: str  #: that it has or would have; empty of one that was skipped
    local_time: datetime  #: wall time in `zone`, aware
    due_at: datetime  #: UTC; with local time, of the first zone
    zone: str  #: IANA: the newsletter's
    note: str = ""  #: what a change of clocks does to it: ``the clocks skip this time``; empty as a rule
    #: UTC offset of the zone's clocks against that of the slot before: -1 h when winter time has begun
    offset_change: timedelta = NONE
    articles: tuple[PlannedArticle, ...] = ()  #: in the issue's order
    waiting: int = 0  #: articles that wait beyond it
    recipients: int = 0
    zones: tuple[ZoneShare, ...] = ()  #: by `due_at`; empty when everybody is due at once
    ends_at: datetime | None = None  #: UTC: the last message under the rate limit; None where none is set
    skipped: str = ""  #: why nothing goes: ``1 new article, an issue needs 3``; empty when it goes
    #: of a slot of this week that has been decided: ``sent``, ``held`` or ``skipped``; empty: to come
    state: str = ""
    agreed: bool = False  #: somebody has agreed to it, as it is now
    approval: bool = False  #: somebody must agree to it
    built_at: datetime | None = None  #: UTC: with approval, when it is made and can be agreed to

    @property
    def key(self) -> str:
        """A name of its own: the id of its issue, also of one that was skipped and has none."""
        return self.issue_id or f"{self.newsletter}-{self.cadence}-{self.local_time:%Y-%m-%d-%H%M}"

    @property
    def goes(self) -> bool:
        """Whether an issue comes of it."""
        return not self.skipped

    @property
    def comes(self) -> bool:
        """Whether an issue of it is still to go, if nothing changes."""
        return self.goes and self.state != "sent" and not self.is_undecided

    @property
    def is_undecided(self) -> bool:
        """Whether its time has passed and it waits for somebody's word: to how many it goes is not known."""
        return self.state == "held" and not self.recipients


@dataclass(frozen=True, slots=True)
class PausedNewsletter:
    """A newsletter that makes no issues for a while."""

    newsletter: str
    since: datetime
    until: datetime | None  #: None: until somebody resumes it
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every slot of some weeks, by `due_at`."""

    newsletters: tuple[str, ...]  #: in the order of config.toml
    begins: datetime  #: UTC: the first instant of the first week, a Monday in the site's zone
    ends: datetime  #: UTC: the first instant after the last
    slots: tuple[PlannedSlot, ...]
    by_hand: tuple[str, ...] = ()  #: newsletters without a schedule
    paused: tuple[PausedNewsletter, ...] = ()
    notes: tuple[str, ...] = ()  #: whole sentences about what a person should know, such as a wrong clock

    def of(self, newsletter: str) -> Plan:
        """The same for one newsletter."""
        return Plan(
            (newsletter,),
            self.begins,
            self.ends,
            tuple(slot for slot in self.slots if slot.newsletter == newsletter),
            tuple(name for name in self.by_hand if name == newsletter),
            tuple(pause for pause in self.paused if pause.newsletter == newsletter),
            self.notes,
        )
