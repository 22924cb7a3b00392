"""The states of a delivery, and the only ways between them. Pure.

| state      | means                                            | leaves by                             |
|------------|--------------------------------------------------|---------------------------------------|
| queued     | waits until it is due                            | the intent; re-check -> suppressed;   |
|            |                                                  | too late -> failed; -> cancelled;     |
|            |                                                  | operator -> sent                      |
| sending    | intent committed: its bytes may be on the wire   | the outcome, or recovery              |
| deferred   | certainly not accepted; to be tried again later  | its time -> queued; -> cancelled;     |
|            |                                                  | operator -> sent                      |
| sent       | the next hop answered 2yz to the final dot       | never                                 |
| failed     | not accepted, not to be tried again; doubt > 0:  | never (operator: retry -> queued;     |
|            | an operator left it so, or an attempt before it  | where doubt > 0, resolve -> queued    |
|            | may have been accepted                           | or sent)                              |
| suppressed | consent or the suppression list forbids it       | never                                 |
| in_doubt   | may have been accepted: no certain answer came   | operator -> sent, failed or queued;   |
|            |                                                  | a late answer with the same token;    |
|            |                                                  | a bounce or complaint that names it   |
| cancelled  | the operator took it out before it was sent      | never                                 |

| from    | what happened                                                   | to                         |
|---------|-----------------------------------------------------------------|----------------------------|
| queued  | intent committed, consent re-checked in the same transaction    | sending, attempts+1        |
| sending | complete 2yz after the dot                                      | sent                       |
| sending | temporary refusal; connection lost before the dot               | deferred; failed when late |
| sending | the relay is not there (the third time: deferred)               | queued                     |
| sending | certain refusal of this address                                 | failed (+ suppression)     |
| sending | refusal of *us* (5.7.x, MAIL 550); of the message itself        | queued; failed. It pauses  |
| sending | its turn never came: drained, or the connection died before it  | queued, attempts-1         |
| sending | outcome unknown; its process died; its lease ran out            | in_doubt; under the policy |
|         |                                                                 | ``resend`` queued, doubt+1 |

Always: recipients = sent + failed + suppressed + in_doubt + cancelled + waiting,
where waiting = queued + sending + deferred. An issue is finished when waiting = 0; a paused one only when
nothing of it failed or is in doubt, or when it is too late.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.model import Fault, Outcome, State, Verdict

WAITING = (State.QUEUED, State.SENDING, State.DEFERRED)

#: Delay before the second attempt; it doubles with each further one up to the longest (RFC 5321 4.5.4.1).
FIRST_DELAY = timedelta(minutes=5)
LONGEST_DELAY = timedelta(hours=4)

#: A relay that is down is nobody's fault: the row simply waits for it. But a message on
#: which the connection breaks again and again may be the cause, and steps aside.
RELAY_ATTEMPTS = 3

#: The code at the head of a reply, perhaps after the stage that it answers: ``RCPT: 5.1.1 no such user``.
#: Anywhere else, such digits may be an address or a version.
_ENHANCED = re.compile(r"(?:[A-Za-z][A-Za-z ]*: )?#?(5\.\d{1,3}\.\d{1,3})(?![\d.])")
#: RFC 3463 codes that say: this address takes no mail, ever.
_HARD_BOUNCE = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


@dataclass(frozen=True, slots=True)
class Change:
    """What an outcome does to its row."""

    state: State
    next_at: datetime | None = None  #: of a deferred row
    attempts: int = 0  #: added to the row's count
    doubt: int = 0  #: added to the row's count
    pauses_issue: bool = False
    hard_bounce: bool = False


def after(outcome: Outcome, *, attempts: int, policy: str, now: datetime, stale_at: datetime) -> Change:
    """Where an outcome leads. `attempts` counts this one; `policy` is ``hold`` or ``resend``."""
    if outcome.verdict is Verdict.SENT:
        return Change(State.SENT)
    if outcome.verdict is Verdict.IN_DOUBT:
        return doubtful(policy)
    ours = outcome.fault is Fault.US
    if outcome.verdict is Verdict.FAILED:
        return Change(State.FAILED, pauses_issue=ours, hard_bounce=is_hard_bounce(outcome))
    if ours:
        return Change(State.QUEUED, attempts=-1, pauses_issue=True)
    if outcome.fault is Fault.RELAY and attempts < RELAY_ATTEMPTS:
        return Change(State.QUEUED)
    next_at = now + delay(attempts)
    return Change(State.FAILED) if next_at >= stale_at else Change(State.DEFERRED, next_at=next_at)


def doubtful(policy: str) -> Change:
    """Where a row goes whose outcome nobody can know."""
    return Change(State.QUEUED, doubt=1) if policy == "resend" else Change(State.IN_DOUBT)


def unused() -> Change:
    """Where a row goes whose turn never came."""
    return Change(State.QUEUED, attempts=-1)


def delay(attempts: int) -> timedelta:
    """How long to wait after the given number of attempts."""
    doublings: int = min(max(attempts, 1) - 1, 10)
    return min(LONGEST_DELAY, FIRST_DELAY * (1 << doublings))


def is_hard_bounce(outcome: Outcome) -> bool:
    """Whether a refusal says that the address takes no mail at all (RFC 3463)."""
    found = _ENHANCED.match(outcome.text)
    certain = outcome.verdict is Verdict.FAILED and outcome.fault is Fault.RECIPIENT
    return certain and found is not None and found[1] in _HARD_BOUNCE
