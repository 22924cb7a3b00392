"""What every command shares: --config, --json, --now, and how it speaks."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import click

from newsletter.errors import ConfigError

if TYPE_CHECKING:
    from newsletter.config import Config
    from newsletter.store.database import Database

P = ParamSpec("P")
R = TypeVar("R")

DEFAULT_CONFIG = "config.toml"


@dataclass
class Session:
    """One call of one command."""

    config_path: Path
    json: bool
    at: datetime | None  #: what --now said, as it was said

    @cached_property
    def config(self) -> Config:
        """The configuration, read at first use."""
        from newsletter.config import load

        return load(self.config_path, os.environ)

    @cached_property
    def now(self) -> datetime:
        """The time at which the command acts, UTC. Without an offset, --now is in the site's zone."""
        return datetime.now(UTC) if self.at is None else self.moment(self.at)

    def moment(self, when: datetime) -> datetime:
        """A time that somebody wrote, UTC. Without an offset, it is in the site's zone."""
        zone = ZoneInfo(self.config.site.timezone) if when.tzinfo is None else when.tzinfo
        return when.replace(tzinfo=zone).astimezone(UTC)

    @cached_property
    def clock(self) -> Callable[[], datetime]:
        """A clock that starts at `now` and then runs."""
        if self.at is None:
            return lambda: datetime.now(UTC)
        start, began = self.now, time.monotonic()
        return lambda: start + timedelta(seconds=time.monotonic() - began)

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """The project's database, open for as long as the block runs."""
        from newsletter.store.database import open_database

        with open_database(self.config.store_path) as opened:
            yield opened

    def newsletter(self, name: str) -> str:
        """The name, if the configuration has such a newsletter."""
        if name not in self.config.newsletters:
            known = ", ".join(self.config.newsletters)
            raise ConfigError(f'{self.config_path}: there is no newsletter "{name}" (there are: {known})')
        return name

    def answer(self, document: Any, text: str | None = None) -> None:
        """Print the result: one JSON document with --json, else the text."""
        if self.json:
            click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))
        elif text is not None:
            click.echo(text)

    def say(self, text: str) -> None:
        """Tell a person something beside the result."""
        click.echo(text, err=self.json)

    def note(self, text: str) -> None:
        """Tell a person on stderr, whatever stdout is for."""
        click.echo(text, err=True)

    def local(self, when: datetime) -> str:
        """A time as people in the site's zone write it."""
        return when.astimezone(ZoneInfo(self.config.site.timezone)).strftime("%a %d %b %Y %H:%M %Z")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


class Moment(click.ParamType[datetime]):
    """An ISO 8601 time, with or without an offset."""

    name = "ISO8601"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a time: write 2026-11-23T09:00 or 2026-11-23T09:00+01:00", param, ctx
            )
        if not 1971 <= when.year <= 2999:
            self.fail(f"{value!r} is not a year that a newsletter was sent in", param, ctx)
        return when


def session(*, json: bool = False, now: bool = False) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Give a command --config (and --json, --now), and a Session as its first argument."""

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        @wraps(function)
        def call(*args: Any, config: str | None, **rest: Any) -> R:
            path = config or click.get_current_context().find_root().obj or DEFAULT_CONFIG
            made = Session(Path(path), rest.pop("json", False), rest.pop("now", None))
            return function(made, *args, **rest)

        wrapped: Any = call
        if now:
            wrapped = click.option("--now", type=Moment(), help="Act as if it were this time.")(wrapped)
        if json:
            wrapped = click.option("--json", is_flag=True, help="One JSON document on stdout.")(wrapped)
        with_config: Callable[..., R] = click.option(
            "--config", metavar="PATH", help="Default: ./config.toml"
        )(wrapped)
        return with_config

    return decorate
