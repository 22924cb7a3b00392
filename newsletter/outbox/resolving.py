"""What an operator says of deliveries -> of which it may be said, and why not of the others. Pure.

What may have been accepted is sent again by a person's explicit word alone. `doubt` remembers it: of a row
whose count is not 0, nobody knows what became of an earlier attempt, whatever its state is now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.model import State

#: What may be said, and where it leads. ``again`` is `outbox retry`, the others are `outbox resolve`.
LEADS_TO: Mapping[str, State] = {
    "sent": State.SENT,
    "failed": State.FAILED,
    "retry": State.QUEUED,
    "again": State.QUEUED,
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A delivery of which it may not be said."""

    id: int
    why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of an operator's word."""

    done: int
    left_out: tuple[LeftOut, ...]


def refusal(word: str, state: State, doubt: int, *, cancelled: bool, late: bool, elsewhere: str = "") -> str:
    """Why `word` may not be said of a delivery; empty when it may. `elsewhere`: the issue by which its reader
    gets some of the same."""
    if why := _by_state(word, state, maybe=doubt > 0):
        return why
    if LEADS_TO[word] is State.QUEUED and cancelled:
        return "its issue is cancelled: nothing of it is sent again"
    if LEADS_TO[word] is State.QUEUED and late:
        return "it is too late: its issue has expired (`stale_after`)"
    if LEADS_TO[word] is State.QUEUED and elsewhere:
        return f"{elsewhere} brings its articles: they would come twice"
    return ""


def _by_state(word: str, state: State, *, maybe: bool) -> str:
    if state in _ELSEWHERE:
        return _ELSEWHERE[state]
    if state is State.IN_DOUBT:
        return "is in doubt: `newsletter outbox resolve` decides it" if word == "again" else ""
    if state is State.FAILED:
        return _of_failed(word, maybe=maybe)
    if word == "sent":
        return ""
    if state is State.DEFERRED and word == "again":
        return _MAYBE if maybe else ""
    if state is State.DEFERRED and word == "retry" and maybe:
        return ""
    return "waits to be sent: nothing of it is in doubt"


def _of_failed(word: str, *, maybe: bool) -> str:
    if word == "failed":
        return "is failed already"
    if word == "again":
        return _MAYBE if maybe else ""
    return "" if maybe else "certainly failed: `newsletter outbox retry` sends it again"


_MAYBE = (
    "may have been accepted: look into your mail server's log; only "
    "`newsletter outbox resolve NUMBER --as retry` sends it again"
)
_ELSEWHERE: Mapping[State, str] = {
    State.SENT: "is sent already",
    State.SENDING: "is being sent now",
    State.SUPPRESSED: "is suppressed: consent or the suppression list forbids it",
    State.CANCELLED: "is cancelled already",
}
