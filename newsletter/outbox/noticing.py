"""Rows -> what the operators are to be told now. Never what was before they wanted to be told.

That a thing was told is a row, too: the issue of its notice. So it is told once, whoever looks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, or_, select

from newsletter.issue.notices import Notice, What
from newsletter.model import Kind, State
from newsletter.outbox.approving import HELD, Held, held, is_approved
from newsletter.outbox.states import WAITING
from newsletter.store import tables as t
from newsletter.store.dialect import insert_new

#: What is older than this is told no more: nobody was there to tell it.
RECENT: Final = timedelta(days=3)
#: How the reason of a slot ends that was skipped because it was late: :mod:`newsletter.schedule.late`, and
#: :mod:`newsletter.service.holding`.
TOO_LATE: Final = ("too late", "not approved in time")
#: How long after it was due an issue may still come to rest.
LONGEST: Final = timedelta(days=60)
#: Where the beginnings stand: no newsletter is called so.
_NOBODYS, _NOTICES, _BEGUN = "", "notices", "begun"


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the configuration decides about notices."""

    zone: Callable[[str], ZoneInfo]  #: of a newsletter
    late_after: Callable[[str], timedelta]
    approves: Callable[[str], bool]  #: whether its issues need an approval
    briefs: str  #: the folder in which a file may approve
    silent: Collection[str]  #: why a slot may be skipped without a word


def begun(connection: Connection) -> dict[What, datetime]:
    """Since when each kind of notice is wanted."""
    s = t.slot.c
    rows = connection.execute(select(s.key, s.due_at).where(*_beginnings()))
    return {What(row.key): row.due_at for row in rows}


def begin(connection: Connection, wanted: Collection[What], now: datetime) -> None:
    """Let the wanted kinds begin that have not, and forget that the others had."""
    names = [what.value for what in wanted]
    connection.execute(delete(t.slot).where(*_beginnings(), t.slot.c.key.not_in(names)))
    for name in names:
        row = {"newsletter": _NOBODYS, "cadence": _NOTICES, "key": name, "due_at": now, "decided_at": now}
        connection.execute(insert_new(t.slot).values(**row, state=_BEGUN, reason=""))


def untold(
    connection: Connection, since: Mapping[What, datetime], rules: Rules, now: datetime
) -> tuple[Notice, ...]:
    """What happened since then and was not told. `since` has the wanted kinds alone."""
    recent = {what: max(at, now - RECENT) for what, at in since.items()}
    found: list[Notice] = []
    if at := recent.get(What.SKIPPED):
        found += _skipped(connection, at, rules)
    if What.APPROVAL in since or What.LATE in since:
        found += _held(connection, since, rules, now)
    if at := recent.get(What.LATE):
        found += _late(connection, at, rules)
        if What.SKIPPED not in since:
            found += _too_late(connection, at, rules)
    if at := since.get(What.PAUSED):
        found += _paused(connection, at, rules)
    if at := since.get(What.IN_DOUBT):
        found += _in_doubt(connection, at, rules, now)
    told = _told(connection, [notice.id for notice in found])
    return tuple(notice for notice in found if notice.id not in told)


def awaits(
    connection: Connection, issue_id: str, wanted: Collection[What], rules: Rules, now: datetime
) -> Notice | None:
    """The question about one issue, of the wanted kinds; None when it is not held."""
    return next(
        (asked for one in held(connection, issue_id) for asked in _asks(one, wanted, rules, now)), None
    )


def _told(connection: Connection, ids: list[str]) -> frozenset[str]:
    return frozenset(connection.execute(select(t.issue.c.id).where(t.issue.c.id.in_(ids))).scalars())


def _beginnings() -> tuple[ColumnElement[bool], ...]:
    s = t.slot.c
    return s.newsletter == _NOBODYS, s.cadence == _NOTICES, s.state == _BEGUN


# ── slots ───────────────────────────────────────────────────────────────────


def _skipped(connection: Connection, since: datetime, rules: Rules) -> Iterator[Notice]:
    """The slots without an issue; those of a cadence that were skipped at one time are told together."""
    s = t.slot.c
    rows = connection.execute(
        select(t.slot)
        .where(s.state == "skipped", s.decided_at >= since, s.reason.not_in(rules.silent))
        .order_by(s.newsletter, s.cadence, s.decided_at, s.due_at)
    ).all()
    for (newsletter, cadence, _), some in groupby(
        rows, lambda row: (row.newsletter, row.cadence, row.decided_at)
    ):
        *older, newest = some
        yield Notice(
            What.SKIPPED,
            f"{newsletter}-{cadence}-{newest.key}",
            newsletter,
            newest.due_at.astimezone(rules.zone(newsletter)),
            reason=newest.reason,
            older=len(older),
        )


