"""A reader's own word -> their subscriptions: sign up, confirm, take a leave back.

Only what is said from the mailbox itself, by :func:`confirm` or :func:`restore`, lets anybody back who left.
All in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from newsletter.audience import consent
from newsletter.audience.consent import Action, Entry, Evidence, Said
from newsletter.audience.enrolling import enrol
from newsletter.audience.erased import Erased
from newsletter.audience.people import Person
from newsletter.audience.subscriptions import ACTIVE, LEFT, PENDING, Subscription, Wish, after, settle, theirs
from newsletter.audience.suppression import (
    ALL,
    LIFTED_BY,
    UNSUBSCRIBED,
    By,
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
    key = person.address.key
    barred = suppressions(connection, (key,), evidence.at).get(key, ())
    id = _known(connection, key) or _pending_person(connection, person, evidence, erased)
    address, held = theirs(connection, id)
    has = {one.newsletter: one for one in held}
    for one in (has[name] for name in newsletters if name in has and has[name].status == LEFT):
        suppress(
            connection, key, one.newsletter, UNSUBSCRIBED, one.since
        )  # where it was not: not to forget it
    said = [_asked_for(id, address, name, has.get(name), person.wish) for name in newsletters]
    settle(connection, [one for one in said if one is not None], evidence)
    ours = [one for one in barred if any(map(one.covers, newsletters))]
    liftable = [one for one in ours if By.READER in LIFTED_BY[one.reason]]
    missing = tuple(
        name
        for name in newsletters
        if name not in has or has[name].status != ACTIVE or any(one.covers(name) for one in liftable)
    )
    return SignedUp(id, missing, bool(missing) and len(liftable) == len(ours))


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


def _known(connection: Connection, key: str) -> int:
    found = connection.execute(select(subscriber.c.id).where(subscriber.c.address_key == key)).scalar()
    return int(found or 0)


def _pending_person(connection: Connection, person: Person, evidence: Evidence, erased: Erased) -> int:
    (made,) = enrol(connection, (person,), newsletters=(), evidence=evidence, erased=erased)
    return made.subscriber_id


def _asked_for(id: int, address: str, name: str, has: Subscription | None, wish: Wish | None) -> Said | None:
    """A subscription that waits for its confirmation; None where nothing is to be waited for."""
    if has is not None and has.status == ACTIVE:
        return None
    begun = has or Subscription(name, PENDING, EPOCH)
    return after(id, address, begun, Action.SIGNED_UP, PENDING, wish or Wish())


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


_NOT_THEIRS: Final = ("operator", "import")
