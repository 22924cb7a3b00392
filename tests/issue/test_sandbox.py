"""What a render remembers is never what another place, another turn or another file would have seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest

from newsletter.errors import RenderError
from newsletter.issue.expand import Expanded
from newsletter.issue.slots import reveal
from newsletter.issue.theme import Theme
from newsletter.issue.view import Texts, site_view

from .issue_samples import SITE


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., str]:
    """Write templates, run the one that is called ``page``."""
    loader = jinja2.FileSystemLoader(tmp_path)

    def run(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / f"{name}.mjml.j2").write_text(text, "utf-8")
        return Expanded(loader, "page", {"color": "<red>"}).text

    return run


def test_a_macro_that_reads_a_loop_variable_sees_the_value_of_each_turn(say: Callable[..., str]) -> None:
    told = say(
        page='{% for n in [1, 2, 3] %}{% include "turn.mjml.j2" %}{% endfor %}',
        turn='{% from "macros.mjml.j2" import it with context %}{{ it() }}',
        macros="{% macro it() %}{{ n }}, {% endmacro %}",
    )
    assert told == "1, 2, 3, "


def test_a_namespace_of_an_imported_file_is_not_shared(say: Callable[..., str]) -> None:
    told = say(
        page='{% include "one.mjml.j2" %}{% include "one.mjml.j2" %}',
        one='{% from "macros.mjml.j2" import count with context %}{{ count() }}{{ count() }} ',
        macros="{% set all = namespace(n=0) %}"
        "{% macro count() %}{% set all.n = all.n + 1 %}{{ all.n }}{% endmacro %}",
    )
    assert told == "12 12 "


def test_a_template_that_was_edited_is_read_again(say: Callable[..., str]) -> None:
    assert say(page='{% include "part.mjml.j2" %}', part="{{ color }}") == "&lt;red&gt;"
    assert say(part="{{ color }}, edited to another length") == "&lt;red&gt;, edited to another length"


def test_what_a_template_keeps_to_itself_is_not_to_be_had(say: Callable[..., str]) -> None:
    with pytest.raises(Exception, match=r"page\.mjml\.j2:1: .*'_hidden'"):
        say(
            page='{% import "macros.mjml.j2" as it %}{{ it._hidden }}',
            macros="{% set _hidden = 1 %}{% set shown = 2 %}",
        )


def test_markup_is_written_once_and_text_is_escaped(say: Callable[..., str]) -> None:
    told = say(page="{% set cell %}<td>{{ color }}</td>{% endset %}{{ cell }}{{ color }}")
    assert told == "<td>&lt;red&gt;</td>&lt;red&gt;"


def test_what_a_macro_of_many_lines_wrote_is_of_the_line_that_called_it(tmp_path: Path) -> None:
    (tmp_path / "page.mjml.j2").write_text(
        "{% from 'm.mjml.j2' import cells %}\n<tr>\n  {{ cells() }}\n</tr>\n", "utf-8"
    )
    (tmp_path / "m.mjml.j2").write_text("{% macro cells() %}\n<td>\n</td>\n<odd>\n{% endmacro %}\n", "utf-8")
    page = Expanded(jinja2.FileSystemLoader(tmp_path), "page", {})

    lines = [page.origin(page.text.index(tag)).rpartition(":")[2] for tag in ("<tr>", "<odd>", "</tr>")]
    assert lines == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("{{ site.nmae }}", "there is no 'nmae' here, did you mean \"name\"?"),
        ("{{ texts.sponsr }}", "there is no 'sponsr' here, did you mean \"sponsor\"?"),
        ("{{ siet.name }}", "'siet' is undefined, did you mean \"site\"?"),
        ("{{ banana }}", "'banana' is undefined; there are site, texts"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_what_there_is(asked: str, told: str) -> None:
    site = replace(SITE, texts=(("sponsor", "Rope"),))
    views = {"site": site_view(site, Theme()), "texts": Texts(site)}
    with pytest.raises(RenderError) as caught:
        Expanded(jinja2.DictLoader({"page.mjml.j2": asked}), "page", views)
    assert str(caught.value).partition(": ")[2] == told


def test_a_text_of_the_configuration_is_text() -> None:
    site = replace(SITE, texts=(("sponsor", "<b>Rope</b> %%NAME%%"), ("items", "not a method")))
    page = Expanded(
        jinja2.DictLoader({"page.mjml.j2": "{{ texts.sponsor }} {{ texts.items }}"}),
        "page",
        {"texts": Texts(site)},
    )
    assert (
        reveal(page.text)
        == "&lt;b&gt;Rope&lt;/b&gt; %%PERCENT%%%%PERCENT%%NAME%%PERCENT%%%%PERCENT%% not a method"
    )