def _late(connection: Connection, since: datetime, rules: Rules) -> Iterator[Notice]:
    """Issues that were made late, and sent all the same. Who let one go knows it."""
    s = t.slot.c
    let_go = select(t.approval.c.at).where(t.approval.c.issue_id == t.issue.c.id).exists()
    found = _issues(s.decided_at).join(t.slot, s.issue_id == t.issue.c.id)
    found = found.where(s.state == "issued", s.decided_at >= since, t.issue.c.state != HELD, ~let_go)
    for row in connection.execute(found).all():
        late = row.decided_at - row.due_at
        if late > rules.late_after(row.newsletter):
            yield _of_issue(What.LATE, row, rules, late=late)


def _too_late(connection: Connection, since: datetime, rules: Rules) -> Iterator[Notice]:
    """Slots that were skipped because they were late, for whoever is told nothing of other skipped ones."""
    for notice in _skipped(connection, since, rules):
        if notice.reason.endswith(TOO_LATE):
            yield replace(notice, what=What.LATE)


# ── issues that wait for a word ─────────────────────────────────────────────


def _held(
    connection: Connection, since: Mapping[What, datetime], rules: Rules, now: datetime
) -> Iterator[Notice]:
    """Those of which nobody has agreed to what they are now."""
    for one in held(connection):
        if not is_approved(connection, one.id, one.hash):
            yield from _asks(one, since.keys(), rules, now)


def _asks(one: Held, wanted: Collection[What], rules: Rules, now: datetime) -> Iterator[Notice]:
    """The question about an issue that is held; and that it is late, where it was asked before."""
    approves = rules.approves(one.newsletter)
    is_late = now - one.due_at > rules.late_after(one.newsletter)
    question = f"{one.id}-{one.hash[:12]}"  # another hash is another one
    if is_late and What.LATE in wanted:
        late = _of_held(What.LATE, one.id if approves else question, one, rules)
        yield replace(late, late=now - one.due_at, asks=True)
        if not approves:
            return
    if What.APPROVAL in wanted:
        yield _of_held(What.APPROVAL, question, one, rules)


def _of_held(what: What, about: str, one: Held, rules: Rules) -> Notice:
    return Notice(
        what,
        about,
        one.newsletter,
        one.slot_at.astimezone(rules.zone(one.newsletter)),
        issue_id=one.id,
        subject=one.subject,
        articles=one.articles,
        hash=one.hash,
        file=f"{rules.briefs}/{one.id}.approved",
    )


# ── issues under way ────────────────────────────────────────────────────────


def _paused(connection: Connection, since: datetime, rules: Rules) -> Iterator[Notice]:
    """Issues and letters that are paused, and of which something has happened since."""
    i, d = t.issue.c, t.delivery.c
    after = select(d.id).where(d.issue_id == i.id, d.state_at >= since).exists()
    found = _issues().where(i.state == "paused", or_(i.created_at >= since, after))
    for row in connection.execute(found).all():
        until = row.stale_at.astimezone(rules.zone(row.newsletter))
        counts = _counts(connection, row.id)
        yield _of_issue(What.PAUSED, row, rules, reason=row.state_reason, until=until, **counts)


def _in_doubt(connection: Connection, since: datetime, rules: Rules, now: datetime) -> Iterator[Notice]:
    """Issues of which nothing waits any more, with messages that came in doubt since."""
    i, d = t.issue.c, t.delivery.c
    doubtful = select(d.id).where(d.issue_id == i.id, d.state == State.IN_DOUBT, d.state_at >= since)
    waits = select(d.id).where(d.issue_id == i.id, d.state.in_(WAITING))
    found = _issues().where(
        i.state.in_(["finished", "paused", "cancelled"]),
        i.due_at >= now - LONGEST,
        doubtful.exists(),
        ~waits.exists(),
    )
    for row in connection.execute(found).all():
        yield _of_issue(What.IN_DOUBT, row, rules, **_counts(connection, row.id))


def _issues(*more: Any) -> Select[Any]:
    """Of tests and of notices nothing is told: a notice about a notice would never end."""
    i = t.issue.c
    columns = (i.id, i.newsletter, i.subject, i.due_at, i.slot_at, i.stale_at, i.state_reason, *more)
    return select(*columns).where(i.kind.not_in([Kind.TEST, Kind.NOTICE])).order_by(i.due_at, i.id)


def _of_issue(what: What, row: Row[Any], rules: Rules, **more: Any) -> Notice:
    at = (row.slot_at or row.due_at).astimezone(rules.zone(row.newsletter))
    return Notice(what, row.id, row.newsletter, at, issue_id=row.id, subject=row.subject, **more)


def _counts(connection: Connection, issue_id: str) -> dict[str, int]:
    d = t.delivery.c
    found = select(d.state, func.count()).where(d.issue_id == issue_id).group_by(d.state)
    by_state = {State(state): n for state, n in connection.execute(found)}
    waiting = sum(by_state.get(state, 0) for state in WAITING)
    sent, in_doubt = by_state.get(State.SENT, 0), by_state.get(State.IN_DOUBT, 0)
    return {"sent": sent, "waiting": waiting, "in_doubt": in_doubt}
