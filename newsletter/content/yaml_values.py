"""YAML text -> values whose scalars are what the author wrote.

`no`, `12:30`, `1.10` and `0123` stay text; the field decides what they mean. The
values are built from the event stream, so aliases are shared instead of expanded and
nesting is bounded: no document can take more time or memory than its length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from newsletter.content.reader import Value

DEPTH = 40  # real front matter has 4
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_KEY = 60  # a longer key with spaces is a paragraph that lost its quotes


class Unreadable(ValueError):
    """YAML that nothing takes, at `line` (from 1, within the text)."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


@dataclass(slots=True)
class Loaded:
    """A value, the line of each key (``image.uid`` in a table), and (line, text) warnings."""

    value: Value | None = None
    lines: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come."""

    items: list[Value] = field(default_factory=list)
    table: dict[str, Value] | None = None
    anchor: str | None = None
    key: str | None = None  # waits for its value
    key_line: int = 0


def load(text: str) -> Loaded:
    """The first document of `text`; raises :class:`Unreadable`."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _build(yaml.parse(text, Loader=loader))
    except yaml.YAMLError as wrong:
        mark = getattr(wrong, "problem_mark", None)
        said = getattr(wrong, "problem", None) or getattr(wrong, "reason", None) or "cannot be read"
        raise Unreadable(mark.line + 1 if mark else 1, str(said)) from None


def _build(events: Iterable[Any]) -> Loaded:
    loaded = Loaded()
    stack: list[_Open] = []
    anchors: dict[str, Value] = {}
    for event in events:
        match type(event).__name__:
            case "ScalarEvent":
                null = not event.style and event.value in _NULLS
                _put(loaded, stack, anchors, "" if null else event.value, event)
            case "AliasEvent":
                _put(loaded, stack, anchors, anchors.get(event.anchor, ""), event, alias=True)
            case "SequenceStartEvent" | "MappingStartEvent" as kind:
                if len(stack) >= DEPTH:
                    raise Unreadable(event.start_mark.line + 1, f"nested deeper than {DEPTH} levels")
                stack.append(_Open(table={} if kind == "MappingStartEvent" else None, anchor=event.anchor))
            case "SequenceEndEvent" | "MappingEndEvent":
                done = stack.pop()
                value: Value = tuple(done.items) if done.table is None else done.table
                _put(loaded, stack, anchors, value, event, anchor=done.anchor)
            case "DocumentEndEvent":
                break
    return loaded


def _put(
    loaded: Loaded,
    stack: list[_Open],
    anchors: dict[str, Value],
    value: Value,
    event: Any,
    *,
    anchor: str | None = None,
    alias: bool = False,
) -> None:
    anchor = anchor or (None if alias else getattr(event, "anchor", None))
    if anchor:
        anchors[anchor] = value
    if not stack:
        loaded.value = value
        return
    top = stack[-1]
    if top.table is None:
        top.items.append(value)
    elif top.key is None:
        top.key = value if isinstance(value, str) else ""
        top.key_line = event.start_mark.line + 1
    else:
        _pair(loaded, top, value, stack)


def _pair(loaded: Loaded, top: _Open, value: Value, stack: list[_Open]) -> None:
    key, top.key = top.key or "", None
    table = top.table if top.table is not None else {}
    if len(key) > _KEY and " " in key:
        said = f'"{key[:40]}…" is read as a key: a paragraph that needs quotes around it'
        loaded.warnings.append((top.key_line, said))
        return
    if key in table:
        loaded.warnings.append((top.key_line, f'"{key}" stands here a second time; the last one is used'))
    table[key] = value
    if len(stack) == 1:
        loaded.lines[key] = top.key_line
    elif len(stack) == 2 and stack[0].table is not None:
        loaded.lines[f"{stack[0].key}.{key}"] = top.key_line
