"""Who asks, and for whom -> whether that is too much of a sudden.

Each limit is one row: the moment at which it would be unused again (GCRA, the "generic cell rate algorithm").
So many may come at once, then they come as fast as the limit allows on average; no window begins or ends, and
when to come again is exact. Rows survive a restart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, bindparam, func, select

from newsletter.store.dialect import Hot, as_json, given, insert_or_change
from newsletter.store.tables import allowance, milliseconds

_HOUR: Final = 3_600_000  #: milliseconds
#: What stands for a caller whose address nobody knows: they share one allowance.
NOBODY_KNOWS: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """Sign-ups an hour, at most a million; 0 is no limit."""

    per_range: int = 30
    per_domain: int = 300
    in_all: int = 3000


@dataclass(frozen=True, slots=True)
class Over:
    """A limit that is used up."""

    what: str  #: ``range``, ``domain`` or ``all``
    again: timedelta  #: after this there is room for one


def address_range(host: str) -> str:
    """The range that a caller is counted with: an IPv4 /24 or an IPv6 /48, as text. ``unknown`` for what is
    no IP address."""
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return NOBODY_KNOWS
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))


def use(connection: Connection, limits: Limits, source: str, domain: str, now: datetime) -> Over | None:
    """Use up one of each limit, or none of them: then the one that holds out longest."""
    wanted = _wanted(limits, source, domain)
    if not wanted:
        return None
    at, rows = milliseconds(now), json.dumps([(key, each) for _, key, each in wanted])
    if _use()(connection, rows=rows, at=at, hour=_HOUR).rowcount == len(wanted):
        return None
    until = dict(json.loads(_until()(connection, rows=rows).scalar_one()))
    waits = ((what, max(until.get(key, at), at) + each - at - _HOUR) for what, key, each in wanted)
    what, wait = max(waits, key=lambda one: one[1])
    return Over(what, timedelta(milliseconds=wait))


def past(now: datetime) -> tuple[Table, ColumnElement[bool]]:
    """What is unused by now, to be forgotten."""
    return allowance, allowance.c.until <= now


def _wanted(limits: Limits, source: str, domain: str) -> Sequence[tuple[str, str, int]]:
    """What the limit is called, the key of its row, and how many milliseconds one use takes of it."""
    every = (
        ("range", f"range {source}", limits.per_range),
        ("domain", f"domain {domain}", limits.per_domain),
        ("all", "all", limits.in_all),
    )
    return [(what, key, _HOUR // most) for what, key, most in every if most]


@cache
def _use() -> Hot:
    """All of `rows` (key, milliseconds of one use), or none when one of them has no room at `at`."""
    # Twice the same question, for as a CTE it would stand before INSERT, and nobody would count the rows.
    after, checked = _after().subquery("after"), _after().subquery("checked")
    over = select(checked.c.key).where(checked.c.until > _number("at") + _number("hour")).exists()
    made = insert_or_change(allowance, lambda new: {"until": new.until})
    return Hot(made.from_select(["key", "until"], select(after.c.key, after.c.until).where(~over)))


def _after() -> Select[Any]:
    """How far each would be used up once it is used."""
    row, at, a = given("rows", "key", "each"), _number("at"), allowance.c
    until = func.max(func.coalesce(a.until, at), at, type_=BigInteger) + row.c.each
    return select(row.c.key, until.label("until")).outerjoin(allowance, a.key == row.c.key)


@cache
def _until() -> Hot:
    row = given("rows", "key", "each")
    return Hot(as_json(select(allowance.c.key, allowance.c.until).join(row, row.c.key == allowance.c.key)))


def _number(name: str) -> Any:
    return bindparam(name, type_=BigInteger)
