"""Front matter in every dialect and every state of repair."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsletter.content.front_matter import split
from newsletter.model import Article

One = Callable[..., Article]

BODY = "The harbour froze over in the night, and nobody had a boat that could break the ice."
DIALECTS = {
    "yaml": f"---\ntitle: Ice\ndate: 2024-01-05\n---\n\n{BODY}\n",
    "toml": f'+++\ntitle = "Ice"\ndate = 2024-01-05\n+++\n\n{BODY}\n',
    "json": f'{{\n"title": "Ice",\n"date": "2024-01-05"\n}}\n\n{BODY}\n',
    "json-comment": f'<!--{{ "title": "Ice", "date": "2024-01-05" }}-->\n\n{BODY}\n',
    "headers": f"Title: Ice\nDate: 2024-01-05\n\n{BODY}\n",
}
SHAPES: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "bom": lambda text: text.encode("utf-8-sig"),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-no-bom": lambda text: text.encode("utf-16-le"),
    "blank lines above": lambda text: ("\n \n\n" + text).encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_is_read_in_every_shape(one: One, dialect: str, shape: str) -> None:
    article = one(SHAPES[shape](DIALECTS[dialect]))
    assert (
        article.title,
        f"{article.date:%Y-%m-%d}",
        [block.text for block in article.blocks],
    ) == ("Ice", "2024-01-05", [BODY])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_dialect_is_known_and_lines_keep_their_numbers(dialect: str) -> None:
    found = split(DIALECTS[dialect])
    body_line = found.body_line + found.body[: found.body.index(BODY)].count("\n")
    assert (dialect, DIALECTS[dialect].split("\n").index(BODY) + 1) == (found.dialect, body_line)


SCALARS = {
    "no stays text": ("tags: [no, on, yes]", "tags", ("no", "on", "yes")),
    "a time stays text": ("title: 12:30", "title", "12:30"),
    "a version stays text": ("title: 1.10", "title", "1.10"),
    "an octal stays text": ("title: 0123", "title", "0123"),
    "underscores stay": ("title: 1_000", "title", "1_000"),
    "null is absent": ("title: ~", "title", ""),
    "empty block is absent": ("description: |\ntitle: x", "description", ""),
    "quoted null is text": ('title: "null"', "title", "null"),
    "tags of a class are text": ("title: !!python/name:os.system x", "title", "x"),
    "an anchor is followed": ("a: &x [one]\nb: *x", "b", ("one",)),
}


@pytest.mark.parametrize(("text", "key", "expected"), SCALARS.values(), ids=SCALARS)
def test_yaml_scalars_stay_what_the_author_wrote(text: str, key: str, expected: object) -> None:
    assert expected == split(f"---\n{text}\n---\nx").values[key]


BROKEN = {
    "colon in a title": (
        "---\ntitle: Tips: the basics\ndate: 2024-01-05\n---\n" + BODY,
        2,
        "Tips: the basics",
    ),
    "unclosed list": ("---\ntitle: Ice\ntags: [a, b\n---\n" + BODY, 4, "Ice"),
    "tab as indentation": ("---\ntitle: Ice\n\tx: y\n---\n" + BODY, 3, "Ice"),
    "never closed": ("---\ntitle: Ice\n\n" + BODY, 1, "Ice"),
    "toml without value": ("+++\ntitle = 'Ice'\ndate =\n+++\n" + BODY, 3, "Ice"),
    "json without a brace": ('{\n"title": "Ice",\n"x": [1,}\n\n' + BODY, 3, "Ice"),
}


@pytest.mark.parametrize(("text", "line", "title"), BROKEN.values(), ids=BROKEN)
def test_broken_front_matter_is_reported_and_never_becomes_text(
    one: One, text: str, line: int, title: str
) -> None:
    article = one(text)
    assert [(BODY, title)] == [(block.text, article.title) for block in article.blocks]
    wrong = next(problem for problem in article.problems if "front matter" in problem.text)
    assert abs(line - wrong.line) <= 1


@pytest.mark.parametrize("broken", ["title: Tips: the basics", "tags: [a", "x: {y"])
def test_a_broken_draft_stays_a_draft(why: Callable[..., str], broken: str) -> None:
    assert why(f"---\n{broken}\ndraft: true\n---\n{BODY}").startswith("a draft")


def test_a_rule_at_the_top_is_no_front_matter(one: One) -> None:
    article = one(f"---\n\n{BODY}\n\n---\n\nAnd then it thawed.\n")
    assert [block.text for block in article.blocks if block.text] == [BODY, "And then it thawed."]


def test_a_paragraph_that_became_a_key_is_reported(one: One) -> None:
    lost = "A second paragraph that lost its quotation marks and is now a key of the mapping: so it seems"
    article = one(f"---\ntitle: Ice\nexcerpt: First.\n{lost}\n---\n{BODY}")
    assert "needs quotes" in article.problems[0].text
    assert article.summary == "First."


def test_a_duplicate_key_is_reported_with_its_line(one: One) -> None:
    article = one(f"---\ntitle: Ice\ntitle: Snow\n---\n{BODY}")
    assert (article.title, article.problems[0].line) == ("Snow", 3)


def test_a_text_that_starts_with_a_word_and_a_colon_is_no_header(one: One) -> None:
    article = one(f"Note: this is a text.\n\n{BODY}", "a-note.md")
    assert [block.text for block in article.blocks] == ["Note: this is a text.", BODY]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("caf\u00e9 is open, and the na\u00efve fa\u00e7ade too".encode("cp1252"), "caf\u00e9"),
        ("日本語の文章です。図書館が開館しました。".encode("shift_jis"), "日本語"),
    ],
    ids=["cp1252", "shift-jis"],
)
def test_other_encodings_are_read_and_reported(one: One, raw: bytes, text: str) -> None:
    article = one(raw * 5)
    assert article.blocks[0].text.startswith(text)
    assert any("save the file as UTF-8" in problem.text for problem in article.problems)


def test_a_file_that_was_cut_off_keeps_its_text(one: One) -> None:
    article = one("Das Café hat wieder geöffnet, und die Fähre fährt jetzt auch am Sonntag é".encode()[:-1])
    assert article.blocks[0].text.startswith("Das Café hat wieder geöffnet")
    assert any("not UTF-8" in problem.text for problem in article.problems)
