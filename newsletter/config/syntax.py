"""A path -> the text there and its TOML tables, or the one place where it stops being TOML."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from newsletter.config.positions import Key, last_key_line, positions
from newsletter.errors import ConfigError

_PLAINLY = (
    ("Invalid value", 'a value must be text in "quotes", a number, true, false or a [list]'),
    ("Illegal character '\\n'", "a quotation mark is missing at the end of the line"),
    ("Unterminated string", "the text that begins here is never closed"),
    ("Cannot overwrite", "this key stands in the file twice"),
    ("Cannot declare", "this table stands in the file twice"),
    ("Expected '='", "a line should read: key = value"),
    ("Invalid statement", "a line should read: key = value, or [table]"),
    ("Expected ']'", "a ] is missing at the end of the table's name"),
    ("Expected newline", 'only one value may stand here; put text in "quotes"'),
    ("Unescaped '\\'", "write \\\\ for a backslash, or put the text in 'single quotes'"),
    ("Invalid hex", "write \\\\ for a backslash, or put the text in 'single quotes'"),
    ("Exceeds the limit", "a number has too many digits"),
    ("Unclosed", "a bracket is never closed"),
)


def read(path: Path) -> tuple[dict[str, Any], dict[Key, int]]:
    """The tables of the file at `path`, and where its keys stand. ConfigError when it is not TOML."""
    text = _decoded(path, _bytes(path)).replace("\r\n", "\n")
    try:
        return tomllib.loads(text), positions(text)
    except RecursionError:
        raise ConfigError(f"{path}:1: not TOML: brackets within brackets, too deep to be meant") from None
    except ValueError as failure:  # TOMLDecodeError, or Python about a number of 5,000 digits
        raise ConfigError(f"{path}:{_said(text, str(failure))}") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(
            f'{path}: there is no such file; "newsletter init" makes one, --config names another'
        ) from None
    except OSError as failure:
        raise ConfigError(f"{path}: cannot be read: {failure.strerror}") from None


def _decoded(path: Path, content: bytes) -> str:
    try:
        # Some editors write a byte-order mark, which TOML does not know.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = content.count(b"\n", 0, failure.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from None


def _said(text: str, failure: str) -> str:
    reason = re.sub(r" \(at [^()]*\)\Z", "", failure)
    at = re.search(r"\(at line (\d+), column (\d+)\)\Z", failure)
    line, column = (int(at[1]), int(at[2])) if at else (text.count("\n") + 1, 1)
    begun = last_key_line(_before(text, line, column) if at else text)
    # An open bracket or quote is noticed only where the next thing fails to fit, often far below.
    if 0 < begun < line and (not at or reason == "Invalid value"):
        return f"{begun}: not TOML: a bracket or quotation mark that is opened here is never closed"
    plain = next((words for begins, words in _PLAINLY if reason.startswith(begins)), reason)
    return f"{line}: not TOML: {plain}" + (f" (column {column})" if at else "")


def _before(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    return "\n".join((*lines[: line - 1], lines[line - 1][: column - 1]))
