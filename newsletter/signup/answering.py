"""Wishes that wait -> people who are asked to confirm: at most so often, and only who may be written to.

Runs apart from the request, so that a form's answer takes no longer for one address than for another. What
was done about a wish and that the wish is gone stand in one transaction: a kill repeats nothing and loses
nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, select

from newsletter.audience.consent import Evidence, form_named
from newsletter.audience.erased import Erased
from newsletter.audience.joining import Asking, sign_up_all
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import PENDING, frequency
from newsletter.audience.subscriptions import Wish as How
from newsletter.config.schema import Config
from newsletter.model import Kind
from newsletter.signup import invitations, letters, limits, wishes
from newsletter.signup.letters import Office, Wanted
from newsletter.signup.limits import Limits
from newsletter.signup.wishes import Waiting
from newsletter.store.database import Database

#: Wishes in one transaction: whoever signs up meanwhile waits for it.
ROWS: Final = 100
#: So long are wishes gathered.
GATHER_SECONDS: Final = 0.05
#: What the consent log says of where a wish came through.
THROUGH: Final = "form"


@dataclass(frozen=True, slots=True)
class Answered:
    """What was done."""

    wishes: int  #: that were looked at
    letters: int  #: queued
    mistakes: tuple[str, ...]  #: why letters wait


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A wish, and what of it is to be had."""

    wish: Waiting
    newsletters: tuple[str, ...]
    mark: str  #: of its address


def answer(database: Database, office: Office, now: datetime) -> Answered:
    """Look at every wish that waits, and queue every letter that is wanted. Safe beside other processes.

    SubscribersError, and nothing is lost, when it cannot be told who was erased.
    """
    looked = queued = 0
    while (done := _look(database, office, now)) != (0, 0):
        looked, queued = looked + done[0], queued + done[1]
    posted = letters.post(database, office, now)
    return Answered(looked, queued + posted.queued, posted.mistakes)


def whenever(asked: threading.Event, stop: threading.Event, once: Callable[[], None]) -> None:
    """Call `once` soon after `asked` was set, again and again, until `stop` is: set `asked` then, too.

    Not at once: who asks meanwhile goes into the same transaction. And nobody can tell from how long the next
    request takes what became of the one before.
    """
    while not stop.is_set():
        asked.wait()
        stop.wait(GATHER_SECONDS)
        asked.clear()
        if not stop.is_set():
            once()


def offered(config: Config) -> tuple[str, ...]:
    """The newsletters that readers may sign up for."""
    return tuple(name for name, one in config.newsletters.items() if one.sign_up)


def limits_of(config: Config) -> Limits:
    """How many may sign up in an hour."""
    given = config.signup
    return Limits(given.per_range, given.per_domain, given.in_all)


def tidy(database: Database, config: Config, now: datetime) -> None:
    """Forget what no longer counts: limits that are unused again, how often who was asked, and the like."""
    late = config.subscribers.pending_expires
    every = (limits.past(now), invitations.past(now), *letters.past(now, late))
    with database.read() as connection:
        over = [one for one in every if connection.execute(select(exists().where(one[1]))).scalar()]

    def write(connection: Connection) -> None:
        for table, which in over:
            connection.execute(delete(table).where(which))

    if over:
        database.write(write)


def _look(database: Database, office: Office, now: datetime) -> tuple[int, int]:
    """How many wishes were looked at, and how many letters are queued."""
    with database.read() as connection:
        if not wishes.waiting(connection, 1):
            return 0, 0
    erased = Erased(database.path)

    def write(connection: Connection) -> tuple[int, int]:
        batch = wishes.waiting(connection, ROWS)
        looked, queued = _settle(connection, batch, office, erased, now)
        wishes.done(connection, looked)
        return len(looked), queued

    return database.write(write)


def _settle(
    connection: Connection, batch: Sequence[Waiting], office: Office, erased: Erased, now: datetime
) -> tuple[list[int], int]:
    """Do what the wishes say; the numbers of those that are done with, and how many letters are queued."""
    late, open_to = now - office.config.subscribers.pending_expires, frozenset(offered(office.config))
    chosen: dict[str, _Chosen] = {}
    looked = []
    for wish in batch:
        names = tuple(name for name in wish.newsletters if name in open_to) if wish.at >= late else ()
        before = chosen.get(wish.address.key)
        if before is None and names:
            chosen[wish.address.key] = _Chosen(wish, names, office.tokens.address_mark(wish.address.key))
        elif before is not None and not set(names) <= set(before.newsletters):
            continue  # the next batch is early enough
        looked.append(wish.id)
    return looked, _sign_up(connection, tuple(chosen.values()), office, erased, now)


def _sign_up(
    connection: Connection, chosen: Sequence[_Chosen], office: Office, erased: Erased, now: datetime
) -> int:
    """How many confirmations are queued."""
    may = invitations.invitable(connection, [one.mark for one in chosen], now)
    names = {one.wish.form for one in chosen if one.wish.form}
    forms = {name: form_named(connection, name) for name in names}
    asking = [
        Asking(
            _person(one.wish),
            one.newsletters,
            Evidence(one.wish.at, THROUGH, one.wish.source, forms.get(one.wish.form)),
            one.mark in may,
        )
        for one in chosen
    ]
    signed = sign_up_all(connection, asking, erased, now)
    asked = [
        (one, then) for one, then in zip(chosen, signed, strict=True) if then.may_write and one.mark in may
    ]
    invitations.invited(connection, [one.mark for one, _ in asked], now)
    wanted = [
        Wanted(Kind.CONFIRM, then.subscriber_id, then.to_confirm, office.language(one.wish.language, now))
        for one, then in asked
    ]
    return letters.queue(connection, wanted, office, now)


def _person(wish: Waiting) -> Person:
    """As much of them as a stranger may say: no name, for it would stand in a mail."""
    how = How(frequency(wish.frequency), wish.topics)
    return Person(0, wish.address, "", (), wish.zone, wish.language, wish=how, status=PENDING)
