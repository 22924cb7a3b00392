"""Articles whose names nobody expects: told by a name that can be printed, and at the right line."""

import json
import os
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest

from newsletter.proof import report
from tests.checks.golden_mail import GOLDEN, findings, laid_out

#: As the disk has it -> as people are told.
ODD = {
    b"two words.md": "two words.md",
    b"new\nline.md": "new\\nline.md",
    b"per%20cent %s.md": "per%20cent %s.md",
    b"n\xf6n.md": "n\\xf6n.md",
    b"-dash.md": "-dash.md",
    b"at:12: x.md": "at:12: x.md",
    b"back\\slash.md": "back\\slash.md",
    b"esc\x1b[31m.md": "esc\\x1b[31m.md",
    b"<b>&quot;.md": "<b>&quot;.md",
    "\u202egnp.md".encode(): "\\u202egnp.md",
    "قلم.md".encode(): "قلم.md",
}


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_an_article_of_an_odd_name_is_told_with_its_line_in_every_form(name: bytes, tmp_path: Path) -> None:
    project = laid_out(tmp_path / "p", GOLDEN / "broken" / "picture_is_missing")
    folder = project / "content" / "odd"
    folder.mkdir()
    (project / "content" / "lamp-room.md").rename(folder / os.fsdecode(name))
    shown = f"content/odd/{ODD[name]}"

    found = findings(project)

    assert [(each.path, each.line) for each in found if each.check == "image-missing"] == [(shown, 6)]
    assert f"  {shown}:6: error: " in report.text("weekly", found)
    document = json.loads(json.dumps(report.document("weekly-1", found), ensure_ascii=False).encode())
    assert (shown, 6) in [(each["path"], each["line"]) for each in document["findings"]]
    cases = xml.fromstring(report.junit("weekly", found))[0]
    (case,) = (each for each in cases if each.get("name") == "image-missing")
    assert (case.get("file"), case.get("line")) == (shown, "6")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"n\xf6n.md", "the file name is not UTF-8; rename the file"),
        (b"new\nline.md", "the file name has a character that cannot be seen; rename the file"),
        (b"esc\x1b[31m.md", "the file name has a character that cannot be seen; rename the file"),
    ],
    ids=ascii,
)
def test_what_is_odd_about_the_name_is_told(name: bytes, told: str, tmp_path: Path) -> None:
    project = laid_out(tmp_path / "p", GOLDEN / "good" / "three_cards")
    (project / "content" / "lamp-room.md").rename(project / "content" / os.fsdecode(name))

    assert [each.text for each in findings(project) if each.check == "content"] == [told]
