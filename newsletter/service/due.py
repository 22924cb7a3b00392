"""Slots that are due -> issues, or the reasons why there is none. Each slot once."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.audience import subscribers
from newsletter.audience.erasing import expire
from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.content import PickUp
from newsletter.errors import NewsletterError
from newsletter.model import Listing
from newsletter.outbox import ledger
from newsletter.pipeline import Built, Occasion, build, learn, look, publish
from newsletter.pipeline.offering import offered
from newsletter.schedule.due import (
    ISSUED,
    SKIPPED,
    begun_at,
    claim_slot,
    held_slots,
    missed,
    undecided,
)
from newsletter.schedule.each import ArticleSlot, undecided_articles
from newsletter.schedule.late import Late, Lateness, held_reason, lateness, missed_reason
from newsletter.schedule.pausing import end_pauses, paused
from newsletter.schedule.quiet import is_holiday
from newsletter.schedule.wall import Slot
from newsletter.service.beats import Beat, Zones, beats, zones
from newsletter.service.chores import answer_wishes, sync_lists
from newsletter.service.holding import ask, review
from newsletter.service.told import NOBODY_HAS_IT, UNAPPROVED, Fired
from newsletter.store.database import Database


def fire_due(config: Config, database: Database, now: datetime) -> tuple[Fired, ...]:
    """Turn every slot that is due into an issue, or into the reason why there is none. Each slot once.

    Who has not confirmed in time is forgotten before, and who signed up is asked to confirm. Lists that
    changed are read.
    """
    expire(database, now, config.subscribers.pending_expires)
    troubles = answer_wishes(config, database, now)
    fired = [Fired("sign-up", now, "", trouble, mistake=True) for trouble in troubles]
    troubles = tuple(one.problem for one in sync_lists(config, database, now) if one.problem)
    fired += [Fired("subscribers", now, "", trouble, mistake=True) for trouble in troubles]
    database.write(lambda connection: end_pauses(connection, now))
    try:
        picked = look(config, now)
    except NewsletterError as error:
        # A folder that is away must not hold up what waits in the outbox; its slots stay due.
        return (*fired, Fired("content", now, "", str(error), mistake=True))
    begin(config, database, now, picked)
    learn(config, database, picked, now)
    for name in config.newsletters:
        try:
            fired += _fire(config, database, name, picked, now)
        except NewsletterError as error:
            # One newsletter's broken template must not hold up the others.
            fired.append(Fired(name, now, "", str(error), mistake=True))
    return tuple(fired)


def begin(config: Config, database: Database, now: datetime, picked: PickUp | None = None) -> tuple[str, ...]:
    """Let the schedules begin that were never seen before; which newsletters'. From now on their slots count,
    and what is in the folder by now is what was there before."""
    every = [beat for name in config.newsletters for beat in beats(config, name)]
    new = [beat for beat in every if begun_at(database, beat.newsletter, beat.cadence, now) is None]
    if not new:
        return ()
    try:
        learn(config, database, picked or look(config, now), now)
    except NewsletterError:
        return ()  # what is in a folder that is away must not be news when it is back; a round tells of it
    for beat in new:
        _undecided(database, beat, {}, now) if beat.rhythm else _articles(database, beat, {}, now)
    return tuple(dict.fromkeys(beat.newsletter for beat in new))


def _fire(config: Config, database: Database, name: str, picked: PickUp, now: datetime) -> Iterator[Fired]:
    every = beats(config, name)
    with database.read() as connection:
        there = zones(connection, every)
        rests = paused(connection, name, now)
    why = rests.in_words(ZoneInfo(unpack.timezone(config, name))) if rests else ""
    parts = [] if rests else [*review(config, database, name, every, now)]
    parts += [_of_beat(config, database, beat, there, picked, why, now) for beat in every]
    told: set[str] = set()
    for part in parts:
        try:
            yield from part
        except NewsletterError as error:
            # One issue's broken brief must not hold up the others; a broken template is told once.
            if str(error) not in told:
                told.add(str(error))
                yield Fired(name, now, "", str(error), mistake=True)


def _of_beat(
    config: Config, database: Database, beat: Beat, there: Zones, picked: PickUp, why: str, now: datetime
) -> Iterator[Fired]:
    """Decide the slots of a cadence that are due; `why`: why none of them has an issue."""
    yield from _rested(database, beat, now)
    slots = _due(config, database, beat, there, picked, now)
    if not why:
        slots = _awake(beat, slots, now)
    stood_for = _missed(slots, now)
    for due in slots:
        stands = yield from _decide(config, database, beat, due, why or stood_for.get(due.key, ""), now)
        if not stands and beat.rhythm is not None:
            return  # no later one is decided before it: behind that it would be passed over


def rests(config: Config, database: Database, now: datetime) -> Iterator[datetime]:
    """When each post that has appeared goes out by itself."""
    alone = [beat for name in config.newsletters for beat in beats(config, name) if beat.rhythm is None]
    if not alone:
        return
    picked = look(config, now)
    for beat in alone:
        posts = appeared(config, database, beat.newsletter, picked)
        slots = _articles(database, beat, {id: seen for id, (_, seen) in posts.items()}, now)
        yield from (slot.due_at - beat.ahead for slot in slots)


@dataclass(frozen=True, slots=True)
class _Due:
    """A slot that is to be decided."""

    slot: Slot | ArticleSlot
    occasion: Occasion
    late: Lateness
    holiday: bool

    @property
    def key(self) -> str:
        return self.slot.key


def _due(
    config: Config, database: Database, beat: Beat, there: Zones, picked: PickUp, now: datetime
) -> list[_Due]:
    if beat.rhythm is not None:
        slots = _undecided(database, beat, there, now)
        return [_to_decide(config, beat, slot, beat.occasion(slot, there), there, now) for slot in slots]
    posts = appeared(config, database, beat.newsletter, picked)
    found = _articles(database, beat, {id: seen for id, (_, seen) in posts.items()}, now)
    alone = (
        (slot, beat.occasion_of(slot, posts[slot.article_id][0], there, now))
        for slot in found
        if slot.due_at - beat.ahead <= now
    )
    return [_to_decide(config, beat, slot, occasion, there, now) for slot, occasion in alone]


def _to_decide(
    config: Config, beat: Beat, slot: Slot | ArticleSlot, occasion: Occasion, there: Zones, now: datetime
) -> _Due:
    newsletter = config.newsletters[beat.newsletter]
    late = lateness(
        occasion.first_due,
        now,
        policy=newsletter.late,
        late_after=newsletter.late_after,
        stale_after=newsletter.stale_after,
    )
    holiday = isinstance(slot, Slot) and is_holiday(slot.local_date, beat.holidays)
    return _Due(slot, beat.awake(occasion, there, now), late, holiday)


def _awake(beat: Beat, slots: list[_Due], now: datetime) -> list[_Due]:
    """Those that may be decided now; the others when their quiet hours are over. What waits for a person may:
    nothing of it goes out by that. Of a rhythm none is decided before an older one, which would be lost."""
    if beat.approval or beat.opens(now) <= now:
        return slots
    if beat.rhythm is None:
        return [one for one in slots if one.slot.due_at > now]
    return list(takewhile(lambda one: one.slot.due_at > now, slots))


def _rested(database: Database, beat: Beat, now: datetime) -> Iterator[Fired]:
    """Where a clock that was wrong has sent the issue of a slot to come: the slots before it are skipped."""
    if beat.rhythm is None:
        return
    names = beat.newsletter, beat.cadence
    for slot, by in held_slots(database, *names, beat.rhythm, beat.zone, now, ahead=beat.most_ahead):
        reason = held_reason(by, beat.zone)
        told = {"state": SKIPPED, "reason": reason, "issue_id": None}
        if database.write(lambda c, slot=slot, told=told: claim_slot(c, *names, slot, now=now, **told)):  # type: ignore[misc]
            yield Fired(beat.newsletter, slot.due_at, "", reason)


def _undecided(database: Database, beat: Beat, there: Zones, now: datetime) -> tuple[Slot, ...]:
    assert beat.rhythm is not None
    return undecided(
        database,
        beat.newsletter,
        beat.cadence,
        beat.rhythm,
        beat.zone,
        now,
        begins=partial(beat.made_at, zones=there),
        ahead=beat.most_ahead,
    )


def _articles(
    database: Database, beat: Beat, seen: dict[int, datetime], now: datetime
) -> tuple[ArticleSlot, ...]:
    return undecided_articles(
        database,
        beat.newsletter,
        beat.cadence,
        seen,
        now,
        wait=beat.wait,
        zone=beat.zone,
        quiet=None if beat.local else beat.quiet,
        holidays=() if beat.local else beat.holidays,
    )


def appeared(
    config: Config, database: Database, name: str, picked: PickUp
) -> dict[int, tuple[Listing, datetime]]:
    """The articles that a newsletter may carry, and when each was first seen, by their numbers. Corrections
    are none: they come with one."""
    with database.read() as connection:
        books = ledger.books(connection, name)
    listings = offered(config, name, "", picked, books).listings
    ids = books.ids(listings)
    found = {ids[one.identity]: one for one in listings if not one.corrects}
    return {id: (one, books.seen[id]) for id, one in found.items() if id in books.seen}


def _missed(slots: Iterable[_Due], now: datetime) -> dict[str, str]:
    """Why those are skipped whose articles a newer slot brings that is due as well; by key. A holiday brings
    none, nor does what is too late."""
    due = [one for one in slots if isinstance(one.slot, Slot) and not one.holiday and one.slot.due_at <= now]
    if not due or due[-1].late.does is Late.SKIP:
        return {}
    plain = [one.slot for one in due if isinstance(one.slot, Slot)]
    return {slot.key: missed_reason(plain[-1]) for slot in missed(plain, now)}


# ── one slot ────────────────────────────────────────────────────────────────


def _decide(
    config: Config, database: Database, beat: Beat, due: _Due, why: str, now: datetime
) -> Generator[Fired, None, bool]:
    """Whether it stands by now, as far as this process knows."""
    newsletter, late = config.newsletters[beat.newsletter], due.late

    def claim(connection: Connection, state: str, reason: str, id: str | None) -> bool:
        told = {"state": state, "reason": reason, "issue_id": id}
        return claim_slot(connection, beat.newsletter, beat.cadence, due.slot, now=now, **told)  # type: ignore[arg-type]

    def fired(id: str, reason: str) -> Fired:
        return Fired(beat.newsletter, due.slot.due_at, id, reason, late=late.by if late.reason else None)

    made = why or _made(config, database, beat, due, now)
    if isinstance(made, str):
        stands = database.write(lambda c: claim(c, SKIPPED, made, None))
        if stands:
            yield fired("", made)
        return stands
    held = UNAPPROVED if newsletter.approval else late.reason if late.does is Late.ASK else ""
    id = publish(config, database, made, now=now, held=held, claim=lambda c, id: claim(c, ISSUED, "", id))
    if id and held:
        ask(config, database, made, now)
    if id:
        yield fired(id, held)
    return bool(id)


def _made(config: Config, database: Database, beat: Beat, due: _Due, now: datetime) -> Built | str:
    """The issue of a slot, or why it is skipped."""
    if due.holiday:
        return "holiday"
    if due.late.does is Late.SKIP:
        return due.late.reason
    segment = config.newsletters[beat.newsletter].segment
    if not subscribers.counts(database, beat.newsletter, now, segment=segment).active:
        return "nobody is subscribed" if not segment else "nobody of its segment is subscribed"
    with database.read() as connection:
        # Its links name the issue: by the id that it will have.
        id = ledger.free_id(connection, due.occasion.id)
    made = build(config, beat.newsletter, database, replace(due.occasion, id=id))
    if isinstance(made, Built):
        return made if made.chosen.recipients else NOBODY_HAS_IT
    return made.reason
