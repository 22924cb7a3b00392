"""A reader's own word -> their subscriptions: sign up, confirm, take a leave back.

Only what is said from the mailbox itself, by :func:`confirm` or :func:`restore`, lets anybody back who left.
All in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from newsletter.audience import consent
from newsletter.audience.consent import Action, Entry, Evidence, Said
from newsletter.audience.enrolling import enrol
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import (
    ACTIVE,
    LEFT,
    PENDING,
    Subscription,
    Wish,
    after,
    held,
    settle,
    settle_each,
    theirs,
)
from newsletter.audience.suppression import (
    ALL,
    LIFTED_BY,
    UNSUBSCRIBED,
    By,
    Suppression,
    lift,
    suppress,
    suppressions,
)
from newsletter.store.tables import EPOCH, subscriber

#: So long after leaving can it be taken back.
UNDO: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What became of a wish to get mail. Nobody outside may be told which of these it was."""

    subscriber_id: int
    to_confirm: tuple[str, ...]  #: newsletters that a confirmation would bring; of those asked for
    may_write: bool  #: whether a confirmation mail may go to the address at all


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks for newsletters in the name of an address."""

    person: Person
    newsletters: tuple[str, ...]
    evidence: Evidence
    again: bool = True  #: without it no mail will follow: noted is only what a known person asks for anew


def sign_up(
    connection: Connection,
    person: Person,
    newsletters: tuple[str, ...],
    evidence: Evidence,
    erased: Erased,
) -> SignedUp:
    """Somebody asks for newsletters in the name of an address: nothing is sent before they confirm.

    What is known about a person is not changed: a stranger may have typed this. Who gets a newsletter goes on
    getting it. ValueError when what they typed cannot be kept.
    """
    return sign_up_all(connection, (Asking(person, newsletters, evidence),), erased, evidence.at)[0]


def sign_up_all(
    connection: Connection, every: Sequence[Asking], erased: Erased, now: datetime
) -> tuple[SignedUp, ...]:
    """The same for several, at most a thousand, no address twice."""
    keys = tuple(one.person.address.key for one in every)
    known = _known(connection, keys)
    people = tuple(one.person for one in every if one.again and one.person.address.key not in known)
    if people:
        made = enrol(connection, people, newsletters=(), evidence=Evidence(now, "form"), erased=erased)
        known |= {one.person.address.key: (one.subscriber_id, one.person.address.address) for one in made}
    barred = suppressions(connection, keys, now)
    had = held(connection, tuple(id for id, _ in known.values()))
    said: list[tuple[Said, Evidence]] = []
    answers = []
    for one in every:
        key = one.person.address.key
        id, address = known.get(key, (0, ""))
        has = {each.newsletter: each for each in had.get(id, ())}
        if id:
            said += [(each, one.evidence) for each in _asks(connection, id, address, one, has)]
        answers.append(_answer(id, one.newsletters, has, barred.get(key, ())))
    settle_each(connection, said)
    return tuple(answers)


def _answer(
    id: int, newsletters: tuple[str, ...], has: Mapping[str, Subscription], barred: Sequence[Suppression]
) -> SignedUp:
    ours = [one for one in barred if any(map(one.covers, newsletters))]
    liftable = [one for one in ours if By.READER in LIFTED_BY[one.reason]]
    missing = tuple(
        name
        for name in newsletters
        if name not in has or has[name].status != ACTIVE or any(one.covers(name) for one in liftable)
    )
    return SignedUp(id, missing, bool(id and missing) and len(liftable) == len(ours))


def confirm(
    connection: Connection,
    subscriber_id: int,
    newsletters: Sequence[str],
    evidence: Evidence,
    erased: Erased,
    others: Sequence[str] = (),
) -> tuple[str, ...]:
    """Somebody says from the mailbox that they want what was asked for; which of it they get from now on.

    Takes from the suppression list what a reader may lift. Who left everything has still left `others`, the
    configured newsletters. Changes nothing for a newsletter that was left after it was asked for.
    """
    address, held = theirs(connection, subscriber_id)
    meant = [one for one in held if one.newsletter in newsletters and one.status != LEFT]
    said = [
        after(subscriber_id, address, one, Action.CONFIRMED, ACTIVE) for one in meant if one.status == PENDING
    ]
    settle(connection, said, evidence)
    names = tuple(one.newsletter for one in meant)
    if names:
        _let_back(connection, subscriber_id, names, {*others, *(one.newsletter for one in held)}, evidence)
        _is_no_more_erased(connection, subscriber_id, erased, evidence)
    return names


def restore(
    connection: Connection,
    subscriber_id: int,
    newsletter: str,
    evidence: Evidence,
    others: Sequence[str] = (),
) -> tuple[str, ...]:
    """Somebody takes back that they left, a newsletter or all (``*``): what is again as it was before.

    Only their own leave, only within :data:`UNDO`, and only to what they had: the log knows.
    """
    address, held = theirs(connection, subscriber_id)
    log = consent.entries(connection, subscriber_id)
    said = []
    for one in held:
        if one.status == LEFT and newsletter in (one.newsletter, ALL):
            before = _before_leaving(log, one.newsletter, evidence.at)
            if before:
                said.append(after(subscriber_id, address, one, Action.RESTORED, before))
    settle(connection, said, evidence)
    names = tuple(one.newsletter for one in said)
    if names:
        has = {*others, *(one.newsletter for one in held)}
        _let_back(connection, subscriber_id, names, has, evidence, only=(UNSUBSCRIBED,))
    return names


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Number and address by key, of those who are there."""
    s = subscriber.c
    found = connection.execute(select(s.address_key, s.id, s.address).where(s.address_key.in_(keys)))
    return {row.address_key: (row.id, row.address) for row in found}


