"""Node -> SQL over ``subscriber`` and ``subscription``, every value bound.

Each test is true or false, never unknown: what somebody lacks equals nothing, so that ``not`` always means
all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, not_, or_, select

from newsletter.store import tables as t
from newsletter.store.dialect import domain_of, json_empty, json_has, json_kind, json_value
from newsletter.store.segments import tree
from newsletter.store.segments.fields import day
from newsletter.store.segments.reading import read

_ORDER: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def condition(node: tree.Node) -> ColumnElement[bool]:
    """Whether the person of the row belongs to the segment; for a query that joins both tables."""
    match node:
        case tree.All():
            return and_(*map(condition, node.parts))
        case tree.Any():
            return or_(*map(condition, node.parts))
        case tree.Not():
            return not_(condition(node.part))
        case tree.Comparison():
            return _test(node)


def members(segment: str) -> ColumnElement[bool]:
    """Whether the row's subscription is one of the segment, for a query over subscriptions alone."""
    person = t.subscriber.c.id == t.subscription.c.subscriber_id
    return exists(select(t.subscriber.c.id).where(person, condition(read(segment))).correlate(t.subscription))


def _test(test: tree.Comparison) -> ColumnElement[bool]:
    if test.sign in ("!=", "not in"):
        return not_(_equal(test))
    if test.sign in ("==", "in"):
        return _equal(test)
    if test.sign in _ORDER:
        return _in_order(test)
    return _has(test)


def _equal(test: tree.Comparison) -> ColumnElement[bool]:
    texts = [value for value in test.values if isinstance(value, str)]
    match test.field:
        case "attributes":
            return _attribute_is(test)
        case "email":
            return t.subscriber.c.address_key.in_([text.casefold() for text in texts])
        case "domain":
            wanted = ["@" + text.removeprefix("@").lower() for text in texts]
            return domain_of(t.subscriber.c.address_key).in_(wanted)
        case "language":
            return _language(texts)
        case "timezone":
            named = exists().where(t.zone.c.id == t.subscriber.c.zone_id, t.zone.c.name.in_(texts))
            return or_(named, t.subscriber.c.zone_id.is_(None)) if "" in texts else named
        case "frequency":
            return t.subscription.c.frequency.in_(texts)
        case _:
            return t.subscriber.c.name.in_(texts)


def _language(wanted: Sequence[str]) -> ColumnElement[bool]:
    """As RFC 4647 3.3.1 matches: a tag also means what is more particular."""
    spoken = func.lower(t.subscriber.c.language)
    ranges = [text.lower() for text in wanted]
    wider = [spoken.startswith(f"{each}-", autoescape=True) for each in ranges if each]
    return or_(spoken.in_(ranges), *wider)


def _attribute_is(test: tree.Comparison) -> ColumnElement[bool]:
    value = json_value(t.subscriber.c.attributes, test.attribute)
    kind = json_kind(t.subscriber.c.attributes, test.attribute)
    return or_(*(_is(value, kind, wanted) for wanted in test.values))


def _is(value: ColumnElement[Any], kind: ColumnElement[str], wanted: tree.Value) -> ColumnElement[bool]:
    if isinstance(wanted, bool):
        return func.coalesce(kind == ("true" if wanted else "false"), false())
    kinds = ("text",) if isinstance(wanted, str) else ("integer", "real")
    return func.coalesce(and_(kind.in_(kinds), value == literal(wanted)), false())


def _in_order(test: tree.Comparison) -> ColumnElement[bool]:
    (bound,) = test.values
    compare = _ORDER[test.sign]
    if test.field == "attributes":
        value = json_value(t.subscriber.c.attributes, test.attribute)
        kind = json_kind(t.subscriber.c.attributes, test.attribute)
        number = case((kind.in_(("integer", "real")), value))
        return func.coalesce(compare(number, literal(bound)), false())
    column = t.subscription.c.since if test.field == "since" else t.subscriber.c.created_at
    return _on_days(column, test.sign, day(str(bound)))


def _on_days(column: ColumnElement[Any], sign: str, begins: datetime) -> ColumnElement[bool]:
    """A day is as long as a day: what happened in it is neither before nor after it."""
    bound = begins + timedelta(days=1) if sign in ("<=", ">") else begins
    return column < bound if sign in ("<", "<=") else column >= bound


def _has(test: tree.Comparison) -> ColumnElement[bool]:
    texts = [str(value) for value in test.values]
    one = _has_topic if test.field == "topics" else _has_tag
    if test.sign != "has all":
        return one(texts)
    return reduce(and_, [one([text]) for text in texts])


def _has_tag(texts: Sequence[str]) -> ColumnElement[bool]:
    tag = t.subscriber_tag.c
    return exists().where(tag.subscriber_id == t.subscriber.c.id, tag.tag.in_(texts))


def _has_topic(texts: Sequence[str]) -> ColumnElement[bool]:
    topics = t.subscription.c.topics
    return or_(json_empty(topics), json_has(topics, texts))
