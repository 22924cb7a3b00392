"""What runs once a window of messages: one statement for all of its rows. Built once, at the first use.

States are written into the statements: a bound value would not match a partial index.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from newsletter.model import Kind, State
from newsletter.store import reach
from newsletter.store import tables as t
from newsletter.store.dialect import Hot, as_json, given, numbers


def _written(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'")


def _now() -> Any:
    return bindparam("now")


@cache
def live() -> Hot:
    """Issues of which something may go out now, tests, letters and older ones first: id, newsletter.
    Takes now, only (an issue's id, or empty for all)."""
    i = t.issue.c
    only: Any = bindparam("only")
    return Hot(
        as_json(
            select(i.id, i.newsletter)
            .where(
                i.state == _written("open"),
                i.due_at <= bindparam("now"),
                i.stale_at > bindparam("now"),
                or_(only == literal_column("''"), i.id == only),
            )
            .order_by(i.kind == _written(Kind.ISSUE), i.due_at, i.id)
        )
    )


#: What :func:`due` and :func:`named` give of each row.
DUE = "id kind subscriber_id variant_id due_at attempts address name forbidden priority".split()


@cache
def due() -> Hot:
    """The next queued rows of an issue, in the order of the index.
    Takes issue, newsletter, now, most, and what to begin behind: priority, due."""
    d = t.delivery.c
    behind: Any = tuple_(bindparam("priority"), bindparam("due"))
    return _next(_queued().where(tuple_(d.priority, d.due_at) > behind))


@cache
def beside() -> Hot:
    """Those of the same priority and time that stand behind a row: in one statement with :func:`due` SQLite
    would walk to that row. Takes the same, and id."""
    d = t.delivery.c
    same = (d.priority == bindparam("priority")) & (d.due_at == bindparam("due"))
    return _next(_queued().where(same, d.id > bindparam("id")))


def _next(rows: Select[Any]) -> Hot:
    d = t.delivery.c
    return Hot(as_json(rows.order_by(d.priority, d.due_at, d.id).limit(bindparam("most"))))


@cache
def named() -> Hot:
    """Those of some rows of an issue that are queued. Takes issue, newsletter, now, rows (a JSON array)."""
    return Hot(as_json(_queued().where(t.delivery.c.id.in_(numbers("rows")))))


def _queued() -> Select[Any]:
    d, s = t.delivery.c, t.subscriber.c
    newsletter: Any = bindparam("newsletter")
    forbidden = _forbidden(newsletter)
    return (
        select(
            d.id, d.kind, d.subscriber_id, d.variant_id, d.due_at, d.attempts,
            func.coalesce(d.address, s.address).label("address"),
            func.coalesce(s.name, literal_column("''")).label("name"),
            forbidden.label("forbidden"),
            d.priority,
        )
        .select_from(t.delivery)
        .outerjoin(t.subscriber, s.id == d.subscriber_id)
        .outerjoin(
            t.subscription,
            (t.subscription.c.subscriber_id == d.subscriber_id) & (t.subscription.c.newsletter == newsletter),
        )
        .where(
            d.issue_id == bindparam("issue"),
            d.state == _written(State.QUEUED),
            d.due_at <= bindparam("now"),
        )
    )  # fmt: skip


def _forbidden(newsletter: ColumnElement[str]) -> ColumnElement[Any]:
    """Why the row's reader gets nothing of that newsletter now; null when they may. Takes now."""
    now = _now()
    unsubscribed = t.subscription.c.status.is_distinct_from(_written("active"))
    # Most rows are an issue's: they must not ask anything more than one comparison.
    special = t.delivery.c.kind.not_in((_written(Kind.ISSUE), _written(Kind.WELCOME)))
    return case(
        (special, _forbidden_letter(newsletter)),
        (reach.suppressed(newsletter, now), _written("on the suppression list")),
        (unsubscribed, _written("not subscribed any more")),
        (reach.paused(now), _written("paused")),
        else_=null(),
    )


def _forbidden_letter(newsletter: ColumnElement[str]) -> ColumnElement[Any]:
    """The same of a row that needs no subscription: a test, a notice, a confirmation, a goodbye."""
    kind, now = t.delivery.c.kind, _now()
    nothing = and_(kind == _written(Kind.CONFIRM), not_(reach.waits_for_a_word()))
    return case(
        (kind.in_((_written(Kind.TEST), _written(Kind.NOTICE))), null()),
        (reach.shut(newsletter, now), _written("on the suppression list")),
        (nothing, _written("nothing waits to be confirmed")),
        else_=null(),
    )


@cache
def barred() -> Hot:
    """Of rows whose intent is committed, the ids of those whose readers have left since.
    Takes rows (a JSON array), now."""
    d, s = t.delivery.c, t.subscription.c
    newsletter = t.issue.c.newsletter
    return Hot(
        as_json(
            select(d.id)
            .select_from(t.delivery)
            .join(t.issue, t.issue.c.id == d.issue_id)
            .outerjoin(t.subscriber, t.subscriber.c.id == d.subscriber_id)
            .outerjoin(t.subscription, (s.subscriber_id == d.subscriber_id) & (s.newsletter == newsletter))
            .where(d.id.in_(numbers("rows")), _forbidden(newsletter).is_not(None))
        )
    )


@cache
def intend() -> Hot:
    """Queued rows -> sending. Takes rows (a JSON array of ids), mark, who, lease, at."""
    d = t.delivery.c
    return Hot(
        update(t.delivery)
        .where(d.id.in_(numbers("rows")))
        .values(
            state=_written(State.SENDING),
            token=bindparam("mark"),
            owner=bindparam("who"),
            lease_until=bindparam("lease"),
            attempts=d.attempts + literal_column("1"),
            state_at=bindparam("at"),
        )
    )


@cache
def sent() -> Hot:
    """The usual outcome, and by far the most frequent. Takes rows (arrays of id, token, code, reply), at."""
    d, row = t.delivery.c, given("rows", "id", "token", "code", "reply")
    return Hot(
        update(t.delivery)
        .where(
            d.id == row.c.id,
            d.token == row.c.token,
            or_(d.state == _written(State.SENDING), d.state == _written(State.IN_DOUBT)),
        )
        .values(
            state=_written(State.SENT),
            next_at=null(),
            lease_until=null(),
            state_at=bindparam("at"),
            code=row.c.code,
            reply=case((reach.is_known(), row.c.reply), else_=_written("")),
        )
    )
