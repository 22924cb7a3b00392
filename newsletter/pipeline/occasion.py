"""What an issue is made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Occasion:
    """A slot, or somebody's wish."""

    id: str  #: that the issue will have; another one, if that is taken
    at: datetime  #: its nominal time: the date that it bears
    cut_off: datetime  #: what is published by then may be in it
    cadence: str = ""  #: empty: by hand
    alone: str = ""  #: identity of the one article that it is about, of the cadence ``each``
    zones: Mapping[int, datetime] = field(default_factory=dict)  #: due when, by the reader's time zone
    own: datetime | None = None  #: when those are due whose zone is not among them; None: at its time

    @property
    def first_due(self) -> datetime:
        """When the first message of it may go."""
        return min((self.own_due, *self.zones.values()))

    @property
    def last_due(self) -> datetime:
        """When the last may."""
        return max((self.own_due, *self.zones.values()))

    @property
    def own_due(self) -> datetime:
        """When those are due who are in the newsletter's own time zone, or say no other."""
        return self.own or self.at
