"""The letters about a subscription: what they say, what they carry, and what they never do."""

import re
from itertools import product
from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import RenderError
from newsletter.issue.letters import LETTERS, render_letter, sample_slots
from newsletter.issue.lint import lint
from newsletter.issue.slots import fill, fill_html, names
from newsletter.issue.theme import Theme
from newsletter.issue.words import direction
from newsletter.issue.wrapping import columns, lines_of
from newsletter.model import Picture, Rendered

from .issue_samples import LOADER, SITE, TEMPLATES

LANGUAGES = ("en", "de", "ar", "ja", "fr")
EVERY = tuple(product(LETTERS, LANGUAGES))
URLS = {
    "confirm": {"CONFIRM_URL"},
    "welcome": {"PREFERENCES_URL", "UNSUBSCRIBE_URL"},
    "goodbye": {"RESUBSCRIBE_URL"},
    "test": set[str](),
    "notice": set[str](),
}


def letter(
    name: str, language: str = "en", title: str = "Plain Weave", folder: Path | None = None
) -> Rendered:
    loader = jinja2.FileSystemLoader([folder, TEMPLATES]) if folder else LOADER
    return render_letter(name, language=language, title=title, site=SITE, theme=Theme(), loader=loader)


def opened(name: str, language: str = "en") -> tuple[str, str]:
    """HTML and text as a reader gets them."""
    made = letter(name, language)
    return fill_html(made.frame_html, sample_slots(name)), fill(made.frame_text, sample_slots(name))


def links(page: str) -> list[str]:
    return re.findall(r'<a\b[^>]*href="([^"]*)"', page)


# ── what they say ───────────────────────────────────────────────────────────

SUBJECTS = {
    ("confirm", "en"): "Please confirm: Plain Weave",
    ("welcome", "de"): "Willkommen bei Plain Weave",
    ("goodbye", "ar"): "تم إلغاء اشتراكك في Plain Weave",
    ("test", "ja"): "Plain Weaveからのテスト",
    ("confirm", "fr"): "Please confirm: Plain Weave",
}


@pytest.mark.parametrize(("name", "language"), SUBJECTS)
def test_the_subject_is_in_the_language(name: str, language: str) -> None:
    assert letter(name, language).subject == SUBJECTS[name, language]


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_page_says_its_language_and_direction(name: str, language: str) -> None:
    page = letter(name, language).frame_html
    assert f'lang="{language}" dir="{direction(language)}"' in page
    assert page.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_has_one_headline_one_button_and_the_postal_address(name: str) -> None:
    page, text = opened(name)
    assert page.count("<h1") == 1
    # What operators are told they do in a terminal.
    assert page.count('align="center" bgcolor="#0B6B5E" valign="middle"') == (name != "notice")
    for said in ("4 Tarn Street", "5519 Ostervik", "Plain Weave", SITE.tagline):
        assert said in page
        assert said in text


def test_the_plain_text_is_as_if_written_by_hand() -> None:
    assert opened("confirm")[1] == (
        "PLAIN WEAVE\n"
        "How things are made, mended and kept\n"
        "____________________________________________________________________________\n"
        "\n"
        "Say yes, and you are in\n"
        "\n"
        "Somebody, we hope you, asked for Plain Weave at\n"
        "reader@example.org. Say yes, and the next issue comes to you.\n"
        "\n"
        "Yes, send me Plain Weave:\n"
        "https://example.org/confirm/sample\n"
        "\n"
        "Not you? Do nothing. Without your yes nothing more will come, and we forget\n"
        "this address.\n"
        "\n"
        "____________________________________________________________________________\n"
        "\n"
        "You are on no list yet, so there is nothing to unsubscribe from.\n"
        "\n"
        "Plain Weave\n"
        "4 Tarn Street\n"
        "5519 Ostervik\n"
        "https://plainweave.example/\n"
    )


def test_a_numbered_point_hangs_from_its_number() -> None:
    lines = opened("welcome")[1].splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("1. "))
    assert lines[first + 1].startswith("   ")
    assert not lines[first + 1].startswith("    ")


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_text_keeps_to_its_width_and_gives_every_address_a_line(name: str, language: str) -> None:
    text = opened(name, language)[1]
    assert [line for line in text.splitlines() if columns(line) > 78] == []
    assert [line for line in text.splitlines() if "://" in line and not line.startswith("http")] == []
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)


def test_no_line_of_japanese_begins_with_a_comma_or_ends_with_an_opening_bracket() -> None:
    for name in LETTERS:
        lines = opened(name, "ja")[1].splitlines()
        assert [line for line in lines if line.strip()[:1] in (*"、。」）",) or line[-1:] in (*"「（",)] == []


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_page_and_text_lead_to_the_same_places(name: str, language: str) -> None:
    page, text = opened(name, language)
    assert set(links(page)) == set(re.findall(r"^https?://\S+$", text, re.MULTILINE))


def test_a_logo_stands_in_the_place_of_the_name() -> None:
    theme = Theme(logo=Picture("https://plainweave.example/logo.png", "", 300, 88))
    made = render_letter("welcome", language="en", title="T", site=SITE, theme=theme, loader=LOADER)
    logo = re.findall(r"<img[^>]*>", made.frame_html)
    assert len(logo) == 1
    assert 'alt="Plain Weave"' in logo[0]


FACES = {"en": "Iowan Old Style", "ar": "Noto Naskh Arabic", "ja": "Hiragino Mincho ProN"}


