"""The models -> a Markdown page of every table and key."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from datetime import timedelta
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from newsletter.config.schema import TABLES, Config, keys
from newsletter.config.tables import Table
from newsletter.config.values import Mailbox, duration_text

_TYPES = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    timedelta: "time span",
    SecretStr: "text, secret",
    Mailbox: "name and address",
}


def page() -> str:
    """A heading, a sentence and a table of keys for each table of config.toml."""
    parts = ["## At the top of the file", "", *_rows(Config, ("config_version",))]
    for title, table in TABLES.items():
        parts += [
            "",
            f"## `[{title}]`",
            "",
            " ".join((table.__doc__ or "").split()),
            "",
            *_rows(table),
        ]
    return "\n".join(parts) + "\n"


def _rows(table: type[Table], only: Container[str] = ()) -> list[str]:
    if not keys(table):
        return []
    rows = ["| key | type | default | meaning |", "|---|---|---|---|"]
    for key, (_, field) in keys(table).items():
        if only and key not in only:
            continue
        given = field.get_default(call_default_factory=True, validated_data={})
        default = "**required**" if field.is_required() else f"`{_written(given)}`"
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{key}` | {_type(field)} | {default} | {meaning} |")
    return rows


def _type(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{json.dumps(choice)}`" for choice in get_args(kind))
    if get_origin(kind) is tuple:
        return "list of text"
    if get_origin(kind) is Mapping:
        return "table of text"
    least = next((bound.ge for bound in field.metadata if hasattr(bound, "ge")), None)
    most = next((bound.le for bound in field.metadata if hasattr(bound, "le")), None)
    return _TYPES[kind or str] + (f", {least} to {most}" if least is not None else "")


def _written(value: Any) -> str:
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(duration_text(value) if isinstance(value, timedelta) else value)
