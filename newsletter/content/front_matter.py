"""Decoded text -> its front matter and its body, in any of the dialects.

The order is fixed: ``---`` YAML, ``+++`` TOML, ``<!--{`` JSON, ``{`` JSON, ``Key: value``
lines, none. A block that cannot be read is reported with its line and never becomes
body text; what its plain ``key: value`` lines say is still used, so that one bad
quotation mark cannot turn a draft into an article.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from newsletter.content import yaml_values
from newsletter.content.reader import Value

LARGEST = 64 * 1024  # characters; real front matter stays under 10,000
_KEY_LINE = re.compile(r"([A-Za-z_][\w.-]{0,40}(?: [\w.-]{1,20})?)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")
_HEADER = re.compile(r"([A-Za-z][\w-]{0,30}):(?:[ \t]+(.*)|[ \t]*)$")
_DOTTED = re.compile(r"(?:[\w\"'-]{1,60}[ \t]*\.[ \t]*){30}")
# A text that merely starts "Note: …" is no header; one of these makes it one.
_HEADER_KEYS = frozenset(
    [
        "title",
        "date",
        "author",
        "authors",
        "slug",
        "tags",
        "tag",
        "category",
        "categories",
        "summary",
        "description",
        "status",
        "lang",
        "language",
        "modified",
        "keywords",
        "subject",
        "url",
        "save_as",
        "template",
        "image",
        "updated",
        "translation",
        "pubdate",
    ]
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stood above the body."""

    dialect: str  #: ``yaml`` ``toml`` ``json`` ``json-comment`` ``headers`` or ``none``
    values: Mapping[str, Value]
    lines: Mapping[str, int]  #: of each key, from 1; ``image.uid`` is one in a table
    body: str
    body_line: int  #: the line of the file on which the body begins
    warnings: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class _Block:
    """The values of one raw block whose first line is `line` of the file."""

    values: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    warnings: list[tuple[int, str]] = field(default_factory=list)


def split(text: str) -> FrontMatter:
    """The front matter of `text`, of whatever dialect, and the body after it."""
    start = len(text) - len(text.lstrip(" \t\n\u00a0\u200b"))
    start = text.rfind("\n", 0, start) + 1  # indentation of the first line stays
    head = text[start : start + 8].rstrip(" \t")
    fence = text[start : _end(text, start)].rstrip()
    if fence in ("---", "+++") or re.fullmatch(r"---\s+#.*", fence):
        return _fenced(text, start, fence[:3])
    if head.lstrip().startswith(("{", "<!--")):
        return _json(text, start) or _none(text)
    return _headers(text, start) or _none(text)


def _none(text: str, warnings: tuple[tuple[int, str], ...] = ()) -> FrontMatter:
    return FrontMatter("none", {}, {}, text, 1, warnings)


def _end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _fenced(text: str, start: int, fence: str) -> FrontMatter:
    opened = _end(text, start) + 1
    first = _line(text, start) + 1
    closing = re.compile(r"^(?:---|\.\.\.)[ \t]*$" if fence == "---" else r"^\+\+\+[ \t]*$", re.MULTILINE)
    found = closing.search(text, opened, opened + LARGEST)
    unclosed: list[tuple[int, str]] = []
    if found:
        raw, body_at = text[opened : found.start()], min(len(text), found.end() + 1)
    else:
        raw, body_at = _leading(text, opened)
        unclosed = [(first - 1, f"front matter is opened with {fence} and never closed")]
    if fence == "---" and not _looks_mapped(raw):
        if not raw.strip() and found:
            return FrontMatter("yaml", {}, {}, text[body_at:], _line(text, body_at))
        said = "what stands below --- is no list of `key: value` lines; it is read as text"
        return _none(text, ((first - 1, said),) if raw.strip() else ())
    block = _yaml(raw, first) if fence == "---" else _toml(raw, first)
    dialect = "yaml" if fence == "---" else "toml"
    said_all = (*unclosed, *block.warnings)
    return FrontMatter(dialect, block.values, block.lines, text[body_at:], _line(text, body_at), said_all)


def _looks_mapped(raw: str) -> bool:
    return any(_KEY_LINE.match(line) or re.match(r"[\"'{?]", line) for line in raw.split("\n"))


def _leading(text: str, at: int) -> tuple[str, int]:
    """The lines that look like front matter although no fence closes them, and where they end."""
    here = at
    while here < len(text) and here - at < LARGEST:
        end = _end(text, here)
        line = text[here:end]
        if not (re.match(r"[ \t]+\S|- |#", line) or _KEY_LINE.match(line) or re.match(r"[\w.-]+ *=", line)):
            break
        here = end + 1
    return text[at:here], min(here, len(text))


def _yaml(raw: str, first: int) -> _Block:
    block = _Block()
    try:
        loaded = yaml_values.load(raw)
    except yaml_values.Unreadable as wrong:
        said = f"the front matter is not valid YAML ({wrong}); only its plain `key: value` lines are used"
        block.warnings.append((first + wrong.line - 1, said))
        return _plain_lines(raw, first, block)
    if isinstance(loaded.value, str | tuple):
        block.warnings.append((first, "the front matter is no list of `key: value` lines; it is not used"))
    elif loaded.value is not None:
        block.values = dict(loaded.value)
    block.lines = {key: first + line - 1 for key, line in loaded.lines.items()}
    block.warnings += [(first + line - 1, said) for line, said in loaded.warnings]
    return block


