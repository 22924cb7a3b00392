"""JSON from outside -> the values that adapters look for, each of the type that is wanted or not there.

Pure. Providers add fields as they like, so what is missing or odd is empty; only what is no JSON is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from newsletter.audience import bounces_text
from newsletter.audience.bounces_text import one_line
from newsletter.audience.hooks import Refused

#: Addresses in one event that are looked at; a message of ours has one.
_MOST = 50


def json_object(octets: bytes | str) -> Mapping[str, Any]:
    """The object that `octets` are. :class:`Refused` (400) when they are none."""
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        raise Refused(400, "it is no JSON") from None
    if not isinstance(found, dict):
        raise Refused(400, "it is no JSON object")
    return found


def within(found: Any, *names: str) -> Any:
    """What stands under `names`, one below the other; None when nothing does."""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text(found: Any, *names: str) -> str:
    """The text there, on one line and at most 500 characters; empty when there is none."""
    value = within(found, *names)
    return one_line(value) if isinstance(value, str) else ""


def rows(found: Any, *names: str) -> tuple[Any, ...]:
    """The elements of the list there."""
    value = within(found, *names)
    return tuple(value[:_MOST]) if isinstance(value, list) else ()


def moment(words: str) -> datetime | None:
    """An ISO 8601 time with its offset; None when it is none."""
    try:
        when = datetime.fromisoformat(words)
        return when.astimezone(UTC) if when.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


# ── what a provider means, as a status ──────────────────────────────────────


def lasting(status: str, words: str) -> str:
    """The status of a failure that the provider calls permanent: 5.1.1 unless a server said otherwise."""
    found = bounces_text.status(status, words)
    return "5.1.1" if not found or found.endswith(".0.0") else found


def passing(status: str, words: str) -> str:
    """The status of a failure that the provider calls passing: never one that makes an address a dead one."""
    found = bounces_text.status(status, words)
    return f"4{found[1:]}" if found else "4.0.0"


#: The status of a failure that is about what we sent, and about no reader.
ABOUT_US = "5.7.1"
