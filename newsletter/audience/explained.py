"""Why somebody did or did not get something, as values. Pure; `newsletter.service.explained` finds it out.

There is exactly one reason for each issue, and exactly one for each article.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newsletter.audience.consent import Entry
from newsletter.audience.known import Subscriber


class Code(StrEnum):
    """What there is to say, for programs; people read :attr:`Reason.text`."""

    SENT = "sent"
    QUEUED = "queued"
    DEFERRED = "deferred"
    WAITING_FOR_TIME = "waiting_for_time"  #: due later where the reader lives
    UNAPPROVED = "unapproved"
    HELD = "held"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPPRESSED = "suppressed"
    PENDING = "pending"
    PAUSED = "paused"
    NOT_SUBSCRIBED_THEN = "not_subscribed_then"
    NOT_DUE = "not_due"  #: of another frequency
    TOPIC_NOT_CHOSEN = "topic_not_chosen"
    ALREADY_HAD = "already_had"
    LEFT_OUT = "left_out"
    ISSUE_SKIPPED = "issue_skipped"

    @property
    def in_words(self) -> str:
        """`in doubt`, `not subscribed then`."""
        return "waiting" if self is Code.WAITING_FOR_TIME else self.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one person did or did not get one issue or one article."""

    newsletter: str
    issue_id: str  #: empty for an article that is in no issue yet, and for a slot that was skipped
    article: str  #: path of the article; empty when it is about the whole issue
    title: str  #: of the article, or the subject of the issue
    code: Code
    text: str  #: one plain sentence: when, which attempt, whose reply, why, since when
    at: datetime | None = None  #: UTC: when it came to that; None where there is no such time
    due_at: datetime | None = None  #: UTC: of the issue or slot, for this reader
    evidence: tuple[str, ...] = ()  #: what it rests on, a line each: replies, log entries, dates

    @property
    def is_coming(self) -> bool:
        """Whether it may still arrive."""
        return self.code in COMING


COMING = frozenset({Code.QUEUED, Code.DEFERRED, Code.WAITING_FOR_TIME, Code.UNAPPROVED, Code.HELD})


@dataclass(frozen=True, slots=True)
class Explanation:
    """What can be said about one address."""

    address: str  #: as it was asked for
    person: Subscriber | None  #: None for who is on no list
    erased: bool = False  #: its owner was forgotten: no issue can be traced to them any more
    consent: tuple[Entry, ...] = ()  #: oldest first
    issues: tuple[Reason, ...] = ()  #: newest first
    articles: tuple[Reason, ...] = ()  #: of the issue or the article that was asked for; else the newest
    about: str = ""  #: the issue or the article that was asked for, as it was found; empty when neither was

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the address."""
        return self.person is None and not self.erased and not self.issues
