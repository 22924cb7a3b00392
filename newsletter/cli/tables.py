"""Rows -> a table on a terminal, tab-separated lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import click


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print rows. A program that reads us gets plain lines, tabs between the cells, the header first."""
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(printable(value) for value in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE_HEAD, title=title or None, title_justify="left", header_style="bold")
    for row in rows:
        table.add_row(*(Text(printable(value)) for value in row))
    Console().print(table)


def printable(value: object) -> str:
    """As text on one line: control characters in somebody's title must not steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(value))


def number(count: int, noun: str) -> str:
    """`1 article`, `12 articles`, `2,345 articles`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
