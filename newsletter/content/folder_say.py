"""What the files of a folder say together: the order of day and month, shared titles, the generator's habits.

Every file votes once it has been opened; nothing here opens one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.content import dates, languages, presets, publication, titles, verdict
from newsletter.content.facts import Kept
from newsletter.content.page import Page


@dataclass(slots=True)
class Say:
    """What the files say together, as far as is known."""

    language: str
    days: int = 0  #: votes for the day before the month
    months: int = 0
    tags: Counter[str] | None = None

    def count(self, kept: Kept) -> None:
        """Let one file vote."""
        for written in kept.written():
            self.days += written.vote == "dmy"
            self.months += written.vote == "mdy"
        if kept.tag:
            self.tags = self.tags or Counter()
            self.tags.update(titles.tag_parts(kept.tag))

    def order(self) -> tuple[dates.Order, bool]:
        """The order of day and month, and whether the files decided it."""
        if self.days == self.months:
            return dates.order((), self.language)
        return ("dmy" if self.days > self.months else "mdy"), True

    def told_order(self) -> str:
        """The order in one word, as an article that depends on it remembers it."""
        order, voted = self.order()
        return f"{order} by vote" if voted else order

    def shared(self, tag: str) -> tuple[str, ...]:
        """A <title> and its parts, as far as other files have them too."""
        counts: Mapping[str, int] = self.tags or {}
        return tuple(sorted(part for part in titles.tag_parts(tag) if counts.get(part, 0) > 1))


@dataclass(slots=True)
class Habits:
    """What paths and the generator decide before a file is read."""

    preset: presets.Preset
    variants: Mapping[str, languages.Variant]  #: of the paths that name a language
    siblings: Mapping[str, set[str]]
    alone: bool  #: there is one file only

    def named_out(self, kept: Kept) -> str:
        """Why its name and place say that a file is no article; a file that stands alone may be one."""
        if self.alone:
            return ""
        return verdict.by_name(kept.path, self.siblings, self.preset, kept.dated)


def votes_of(read: Page) -> tuple[tuple[int, int, int], ...]:
    """The dates of a page that say something about the order of day and month."""
    return tuple((w.year, w.first, w.second) for w in publication.votes(read) if w.vote)


def groups(pages: Sequence[Kept], variants: Mapping[str, languages.Variant]) -> dict[str, str]:
    """The article of which each file is a variant: by its path, or by a field (Hugo's ``translationKey``)."""
    found = {path: variant.neutral for path, variant in variants.items() if variant.neutral != path}
    return found | {kept.path: f"key {kept.translation}" for kept in pages if kept.translation}