def _plain_lines(raw: str, first: int, block: _Block) -> _Block:
    """What the unindented lines of a broken block say, each on its own."""
    key = ""
    for number, line in enumerate(raw.split("\n"), first):
        found = _KEY_LINE.match(line)
        item = re.match(r"[ \t]*-[ \t]+(.+)$", line)
        if found:
            key = found[1]
            block.values[key] = _unquoted(found[2] or "")
            block.lines[key] = number
        elif item and key and block.values[key] in ("", *_tuples(block.values[key])):
            value = block.values[key]
            block.values[key] = (*(value if isinstance(value, tuple) else ()), _unquoted(item[1]))
    return block


def _tuples(value: Value) -> tuple[Value, ...]:
    return (value,) if isinstance(value, tuple) else ()


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text.lstrip("\"'|>").strip() if text[:1] in "\"'|>" else text


def _toml(raw: str, first: int) -> _Block:
    import tomllib

    block = _Block()
    try:
        if _DOTTED.search(raw):  # tomllib takes quadratic time in the parts of a key
            raise ValueError("a key of more than 30 parts")
        values = tomllib.loads(raw, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as wrong:
        at = re.search(r"line (\d+)", str(wrong))
        said = f"the front matter is not valid TOML ({wrong}); only its plain `key = value` lines are used"
        block.warnings.append((first + int(at[1]) - 1 if at else first, said))
        values = {}
        for line in raw.split("\n"):
            found = re.match(r"([A-Za-z_][\w-]{0,40})[ \t]*=[ \t]*(.+)$", line)
            if not found and line.startswith("["):
                break
            if found:
                values[found[1]] = _unquoted(found[2])
    block.values = {key: as_value(value) for key, value in values.items()}
    table = ""
    for number, line in enumerate(raw.split("\n"), first):
        found = re.match(r"(\[?\[?)[ \t]*([A-Za-z_][\w-]{0,60})", line)
        if found:
            table = found[2] if found[1] else table
            block.lines.setdefault(found[2] if found[1] or not table else f"{table}.{found[2]}", number)
    return block


def as_value(found: object, depth: int = 0) -> Value:
    """A value of tomllib or json with its scalars as text; what is nested too deep is empty."""
    if isinstance(found, str):
        return found
    if found is None or depth > yaml_values.DEPTH:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, datetime | date | time):
        return found.isoformat()
    if isinstance(found, Mapping):
        return {str(key): as_value(value, depth + 1) for key, value in found.items()}
    if isinstance(found, list):
        return tuple(as_value(value, depth + 1) for value in found)
    return str(found)


def _json(text: str, start: int) -> FrontMatter | None:
    """JSON at the top, bare or inside an HTML comment; None where it is something else."""
    opening = re.compile(r"\s*(<!--\s*)?(?=\{\s*[\"}\n])").match(text, start)
    if not opening:
        return None
    at, comment = opening.end(), bool(opening[1])
    piece = text[at : at + LARGEST]
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    dialect = "json-comment" if comment else "json"
    try:
        found, end = decoder.raw_decode(piece)
    except RecursionError:
        return _none(text, ((_line(text, at), "the JSON front matter is nested too deep"),))
    except json.JSONDecodeError as wrong:
        return _broken_json(text, at, comment, wrong)
    after = at + end
    if comment:
        close = re.compile(r"\s*-->").match(text, after)
        after = close.end() if close else after
    after = _end(text, after) + 1 if not text[after : _end(text, after)].strip() else after
    after = min(after, len(text))
    values = {str(key): as_value(value) for key, value in found.items()}
    lines = {key: _line(text, max(at, text.find(f'"{key}"', at, at + end))) for key in values}
    return FrontMatter(dialect, values, lines, text[after:], _line(text, after))


def _broken_json(text: str, at: int, comment: bool, wrong: json.JSONDecodeError) -> FrontMatter | None:
    if not comment and not re.match(r"\{\s*\"[^\"\n]{1,60}\"\s*:", text[at : at + 200]):
        return None  # a text that happens to start with a brace
    said = f"the JSON front matter cannot be read ({wrong.msg}); it is not used"
    warning = ((_line(text, at) + wrong.lineno - 1, said),)
    ends = re.compile(r"-->" if comment else r"^\}[ \t]*$|^[ \t]*$", re.MULTILINE).search(
        text, at, at + LARGEST
    )
    after = ends.end() if ends else _end(text, at)
    values: dict[str, Value] = dict(re.findall(r'"(\w{1,40})"\s*:\s*"([^"\n]{0,2000})"', text[at:after]))
    values |= dict(re.findall(r'"(\w{1,40})"\s*:\s*(true|false)', text[at:after]))
    return FrontMatter("json", values, {}, text[after:], _line(text, after), warning)


def _headers(text: str, start: int) -> FrontMatter | None:
    """``Key: value`` lines up to a blank line, folded as in RFC 5322 (2.2.3)."""
    values: dict[str, Value] = {}
    lines: dict[str, int] = {}
    here, number, key = start, _line(text, start), ""
    while here < len(text) and here - start < LARGEST:
        end = _end(text, here)
        line = text[here:end]
        found = _HEADER.match(line)
        if not line.strip():
            break
        if found:
            key = found[1]
            values[key] = (found[2] or "").strip()
            lines[key] = number
        elif key and line[0] in " \t":
            values[key] = f"{values[key]} {line.strip()}".strip()
        else:
            return None
        here, number = end + 1, number + 1
    here = min(here, len(text))
    known = {key.lower() for key in values} & _HEADER_KEYS
    if not known or (len(values) == 1 and not known & {"title", "date", "slug", "status"}):
        return None
    return FrontMatter("headers", values, lines, text[here:], _line(text, here))
