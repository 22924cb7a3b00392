"""Every mistake in a template names its file and its line."""

from pathlib import Path

import jinja2
import pytest

from newsletter.errors import RenderError
from newsletter.issue.lint import lint
from newsletter.issue.render import render
from newsletter.issue.slots import fill
from newsletter.issue.theme import Theme

from .issue_samples import SITE, TEMPLATES, card, cards, issue_of

EMPTY = dict.fromkeys(("SUBJECT", "PREHEADER", "MINUTES", "UNSUBSCRIBE_URL"), "")


def attempt(folder: Path, template: str = "digest") -> str:
    """The error that the templates of `folder`, before those of the program, give."""
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder), jinja2.FileSystemLoader(TEMPLATES)])
    with pytest.raises(RenderError) as caught:
        render(issue_of(*cards(9)), site=SITE, theme=Theme(), loader=loader, template=template)
    assert "Traceback" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


def edited(folder: Path, part: str, old: str, new: str) -> int:
    """A copy of a part with one change; the line of the change."""
    text = (TEMPLATES / part).read_text()
    assert text.count(old) >= 1
    copy = folder / part
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


WIDE, FOOTER, HEAD = "parts/wide.mjml.j2", "parts/footer.mjml.j2", "parts/head.mjml.j2"
MISTAKES = {
    "a tag of Jinja that is not closed": (
        WIDE,
        "{% if card.excerpt %}",
        "{% if card.excerpt }",
        "unexpected '}'",
    ),
    "a name that does not exist": (
        WIDE,
        "{{ card.excerpt }}",
        "{{ card.exerpt }}",
        "there is no 'exerpt' here, did you mean \"excerpt\"?",
    ),
    "a filter that does not exist": (
        WIDE,
        "{{ card.excerpt }}",
        "{{ card.excerpt|shout }}",
        "No filter named",
    ),
    "an error while running": (WIDE, "{{ card.excerpt }}", "{{ 1 // 0 }}", "division"),
    "a way out of the sandbox": (WIDE, "{{ card.excerpt }}", "{{ ''.__class__.__mro__ }}", "unsafe"),
    "an include that is missing": (
        WIDE,
        "{{ card.excerpt }}",
        '{% include "parts/x.j2" %}',
        "no such template",
    ),
    "an unknown tag": (FOOTER, "<mj-text>", "<mj-txt>", 'unknown tag "mj-txt", did you mean "mj-text"?'),
    "an unknown attribute": (
        FOOTER,
        "padding=",
        "paddng=",
        'unknown attribute "paddng", did you mean "padding"?',
    ),
    "a tag that is not closed": (
        FOOTER,
        "</mj-column>",
        "",
        "<mj-column> is not closed before </mj-section>",
    ),
    "a bare less-than": (FOOTER, "{{ why }}", "5<6", "a bare < in the text; write &lt;"),
    "HTML that is not closed": (FOOTER, "{{ why }}</p>", "{{ why }}", "<p> is not closed before <div>"),
    "a slot that does not exist": (FOOTER, "{{ why }}", "%%WHYY%%", "unknown slot %%WHYY%%"),
    "an unknown tag in the head": (HEAD, "<mj-breakpoint", "<mj-brakepoint", 'unknown tag "mj-brakepoint"'),
}
#: Where the place that is named is not that of the change, but of the tag that is left open by it.
ELSEWHERE = {"a tag that is not closed": 3, "HTML that is not closed": 8}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_names_its_file_and_line(tmp_path: Path, name: str) -> None:
    part, old, new, told = MISTAKES[name]
    line = ELSEWHERE.get(name, edited(tmp_path, part, old, new))
    edited(tmp_path, part, old, new)
    error = attempt(tmp_path)
    assert error.startswith(f"{part}:{line}: ")
    assert told in error


def test_lines_are_right_behind_letters_of_several_bytes_and_values_over_several_lines(
    tmp_path: Path,
) -> None:
    (tmp_path / "odd.mjml.j2").write_text(
        '<mjml><mj-body><mj-section css-class="żółć\n\n  日本"><mj-column>\n'
        "<mj-text>żółć 日本 {{ issue.title }}</mj-text>\n{% if true %}\n<mj-text>5<6</mj-text>{% endif %}\n"
        "</mj-column></mj-section></mj-body></mjml>"
    )
    assert attempt(tmp_path, "odd").startswith("odd.mjml.j2:6: a bare <")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "odd.mjml.j2:1: MJML: unable to find mjml element"),
        ("<mjml>\n<mj-body>\n</mjml>", "odd.mjml.j2:2: <mj-body> is not closed before </mjml>"),
        ("<mjml>\n<mj-body></mj-body>", "odd.mjml.j2:1: <mjml> is never closed"),
        ("\n<mjml></mjml></mj-body>", "odd.mjml.j2:2: </mj-body> closes nothing"),
        ("<mjml><mj-body></mj-body></mjml>", "odd.mjml.j2: the marks of the blocks are not all there"),
    ],
    ids=["empty", "crossed", "open", "closed twice", "no marks"],
)
def test_a_template_that_is_none_is_told_so(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "odd.mjml.j2").write_text(text)
    assert attempt(tmp_path, "odd").startswith(told)


def test_a_missing_template_says_where_it_was_looked_for(tmp_path: Path) -> None:
    error = attempt(tmp_path, "wekly")
    assert error == f"wekly.mjml.j2: no such template; looked in {tmp_path}, {TEMPLATES}"


def test_a_part_of_ones_own_takes_the_place_of_ours(tmp_path: Path) -> None:
    edited(tmp_path, FOOTER, "{{ why }}", "Ours")
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(tmp_path), jinja2.FileSystemLoader(TEMPLATES)])
    rendered = render(issue_of(*cards(2)), site=SITE, theme=Theme(), loader=loader)
    assert ">Ours</p>" in rendered.frame_html


@pytest.mark.parametrize(
    "expression",
    ["title", "title|e", "title|forceescape", "title|safe", "title|upper", "[title, title]|join('&'|safe)"],
)
def test_no_filter_makes_a_slot_of_outside_text(tmp_path: Path, expression: str) -> None:
    edited(tmp_path, FOOTER, "{{ why }}", f"{{% set title = issue.title %}}{{{{ {expression} }}}}")
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(tmp_path), jinja2.FileSystemLoader(TEMPLATES)])
    rendered = render(issue_of(card(0), title="%%NAME%%"), site=SITE, theme=Theme(), loader=loader)
    assert ">%%NAME%%" in fill(rendered.frame_html.replace("%%BLOCKS%%", ""), EMPTY)


def test_outside_text_can_be_part_of_an_address(tmp_path: Path) -> None:
    edited(tmp_path, FOOTER, "%%UNSUBSCRIBE_URL%%", "https://x.example/?q={{ issue.title|urlencode }}")
    loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(tmp_path), jinja2.FileSystemLoader(TEMPLATES)])
    rendered = render(issue_of(card(0), title="100% é&"), site=SITE, theme=Theme(), loader=loader)
    assert 'href="https://x.example/?q=100%25%20%C3%A9%26"' in rendered.frame_html


def test_our_own_templates_have_nothing_to_lint() -> None:
    loader = jinja2.FileSystemLoader(TEMPLATES)
    rendered = render(issue_of(*cards(9)), site=SITE, theme=Theme(), loader=loader)
    assert list(lint(rendered.mjml)) == []
