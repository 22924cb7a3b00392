"""What is wrong -> one line for each: ``config.toml:12: newsletters.weekly.schedul: unknown key, …``.

A value is repeated in its line so that it can be found again; a secret never is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from newsletter.config.positions import Key
from newsletter.config.schema import TABLES, keys, table_at
from newsletter.config.values import did_you_mean, is_secret, nearest, printable, shown

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_WANTED: Mapping[str, str] = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": 'a list such as ["one", "two"]',
    "list_type": 'a list such as ["one", "two"]',
    "model_type": "a table",
    "mapping_type": "a table",
    "dict_type": "a table",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing for a person to mend."""

    key: Key  #: empty when it concerns the whole file or a variable that has no key
    text: str
    variable: str = ""  #: of the environment, where the mistake is there
    absent: bool = False  #: the key is not there at all
    meant: Key = ()  #: an unknown key: the known one that it was most likely meant to be


@dataclass(frozen=True, slots=True)
class Places:
    """Where each key was read."""

    file: str  #: as the person named it
    lines: Mapping[Key, int]
    variables: Mapping[Key, str]

    def variable(self, key: Key) -> str:
        """The variable that `key`, or the list it is in, was read from; empty when it was not."""
        return next(
            (self.variables[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.variables), ""
        )

    def line(self, key: Key) -> int:
        """The line of `key`, or of the table that it is missing from."""
        return next((self.lines[key[:n]] for n in range(len(key), -1, -1) if key[:n] in self.lines), 1)

    def origin(self, key: Key) -> str:
        """``config.toml:12``, or the name of a variable."""
        return self.variable(key) or f"{self.file}:{self.line(key)}"


def report(found: Iterable[Mistake], places: Places) -> str:
    """All of `found`, one a line: those of the file in its order, then those of the environment."""
    mistakes = tuple(found)
    meant = {mistake.meant for mistake in mistakes if mistake.meant}
    # A misspelt key is one mistake: that the right one is absent goes without saying.
    said = [m for m in mistakes if not (m.absent and any(m.key[: len(key)] == key for key in meant))]
    placed = [(m.variable or places.variable(m.key), places.line(m.key), m) for m in said]
    placed.sort(key=lambda row: (bool(row[0]), 0 if row[0] else row[1], row[0]))
    return "\n".join(
        _line(variable or f"{places.file}:{line}", mistake) for variable, line, mistake in placed
    )


def _line(where: str, mistake: Mistake) -> str:
    said = ": ".join(part for part in (where, dotted(mistake.key), mistake.text) if part)
    return printable(said)


def dotted(key: Key) -> str:
    """`key` as TOML writes it, list elements as ``[0]``."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            text += ("." if text else "") + (part if bare else shown(part))
    return text


def unknown(key: Key, choices: Iterable[str], *, table: bool = False) -> Mistake:
    """The mistake of a key that is not one of `choices`."""
    name = str(key[-1])
    homes = [home for home, each in TABLES.items() if name in keys(each) and each is not table_at(key[:-1])]
    kind = "unknown table" if table else "unknown key"
    if len(homes) == 1 and not table:
        return Mistake(key, f"{kind} here, it belongs in [{homes[0]}]")
    near = nearest(name, choices)
    return Mistake(key, kind + did_you_mean(name, choices), meant=(*key[:-1], near) if near else ())


def wrong_type(key: Key, errors: Iterable[ErrorDetails]) -> Mistake:
    """The mistake of a value that fits none of what `errors` asked for."""
    listed = tuple(errors)
    wanted = " or ".join(dict.fromkeys(filter(None, map(_wanted, listed))))
    value = listed[0]["input"]
    hint = (
        did_you_mean(value, _choices(listed[0])) if isinstance(value, str) and not is_secret(key[-1]) else ""
    )
    return Mistake(key, f"should be {wanted or 'something else'}, got {_got(key, value)}{hint}")


def from_pydantic(failure: ValidationError) -> Iterable[Mistake]:
    """One mistake for each error of the models."""
    for error in failure.errors(include_url=False):
        yield _from_error(tuple(part for part in error["loc"] if part != "[key]"), error)


def _from_error(key: Key, error: ErrorDetails) -> Mistake:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return Mistake(key, f"missing, add {_example(key)}", absent=True)
    if kind == "extra_forbidden":
        table = table_at(key[:-1])
        return unknown(key, keys(table) if table else (), table=isinstance(error["input"], dict))
    if kind == "value_error":
        return Mistake(key, str(context["error"]), absent=key == ("newsletters",))
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if kind.startswith("g") else f"at most {context['le']}"
        return Mistake(key, f"should be {bound}, got {_got(key, error['input'])}")
    return wrong_type(key, (error,))


def _wanted(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        *most, last = (json.dumps(choice) for choice in _choices(error))
        return f"{', '.join(most)} or {last}" if most else last
    if error["type"] == "model_type" and error["loc"][:1] == ("newsletters",):
        return "a table such as [newsletters.weekly]"
    return _WANTED.get(error["type"], "")


def _choices(error: ErrorDetails) -> list[str]:
    expected: str = error.get("ctx", {}).get("expected", "")
    return re.findall(r"'([^']*)'", expected)


def _got(key: Key, value: Any) -> str:
    return "something else (not shown: it may be secret)" if any(map(is_secret, key)) else shown(value)


def _example(key: Key) -> str:
    table = table_at(key[:-1])
    examples = keys(table)[str(key[-1])][1].examples if table else None
    return f"{key[-1]} = {json.dumps(examples[0])} to [{dotted(key[:-1])}]" if examples else str(key[-1])
