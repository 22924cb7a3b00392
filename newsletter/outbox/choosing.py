"""A folder's listings and what was sent before -> the pool of an issue, and why the rest is not in it.

What is in the pool depends on what its readers are due; who they are says `readers`, which asks the database.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from newsletter.issue.portion import NOTHING, NOTHING_SAID, Portion, Portions, portion
from newsletter.model import LeftOut, Listing
from newsletter.outbox import ledger, shareable
from newsletter.outbox.ledger import Books, Fate
from newsletter.outbox.shareable import Ask, Whole
from newsletter.outbox.sharing import Sharing, groups


class Demand(NamedTuple):
    """Readers who are due the same and want to read about the same."""

    topics: tuple[str, ...]
    due: frozenset[int]
    readers: int
    is_class: bool  #: ordinary readers; otherwise one who is looked at alone


_NOBODY_HAD_IT: Final = "nobody has had what it corrects"

#: Asked with all that could be shared out.
Readers = Callable[[Sharing], Iterable[Demand]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The pool of an issue."""

    listings: tuple[Listing, ...]  #: in the issue's order
    ids: tuple[int, ...]  #: of the same
    usual: tuple[int, ...]  #: what somebody gets who has had all before and wants to read about anything
    sharing: Sharing
    fates: tuple[Fate, ...]  #: of all that it decides about
    waiting: int  #: how many wait for the next issue, since this one is full
    recipients: int  #: as far as `readers` knew them
    skip: str  #: why there is no issue; empty when there is one
    outside: Callable[[], tuple[LeftOut, ...]]

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What is not in it, and why: told to people, and made only when somebody asks."""
        return self.outside()


def choose(
    listings: Sequence[Listing],
    left_out: Sequence[LeftOut],
    books: Books,
    ask: Ask,
    readers: Readers,
    *,
    omitted: Mapping[str, str] | None = None,
) -> Chosen:
    """Choose among `listings`, which are in order, one for each article; the others were `left_out` before.

    `omitted`: why an article must not be in this issue, nor in a later one, by its identity. Of a first issue
    the rest is the back catalogue: it is not mailed later either.
    """
    ids = books.ids(listings)
    whole = shareable.whole(listings, ids, books, ask, omitted or {})
    demands = tuple(readers(whole.sharing))
    shares = _shares(demands, whole.sharing)
    usual = _usual(whole.sharing, shares)
    taken = {id for _, share in shares for id in share.articles} | {*usual.articles}
    made = usual.articles or any(share.articles for one, share in shares if one.is_class)
    reaches = not demands or any(share.articles for _, share in shares)
    skip = "" if made and reaches else _why_none(whole.sharing, ask, reaches=reaches or not made)
    pool = frozenset() if skip else frozenset(taken)
    return _chosen(listings, tuple(left_out), ids, books, ask, whole, pool, usual, shares, skip)


# ── what is ─────────────────────────────────────────────────────────────────


def _usual(sharing: Sharing, shares: Sequence[tuple[Demand, Portion]]) -> Portion:
    """What most readers get, of those who want to read about anything if there are such. What waits for them
    comes with it, so it is no more than what is new only where nobody is known."""
    readers: dict[tuple[bool, Portion], int] = {}
    for one, share in shares:
        if one.is_class and share.articles:
            readers[not one.topics, share] = readers.get((not one.topics, share), 0) + one.readers
    if readers:
        return max(readers, key=lambda key: (key[0], readers[key], key[1].articles, key[1].waiting))[1]
    fresh = next((one.fresh for one in sharing.groups if "" in one.frequencies), sharing.groups[0].fresh)
    return portion(sharing.pool, fresh.difference(_idle(sharing, shares)), NOTHING_SAID, sharing.rules)


def _idle(sharing: Sharing, shares: Sequence[tuple[Demand, Portion]]) -> frozenset[int]:
    """Corrections of what none of its readers has had."""
    corrects = frozenset(sharing.corrects) if shares else NOTHING
    return corrects.difference(*(one.due for one, _ in shares)) if corrects else NOTHING


def _shares(demands: Sequence[Demand], sharing: Sharing) -> list[tuple[Demand, Portion]]:
    """What each gets. Most articles of a folder were mailed long ago: the pool is what anybody is due."""
    wanted = NOTHING.union(*{one.due for one in demands})
    pool = tuple(one for one in sharing.pool if one.id in wanted)
    portions = Portions(pool, sharing.rules)
    return [(one, portions.of(one.due, one.topics)) for one in demands]


def _why_none(sharing: Sharing, ask: Ask, *, reaches: bool) -> str:
    if not reaches:
        return "none of its readers has chosen what it is about"
    fresh = frozenset().union(*(group.fresh for group in sharing.groups))
    news = len(fresh.difference(sharing.corrects))
    if not news:
        return "nothing new but a correction, which comes with the next article" if fresh else "nothing new"
    return f"{news} new {'article' if news == 1 else 'articles'}, an issue needs {ask.rules.min_items}"


def _chosen(
    listings: Sequence[Listing],
    left_out: tuple[LeftOut, ...],
    ids: Mapping[str, int],
    books: Books,
    ask: Ask,
    whole: Whole,
    pool: frozenset[int],
    usual: Portion,
    shares: Sequence[tuple[Demand, Portion]],
    skip: str,
) -> Chosen:
    inside = tuple(one for one in listings if ids[one.identity] in pool)
    fresh = frozenset().union(*(group.fresh for group in whole.sharing.groups))
    dropped = dict.fromkeys(() if ask.rules.carries or ask.alone else fresh - pool, "")
    if not ask.alone:
        dropped |= dict.fromkeys(fresh & _idle(whole.sharing, shares) - pool, _NOBODY_HAD_IT)
    notes = frozenset(ids[one.identity] for one in listings if one.corrects)
    sharing = replace(
        whole.sharing,
        pool=tuple(one for one in whole.sharing.pool if one.id in pool),
        groups=tuple(replace(one, fresh=one.fresh & pool) for one in whole.sharing.groups),
        # Whom a correction is news to can be told in its pool alone.
        seen={id: at for id, at in whole.sharing.seen.items() if id in pool or id not in notes},
    )
    outside = tuple(one for one in listings if ids[one.identity] not in pool)
    waits = fresh.intersection(ids[one.identity] for one in outside).difference(
        whole.omitted, whole.before, dropped
    )

    def told() -> tuple[LeftOut, ...]:
        why = _reasons(listings, ids, books, ask, whole, fresh, dropped)
        apart = (LeftOut(one.identity, one.path, one.title, why(ids[one.identity])) for one in outside)
        return (*left_out, *apart)

    return Chosen(
        inside,
        tuple(ids[one.identity] for one in inside),
        usual.articles if not skip else (),
        sharing,
        () if skip else tuple(_fates(inside, ids, whole, dropped)),
        len(waits),
        sum(one.readers for one, share in shares if share.articles) if not skip else 0,
        skip,
        told,
    )


def _fates(
    inside: Sequence[Listing], ids: Mapping[str, int], whole: Whole, dropped: Mapping[int, str]
) -> Iterable[Fate]:
    carried = [ids[one.identity] for one in inside]
    yield from (Fate(id, ledger.CARRIED) for id in carried)
    yield from (Fate(id, ledger.OMITTED, why) for id, why in sorted(whole.omitted.items()))
    yield from (Fate(id, ledger.DROPPED, why) for id, why in sorted(dropped.items()))
    # Who had it due from another cadence gets some of the back catalogue all the same.
    yield from (Fate(id, ledger.BEFORE) for id in sorted(whole.before.difference(carried)))


def _reasons(
    listings: Sequence[Listing],
    ids: Mapping[str, int],
    books: Books,
    ask: Ask,
    whole: Whole,
    fresh: frozenset[int],
    dropped: Mapping[int, str],
) -> Callable[[int], str]:
    """Why an article is not in the issue."""
    cadences = [each for each, _ in groups(ask.cadences, ask.default, ask.cadence)]
    issues = [*itertools.chain(*(books.issues_of(each, ask.cadences) for each in cadences))]
    names = [issue for issue, _ in reversed(issues)]
    most = ask.rules.max_items

    def why(id: int) -> str:
        if id in whole.omitted:
            return whole.omitted[id]
        if id in whole.before:
            return f"older than what a first issue takes: an issue takes {most}"
        if id in dropped:
            return dropped[id] or f"dropped: an issue takes {most}"
        if id in fresh:
            return f"waits for the next issue: an issue takes {most}"
        return books.why_not(names, id) or "goes out by itself"

    return why