def _asks(
    connection: Connection, id: int, address: str, one: Asking, has: Mapping[str, Subscription]
) -> Iterator[Said]:
    """Subscriptions that wait for their confirmation from now on."""
    for name in one.newsletters:
        begun = has.get(name) or Subscription(name, "", EPOCH)
        if begun.status == ACTIVE or (begun.status == PENDING and not one.again):
            continue
        if begun.status == LEFT:  # where it was not: not to forget it
            suppress(connection, one.person.address.key, name, UNSUBSCRIBED, begun.since)
        yield after(id, address, begun, Action.SIGNED_UP, PENDING, one.person.wish or Wish())


def _let_back(
    connection: Connection,
    subscriber_id: int,
    names: Sequence[str],
    known: set[str],
    evidence: Evidence,
    only: Sequence[str] = (),
) -> None:
    """Lift what a reader may lift, and let who left everything have left the rest of it."""
    row = connection.execute(
        select(subscriber.c.address, subscriber.c.address_key).where(subscriber.c.id == subscriber_id)
    ).one()
    gone = lift(connection, row.address_key, By.READER, (*names, ALL), only)
    left = next((one for one in gone if one.scope == ALL and one.reason == UNSUBSCRIBED), None)
    if left is not None:
        for name in sorted(known - set(names)):
            suppress(connection, row.address_key, name, UNSUBSCRIBED, left.since, left.note)
    consent.append(connection, [one.lifted(subscriber_id, row.address) for one in gone], evidence)


def _is_no_more_erased(
    connection: Connection, subscriber_id: int, erased: Erased, evidence: Evidence
) -> None:
    row = connection.execute(select(subscriber).where(subscriber.c.id == subscriber_id)).one()
    for mark in erased.among(connection, (row.address_key,)).values():
        gone = lift(connection, mark, By.READER)
        consent.append(connection, [one.lifted(subscriber_id, row.address) for one in gone], evidence)


def _before_leaving(log: Sequence[Entry], newsletter: str, now: datetime) -> str:
    """How the subscription stood before its reader left it; empty when that cannot be taken back."""
    of = [entry for entry in log if entry.said.get("newsletter") == newsletter and entry.said["status"]]
    if len(of) < 2 or of[-1].said["action"] != Action.LEFT or of[-1].said["through"] in _NOT_THEIRS:
        return ""
    before = str(of[-2].said["status"])
    return before if now - of[-1].at <= UNDO and before != LEFT else ""


_NOT_THEIRS: Final = ("operator", "import", "sync")
