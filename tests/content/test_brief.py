"""Briefs, also those that nobody should have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from newsletter.content.brief import LARGEST, NO_BRIEF, Brief, read_brief
from newsletter.errors import ContentError

SHOWN = "issues/weekly-2026-11-30.md"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "weekly-2026-11-30.md"


def read(path: Path, text: str | bytes) -> Brief:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_brief(path, SHOWN)


def refused(path: Path, text: str | bytes) -> str:
    with pytest.raises(ContentError) as told:
        read(path, text)
    return str(told.value)


YAML = (
    '---\nsubject: "The bridge, at last"\npreheader: Three more\npins:\n- bridge.md\nomit: [drafty.md]\n---\n'
)
TOML = """\
+++
subject = "The bridge, at last"
preheader = "Three more"
pins = ["bridge.md"]
omit = ["drafty.md"]
+++
"""


@pytest.mark.parametrize("head", [YAML, TOML], ids=["yaml", "toml"])
def test_both_forms_say_the_same(path: Path, head: str) -> None:
    found = read(path, f"{head}What is *written* here\nstands above.\n\nAnd below.\n")
    assert (found.subject, found.preheader) == ("The bridge, at last", "Three more")
    assert (found.pins, found.omit) == (("bridge.md",), ("drafty.md",))
    assert found.intro == "What is written here stands above.\n\nAnd below."
    assert found.shown == SHOWN and len(found.sha256) == 64
    assert found.lines is not None and found.lines["pins"] == 4


def test_where_there_is_no_file_there_is_no_brief(path: Path) -> None:
    assert read_brief(path, SHOWN) == NO_BRIEF


@pytest.mark.parametrize("text", ["", "---\n---\n", "+++\n+++\n"], ids=["nothing", "yaml", "toml"])
def test_an_empty_one_says_nothing(path: Path, text: str) -> None:
    found = read(path, text)
    assert (found.subject, found.preheader, found.intro, found.pins, found.omit) == ("", "", "", (), ())


MISTAKES = {
    "a key that there is not": (
        "---\npreheader: x\nsubjet: y\n---\n",
        ':3: there is no "subjet" in a brief; did you mean "subject"?',
    ),
    "a key far from all": (
        "+++\ncolour = 'y'\n+++\n",
        ':2: there is no "colour" in a brief; there are subject, preheader, intro, pins, omit',
    ),
    "a key with a control character": (
        '---\n"sub\\u001bject": y\n---\n',
        ':2: there is no "sub\\x1bject" in a brief; did you mean "subject"?',
    ),
    "toml true": ("+++\nsubject = true\n+++\n", ":2: subject should be text, in quotes"),
    "yaml true": ("---\npins: []\npreheader: true\n---\n", ":3: preheader should be text, in quotes"),
    "a list": ("---\nsubject: [a, b]\n---\n", ":2: subject should be text, in quotes"),
    "a table": ("---\nintro:\n  a: b\n---\n", ":2: intro should be text, in quotes"),
    "pins in a table": (
        "---\npins:\n  a: b\n---\n",
        ':2: pins should be a list of files or ids of articles, such as ["notes/tide.md"]',
    ),
    "pins in lists": (
        "---\nsubject: x\nomit: [[a]]\n---\n",
        ':3: omit should be a list of files or ids of articles, such as ["notes/tide.md"]',
    ),
    "two intros": (
        "---\nintro: One.\n---\nTwo.\n",
        ":2: the text below says the intro, too: keep one of them",
    ),
    "a key twice": (
        "---\nsubject: a\nsubject: b\n---\n",
        ':3: "subject" stands here a second time; the last one is used',
    ),
    "many NUL bytes": (b"\0" * 4000, ": not text: many NUL bytes"),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line(path: Path, text: str | bytes, told: str) -> None:
    assert refused(path, text) == SHOWN + told


def test_broken_front_matter_is_told_with_its_line_and_nothing_of_it_is_used(path: Path) -> None:
    assert refused(path, '---\nsubject: x\npins: ["a\n---\n').startswith(f"{SHOWN}:")
    assert refused(path, "+++\nsubject = x\n+++\n").startswith(
        f"{SHOWN}:2: the front matter is not valid TOML"
    )
    assert refused(path, "---\nsubject: x\n").startswith(f"{SHOWN}:1: front matter is opened")


# ── hostile ─────────────────────────────────────────────────────────────────


def test_one_that_is_too_large_is_not_read(path: Path) -> None:
    assert refused(path, b"x" * (1 << 20)) == f"{SHOWN}: larger than {LARGEST >> 10} KB"


NOT_UTF8 = {
    "a NUL byte": (b"---\nsubject: The\0 bridge\n---\n" + b"Words. " * 20, 2, "control characters"),
    "cp1252": ("---\npins: []\nsubject: Über die Brücke\n---\nGrüße.\n".encode("cp1252"), 3, "not UTF-8"),
    "a cut-off end": ("---\nsubject: Über Brücken\n---\nGrü".encode()[:-1], 4, "bytes that are not UTF-8"),
    "UTF-16": ("---\nsubject: Brücke\n---\n".encode("utf-16"), 1, "read as UTF-16"),
    "UTF-16 without a mark": ("---\nsubject: Brücke\n---\n".encode("utf-16-le"), 1, "read as UTF-16"),
}


@pytest.mark.parametrize(("raw", "line", "told"), NOT_UTF8.values(), ids=NOT_UTF8)
def test_what_would_have_to_be_guessed_is_told(path: Path, raw: bytes, line: int, told: str) -> None:
    assert refused(path, raw).startswith(f"{SHOWN}:{line}: {told}")


def test_a_mark_at_the_beginning_is_no_mistake(path: Path) -> None:
    assert read(path, b"\xef\xbb\xbf---\r\nsubject: Ice\r\n---\r\nHi.\r\n").subject == "Ice"


def test_a_bomb_of_aliases_is_told_and_takes_no_memory(path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    told = refused(path, "---\n" + "\n".join(rows) + "\npins: *a29\n---\n")
    assert told.startswith(f'{SHOWN}:2: there is no "a0" in a brief')
    shared = "---\npins: [" + "&a [" * 3 + "x" + "]" * 3 + ", *a]\n---\n"
    assert refused(path, shared).startswith(f"{SHOWN}:2: pins should be a list")


def test_nesting_without_end_is_told(path: Path) -> None:
    assert refused(path, "---\npins: " + "[" * 9000 + "\n---\n").startswith(f"{SHOWN}:2: ")


SUBJECTS = {
    "a bell": (r'"Ring\u0007 it"', "Ring it"),
    "an escape": (r'"\e[31mRed\e[0m"', "[31mRed[0m"),
    "a new header": (r'"Hello\r\nBcc: all@example.org"', "Hello Bcc: all@example.org"),
    "a next line": (r'"Hello\x85there"', "Hellothere"),
    "a line separator": (r'"Hello\Lthere"', "Hello there"),
    "an override": (r'"Ice\u202egnp.exe"', "Icegnp.exe"),
    "isolates": (r'"Ice\u2066gnp\u2069.exe"', "Icegnp.exe"),
    "a byte order mark": (r'"\ufeffIce"', "Ice"),
    "NUL": (r'"Ice\0 cold"', "Ice cold"),
    "ideographs": ('"橋、ついに"', "橋、ついに"),
    "an emoji with a joiner": ('"👩\u200d🚀 lands"', "👩\u200d🚀 lands"),
    "folded lines": (">\n  The bridge,\n  at last", "The bridge, at last"),
}


@pytest.mark.parametrize(("said", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_a_subject_is_one_line_of_what_can_be_seen(path: Path, said: str, subject: str) -> None:
    found = read(path, f"---\nsubject: {said}\npreheader: {said}\n---\n")
    assert (found.subject, found.preheader) == (subject, subject)


def test_half_a_character_is_left_out(path: Path) -> None:
    found = read(path, '{\n "title": "",\n "subject": "Ice \\ud800cold"\n}\n'.replace(' "title": "",\n', ""))
    assert found.subject == "Ice cold"


def test_an_intro_has_paragraphs_and_no_control_characters(path: Path) -> None:
    found = read(path, '---\nintro: "One\\u0007.\\n\\nTwo\\u202e."\n---\n')
    assert found.intro == "One.\n\nTwo."
    assert read(path, "One &#x2067;turned.\n").intro == "One turned."


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("---\nsubject: secret\n---\n")
    path.symlink_to(tmp_path / "secret")
    with pytest.raises(ContentError, match="cannot be read") as told:
        read_brief(path, SHOWN)
    assert "secret" not in str(told.value)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ContentError, match="cannot be read"):
        read_brief(path, SHOWN)


def test_what_is_no_file_is_told_and_nothing_waits_for_it(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(ContentError, match="not a regular file"):
        read_brief(path, SHOWN)
    path.unlink()
    path.mkdir()
    with pytest.raises(ContentError, match="Is a directory"):
        read_brief(path, SHOWN)
