"""An import -> taken back, as far as nobody has done anything since. It brings nobody back who left.

In steps of their own transactions: killed in the middle, it is run again and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Protocol

from sqlalchemy import Connection, delete, func, select, update

from newsletter.audience import consent, fields, import_runs
from newsletter.audience.consent import Action, Evidence
from newsletter.audience.known import Subscriber, read
from newsletter.audience.subscriptions import Subscription, after, held, settle
from newsletter.errors import SubscribersError
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.store.dialect import wipe_what_is_freed

#: A person is several rows, and what was said of each is looked up.
PEOPLE_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of it."""

    removed: int = 0  #: people whom the import had brought, and nobody has touched since
    stayed: int = 0  #: people whom it had brought, and who, or about whom something, changed since
    put_back: int = 0  #: people who were known before and are as they were
    subscriptions: int = 0  #: taken back from people who stay
    suppressed: int = 0  #: entries of the suppression list that it made; they stay


def undo(database: Database, import_id: int, now: datetime) -> Undone:
    """Take back what an import added. :class:`SubscribersError` when there is none of that number, or it was
    taken back before."""
    with database.read() as connection:
        run = import_runs.find(connection, import_id)
    if run is None:
        raise SubscribersError(f"there is no import {import_id}: see `newsletter subscribers imports`")
    if run.undone_at is not None:
        raise SubscribersError(f"import {import_id} was taken back on {run.undone_at:%Y-%m-%d %H:%M} UTC")
    evidence = Evidence(now, "undo", f"import {import_id}")
    done = _every(database, partial(_known, import_id=import_id, evidence=evidence), Undone())
    done = _every(database, partial(_brought, import_id=import_id, evidence=evidence), done)
    database.write(
        lambda c: c.execute(update(t.import_run).where(t.import_run.c.id == import_id).values(undone_at=now))
    )
    with database.read() as connection:
        mine = t.suppression.c.note.startswith(f"import {import_id}: ", autoescape=True)
        entries = connection.execute(select(func.count()).where(mine)).scalar_one()
    return replace(done, suppressed=entries)


class _Step(Protocol):
    def __call__(self, place: int, connection: Connection, /) -> tuple[int, Undone] | None:
        """Some people from `place` on, and where the next begin; None when there are none left."""


def _every(database: Database, step: _Step, done: Undone) -> Undone:
    """All steps, each from where the one before ended."""
    place = 0
    while (taken := database.write(partial(step, place))) is not None:
        place, more = taken
        done = Undone(
            done.removed + more.removed,
            done.stayed + more.stayed,
            done.put_back + more.put_back,
            done.subscriptions + more.subscriptions,
        )
    return done


# ── whom it had brought ─────────────────────────────────────────────────────


def _brought(
    place: int, connection: Connection, /, import_id: int, evidence: Evidence
) -> tuple[int, Undone] | None:
    wipe_what_is_freed(connection)
    s = t.subscriber.c
    people = read(connection, (s.import_id == import_id) & (s.id > place), PEOPLE_AT_ONCE)
    if not people:
        return None
    ids = [one.id for one in people]
    found = connection.execute(select(s.id, s.import_mark).where(s.id.in_(ids)))
    marks = {row.id: row.import_mark for row in found}
    last = _last_words(connection, ids)
    removed = taken = 0
    for one in people:
        mine = _is_from(last.get(one.id, {}), import_id)
        if marks[one.id] == _mark(one) and all(mine.get(each.newsletter) for each in one.subscriptions):
            _remove(connection, one, evidence)
            removed += 1
        else:
            names = [name for name, is_mine in mine.items() if is_mine]
            taken += _take_back(connection, one.id, one.address, one.subscriptions, names, evidence)
    return ids[-1], Undone(removed=removed, stayed=len(people) - removed, subscriptions=taken)


def _mark(one: Subscriber) -> bytes:
    return fields.mark(one.name, one.language, one.zone, fields.as_json(one.attributes), one.tags)


