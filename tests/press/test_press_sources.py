"""The press says which files a mail was made of: those that were read, as they were read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from newsletter.issue.theme import Theme
from newsletter.press import Press, Source
from tests.issue.issue_samples import SITE, TEMPLATES, cards, issue_of

from .press_samples import at, written


def used(press: Press, template: str = "odd", language: str = "en") -> dict[str, Source]:
    issue = issue_of(*cards(3), language=language)
    printed = press.printed(issue, site=SITE, theme=Theme(), template=template)
    return {source.name: source for source in printed.sources}


def test_all_that_a_template_asks_for_is_named(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for name in ("frame", "macros", "inside", "second"):
        (tmp_path / "parts" / f"{name}.mjml.j2").write_text(
            "{% macro word() %}word{% endmacro %}" if name == "macros" else "x"
        )
    written(
        tmp_path,
        '{% include "parts/inside.mjml.j2" %}'
        '{% from "parts/macros.mjml.j2" import word %}{{ word() }}'
        '{% include ["parts/first.mjml.j2", "parts/second.mjml.j2"] %}'
        '{% include "parts/nowhere.mjml.j2" ignore missing %}',
    )
    with Press(at(tmp_path)) as press:
        assert set(used(press)) == {
            "odd.mjml.j2",
            "parts/inside.mjml.j2",
            "parts/macros.mjml.j2",
            "parts/second.mjml.j2",
        }


def test_only_what_this_mail_asked_for_is_named(tmp_path: Path) -> None:
    written(tmp_path, "one", "one")
    written(tmp_path, "two", "two")
    with Press(at(tmp_path)) as press:
        assert set(used(press, "one")) == {"one.mjml.j2"}
        assert set(used(press, "two")) == {"two.mjml.j2"}
        assert set(used(press, "one")) == {"one.mjml.j2"}


def test_each_is_told_with_its_folder_and_the_hash_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    part = tmp_path / "parts" / "row.mjml.j2"
    part.write_bytes((TEMPLATES / "parts" / "row.mjml.j2").read_bytes().replace(b"\n", b"\r\n"))
    with Press(at(tmp_path)) as press:
        issue = issue_of(*cards(9))
        printed = press.printed(issue, site=SITE, theme=Theme())
        found = {source.name: source for source in printed.sources}

    own, packaged = found["parts/row.mjml.j2"], found["parts/lead.mjml.j2"]
    assert (own.folder, own.sha256) == (0, hashlib.sha256(part.read_bytes()).hexdigest())
    lead = TEMPLATES / "parts" / "lead.mjml.j2"
    assert (packaged.folder, packaged.sha256) == (1, hashlib.sha256(lead.read_bytes()).hexdigest())


def test_a_template_that_changes_is_told_as_it_is_now(tmp_path: Path) -> None:
    file = written(tmp_path, "before")
    with Press(at(tmp_path)) as press:
        before = used(press)["odd.mjml.j2"]
        written(tmp_path, "afterwards")
        after = used(press)["odd.mjml.j2"]

    assert before.sha256 != after.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_catalogues_of_the_language_are_named_both_of_them(tmp_path: Path) -> None:
    written(tmp_path, "x")
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "de.po").write_text('msgid ""\nmsgstr ""\n')
    issue = issue_of(*cards(1), language="de-AT")
    with Press(at(tmp_path)) as press:
        printed = press.printed(issue, site=SITE, theme=Theme(), template="odd")

    assert [(s.name, s.folder) for s in printed.sources if s.name.endswith(".po")] == [
        ("locale/de.po", 0),
        ("locale/de.po", 1),
    ]
