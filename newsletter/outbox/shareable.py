"""Listings and what was sent before -> all that an issue could share out, before anybody is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from newsletter.issue.ordering import CORRECTION
from newsletter.issue.portion import NOTHING, Offered, Rules, fold
from newsletter.model import Listing
from newsletter.outbox import ledger
from newsletter.outbox.ledger import Books
from newsletter.outbox.sharing import Group, Sharing, groups
from newsletter.store.tables import milliseconds

#: What a brief omits is for no issue of the newsletter, whatever its cadence.
LEFT_OUT: Final = "left out of an earlier issue"


@dataclass(frozen=True, slots=True)
class Ask:
    """What an issue is to be chosen for."""

    rules: Rules
    cadences: tuple[str, ...]  #: that readers may choose among; none, where there is a single schedule
    default: str  #: the one of those who chose none
    cadence: str  #: of this issue; empty: by hand, for everybody
    at: datetime  #: its cut-off
    catch_up: timedelta
    alone: str = ""  #: identity of the one article that it is about, of the cadence ``each``


@dataclass(frozen=True, slots=True)
class Whole:
    """All that could be, and what could not."""

    sharing: Sharing
    before: frozenset[int]  #: the back catalogue of a first issue
    omitted: Mapping[int, str]


def whole(
    listings: Sequence[Listing],
    ids: Mapping[str, int],
    books: Books,
    ask: Ask,
    omitted: Mapping[str, str],
) -> Whole:
    """`listings` are in order, one for each article; `omitted`: why one must not be in it, by identity."""
    order = [ids[one.identity] for one in listings]
    omitting = (fates.items() for fates in books.fates.values() if ledger.OMITTED in fates.values())
    out = {id: LEFT_OUT for fates in omitting for id, fate in fates if fate == ledger.OMITTED}
    out |= {ids[identity]: why for identity, why in omitted.items() if identity in ids}
    old: set[int] = set()
    found: list[Group] = []
    for cadence, frequencies in groups(ask.cadences, ask.default, ask.cadence):
        group, catalogue = _group(cadence, frequencies, order, ids, books, ask)
        old.update(catalogue)
        found.append(replace(group, fresh=group.fresh.difference(out)))
    apart = out.keys() | _coming(order, ids, books, ask)
    oldest = ask.at - ask.catch_up
    carried = _lately(books, oldest)
    if ask.alone and (begun := books.begun.get(ask.cadence)):
        # What was there before goes out by itself to nobody, whatever another cadence took of it.
        carried = {id for id in carried if books.seen.get(id, ask.at) > begun}
    if ask.rules.first_issue == "after":  # a first issue brings of what is new what came after its reader
        carried |= {id for group in found for id in group.fresh}
    seen = {id: milliseconds(books.seen.get(id, ask.at)) for id in order if id in carried and id not in out}
    sharing = Sharing(
        pool=tuple(_offered(one, ids) for one in listings if ids[one.identity] not in apart),
        rules=ask.rules,
        groups=tuple(found),
        newest=frozenset(id for id in order if id not in out and not ask.alone)
        if ask.rules.first_issue == "newest"
        else NOTHING,
        seen=seen,
        recent=_recent(books, frozenset(order), oldest),
    )
    return Whole(_parted(sharing), frozenset(old), out)


def regroup(sharing: Sharing, books: Books, cadences: Sequence[str], oldest: datetime) -> Sharing:
    """The same pool, shared out as is right by now: other issues may have come since it was chosen."""
    found = []
    for group in sharing.groups:
        issues = books.issues_of(group.cadence, cadences)
        fresh, before = group.fresh - _considered(books, issues), issues[-1][0] if issues else ""
        at = books.settled_at(issues, fresh)
        found.append(replace(group, fresh=fresh, before=before, before_at=milliseconds(at) if at else 0))
    # Others may have brought something meanwhile that somebody missed. It is not in the pool: it waits.
    out = {id for fates in books.fates.values() for id, fate in fates.items() if fate == ledger.OMITTED}
    out |= {id for key, id in books.known.items() if key.startswith(CORRECTION)}
    since = {id: milliseconds(books.seen[id]) for id in _lately(books, oldest) - out if id in books.seen}
    sharing = replace(sharing, seen=since | {**sharing.seen})
    # Of all that somebody may be due by what was not too old then, though more time has passed since.
    there = frozenset(id for one in sharing.pool for id in (one.id, one.corrects)).union(
        sharing.seen, sharing.newest
    )
    return _parted(replace(sharing, groups=tuple(found), recent=_recent(books, there, oldest)))


def is_overtaken(sharing: Sharing, books: Books, cadences: Sequence[str]) -> bool:
    """Whether an issue that was made since it was chosen has brought its readers some of what was new."""
    issues = ((one, books.issues_of(one.cadence, cadences)) for one in sharing.groups)
    return any(not one.fresh.isdisjoint(_considered(books, theirs)) for one, theirs in issues)


def _considered(books: Books, issues: Sequence[tuple[str, datetime]]) -> frozenset[int]:
    """The articles that these issues chose among."""
    return NOTHING.union(*(books.fates[issue] for issue, _ in issues))


def _lately(books: Books, oldest: datetime) -> set[int]:
    """The articles that issues brought which are not too old."""
    issues = (books.fates[issue].items() for issue, _, at in books.made if at >= oldest)
    return {id for fates in issues for id, fate in fates if fate == ledger.CARRIED}


def _parted(sharing: Sharing) -> Sharing:
    """No class has readers to whom a correction may be news: it is asked who had its article."""
    if not sharing.corrects:
        return sharing
    groups = (replace(one, before_at=0) if sharing.corrects_anew(one) else one for one in sharing.groups)
    return replace(sharing, groups=tuple(groups))


def _group(
    cadence: str,
    frequencies: tuple[str, ...],
    order: Sequence[int],
    ids: Mapping[str, int],
    books: Books,
    ask: Ask,
) -> tuple[Group, Collection[int]]:
    """One group of readers, and what is the back catalogue to it."""
    issues = books.issues_of(cadence, ask.cadences)
    considered = _considered(books, issues)
    fresh = [id for id in order if id not in considered]
    catalogue: Collection[int] = ()
    begun = books.begun.get(cadence)
    if ask.alone:
        overdue = {id for id in books.skipped if ask.at - ask.catch_up <= books.seen[id]}
        beside = overdue | _notes(ids)
        fresh = [id for id in fresh if id == _alone(ids, books, ask) or id in beside]
    elif not issues:
        was_there = {id for id in fresh if begun is None or id not in books.seen or books.seen[id] <= begun}
        catalogue = {id for id in fresh[ask.rules.max_items :] if id in was_there}
    else:
        catalogue = books.catalogue.get(cadence, NOTHING).intersection(fresh)
    before, at = issues[-1][0] if issues else "", books.settled_at(issues, fresh)
    group = Group(
        cadence, frequencies, frozenset(fresh).difference(catalogue), before, milliseconds(at) if at else 0
    )
    return group, catalogue


def _coming(order: Sequence[int], ids: Mapping[str, int], books: Books, ask: Ask) -> frozenset[int]:
    """Beside an article that goes out by itself, those that will: who is due one of them waits for that, and
    the others get it as they get any."""
    begun = books.begun.get(ask.cadence)
    if not ask.alone or begun is None:
        return NOTHING
    issues = books.issues_of(ask.cadence, ask.cadences)
    decided = books.skipped.union(*(books.fates[issue] for issue, _ in issues), (_alone(ids, books, ask),))
    decided |= _notes(ids)
    return frozenset(id for id in order if id not in decided and books.seen.get(id, ask.at) > begun)


def _alone(ids: Mapping[str, int], books: Books, ask: Ask) -> int:
    """The one article that the issue is about; 0 where it is not there. It may have been edited since."""
    return books.known.get(ask.alone) or ids.get(ask.alone, 0)


def _notes(ids: Mapping[str, int]) -> frozenset[int]:
    """Those of them that are corrections: they do not go out by themselves, but with any article."""
    return frozenset(id for identity, id in ids.items() if identity.startswith(CORRECTION))


def _recent(books: Books, there: frozenset[int], oldest: datetime) -> tuple[str, ...]:
    """The issues, in their order, which may have brought somebody what is there, or left it waiting."""
    newest = {cadence: issue for issue, cadence, _ in books.made}.values()
    return tuple(
        issue
        for issue, _, at in books.made
        if at >= oldest or issue in newest or not there.isdisjoint(books.fates[issue])
    )


def _offered(one: Listing, ids: Mapping[str, int]) -> Offered:
    return _of_tags(ids[one.identity], one.tags, ids.get(one.corrects, 0) if one.corrects else 0)


@lru_cache(maxsize=4096)
def _of_tags(id: int, tags: tuple[str, ...], corrects: int) -> Offered:
    return Offered(id, fold(tags), corrects)
