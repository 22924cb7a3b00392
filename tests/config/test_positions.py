"""Where a key stands is told truly, in every way that TOML has to write it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.config.positions import Key, Stuck, last_key_line, positions

WRITTEN: dict[str, tuple[str, dict[Key, int]]] = {
    "a table and its keys": ("\n[a]\nb = 1\n", {("a",): 2, ("a", "b"): 3}),
    "a table named before its header": ("[a.b]\n[a]\n", {("a",): 2, ("a", "b"): 1}),
    "dotted keys": ("a . b.c = 1\na.d = 2\n", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
    "quoted keys": (
        "\"a.b\".'c]' = 1\n[ \"\\u00e6\" ]\n",
        {("a.b",): 1, ("a.b", "c]"): 1, ("æ",): 2},
    ),
    "decoys in long text": (
        'a = """\n[x]\ny = 1\n\\""" z = "\\\\"""\nb = \'\'\'\n[x]\n# \'\'\'\nc = 1\n',
        {("a",): 1, ("b",): 5, ("c",): 8},
    ),
    "quotes before the closing quotes": (
        'a = """x"""""\nb = \'\'\'y\'\'\'\'\nc = ""\n', {("a",): 1, ("b",): 2, ("c",): 3}
    ),
    "a list over several lines": (
        'a = [ # ]\n  "]",\n  [1,\n   2], # [\n]\nb = 1\n',
        {("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, 0): 3, ("a", 1, 1): 4, ("b",): 6},
    ),
    "an inline table": (
        "a = { b = 1, c.d = \"}\", e = [{ f = 1 }] }\ng = {}\n",
        {
            ("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1, ("a", "e"): 1, ("a", "e", 0): 1,
            ("a", "e", 0, "f"): 1, ("g",): 2,
        },
    ),
    "arrays of tables": (
        "[[a]]\nb = 1\n[[a.c]]\nd = 1\n[a.c.e]\n[[a]]\nb = 2\n[[a.c]]\n",
        {
            ("a",): 1, ("a", 0): 1, ("a", 0, "b"): 2, ("a", 0, "c"): 3, ("a", 0, "c", 0): 3,
            ("a", 0, "c", 0, "d"): 4,
            ("a", 0, "c", 0, "e"): 5, ("a", 1): 6, ("a", 1, "b"): 7, ("a", 1, "c"): 8, ("a", 1, "c", 0): 8,
        },
    ),
    "dates with a space, numbers, hash signs": (
        'a = 1979-05-27 07:32:00Z # x = 1\nb = +1_000.5e-3#y\nc = "# z"\nd = 07:32:00\n',
        {("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4},
    ),
    "no line break at the end": ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
    "nothing": ("# only a note", {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRITTEN.values(), ids=WRITTEN)
def test_each_key_has_its_line(text: str, expected: dict[Key, int]) -> None:
    assert positions(text) == {(): 1} | expected
    assert set(positions(text)) == set(_keys(tomllib.loads(text)))


NAMES = st.one_of(
    st.sampled_from(["a", "b-1", "c_2", "3"]), st.text(max_size=6).filter(lambda s: s.isprintable())
)
TEXTS = st.text(st.sampled_from("ab =[]{}#,.\\\n"), max_size=20)
PLAIN = st.one_of(st.integers(-9, 9), st.booleans(), TEXTS, st.just(1.5))
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@given(st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4), st.randoms())
def test_every_document_is_placed_whole(tables: dict[str, dict[str, Any]], random: Any) -> None:
    lines: list[str] = []
    expected: dict[Key, int] = {}
    for name, table in tables.items():
        lines += ["", "# [decoy]"] * random.randint(0, 2)
        lines.append(f"[{_name(name)}]")
        expected[(name,)] = len(lines)
        for key, value in table.items():
            expected[(name, key)] = len(lines) + 1
            lines += f"{_name(key)} = {_written(value, random)}".split("\n")
    text = "\n".join(lines)
    found = positions(text)
    assert tomllib.loads(text) == tables
    assert {key: line for key, line in found.items() if 0 < len(key) <= 2} == expected
    assert set(found) == set(_keys(tables))


@pytest.mark.parametrize(
    "text", ["a", "a = [1,\n", 'a = "x', "[a", "= 1", "a = {b = 1", 'a = """', '"\\q" = 1']
)
def test_what_is_not_toml_is_refused_and_not_searched_for_ever(text: str) -> None:
    with pytest.raises(ValueError):
        positions(text)


def test_the_last_key_before_the_break_is_known() -> None:
    assert last_key_line('a = 1\nb = 2\n\n[c]\nd = """\n\n') == 5
    assert last_key_line("a = 1\nb = [\n  2,\n\n") == 2
    assert last_key_line("a = 1\n") == 0


def test_stuck_is_a_value_error() -> None:
    assert issubclass(Stuck, ValueError)


def test_the_files_of_this_repository_are_placed_whole() -> None:
    root = Path(__file__).resolve().parents[2]
    for path in (root / "config.toml", root / "pyproject.toml"):
        text = path.read_text("utf-8")
        found = positions(text)
        assert set(found) == set(_keys(tomllib.loads(text)))
        lines = text.split("\n")
        named = [(key[-1], lines[line - 1]) for key, line in found.items() if key]
        assert [name for name, line in named if isinstance(name, str) and name not in line] == []


def _keys(value: object, at: Key = ()) -> Iterator[Key]:
    yield at
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _keys(each, (*at, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _keys(each, (*at, index))


def _name(name: str) -> str:
    return name if name in ("a", "b-1", "c_2", "3") else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text).replace("\x7f", "\\u007f") if text.isascii() else _escaped(text)


def _escaped(text: str) -> str:
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


def _written(value: object, random: Any) -> str:
    if isinstance(value, list):
        inner = [
            f"{_written(each, random)},{random.choice(['', chr(10), ' # ]' + chr(10)])}" for each in value
        ]
        return f"[{random.choice(['', chr(10)])}{''.join(inner)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(key)} = {_in_line(each)}" for key, each in value.items()) + "}"
    if isinstance(value, str) and random.random() < 0.5:
        return '"""\n' + value.replace("\\", "\\\\") + '"""'
    return _in_line(value)


def _in_line(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_line, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_name(key)} = {_in_line(each)}" for key, each in value.items()) + "}"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)
