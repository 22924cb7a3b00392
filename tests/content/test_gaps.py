"""What only a site generator fills in is taken out of a text, and somebody is told where the gap is."""

from collections.abc import Callable

import pytest

from newsletter.content import gaps
from newsletter.model import Article

TEXT = "Anna wrote this long enough letter for everybody at the quay, and {} signed it.\n"


Told = Callable[[str], list[tuple[int, str]]]


@pytest.fixture
def told(one: Callable[..., Article]) -> Told:
    return lambda text: [(p.line, p.text) for p in one(text).problems if "left out" in p.text]


@pytest.mark.parametrize(
    "piece", ["{{ first_name }}", "{{site.author}}", '{{ "anna" | team_link }}', "{{- page.title -}}"]
)
def test_a_gap_in_a_text_is_told_at_its_line(told: Told, piece: str) -> None:
    text = "---\ntitle: Ice\n---\nThin.\n\nFirst line,\n" + TEXT.format(piece)

    assert told(text) == [(7, f"{piece} {gaps.OF_A_TEXT}")]


def test_many_gaps_are_told_once(told: Told) -> None:
    text = f"---\ntitle: Ice\n---\n{TEXT.format('{{ a }}')}\n* {{{{ b }}}} too\n* {{{{ c }}}} three\n"

    assert told(text) == [(4, f"{{{{ a }}}} (and 2 more) {gaps.OF_A_TEXT}")]


def test_a_gap_in_a_title_and_in_a_summary_are_two_things(told: Told) -> None:
    text = "---\ntitle: Dear {{ name }}\nsummary: Hello {{ name }}, here it is.\n---\n" + TEXT

    assert told(text) == [
        (2, f"{{{{ name }}}} {gaps.OF_A_TITLE}"),
        (3, f"{{{{ name }}}} {gaps.OF_A_TEXT}"),
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "`{{ code }}`",
        "[a link]({{ site.url }}/a)",
        '{{< note "x" >}}',
        '{{% callout "x" %}}',
        "{% include x.html %}",
        "{{/* a comment */}}",
        "{{!-- a comment --}}",
        '{{ "/assets/a.png" | url }}',
        "{% raw %}`{{ code }}`{% endraw %}",
        "{% comment %}{{ secret }}{% endcomment %}",
    ],
)
def test_what_leaves_no_gap_is_not_told(told: Told, piece: str) -> None:
    assert told(f"---\ntitle: Ice\n---\n{TEXT.format(piece)}") == []


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("[a](javascript:alert(1))", "javascript:alert(1)"),
        ("[a](file:///etc/notes)", "file:///etc/notes"),
        ('<a href="ftp://quay.example/a">a</a>', "ftp://quay.example/a"),
        ("<a href='JavaScript:void(0)'>a</a>", "JavaScript:void(0)"),
        ("[a](irc://quay.example/tides)", "irc://quay.example/tides"),
    ],
)
@pytest.mark.parametrize("name", ["post.md", "post.html"])
def test_a_link_that_no_mail_may_have_is_told_at_its_line(
    one: Callable[..., Article], link: str, target: str, name: str
) -> None:
    if name == "post.html" and link.startswith("["):
        link = f'<a href="{target}">a</a>'
    found = one(
        f"---\ntitle: Ice\n---\n<p>{'Thin ice. ' * 20}</p>\n\nSo {link} it is, again and again.\n", name
    )

    told = f"the link {target} is left out: a mail links to http, https, mailto and tel only"
    assert [(p.line, p.text) for p in found.problems] == [(6, told)]


@pytest.mark.parametrize("target", ["#below", "/a", "b.md", "https://quay.example", "mailto:a@quay.example"])
def test_a_link_that_leads_somewhere_is_let_be(one: Callable[..., Article], target: str) -> None:
    found = one(
        f"---\ntitle: Ice\n---\nThin [ice]({target}) and <a href='{target}'>more</a> of it, for days.\n"
    )

    assert found.problems == ()
