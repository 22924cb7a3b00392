"""One newsletter, slot after slot, as if nothing changed: what each would bring, and to how many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.delivery.rate import per_second
from newsletter.errors import ContentError
from newsletter.issue.ordering import corrections
from newsletter.issue.portion import NOTHING
from newsletter.model import Listing
from newsletter.outbox import choosing, ledger
from newsletter.outbox.choosing import Chosen, Demand
from newsletter.outbox.ledger import Books
from newsletter.outbox.sharing import Sharing
from newsletter.pipeline import Occasion
from newsletter.pipeline.choosing import ask
from newsletter.pipeline.offering import Offer, offered
from newsletter.schedule.coming import ComingSlot
from newsletter.schedule.foreseen import PlannedArticle, PlannedSlot, ZoneShare
from newsletter.schedule.pausing import Pause
from newsletter.schedule.quiet import is_holiday, next_open
from newsletter.service.beats import Beat, Zones, beats
from newsletter.service.cohorts import Cohorts
from newsletter.service.outcomes import Histories, Outcomes
from newsletter.service.told import NOBODY_HAS_IT

_NO_TIME: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Event:
    """A slot to come."""

    beat: Beat
    occasion: Occasion
    coming: ComingSlot | None  #: None of an article that goes out by itself
    article: str = ""  #: identity of that one


@dataclass(slots=True)
class Foresight:
    """What is known of a newsletter at a moment, and what it comes to."""

    config: Config
    name: str
    picked: PickUp  #: with articles that have a date to come
    books: Books
    there: Cohorts
    zones: Zones
    rests: Pause | None
    now: datetime
    taken: set[str] = field(default_factory=set)  #: ids of issues
    decided: frozenset[int] = frozenset()  #: articles whose own slot is
    histories: Histories = field(default_factory=Histories)
    noted: tuple[Listing, ...] = ()  #: the articles that were corrected
    written: frozenset[str] = frozenset()  #: ids of issues that have a brief
    _offers: dict[frozenset[int], Offer] = field(default_factory=dict)

    def slots(self, events: Sequence[Event]) -> Iterator[PlannedSlot]:
        """What each of them brings, in the order in which they are made."""
        self._meet()
        for event in sorted(events, key=lambda one: (one.occasion.cut_off, one.occasion.id)):
            yield self._slot(event)

    def _meet(self) -> None:
        """Let the articles that nobody has seen yet be seen: those with a date to come on that date. And a
        schedule that nobody has seen yet begins now."""
        known, seen = dict(self.books.known), dict(self.books.seen)
        next_id = max([0, *seen, *known.values()]) + 1
        for one in (*self.picked.listings, *corrections(self.picked.listings, str)):
            if any(key in known for key in one.keys):
                continue
            known |= dict.fromkeys(one.keys, next_id)
            seen[next_id] = max(self.now, one.date) if one.date else self.now
            next_id += 1
        begun = {one.cadence: self.now for one in beats(self.config, self.name)} | {**self.books.begun}
        self.books = replace(self.books, known=known, seen=seen, begun=begun)

    def posts(self, beat: Beat) -> Iterator[Event]:
        """The articles that go out by themselves, as they appear."""
        offer = offered(self.config, self.name, "", self.picked, self.books)
        self._meet()
        ids, begun = self.books.ids(offer.listings), self.books.begun.get(beat.cadence, self.now)
        considered = {
            id
            for issue, _ in self.books.issues_of(beat.cadence, self._cadences)
            for id in self.books.fates[issue]
        }
        for one in offer.listings:
            id = ids[one.identity]
            seen = self.books.seen.get(id, self.now)
            if seen <= begun or id in considered or id in self.decided or one.corrects:
                continue
            quiet, holidays = (None, ()) if beat.local else (beat.quiet, beat.holidays)
            at = next_open(seen + beat.wait, quiet, holidays, beat.zone)
            due = {
                zone: next_open(at, beat.quiet, beat.holidays, name)
                for zone, name in self.zones.items()
                if beat.local
            }
            yield Event(
                beat, Occasion(beat.id_of(one), at, at, beat.cadence, one.identity, due), None, one.identity
            )

    @property
    def _cadences(self) -> tuple[str, ...]:
        return tuple(self.config.newsletters[self.name].cadences)

    def _slot(self, event: Event) -> PlannedSlot:
        made = self._bare(event)
        why = self._why_not(event)
        if why:
            return self._skipped(event, made, why)
        id = ledger.free_among(self.taken, event.occasion.id)
        event = replace(event, occasion=replace(event.occasion, id=id))
        try:
            chosen = self._chosen(event)
        except ContentError as error:  # its brief holds up this issue alone, until it is mended
            return self._skipped(event, made, f"waits: {error}")
        if chosen.skip or not chosen.recipients:
            return self._skipped(event, made, chosen.skip or NOBODY_HAS_IT)
        made = replace(made, issue_id=id)
        self.taken.add(id)
        reached = self._publish(event, chosen)
        shares = _by_zone(event, reached, self.zones)
        articles = tuple(PlannedArticle(one.title, one.path, one.date) for one in chosen.listings)
        return replace(
            made,
            articles=articles,
            waiting=chosen.waiting,
            recipients=sum(reached.values()),
            zones=shares if event.occasion.zones else (),
            ends_at=_ends(self.config, shares),
        )

    def _skipped(self, event: Event, made: PlannedSlot, why: str) -> PlannedSlot:
        """A post that does not go out by itself comes with the next that does."""
        if event.article in self.books.known:
            own = self.books.known[event.article]
            self.books = replace(self.books, skipped=self.books.skipped | {own})
        return replace(made, skipped=why)

    def _bare(self, event: Event) -> PlannedSlot:
        occasion, beat = event.occasion, event.beat
        newsletter = self.config.newsletters[self.name]
        return PlannedSlot(
            self.name,
            beat.cadence,
            occasion.id,
            occasion.at.astimezone(beat.zone),
            occasion.first_due,
            beat.zone.key,
            note=event.coming.note if event.coming else "",
            offset_change=event.coming.offset_change if event.coming else _NO_TIME,
            approval=newsletter.approval,
            built_at=occasion.cut_off if newsletter.approval else None,
        )

    def _why_not(self, event: Event) -> str:
        pause, at = self.rests, event.occasion.cut_off
        if pause is not None and (pause.until is None or at < pause.until):
            return pause.in_words(event.beat.zone)
        if event.coming is not None and is_holiday(event.coming.slot.local_date, event.beat.holidays):
            return "holiday"
        if not self.there.anybody(at):
            segment = self.config.newsletters[self.name].segment
            return "nobody is subscribed" if not segment else "nobody of its segment is subscribed"
        return ""

    def _chosen(self, event: Event) -> Chosen:
        occasion = event.occasion
        offer = self._offer(occasion.id)
        at = occasion.cut_off
        known = tuple(one for one in offer.listings if one.date is None or one.date <= at)

        def readers(sharing: Sharing) -> Iterator[Demand]:
            return Outcomes(sharing, self.histories).demands(self.there, at)

        asked = ask(self.config, self.name, occasion)
        return choosing.choose(known, offer.left_out, self.books, asked, readers, omitted=offer.omitted)

    def _offer(self, id: str) -> Offer:
        """What the issue may choose among. It is the same for all that nobody wrote a brief for, until an
        article is mailed that was corrected since."""
        if id in self.written:
            return offered(self.config, self.name, id, self.picked, self.books)
        noted = self._corrected()
        mailed = noted.intersection(*[NOTHING.union(*self.books.fates.values())]) if noted else NOTHING
        if mailed not in self._offers:
            self._offers[mailed] = offered(self.config, self.name, "", self.picked, self.books)
        return self._offers[mailed]

    def _corrected(self) -> frozenset[int]:
        """The articles whose readers may yet get a correction."""
        return frozenset(self.books.ids(self.noted).values()) if self.noted else NOTHING

    def _publish(self, event: Event, chosen: Chosen) -> dict[str, int]:
        """Let it have been sent; to how many it brought anything, by time zone."""
        id, at = event.occasion.id, event.occasion.cut_off
        outcomes = Outcomes(chosen.sharing, self.histories, chosen.fates, self._corrected())
        there = self.there
        later, reached = outcomes.after(there, at, id)
        self.there = there.moved(later)
        fates = {fate.article_id: fate.fate for fate in chosen.fates}
        made = (*self.books.made, (id, event.beat.cadence, at))
        self.books = replace(self.books, made=made, fates={**self.books.fates, id: fates})
        return there.by_zone(reached)


def _by_zone(event: Event, reached: Mapping[str, int], zones: Zones) -> tuple[ZoneShare, ...]:
    """When it reaches whom, by time zone; those without one are counted in the newsletter's."""
    own, due = event.beat.zone.key, {}
    if event.occasion.zones:
        due = {zones[id].key: at for id, at in event.occasion.zones.items()}
    found: dict[str, list[int]] = {}
    for zone, readers in reached.items():
        place = found.setdefault(zone if zone in due else own, [0, 0])
        place[0] += readers
        place[1] += readers if not zone else 0
    shares = []
    for zone, (count, without) in found.items():
        at = due.get(zone, event.occasion.at)
        change = _change(zone, at) if event.coming else _NO_TIME
        shares.append(ZoneShare(zone, at, count, change, without))
    return tuple(sorted(shares, key=lambda one: (one.due_at, one.zone)))


@lru_cache(maxsize=4096)
def _change(zone: str, at: datetime) -> timedelta:
    """By how much the clocks of a zone were set since the week before."""
    place = ZoneInfo(zone)
    before, now = (at - timedelta(weeks=1)).astimezone(place), at.astimezone(place)
    return (now.utcoffset() or _NO_TIME) - (before.utcoffset() or _NO_TIME)


def _ends(config: Config, shares: Sequence[ZoneShare]) -> datetime | None:
    """When the last message goes at the configured rate; None without one."""
    rate = per_second(config.sender.rate) if config.sender.rate else 0.0
    if not rate or not shares:
        return None
    at = shares[0].due_at
    for share in shares:
        at = max(at, share.due_at) + timedelta(seconds=share.readers / rate)
    return at.astimezone(UTC)
