"""What the doctor says about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"  #: mail goes out, but something should be mended, or could not be looked at
    FAILURE = "failure"  #: mail will not go out, or will not arrive


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line: what was looked at, how it is, and what to do."""

    topic: str  #: ``smtp login``
    health: Health
    text: str  #: what was seen; printable, without secrets
    fix: str = ""  #: what to type, paste or ask for; empty when all is well


def ok(topic: str, text: str) -> Diagnosis:
    return Diagnosis(topic, Health.OK, text)


def warning(topic: str, text: str, fix: str) -> Diagnosis:
    return Diagnosis(topic, Health.WARNING, text, fix)


def failure(topic: str, text: str, fix: str) -> Diagnosis:
    return Diagnosis(topic, Health.FAILURE, text, fix)
