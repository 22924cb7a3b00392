"""An address -> one document with everything that is kept about its owner, for themselves or for a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from newsletter.audience import consent
from newsletter.audience.addresses import parse
from newsletter.audience.erased import Erased
from newsletter.audience.erasing import of_person
from newsletter.audience.known import Subscriber, read
from newsletter.audience.suppression import Suppression, reasons
from newsletter.store import tables as t
from newsletter.store.archive.reading import of_person as archived
from newsletter.store.database import Database


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to the person, and what became of it."""

    issue: str
    subject: str
    state: str
    at: datetime
    attempts: int
    reply: str
    bounces: tuple[str, ...]  #: what came back later


@dataclass(frozen=True, slots=True)
class Changed:
    """What an import changed, kept so that it can be taken back."""

    file: str
    at: datetime
    before: Mapping[str, Any]  #: by field: what it was and what it became, or what is new


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is kept about one person."""

    person: Subscriber | None  #: None for who is on no list
    suppressions: tuple[Suppression, ...]
    consent: tuple[consent.Entry, ...] = ()
    deliveries: tuple[Sent, ...] = ()
    brought_by: str = ""  #: the file of the import that they came with
    is_erased: bool = False
    asked: tuple[datetime, ...] = ()  #: sign-ups with the address that nobody has looked at yet
    changed: tuple[Changed, ...] = ()  #: by imports, oldest first

    @property
    def is_empty(self) -> bool:
        return not (self.person or self.suppressions or self.deliveries or self.is_erased or self.asked)


def dossier(database: Database, address: str) -> Dossier:
    """Everything about the owner of an address. ValueError when it cannot be one."""
    key = parse(address.strip()).key
    with database.read() as connection:
        found = read(connection, t.subscriber.c.address_key == key, 1)
        whose = found[0] if found else None
        return Dossier(
            whose,
            reasons(connection, key),
            consent.entries(connection, whose.id) if whose else (),
            _sent_to(connection, whose, key),
            _brought_by(connection, whose),
            bool(Erased(database.path).among(connection, (key,))),
            tuple(connection.execute(select(t.wish.c.at).where(t.wish.c.address_key == key)).scalars()),
            _changed(connection, whose),
        )


def document(found: Dossier, now: datetime) -> dict[str, Any]:
    """The same as plain values, for JSON."""
    return {
        **(person(found.person, now) if found.person else {}),
        "came_with": found.brought_by,
        "suppressions": [_suppression(each) for each in found.suppressions],
        "erased": found.is_erased,
        "sign_ups_waiting": found.asked,
        "changed_by_imports": [{"file": one.file, "at": one.at, **one.before} for one in found.changed],
        "consent": [entry(one) for one in found.consent],
        "deliveries": [
            {
                "issue": one.issue,
                "subject": one.subject,
                "state": one.state,
                "at": one.at,
                "attempts": one.attempts,
                "reply": one.reply,
                "bounces": one.bounces,
            }
            for one in found.deliveries
        ],
    }


def person(one: Subscriber, now: datetime) -> dict[str, Any]:
    """A person as plain values: what they and others said of them, and what they get."""
    return {
        "address": one.address,
        "name": one.name,
        "tags": one.tags,
        "timezone": one.zone,
        "language": one.language,
        "attributes": dict(one.attributes),
        "since": one.created_at,
        "newsletters": _newsletters(one, now),
        "suppressions": [_suppression(each) for each in one.suppressions],
    }


def _newsletters(one: Subscriber, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "name": each.newsletter,
            "status": one.standing(each.newsletter, now),
            "since": each.since,
            "paused_until": each.paused_until,
            "frequency": each.frequency,
            "topics": each.topics,
        }
        for each in one.subscriptions
    ]


def _suppression(one: Suppression) -> dict[str, Any]:
    return {
        "scope": one.scope,
        "reason": one.reason,
        "since": one.since,
        "until": one.until,
        "note": one.note,
    }


def entry(one: consent.Entry) -> dict[str, Any]:
    """An entry of the log as plain values."""
    form = one.form and {"language": one.form.language, "text": one.form.text, "sha256": one.form.sha256}
    return {"entry": one.id, "at": one.at, **one.said, "form": form}


def _sent_to(connection: Connection, whose: Subscriber | None, key: str) -> tuple[Sent, ...]:
    id = whose.id if whose else None
    found = (*_archived(connection, whose), *_deliveries(connection, of_person(connection, id, key)))
    return tuple(sorted(found, key=lambda one: one.at))


def _archived(connection: Connection, whose: Subscriber | None) -> tuple[Sent, ...]:
    """What was sent to them so long ago that it is packed."""
    rows = archived(connection, whose.id) if whose else ()
    i = t.issue.c
    found = connection.execute(select(i.id, i.subject).where(i.id.in_({row.issue_id for row in rows})))
    subjects = {row.id: row.subject for row in found}
    return tuple(
        Sent(row.issue_id, subjects[row.issue_id], row.state, row.at, row.attempts, row.reply, ())
        for row in rows
    )


def _deliveries(connection: Connection, ids: Sequence[int]) -> tuple[Sent, ...]:
    d, i, b = t.delivery.c, t.issue.c, t.bounce.c
    query = (
        select(d.id, d.issue_id, i.subject, d.state, d.state_at, d.attempts, d.reply)
        .join(t.issue, i.id == d.issue_id)
        .where(d.id.in_(ids))
        .order_by(d.due_at, d.id)
    )
    back: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(select(t.bounce).where(b.delivery_id.in_(ids)).order_by(b.id)):
        said = f"{row.at:%Y-%m-%d} {row.action} {row.status} {row.text}"
        back[row.delivery_id] = (*back.get(row.delivery_id, ()), " ".join(said.split()))
    return tuple(_sent(row, back.get(row.id, ())) for row in connection.execute(query))


def _sent(row: Any, bounces: tuple[str, ...]) -> Sent:
    return Sent(row.issue_id, row.subject, row.state, row.state_at, row.attempts, row.reply, bounces)


def _brought_by(connection: Connection, whose: Subscriber | None) -> str:
    run = select(t.import_run.c.path).where(t.import_run.c.id == (whose.import_id if whose else None))
    return str(connection.execute(run).scalar() or "")


def _changed(connection: Connection, whose: Subscriber | None) -> tuple[Changed, ...]:
    c, run = t.import_change.c, t.import_run.c
    query = (
        select(run.path, run.started_at, c.before)
        .join(t.import_run, run.id == c.import_id)
        .where(c.subscriber_id == (whose.id if whose else None))
        .order_by(c.id)
    )
    return tuple(Changed(row.path, row.started_at, row.before) for row in connection.execute(query))
