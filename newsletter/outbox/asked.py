"""An old hash -> what of the issue has changed since somebody was asked to approve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, select

from newsletter.model import Kind
from newsletter.outbox.approving import is_meant
from newsletter.store import tables as t

#: Of a manifest, what a person may have changed; all else in it comes of that.
_INPUTS: Final = "inputs"
#: What else of what somebody agreed to.
_AGREED: Final = ("from", "audience", "when")


def changed_since(connection: Connection, issue_id: str, given: str) -> tuple[str, ...] | None:
    """The inputs of the issue that are not what they were, each with what became of it, in order; None when
    nobody was ever asked for a hash like `given`."""
    i = t.issue.c
    notices = select(i.approval_hash, i.manifest).where(
        i.kind == Kind.NOTICE, i.id.startswith("notice-"), i.id.contains(f"-{issue_id}-", autoescape=True)
    )
    found = (row.manifest for row in connection.execute(notices) if is_meant(given, row.approval_hash))
    before = next(found, None)
    if before is None:
        return None
    now = connection.execute(select(i.manifest).where(i.id == issue_id)).scalar()
    of_inputs = changes(_inputs(before), _inputs(now or {}))
    return tuple(of_inputs) or tuple(changes(before, now or {}))


def _inputs(manifest: Mapping[str, Any]) -> dict[str, Any]:
    agreed = manifest.get("approval", {})
    # A newer release that makes the same of the files changes nothing that anybody agrees to.
    inputs = {name: each for name, each in manifest.get(_INPUTS, {}).items() if name != "program"}
    return {**inputs, **{name: agreed.get(name, {}) for name in _AGREED}}


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """`articles/one.md: changed`, for each leaf of two nested mappings that is not the same in both."""
    old, new = dict(_leaves(before)), dict(_leaves(now))
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"{name}: gone"
        elif name not in old:
            yield f"{name}: new"
        elif old[name] != new[name]:
            yield f"{name}: changed"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(each, f"{name}/{key}" if name else str(key))
    else:
        yield name, value
