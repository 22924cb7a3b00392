"""What a round has to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: Why an issue is held that somebody must approve.
UNAPPROVED: Final = "waits for approval"
#: Why a slot has no issue for which there are articles and subscribers.
NOBODY_HAS_IT: Final = "nobody gets it so often"


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of one slot."""

    newsletter: str
    due_at: datetime
    issue_id: str  #: empty when there was none
    reason: str  #: why not, or why it is held
    mistake: bool = False  #: a person must mend something first; the slot stays due
    late: timedelta | None = None  #: by how much, if it was late