@pytest.mark.parametrize("language", FACES)
def test_the_faces_have_the_letters_of_the_language(language: str) -> None:
    headline = re.search(r"<h1[^>]*>", letter("welcome", language).frame_html)
    assert headline is not None
    assert FACES[language] in headline[0]


# ── slots ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_leaves_open_what_only_its_reader_fills(name: str) -> None:
    made = letter(name)
    assert names(made.frame_html) - {"ADDRESS"} == URLS[name]
    assert names(made.frame_text) - {"ADDRESS"} == URLS[name]
    assert names(made.frame_html) <= sample_slots(name).keys()


@pytest.mark.parametrize(("name", "language"), EVERY)
def test_a_filled_letter_has_no_slot_and_no_placeholder_left(name: str, language: str) -> None:
    page, text = opened(name, language)
    assert "%%" not in page + text
    body = page[page.index("<body") :]
    assert not re.search(r"\{\w*\}", body + text + letter(name, language).subject)


def test_a_confirmation_carries_no_word_that_a_stranger_typed(tmp_path: Path) -> None:
    assert "NAME" not in sample_slots("confirm")
    (tmp_path / "confirm.txt.j2").write_text("Hello\n%%NAME%%\n%%CONFIRM_URL%%\n")
    with pytest.raises(RenderError, match=r"confirm\.txt\.j2:2: unknown slot %%NAME%% \(there are ADDRESS, "):
        letter("confirm", folder=tmp_path)


def test_a_letter_has_no_blocks_and_equal_bytes() -> None:
    one, other = letter("welcome"), letter("welcome")
    assert one.blocks == ()
    assert "%%BLOCKS%%" not in one.frame_html + one.frame_text
    assert one == other
    assert len({letter(name, language).hash for name, language in EVERY}) == len(EVERY)


# ── outside text ────────────────────────────────────────────────────────────

NASTY = {
    "slot": "%%CONFIRM_URL%% 100%",
    "template": "{{ 7 * 7 }} {% x %} {site} {title}",
    "html": '</p></mj-text><script>alert(1)</script> & "x"',
    "long": "very " * 1000,
    "marks": "Cafe\u0301 👩\u200d🔧 \u202eabc",
}


@pytest.mark.parametrize("title", NASTY.values(), ids=NASTY)
@pytest.mark.parametrize("name", LETTERS)
def test_a_title_is_only_ever_text(name: str, title: str) -> None:
    made = letter(name, title=title)
    filled = fill(made.frame_text, sample_slots(name))
    assert "".join(title.split()) in "".join(filled.split())
    assert "<script>" not in made.frame_html
    assert names(made.frame_html) == names(letter(name).frame_html)


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_title_makes_a_letter(title: str) -> None:
    made = letter("goodbye", title=title)
    assert names(made.frame_text) == {"ADDRESS", "RESUBSCRIBE_URL"}
    assert fill_html(made.frame_html, sample_slots("goodbye"))


# ── mistakes ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LETTERS)
def test_our_own_letters_have_nothing_to_lint(name: str) -> None:
    assert list(lint(letter(name).mjml)) == []


MISTAKES = {
    "an unknown tag": ("goodbye.mjml.j2", "<mj-column>", "<mj-colum>", "did you mean"),
    "an unknown name": (
        "goodbye.mjml.j2",
        "issue.title",
        "issue.titel",
        "there is no 'titel' here, did you mean \"title\"?",
    ),
    "an unknown slot": ("goodbye.mjml.j2", "%%RESUBSCRIBE_URL%%", "%%CONFIRM_URL%%", "unknown slot"),
    "a tag of Jinja": ("goodbye.txt.j2", "{% set leave", "{% sett leave", "unknown tag 'sett'"),
    "a slot of the text": ("goodbye.txt.j2", "%%RESUBSCRIBE_URL%%", "%%BACK%%", "unknown slot %%BACK%%"),
    "a part": ("parts/letter-footer.mjml.j2", "site.tagline %}", "site.motto %}", "there is no 'motto' here"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_names_its_file_and_line(tmp_path: Path, kind: str) -> None:
    part, old, new, told = MISTAKES[kind]
    text = (TEMPLATES / part).read_text()
    copy = tmp_path / part
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(text.replace(old, new, 1))
    with pytest.raises(RenderError) as caught:
        letter("goodbye", folder=tmp_path)
    line = text[: text.index(old)].count("\n") + 1
    assert str(caught.value).startswith(f"{tmp_path}/{part}:{line}: ")
    assert told in str(caught.value)


def test_a_letter_without_its_text_says_what_is_missing() -> None:
    pages = jinja2.FunctionLoader(
        lambda name: (TEMPLATES / name).read_text() if name.endswith(".mjml.j2") else None
    )
    with pytest.raises(RenderError, match=r"test\.txt\.j2: no such template"):
        render_letter("test", language="en", title="T", site=SITE, theme=Theme(), loader=pages)


def test_there_is_no_letter_of_another_name() -> None:
    with pytest.raises(KeyError):
        letter("digest")


def test_a_line_of_japanese_ends_where_one_may_end() -> None:
    assert list(lines_of("日" * 38 + "。本", 76)) == ["日" * 37, "日。本"]
    assert list(lines_of("日" * 37 + "「本」", 76)) == ["日" * 37, "「本」"]
    assert list(lines_of("日" * 30 + "%%ADDRESS%%宛て", 76)) == ["日" * 30, "%%ADDRESS%%宛て"]
