"""A mail that no report is in -> whether flufl.bounce, which knows the ways of many servers, sees a failure.

The only home of that library. It looks for patterns that anybody can write, so its word is never enough to
shut a reader out: who asks must know the message by other means, and what follows is counted only.
"""

from __future__ import annotations

import email
from dataclasses import dataclass
from typing import Final

from newsletter.audience.bounces_text import one_line

#: Octets that are looked at: some of its patterns take the square of a mail's length.
_LONGEST: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Guess:
    """What a mail seems to say."""

    recipient: str
    for_good: bool  #: the server has given up


def guess(octets: bytes) -> Guess | None:
    """What the library finds in the head of a mail; None when that is nothing. Never raises."""
    from flufl.bounce import all_failures

    try:
        waits, failed = all_failures(email.message_from_bytes(octets[:_LONGEST]))
    except Exception:  # forty detectors of other people's, on octets that anybody may send
        return None
    found = sorted(failed or waits)
    if not found:
        return None
    return Guess(one_line(found[0].decode("utf-8", "replace")), bool(failed))
