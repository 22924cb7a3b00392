"""The next readers of an issue -> a table of this connection's own, each with what their class gets.

Whatever is asked of readers is asked once, in one walk along the index of the audience. That of the rows of
the issue before, and the rows of this one, stand in the same order. The table is temporary: what it holds is
gone with the connection, and with a transaction that comes to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    type_coerce,
    update,
)
from sqlalchemy.schema import CreateTable
from sqlalchemy.sql.dml import Delete, Insert, Update
from sqlalchemy.sql.selectable import FromClause
from sqlalchemy.types import TypeEngine

from newsletter.model import Kind
from newsletter.outbox import served
from newsletter.outbox.sharing import Sharing
from newsletter.store import tables as t
from newsletter.store.dialect import Bulk, insert_new, insert_or_change

_OWN: Final = MetaData()
#: The next readers. What is asked of those alone whose variant is not known is empty for the others.
READER: Final = Table(
    "next_reader",
    _OWN,
    Column("subscriber_id", Integer, primary_key=True),
    Column("variant_id", Integer),
    Column("state", String),
    Column("due_at", Integer, nullable=False),
    Column("frequency", String),
    Column("topics", String),  # as they are kept
    Column("since", Integer),
    Column("last", Integer),  # the variant of their issue before; none: they are of no class
    prefixes=["TEMPORARY"],
)
#: What was decided for a class of readers.
CLASS: Final = Table(
    "next_class",
    _OWN,
    Column("last", Integer, primary_key=True),
    Column("topics", String, primary_key=True),
    Column("frequency", String, primary_key=True),
    Column("variant_id", Integer, nullable=False),
    Column("state", String, nullable=False),
    prefixes=["TEMPORARY"],
    sqlite_with_rowid=False,
)
_ZONE: Final = Table(
    "next_zone",
    _OWN,
    Column("id", Integer, primary_key=True),
    Column("due_at", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)
_TURNED: Final = Table(
    "next_turned", _OWN, Column("subscriber_id", Integer, primary_key=True), prefixes=["TEMPORARY"]
)


def begin(connection: Connection, sharing: Sharing, turned: Sequence[int]) -> None:
    """Nobody is looked at yet, and no class known; `turned` are of none."""
    for table in _OWN.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
    end(connection)
    _zones()(connection, [*sharing.zones.items()])
    _turned()(connection, [(id,) for id in turned])


def end(connection: Connection) -> None:
    """Let go of everything."""
    for table in _OWN.sorted_tables:
        connection.execute(delete(table))


# ── the next readers ────────────────────────────────────────────────────────


def next_readers(sharing: Sharing, segment: str, frequencies: tuple[str, ...]) -> Insert:
    """Puts them into the table, each with what is known of their class. Takes what :func:`served.audience`
    takes, most, and due, in milliseconds since 1970."""
    s = t.subscription.c
    last, joined = _with_last(sharing)
    topics = cast(s.topics, String)  # as it stands SQLite would compare it as a number
    its_own = (CLASS.c.last == last, CLASS.c.topics == topics, CLASS.c.frequency == s.frequency)
    joined = joined.outerjoin(CLASS, and_(*its_own))
    due: ColumnElement[Any] = bindparam("due", type_=Integer)
    if sharing.zones:
        joined = joined.outerjoin(t.subscriber, t.subscriber.c.id == s.subscriber_id)
        joined = joined.outerjoin(_ZONE, _ZONE.c.id == t.subscriber.c.zone_id)
        due = func.coalesce(_ZONE.c.due_at, due)
    asked = (s.frequency, topics, type_coerce(s.since, Integer), last)
    unknown = [case((CLASS.c.variant_id.is_(None), each)) for each in asked]
    query = select(s.subscriber_id, CLASS.c.variant_id, CLASS.c.state, due, *unknown).select_from(joined)
    rows = served.audience(query, segment, frequencies).limit(bindparam("most"))
    return insert(READER).from_select([each.name for each in READER.c], rows)


def _with_last(sharing: Sharing) -> tuple[ColumnElement[Any], FromClause]:
    """The variant of their issue before this one, and subscriptions joined with it."""
    groups = sharing.groups
    new = [group for group in groups if served.is_first(sharing, group)]
    first = len(new) == len(groups)
    before = _by_frequency([(group.frequencies, group.before) for group in groups], String)
    before_at = _by_frequency([(group.frequencies, group.before_at) for group in groups], Integer)
    turned = select(_TURNED.c.subscriber_id)
    joined = served.with_last(
        t.subscription, first=first, outer=True, before=(before, before_at), turned=turned
    )
    last = served.last_variant(first=first)
    if new and not first:
        theirs = t.subscription.c.frequency.in_([each for group in new for each in group.frequencies])
        last = case((theirs, served.last_variant(first=True)), else_=last)
    return last, joined


def _by_frequency(
    values: Sequence[tuple[tuple[str, ...], Any]], type_: type[TypeEngine[Any]]
) -> ColumnElement[Any]:
    """What of these is the reader's. As a rule it is the same for all."""
    frequency, default = t.subscription.c.frequency, values[0][1]
    others = [(frequency.in_(theirs), literal(one, type_)) for theirs, one in values if one != default]
    return case(*others, else_=literal(default, type_)) if others else literal(default, type_)


