"""TOML -> Format: what the columns of another program's list mean. One file a program, for people to edit.

A file of the same name in a project's own folder stands in for ours; others there are added.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from newsletter.errors import SubscribersError

#: What a column may mean, beside ``attributes.NAME`` and nothing.
WORDS: Final = frozenset(
    "email name first_name last_name status tags attributes language timezone frequency topics paused_until "
    "since created agreed_at agreed_ip confirmed_at confirmed_ip suppressions".split()
)
#: What only an export has: how they stand all told, a time as people write it.
_WRITTEN: Final = WORDS | {"standing", "time since", "time created"}
#: How a person may stand in somebody's list; of two, the later one counts.
STATUSES: Final = (
    "active",
    "paused",
    "pending",
    "unsubscribed",
    "suppressed",
    "blocked",
    "bounced",
    "complained",
    "skip",
)
FREQUENCIES: Final = {"": "", "each": "each", "daily": "daily", "weekly": "weekly"}
#: The one that takes every list with addresses.
PLAIN: Final = "plain"
_ATTRIBUTE: Final = "attributes."


@dataclass(frozen=True, slots=True)
class StatusRule:
    """What one column says of the status."""

    column: str  #: folded
    values: Mapping[str, str] = field(default_factory=dict)  #: folded cell -> status
    filled: str = ""  #: the status where the cell is not empty
    there: str = ""  #: the status where there is such a column


@dataclass(frozen=True, slots=True)
class Sheet:
    """One of several files that an export consists of."""

    name: str
    statuses: tuple[str, ...]
    more: Mapping[str, str]  #: columns that only this one has


@dataclass(frozen=True, slots=True)
class Written:
    """How an export is laid out."""

    columns: Mapping[str, str]  #: theirs, in order -> ours
    status: Mapping[str, str]  #: ours -> theirs; empty: as we say it
    frequency: Mapping[str, str]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """One program's lists."""

    name: str
    title: str
    needs: tuple[frozenset[str], ...]  #: a header with all columns of one of these is theirs
    columns: Mapping[str, str]  #: folded -> ours; empty: of no use
    rules: tuple[StatusRule, ...]
    files: Mapping[str, str]  #: pattern of file names -> status
    skip: tuple[str, ...]  #: patterns of addresses that are nobody's
    frequency: Mapping[str, str]  #: folded cell -> ours
    first: str  #: what the first column means when it is named otherwise
    yes: str  #: ``tag``: what an unknown column with a Yes becomes
    note: str  #: told with every import
    written: Written

    def claims(self, header: Collection[str]) -> int:
        """How many of the folded columns are known; 0 when the file is not theirs."""
        if not any(one <= set(header) for one in self.needs):
            return 0
        return sum(name in self.columns for name in header)


@lru_cache(maxsize=4096)
def folded(column: str) -> str:
    """A column's name without regard to case, blanks, ``-`` and ``_``."""
    return re.sub(r"[\s_-]+", "", column.strip().casefold())


def load(folder: Path | None = None) -> dict[str, Format]:
    """All formats by name, a project's own first. :class:`SubscribersError` for a mistake in a file."""
    found = dict(_packaged())
    own = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ()
    return found | {path.stem: _read(path) for path in own}


def recognised(header: Sequence[str], formats: Mapping[str, Format]) -> Format:
    """The format that knows most of a header's columns; :data:`PLAIN` when none claims it."""
    names = {folded(column) for column in header}
    best = max(formats.values(), key=lambda one: one.claims(names))
    return best if best.claims(names) else formats[PLAIN]


@cache
def _packaged() -> dict[str, Format]:
    return {path.stem: _read(path) for path in sorted(Path(__file__).parent.glob("*.toml"))}


def _read(path: Path) -> Format:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        return _format(path.stem, given)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as error:
        raise SubscribersError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise SubscribersError(f"{path}: is not laid out like a format: {error}") from error


def _format(name: str, given: dict[str, Any]) -> Format:
    left = set(given) - _KEYS
    if left:
        raise ValueError(f"unknown key {sorted(left)[0]}; there are: {', '.join(sorted(_KEYS))}")
    columns = {folded(theirs): _known(ours, WORDS) for theirs, ours in given["columns"].items()}
    return Format(
        name,
        given["title"],
        tuple(frozenset(map(folded, one)) for one in given.get("needs", ())),
        columns,
        tuple(map(_rule, given.get("status", ()))),
        {pattern: _status(status) for pattern, status in given.get("files", {}).items()},
        tuple(given.get("skip", ())),
        _frequencies(given.get("frequency", FREQUENCIES)),
        _known(given.get("first", ""), WORDS),
        given.get("yes", ""),
        given.get("note", ""),
        _written(given.get("export", {})),
    )


_KEYS: Final = frozenset("title needs columns status files skip frequency first yes note export".split())


def _rule(given: dict[str, Any]) -> StatusRule:
    values = {text.casefold(): _status(status) for text, status in given.get("values", {}).items()}
    filled, there = given.get("filled", ""), given.get("there", "")
    return StatusRule(folded(given["column"]), values, filled and _status(filled), there and _status(there))


def _frequencies(given: Mapping[str, str]) -> dict[str, str]:
    for ours in given.values():
        if ours not in FREQUENCIES:
            raise ValueError(f"{ours} is not a frequency; there are: each, daily, weekly")
    return {text.casefold(): ours for text, ours in given.items()}


def _written(given: dict[str, Any]) -> Written:
    sheets = tuple(
        Sheet(one["name"], tuple(map(_status, one["statuses"])), _layout(one.get("more", {})))
        for one in given.get("files", ())
    )
    return Written(
        _layout(given.get("columns", {})), given.get("status", {}), given.get("frequency", {}), sheets
    )


def _layout(given: Mapping[str, str]) -> dict[str, str]:
    return {theirs: _known(ours, _WRITTEN) for theirs, ours in given.items()}


def _status(text: str) -> str:
    if text not in STATUSES:
        raise ValueError(f"{text} is not a status; there are: {', '.join(STATUSES)}")
    return text


def _known(text: str, words: frozenset[str]) -> str:
    if text and text not in words and not text.startswith(_ATTRIBUTE):
        raise ValueError(
            f"{text} is not a column of ours; there are: {', '.join(sorted(words))}, attributes.NAME"
        )
    return text
