"""docs/templates.md tells every name that a template may use, every part, and examples that work."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import jinja2
import pytest

from newsletter.issue.body import PieceKind
from newsletter.issue.body_view import ArticleView, ItemView, ListView, PieceView
from newsletter.issue.measures import Measures, PictureView
from newsletter.issue.palette import Scheme
from newsletter.issue.render import assemble, render
from newsletter.issue.slots import RECIPIENT_SLOTS
from newsletter.issue.theme import Theme
from newsletter.issue.view import BlockView, CardView, IssueView, SiteView, ThemeView

from .issue_samples import SITE, TEMPLATES, cards, issue_of

PAGE = (TEMPLATES.parent / "docs" / "templates.md").read_text("utf-8")
VIEWS: dict[str, type] = {
    "`issue`": IssueView,
    "`site`": SiteView,
    "`theme`": ThemeView,
    "`theme.light` and `theme.dark`": Scheme,
    "`theme.space`": Measures,
    "`block`": BlockView,
    "`card`": CardView,
    "`picture`": PictureView,
    "`article`": ArticleView,
    "`piece`": PieceView,
    "`list`": ListView,
    "`item`": ItemView,
}


def told(heading: str) -> list[str]:
    part = PAGE.split(f"\n### {heading}\n", 1)[1].split("\n### ")[0]
    return re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)


@pytest.mark.parametrize("heading", VIEWS)
def test_every_name_of_a_view_is_told_in_order(heading: str) -> None:
    view = VIEWS[heading]
    properties = [name for name, value in vars(view).items() if isinstance(value, property)]
    assert told(heading) == [field.name for field in fields(view)] + properties


def test_no_view_is_told_that_is_none() -> None:
    assert re.findall(r"^### (.*)$", PAGE, re.MULTILINE) == list(VIEWS)


def test_every_part_of_digest_and_post_is_told() -> None:
    parts = {f"parts/{path.name}" for path in (TEMPLATES / "parts").glob("*.j2") if "letter" not in path.name}
    assert parts <= set(re.findall(r"`(parts/[\w-]+\.mjml\.j2)`", PAGE))


def test_every_slot_and_every_kind_of_piece_is_told() -> None:
    assert set(re.findall(r"`%%([A-Z_]+)%%`", PAGE)) >= RECIPIENT_SLOTS
    assert [kind.value for kind in PieceKind] == re.findall(
        r"`(\w+)`", PAGE.split("| `kind` |")[1].split("|")[0]
    )


def test_the_examples_work_as_they_stand(tmp_path: Path) -> None:
    code = [
        re.sub(r"^ {4}", "", part, flags=re.M)
        for part in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", PAGE, re.M)
    ]
    line = next(part for part in code if "no paper at all" in part)
    sponsor = next(part for part in code if "<mj-section" in part)
    include = next(part for part in code if "{% include" in part)
    (tmp_path / "parts").mkdir()
    footer = (TEMPLATES / "parts/footer.mjml.j2").read_text("utf-8").splitlines(keepends=True)
    why = next(n for n, text in enumerate(footer) if "{{ why }}" in text)
    (tmp_path / "parts/footer.mjml.j2").write_text("".join([*footer[: why + 1], line, *footer[why + 1 :]]))
    (tmp_path / "parts/sponsor.mjml.j2").write_text(sponsor)
    digest = (TEMPLATES / "digest.mjml.j2").read_text("utf-8")
    before = '{% include "parts/footer.mjml.j2" %}'
    (tmp_path / "digest.mjml.j2").write_text(digest.replace(before, f"{include}\n{before}"))
    loader = jinja2.FileSystemLoader([tmp_path, TEMPLATES])
    settings = tomllib.loads(next(part for part in code if "[templates.texts]" in part))
    site = replace(SITE, texts=tuple(settings["templates"]["texts"].items()))
    page, _ = assemble(render(issue_of(*cards(3)), site=site, theme=Theme(), loader=loader))
    assert "Printed on no paper at all." in page
    assert "has made ropes since 1871." in page
    assert 'href="https://rope.example"' in page