@cache
def without_those_queued() -> Delete:
    """Takes out who has a row of the issue `of` already, behind `after` and up to `last`."""
    d = t.delivery.c
    mine = d.issue_id == bindparam("of"), d.subscriber_id > bindparam("after")
    queued = select(d.subscriber_id).where(*mine, d.subscriber_id <= bindparam("last"))
    return delete(READER).where(READER.c.subscriber_id.in_(queued))


# ── what they get ───────────────────────────────────────────────────────────

_UNKNOWN: Final = READER.c.variant_id.is_(None)


@cache
def unknown_classes() -> Select[Any]:
    """Of the next readers: frequency, topics, last variant of each class of which nothing is known."""
    r = READER.c
    return select(r.frequency, r.topics, r.last).where(_UNKNOWN, r.last.is_not(None)).distinct()


@cache
def classes_known() -> Update:
    """Gives those what their class gets of whose class nothing was known when they were looked at."""
    r = READER.c
    its_own = CLASS.c.last == r.last, CLASS.c.topics == r.topics, CLASS.c.frequency == r.frequency
    values = {
        name: select(CLASS.c[name]).where(*its_own).correlate(READER).scalar_subquery()
        for name in ("variant_id", "state")
    }
    return update(READER).where(_UNKNOWN, r.last.is_not(None)).values(values)


@cache
def alone() -> Select[Any]:
    """Those of whom nothing is known yet: subscriber, frequency, topics, since."""
    r = READER.c
    return select(r.subscriber_id, r.frequency, r.topics, r.since).where(_UNKNOWN).order_by(r.subscriber_id)


@cache
def rows() -> Insert:
    """Rows for all of them, in their order. Takes of (the issue), priority and now."""
    values = {
        "kind": bindparam("kind", Kind.ISSUE.value),
        "issue_id": bindparam("of"),
        "subscriber_id": READER.c.subscriber_id,
        "variant_id": READER.c.variant_id,
        "priority": bindparam("priority", type_=Integer),
        "due_at": READER.c.due_at,
        "state": READER.c.state,
        "state_at": bindparam("now", type_=t.Instant),
    }
    query = select(*values.values()).order_by(READER.c.subscriber_id)
    return insert_new(t.delivery).from_select([*values], query)


@cache
def no_readers() -> Delete:
    """Takes out all readers: their rows stand."""
    return delete(READER)


@cache
def learnt() -> Bulk:
    """What classes get: last variant, topics, frequency, variant, state."""
    return Bulk(insert(CLASS), *(each.name for each in CLASS.c))


@cache
def decided() -> Bulk:
    """What each of some readers gets who stand in the table: subscriber, variant, state, and any number."""
    changed = insert_or_change(READER, lambda new: {"variant_id": new.variant_id, "state": new.state})
    return Bulk(changed, "subscriber_id", "variant_id", "state", "due_at")


@cache
def _zones() -> Bulk:
    return Bulk(insert(_ZONE), "id", "due_at")


@cache
def _turned() -> Bulk:
    return Bulk(insert(_TURNED), "subscriber_id")
