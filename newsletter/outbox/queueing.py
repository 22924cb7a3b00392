"""Frozen issue -> delivery rows: in small transactions, each of which may be repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import Insert

from newsletter.model import Kind, State
from newsletter.outbox import barring
from newsletter.outbox.served import audience
from newsletter.outbox.shares import Shares
from newsletter.outbox.sharing import FREQUENCIES, of_document
from newsletter.store import tables as t
from newsletter.store.dialect import Bulk, insert_new, numbers
from newsletter.store.tables import milliseconds

#: Smaller goes first. Transactional mail must never wait behind a bulk issue.
PRIORITY = {Kind.CONFIRM: 1, Kind.WELCOME: 1, Kind.GOODBYE: 1, Kind.TEST: 1, Kind.NOTICE: 1, Kind.ISSUE: 5}

#: Why issues of a newsletter are paused, while it is.
PAUSED: Final = "the newsletter is paused"

#: Keys of the blocks, in order, and what fills the slots that depend on them.
LaidOut = tuple[tuple[str, ...], Mapping[str, str]]

#: Of one transaction. The database makes them by itself, at one or two microseconds a row; whoever else wants
#: to write waits as long as one chunk takes.
ROWS = 20_000


def queue_chunk(connection: Connection, issue_id: str, now: datetime, *, rows: int = ROWS) -> bool:
    """Do the next part for a publishing issue, of at most so many rows; False when all of its rows stand. It
    is open then, but one that is shared out: its variants are laid out first.

    Who is put on the suppression list meanwhile may be queued: the intent sees it.
    """
    issue = connection.execute(_issue(), {"id": issue_id}).one()
    if issue.state != "publishing":
        return False
    barred = barring.barred(connection, issue.id, issue.newsletter)
    if barred.read_on(connection, rows, now):
        return True
    shares = _shares(connection, issue)
    # Until the chunk is done nobody goes on with what is known: where it fails, tables of it are lost.
    connection.info.pop(Shares, None)
    last = shares.look(connection, rows, now) if shares else _last_of(connection, issue, rows, now)
    if last is None:
        barring.forget(connection)
        # With shares the blocks of the variants are still to be chosen: see `without_blocks`.
        change: dict[str, Any] = {} if shares else {"state": "open"}
    else:
        out = barred.between(connection, issue.queued_to, last, now)
        _suppress(connection, issue, shares.frequencies if shares else FREQUENCIES, out, last, now)
        if shares:
            shares.queue(last, now)
        else:
            _queue(connection, issue, last, now)
        change = {"queued_to": last}
    if change:
        connection.execute(update(t.issue).where(t.issue.c.id == issue.id).values(change))
    if shares and last is not None:
        connection.info[Shares] = shares
    return last is not None


def _shares(connection: Connection, issue: Any) -> Shares | None:
    """How the issue is shared out; None where everybody gets the same."""
    there: Shares | None = connection.info.get(Shares)
    # Where a commit came to nothing, it knows of variants that are not there.
    if there is None or (there.issue_id, there.done_to) != (issue.id, issue.queued_to):
        sharing = of_document(issue.pool)
        if sharing is None:
            return None
        due, priority = sharing.zones.get(0, milliseconds(issue.due_at)), PRIORITY[Kind.ISSUE]
        given = (issue.id, issue.newsletter, issue.segment, due, priority, sharing, issue.queued_to)
        there = Shares(connection, *given)
    return there


def without_blocks(connection: Connection, issue_id: str, most: int = 1000) -> dict[int, tuple[int, ...]]:
    """Variants that its rows named and whose blocks are still to be chosen: id -> articles."""
    v = t.variant.c
    empty = cast(v.blocks, String) == literal_column("'[]'")
    some = cast(v.articles, String) != literal_column("'[]'")
    rows = select(v.id, v.articles).where(v.issue_id == issue_id, empty, some).limit(most)
    return {row.id: tuple(row.articles) for row in connection.execute(rows)}


def lay_out(connection: Connection, chosen: Mapping[int, LaidOut]) -> None:
    """Choose the blocks of variants."""
    changed = update(t.variant).where(t.variant.c.id == bindparam("variant"))
    rows = [{"variant": id, "keys": keys, "filled": slots} for id, (keys, slots) in chosen.items()]
    values = {
        "blocks": bindparam("keys", type_=t.variant.c.blocks.type),
        "slots": bindparam("filled", type_=t.variant.c.slots.type),
    }
    connection.execute(changed.values(values), rows)


def open_issue(connection: Connection, issue_id: str, now: datetime) -> None:
    """Let an issue go out all of whose rows stand, with the blocks of their variants; or rest, where its
    newsletter was paused meanwhile."""
    i, p = t.issue.c, t.newsletter_pause.c
    rests = exists().where(p.newsletter == i.newsletter, or_(p.until.is_(None), p.until > now))
    told = {
        "state": case((rests, "paused"), else_="open"),
        "state_reason": case((rests, PAUSED), else_=i.state_reason),
    }
    publishing = i.id == issue_id, i.state == "publishing"
    connection.execute(update(t.issue).where(*publishing).values(told))


@cache
def _issue() -> Select[Any]:
    i = t.issue.c
    columns = (i.id, i.newsletter, i.state, i.due_at, i.queued_to, i.segment, i.pool)
    return select(*columns).where(i.id == bindparam("id"))


# ── everybody on the list ───────────────────────────────────────────────────


def _last_of(connection: Connection, issue: Any, most: int, now: datetime) -> int | None:
    """The last subscriber of the next chunk."""
    asked = {"after": issue.queued_to, "list": issue.newsletter, "most": most, "now": now}
    last: int | None = connection.execute(_last(issue.segment), asked).scalar_one()
    return last


@cache
def _last(segment: str) -> Select[Any]:
    chosen = audience(select(t.subscription.c.subscriber_id), segment)
    return select(func.max(chosen.limit(bindparam("most")).subquery().c.subscriber_id))


def _suppress(
    connection: Connection,
    issue: Any,
    frequencies: tuple[str, ...],
    barred: list[int],
    last: int,
    now: datetime,
) -> None:
    """Rows for those who must get nothing."""
    if not barred:
        return
    given = _given(issue, last, now) | {"state": State.SUPPRESSED.value, "variant": None}
    why = {"reply": "on the suppression list", "named": json.dumps(barred)}
    statement = _rows(issue.segment, frequencies, named=True)
    connection.execute(statement, given | why)


def _queue(connection: Connection, issue: Any, last: int, now: datetime) -> None:
    given = _given(issue, last, now) | {"variant": _only_variant(connection, issue.id)}
    # Leaves alone those who have a row by now.
    statement = _rows(issue.segment, FREQUENCIES, named=False)
    connection.execute(statement, given | {"state": State.QUEUED.value, "reply": ""})


def _given(issue: Any, last: int, now: datetime) -> dict[str, Any]:
    return {
        "of": issue.id,
        "list": issue.newsletter,
        "due": issue.due_at,
        "now": now,
        "after": issue.queued_to,
        "last": last,
    }


@cache
def _rows(segment: str, frequencies: tuple[str, ...], *, named: bool) -> Insert:
    """From one table only, along its index: half of what a join with the subscribers would cost."""
    s = t.subscription.c
    rows = audience(
        select(
            bindparam("kind", Kind.ISSUE.value),
            bindparam("of"),
            s.subscriber_id,
            bindparam("variant", type_=Integer),
            bindparam("priority", PRIORITY[Kind.ISSUE]),
            bindparam("due", type_=t.Instant),
            bindparam("state"),
            bindparam("reply"),
            bindparam("now", type_=t.Instant),
        ),
        segment,
        frequencies,
    ).where(s.subscriber_id <= bindparam("last"))
    if named:
        rows = rows.where(s.subscriber_id.in_(numbers("named")))
    columns = [
        "kind", "issue_id", "subscriber_id", "variant_id", "priority", "due_at", "state", "reply", "state_at"
    ]  # fmt: skip
    return insert_new(t.delivery).from_select(columns, rows)


# ── one alone ───────────────────────────────────────────────────────────────


def queue_test(connection: Connection, issue_id: str, addresses: Sequence[str], now: datetime) -> None:
    """Queue a test issue to any addresses, and open it."""
    own = {"kind": Kind.TEST, "issue_id": issue_id, "variant_id": _only_variant(connection, issue_id)}
    when = {"priority": PRIORITY[Kind.TEST], "due_at": now, "state": State.QUEUED, "state_at": now}
    rows = [
        {**own, **when, "address": each, "dedupe_key": f"{issue_id}:test:{number}"}
        for number, each in enumerate(dict.fromkeys(addresses))
    ]
    connection.execute(insert(t.delivery), rows)
    connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(state="open"))


def queue_notice(
    connection: Connection, issue_id: str, about: str, addresses: Sequence[str], now: datetime
) -> int:
    """Queue a notice `about` something to addresses, each once for ever, and open its issue; to how many."""
    own = {"kind": Kind.NOTICE, "issue_id": issue_id, "variant_id": _only_variant(connection, issue_id)}
    when = {"priority": PRIORITY[Kind.NOTICE], "due_at": now, "state": State.QUEUED, "state_at": now}
    rows = [
        {**own, **when, "address": each, "dedupe_key": f"notice:{about}:{each.casefold()}"}
        for each in dict.fromkeys(addresses)
    ]
    done = sum(connection.execute(insert_new(t.delivery).values(row)).rowcount for row in rows)
    if done:
        connection.execute(update(t.issue).where(t.issue.c.id == issue_id).values(state="open"))
    return done


def queue_letters(connection: Connection, issue_id: str, subscribers: Sequence[int], now: datetime) -> None:
    """Queue a letter to subscribers who have no row of it yet, and open its issue. Nothing when the operator
    has cancelled it."""
    letters = t.issue.c.id == issue_id
    found = connection.execute(select(t.issue.c.kind, t.issue.c.state).where(letters)).one()
    if found.state == "cancelled":
        return
    variant, at, priority = _only_variant(connection, issue_id), milliseconds(now), PRIORITY[Kind(found.kind)]
    rows = [
        (found.kind, issue_id, id, variant, priority, at, State.QUEUED.value, at, "") for id in subscribers
    ]
    _letters()(connection, rows)
    if found.state == "finished":
        connection.execute(update(t.issue).where(letters).values(state="open"))


@cache
def _letters() -> Bulk:
    columns = "kind issue_id subscriber_id variant_id priority due_at state state_at reply".split()
    return Bulk(insert_new(t.delivery), *columns)


def _only_variant(connection: Connection, issue_id: str) -> int:
    return int(
        connection.execute(select(t.variant.c.id).where(t.variant.c.issue_id == issue_id)).scalar_one()
    )
