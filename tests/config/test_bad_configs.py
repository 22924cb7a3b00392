"""One folder for each way to break config.toml: all its mistakes are named, with line and remedy."""

from __future__ import annotations

import contextlib
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.config import load
from newsletter.config.schema import TABLES, keys
from newsletter.errors import ConfigError

FOLDERS = sorted(folder for folder in (Path(__file__).parent / "bad_configs").iterdir() if folder.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_mistake_is_named_with_its_line(folder: Path) -> None:
    with contextlib.chdir(folder), pytest.raises(ConfigError) as caught:
        load(Path("config.toml"), {})
    said = str(caught.value).splitlines()
    expected = (folder / "expected.txt").read_text("utf-8").splitlines()
    # A line that ends in an ellipsis goes on with what happens to be installed.
    shortened = [
        line[: len(wanted) - 1] + "…" if wanted.endswith("…") else line
        for line, wanted in zip(said, expected, strict=False)
    ]
    assert shortened + said[len(expected) :] == expected


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_secret_is_repeated(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(folder / "config.toml", {})
    assert [word for word in ("hunter2", "90210", "31337") if word in str(caught.value)] == []


def test_there_is_a_folder_for_each_mistake_that_is_known() -> None:
    assert len(FOLDERS) >= 45


EXAMPLE = (Path(__file__).resolve().parents[2] / "config.toml").read_text("utf-8")


@given(st.integers(0, len(EXAMPLE)), st.integers(0, 9), st.text("[]{}\"'=.,#\\\n ab1\0é", max_size=4))
def test_a_slip_of_the_hand_is_a_mistake_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, at: int, gone: int, typed: str
) -> None:
    path = tmp_path_factory.mktemp("slip") / "config.toml"
    path.write_text(EXAMPLE[:at] + typed + EXAMPLE[at + gone :], "utf-8")
    _assert_told_well(path)


ODD: list[Any] = [
    "",
    "x",
    "\0",
    "ü" * 300,
    -1,
    10**40,
    2.5,
    True,
    date(2026, 1, 1),
    [],
    [1],
    {},
    {"a": 1},
    "2026",
]
WRITTEN = {
    "True": "true",
    "datetime.date(2026, 1, 1)": "2026-01-01",
    "{'a': 1}": "{a = 1}",
    repr("\0"): r'"\u0000"',
}
PLACES = [(title.replace("NAME", "weekly"), key) for title, table in TABLES.items() for key in keys(table)]


@given(
    st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(ODD)), max_size=6, unique_by=lambda row: row[0]
    )
)
def test_any_value_in_any_place_is_a_mistake_and_never_a_crash(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[tuple[str, str], Any]]
) -> None:
    lines = [f"{title}.{key} = {WRITTEN.get(repr(value), repr(value))}" for (title, key), value in rows]
    path = tmp_path_factory.mktemp("odd") / "config.toml"
    path.write_text("\n".join(lines), "utf-8")
    _assert_told_well(path)


def _assert_told_well(path: Path) -> None:
    last = path.read_text("utf-8").count("\n") + 1
    try:
        load(path, {})
    except ConfigError as failure:
        for line in str(failure).splitlines():
            match = re.fullmatch(rf"{re.escape(str(path))}:(\d+): (?:\S.*: )?\S.+", line)
            assert match is not None and 1 <= int(match[1]) <= last
            assert line.isprintable()
