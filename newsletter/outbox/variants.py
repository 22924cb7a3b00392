"""Variant -> what it has beside its issue: small, where thousands of them share one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from newsletter.store import tables as t


def laid_out(connection: Connection, variant_id: int) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The keys of its blocks, in order, and the values of its slots."""
    row = connection.execute(_laid_out(), {"id": variant_id}).one()
    return tuple(row.blocks), row.slots


@cache
def _laid_out() -> Select[Any]:
    v = t.variant.c
    return select(v.blocks, v.slots).where(v.id == bindparam("id"))
