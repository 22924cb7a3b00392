"""What an issue's row says of who gets what of it: enough to go on queueing after a crash, and to explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from newsletter.issue.portion import NOTHING, News, Offered, Rules

#: What a subscription's frequency may say; the first: that nothing was chosen.
FREQUENCIES: Final = ("", "each", "daily", "weekly")


@dataclass(frozen=True, slots=True)
class Group:
    """Readers of one cadence: the same is new to them."""

    cadence: str
    frequencies: tuple[str, ...]  #: those who chose one of these
    fresh: frozenset[int] = NOTHING  #: articles that no earlier issue of theirs chose among
    before: str = ""  #: their issue before this one; empty when there was none
    before_at: int = 0  #: who came and chose by then has had no others of `fresh`; milliseconds since 1970


@dataclass(frozen=True, slots=True)
class Sharing:
    """How an issue is shared out among those it is for."""

    pool: tuple[Offered, ...]  #: in the issue's order
    rules: Rules
    groups: tuple[Group, ...]
    newest: frozenset[int] = NOTHING  #: what a first issue may bring
    seen: Mapping[int, int] = field(default_factory=dict)  #: first seen when, of what is not too old
    recent: tuple[str, ...] = ()  #: earlier issues that may have brought any of it, in their order
    zones: Mapping[int, int] = field(default_factory=dict)  #: due when, by the reader's zone; 0: any other

    @property
    def corrects(self) -> dict[int, int]:
        """What each correction is one of."""
        return {one.id: one.corrects for one in self.pool if one.corrects}

    def corrects_anew(self, group: Group) -> bool:
        """Whether readers of that group may be due a correction for the first time. Who had its article is
        not known of a class: then they are all looked at one by one."""
        return not group.fresh.isdisjoint(self.corrects)

    def news(self, group: Group, since: int) -> News:
        """What there is for a reader of that group who came then."""
        seen = frozenset(id for id, at in self.seen.items() if at >= since)
        return News(group.fresh, self.newest, seen, frozenset(self.seen))


def document(one: Sharing) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    rules = one.rules
    return {
        "pool": [[each.id, sorted(each.tags), each.corrects] for each in one.pool],
        "rules": [rules.min_items, rules.max_items, rules.carries, rules.first_issue],
        "groups": [
            {
                "cadence": group.cadence,
                "frequencies": list(group.frequencies),
                "fresh": sorted(group.fresh),
                "before": group.before,
                "before_at": group.before_at,
            }
            for group in one.groups
        ],
        "newest": sorted(one.newest),
        "seen": [[id, at] for id, at in sorted(one.seen.items())],
        "recent": list(one.recent),
        "zones": [[zone, due] for zone, due in sorted(one.zones.items())],
    }


def of_document(given: Mapping[str, Any]) -> Sharing | None:
    """What `document` made; None of an issue that everybody gets alike, as tests and letters are."""
    if not given:
        return None
    return Sharing(
        pool=tuple(Offered(id, frozenset(tags), corrects) for id, tags, corrects in given["pool"]),
        rules=Rules(*given["rules"]),
        groups=tuple(
            Group(
                group["cadence"],
                tuple(group["frequencies"]),
                frozenset(group["fresh"]),
                group["before"],
                group["before_at"],
            )
            for group in given["groups"]
        ),
        newest=frozenset(given["newest"]),
        seen=dict(map(tuple, given["seen"])),
        recent=tuple(given["recent"]),
        zones=dict(map(tuple, given["zones"])),
    )


def groups(cadences: tuple[str, ...], default: str, cadence: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Whom an issue of that cadence is for: cadence, and the frequencies that have it.

    `cadences` are those that readers may choose among; none, where there is a single schedule. An issue by
    hand (an empty cadence) is for all of them, each a group of its own: what is new to one is not to another.
    """
    if not cadences:
        return ((cadence, FREQUENCIES),)
    others = tuple(each for each in FREQUENCIES if each not in cadences)
    shares = {each: (each, *others) if each == default else (each,) for each in cadences}
    return tuple(shares.items()) if not cadence else ((cadence, shares.get(cadence, ())),)
