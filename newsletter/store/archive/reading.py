"""The archive -> what became of one delivery, of all to a person, or of all of an issue.

Who is looked for is in at most one block of each issue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from newsletter.model import State
from newsletter.store import tables as t
from newsletter.store.archive.block import ArchivedRow, packed, unpacked


def of_person(
    connection: Connection, subscriber_id: int, issues: Iterable[str] | None = None
) -> tuple[ArchivedRow, ...]:
    """Archived deliveries to a person, oldest first; `issues` only those of some."""
    found = [row for _, row in _theirs(connection, subscriber_id, issues)]
    return tuple(sorted(found, key=lambda row: (row.due_at, row.delivery_id)))


def of_people(
    connection: Connection, subscribers: Sequence[int], issues: Iterable[str]
) -> Iterator[ArchivedRow]:
    """The same for many people, issue by issue: each block is read once."""
    wanted = sorted(subscribers)
    if not wanted:
        return
    a = t.archive.c
    for issue_id in issues:
        near = select(t.archive).where(a.issue_id == issue_id, a.last >= wanted[0], a.first <= wanted[-1])
        for block in connection.execute(near.order_by(a.last)):
            some = [id for id in wanted if block.first <= id <= block.last]
            yield from unpacked(block.rows, issue_id, some) if some else ()


def of_issue(connection: Connection, issue_id: str) -> Iterator[ArchivedRow]:
    """All archived deliveries of an issue, in the order of their subscribers."""
    a = t.archive.c
    blocks = select(a.rows).where(a.issue_id == issue_id).order_by(a.last)
    for rows in connection.execute(blocks).scalars():
        yield from unpacked(rows, issue_id)


def of_number(connection: Connection, delivery_id: int) -> ArchivedRow | None:
    """The archived delivery of that number; None when there is none."""
    found = _numbered(connection, delivery_id)
    return found and found[1]


def counts(connection: Connection, issue_id: str | None = None) -> Mapping[State, int]:
    """How many of an issue are archived, or of all, by state."""
    n = t.archive_count.c
    query = select(n.state, func.sum(n.number)).group_by(n.state)
    if issue_id is not None:
        query = query.where(n.issue_id == issue_id)
    return {State(state): int(number) for state, number in connection.execute(query)}


def add(connection: Connection, rows: Sequence[ArchivedRow]) -> None:
    """One more block, of deliveries of one issue in the order of their subscribers. Whoever calls takes them
    out of ``delivery`` in the same transaction."""
    issue_id = rows[0].issue_id
    connection.execute(insert(t.archive).values(issue_id=issue_id, **_columns(rows)))
    _count(connection, issue_id, Counter(row.state for row in rows))


def take_out(connection: Connection, delivery_id: int) -> ArchivedRow | None:
    """Take one delivery out of the archive; None when it is not in it. Whoever calls puts it elsewhere in the
    same transaction."""
    found = _numbered(connection, delivery_id)
    if found is None:
        return None
    block, row = found
    _rewrite(connection, block, [each for each in _all(block) if each.delivery_id != delivery_id])
    _count(connection, row.issue_id, {row.state: -1})
    return row


def forget_words(connection: Connection, subscriber_id: int) -> int:
    """Forget what servers said of a person, for it may name them; of how many deliveries."""
    blocks = [block for block, row in _theirs(connection, subscriber_id, None) if _tells(row)]
    for block in blocks:
        kept = [_without_words(row) if row.subscriber_id == subscriber_id else row for row in _all(block)]
        _rewrite(connection, block, kept)
    return len(blocks)


def _theirs(
    connection: Connection, subscriber_id: int, issues: Iterable[str] | None
) -> Iterator[tuple[Row[Any], ArchivedRow]]:
    """Each block with a row of that person, and the row."""
    for block in connection.execute(_blocks(subscriber_id, issues)).all():
        for row in unpacked(block.rows, block.issue_id, (subscriber_id,)):
            yield block, row


def _blocks(subscriber_id: int, issues: Iterable[str] | None) -> Select[Any]:
    """The one block of each issue in which somebody can be: the first that does not end before them."""
    a, other = t.archive.c, t.archive.alias("other").c
    named = select(t.archive_count.c.issue_id).distinct()
    if issues is not None:
        named = named.where(t.archive_count.c.issue_id.in_(tuple(issues)))
    each = named.subquery()
    near: ColumnElement[int] = (
        select(func.min(other.last))
        .where(other.issue_id == each.c.issue_id, other.last >= subscriber_id)
        .scalar_subquery()
    )
    return (
        select(t.archive)
        .join(each, each.c.issue_id == a.issue_id)
        .where(a.last == near, a.first <= subscriber_id)
    )


def _numbered(connection: Connection, delivery_id: int) -> tuple[Row[Any], ArchivedRow] | None:
    a = t.archive.c
    near = select(t.archive).where(a.lowest_id <= delivery_id, a.highest_id >= delivery_id)
    for block in connection.execute(near).all():
        for row in _all(block):
            if row.delivery_id == delivery_id:
                return block, row
    return None


def _all(block: Row[Any]) -> tuple[ArchivedRow, ...]:
    return unpacked(block.rows, block.issue_id)


def _rewrite(connection: Connection, block: Row[Any], rows: Sequence[ArchivedRow]) -> None:
    a = t.archive.c
    mine = a.issue_id == block.issue_id, a.last == block.last
    if rows:
        # It keeps its place: it still ends where no other block begins.
        change = _columns(rows) | {"last": block.last}
        connection.execute(update(t.archive).where(*mine).values(change))
    else:
        connection.execute(delete(t.archive).where(*mine))


def _columns(rows: Sequence[ArchivedRow]) -> dict[str, Any]:
    ids = [row.delivery_id for row in rows]
    return {
        "first": rows[0].subscriber_id,
        "last": rows[-1].subscriber_id,
        "lowest_id": min(ids),
        "highest_id": max(ids),
        "rows": packed(rows),
    }


def _count(connection: Connection, issue_id: str, change: Mapping[State, int]) -> None:
    n = t.archive_count.c
    for state, number in change.items():
        mine = n.issue_id == issue_id, n.state == state
        added = update(t.archive_count).where(*mine).values(number=n.number + number)
        if not connection.execute(added).rowcount:
            first = {"issue_id": issue_id, "state": state, "number": number}
            connection.execute(insert(t.archive_count).values(first))


def _tells(row: ArchivedRow) -> bool:
    """What is kept of the reply to what was sent is a code, and names nobody."""
    return bool(row.reply) and row.state is not State.SENT


def _without_words(row: ArchivedRow) -> ArchivedRow:
    return replace(row, reply="")
