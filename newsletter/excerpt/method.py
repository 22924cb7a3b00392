"""Limits -> Picked: what an excerpt method is asked for, and what it answers.

A method picks whole sentences of the body, verbatim. It never writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from newsletter.model import Article, ExcerptFrom


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a card shows: both hold at once."""

    sentences: int = 2
    characters: int = 260  #: of the finished excerpt, spaces between sentences included


@dataclass(frozen=True, slots=True)
class Picked:
    """What a method chose: sentences in the order of the body, none when nothing may be shown."""

    sentences: tuple[str, ...]
    origin: ExcerptFrom
    trace: tuple[str, ...]  #: why these, one line each, for people


class Method(Protocol):
    """An excerpt method: picks whole sentences of the body, verbatim."""

    def __call__(self, article: Article, limits: Limits) -> Picked:
        """The sentences that say best what the article brings, within the limits."""
        ...