def _remove(connection: Connection, one: Subscriber, evidence: Evidence) -> None:
    said = [after(one.id, one.address, each, Action.UNDONE, "") for each in one.subscriptions]
    settle(connection, said, evidence)
    connection.execute(delete(t.subscriber).where(t.subscriber.c.id == one.id))
    consent.forget(connection, one.id, Action.FORGOTTEN, evidence)


# ── whom it had changed ─────────────────────────────────────────────────────


def _known(
    place: int, connection: Connection, /, import_id: int, evidence: Evidence
) -> tuple[int, Undone] | None:
    """The last changes first; each goes with its row, so that the next look finds others."""
    wipe_what_is_freed(connection)
    c = t.import_change.c
    query = select(t.import_change).where(c.import_id == import_id).order_by(c.id.desc())
    rows = connection.execute(query.limit(PEOPLE_AT_ONCE)).all()
    if not rows:
        return None
    ids = list({row.subscriber_id for row in rows})
    people = {one.id: one for one in read(connection, t.subscriber.c.id.in_(ids), len(ids))}
    last = _last_words(connection, ids)
    back = taken = 0
    for row in rows:
        one = people[row.subscriber_id]
        mine = _is_from(last.get(one.id, {}), import_id)
        names = [name for name in row.before.get("added", ()) if mine.get(name)]
        has = held(connection, (one.id,)).get(one.id, ())
        ended = _take_back(connection, one.id, one.address, has, names, evidence)
        changed = _put_back(connection, one.id, row.before)
        back += bool(ended or changed)
        taken += ended
    connection.execute(delete(t.import_change).where(c.id.in_([row.id for row in rows])))
    return place, Undone(put_back=back, subscriptions=taken)


def _put_back(connection: Connection, id: int, before: Mapping[str, Any]) -> bool:
    """Whatever of a person is still as the import set it becomes what it was."""
    s = t.subscriber.c
    row = connection.execute(select(t.subscriber).where(s.id == id)).one()
    values = {
        name: before[name][0]
        for name in ("name", "language", "zone_id")
        if name in before and getattr(row, name) == before[name][1]
    }
    attributes = dict(row.attributes)
    for name, (old, new) in before.get("attributes", {}).items():
        if attributes.get(name) == new:
            attributes.pop(name)
            attributes |= {} if old is None else {name: old}
    if attributes != row.attributes:
        values["attributes"] = attributes
    if values:
        connection.execute(update(t.subscriber).where(s.id == id).values(values))
    tag = t.subscriber_tag.c
    tags = (tag.subscriber_id == id) & tag.tag.in_(before.get("tags", ()))
    return connection.execute(delete(t.subscriber_tag).where(tags)).rowcount > 0 or bool(values)


# ── subscriptions ───────────────────────────────────────────────────────────


def _take_back(
    connection: Connection,
    id: int,
    address: str,
    has: Sequence[Subscription],
    names: Sequence[str],
    evidence: Evidence,
) -> int:
    """End what the import had begun and nobody has changed; whoever left stays so."""
    said = [
        after(id, address, one, Action.UNDONE, "")
        for one in has
        if one.newsletter in names and one.status != "unsubscribed"
    ]
    settle(connection, said, evidence)
    return len(said)


def _last_words(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Mapping[str, Any]]]:
    """What was said last of each subscription, by subscriber and newsletter."""
    query = (
        select(t.consent.c.subscriber_id, t.consent_detail.c.said)
        .join(t.consent_detail, t.consent_detail.c.consent_id == t.consent.c.id)
        .where(t.consent.c.subscriber_id.in_(ids))
        .order_by(t.consent.c.id)
    )
    found: dict[int, dict[str, Mapping[str, Any]]] = {}
    for row in connection.execute(query):
        said = json.loads(row.said)
        found.setdefault(row.subscriber_id, {})[said["newsletter"]] = said
    return found


def _is_from(words: Mapping[str, Mapping[str, Any]], import_id: int) -> dict[str, bool]:
    """Of which newsletters the last word is that import's."""
    start = f"import {import_id}: "
    return {
        name: said["source"].startswith(start) and said["through"] in ("import", "sync")
        for name, said in words.items()
    }
