"""The text part reads as if somebody had typed it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.issue.plaintext import WIDTH, wrapped
from newsletter.issue.slots import reveal

from .issue_samples import RECIPIENT, card, cards, mail


def test_the_whole_text_of_a_small_issue() -> None:
    _, text = mail(card(0, title="A foghorn, retuned by ear"), card(1, authors=(), excerpt=""))
    assert text == (
        "PLAIN WEAVE\n"
        "How things are made, mended and kept\n"
        "Friday 20\u00a0November\u00a02026 · 3 minutes\n"
        f"{'_' * 76}\n"
        "\n"
        "Good morning.\n"
        "\n"
        "Put the kettle on first.\n"
        "\n"
        "A foghorn, retuned by ear\n"
        "A hinge from 1931, a drawer of odd heads, and the woman who files new ones\n"
        "to order.\n"
        "Lena Okafor · 1 minute\n"
        "https://plainweave.example/0\n"
        "\n"
        "\n"
        "WORKS\n"
        f"{'-' * 76}\n"
        "\n"
        "Nine screws nobody stocks 1\n"
        "2 minutes\n"
        "https://plainweave.example/1\n"
        "\n"
        f"{'_' * 76}\n"
        "\n"
        "You get this because ida@example.org is on the list of Plain\n"
        "Weave.\n"
        "Unsubscribe:\n"
        "https://plainweave.example/u/7Q4M2XKD?a=1&b=2\n"
        "\n"
        "Plain Weave\n"
        "4 Tarn Street\n"
        "5519 Ostervik\n"
        "https://plainweave.example/\n"
    )


def test_every_address_of_the_page_is_in_the_text_on_a_line_of_its_own() -> None:
    page, text = mail(*cards(10))
    addresses = {href.replace("&amp;", "&") for href in re.findall(r'<a[^>]*href="([^"]*)"', page)}
    assert RECIPIENT["UNSUBSCRIBE_URL"] in addresses
    assert addresses <= set(text.splitlines())


def test_lines_are_short_but_for_addresses() -> None:
    far = "https://plainweave.example/" + "a" * 200
    _, text = mail(
        *(card(n, title="word " * 60, excerpt="x" * 500, url=far) for n in range(3)), intro="日本語" * 90
    )
    assert {line for line in text.splitlines() if len(line) > 78} == {far}


def test_nothing_of_html_or_markdown_is_left() -> None:
    _, text = mail(*cards(10))
    assert not re.search(r"<\w|&\w+;|\]\(|\*\*|%%", text)
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
def test_no_words_make_no_lines(text: str) -> None:
    assert list(wrapped(text)) == []


@given(st.lists(st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=100)))
def test_wrapping_loses_nothing_and_keeps_the_width(words: list[str]) -> None:
    lines = [reveal(line) for line in wrapped(" ".join(words))]
    assert "".join("".join(lines).split()) == "".join("".join(words).split())
    assert all(len(line) <= WIDTH for line in lines if "://" not in line)


def test_wide_letters_count_twice() -> None:
    assert [len(line) for line in wrapped("日" * 100)] == [38, 38, 24]
