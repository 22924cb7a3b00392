"""One more language is one more file: how catalogues are found and layered, and how mistakes are told."""

import ast
import io
import re
from collections.abc import Iterator
from gettext import c2py
from pathlib import Path
from time import perf_counter

import jinja2
import pytest
from babel import Locale
from babel.messages.catalog import Message as BabelMessage
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.ext import extract_from_ast

from newsletter.errors import RenderError
from newsletter.issue.letters import render_letter
from newsletter.issue.sandbox import environment
from newsletter.issue.theme import Theme
from newsletter.issue.variant import variant_slots
from newsletter.issue.words import words_for
from newsletter.issue.words_catalogue import Source, compiled, read

from .issue_samples import LOADER, SITE, TEMPLATES, cards, issue_of

CATALOGUES = sorted((TEMPLATES / "locale").glob("*.po"))
PAGES = TEMPLATES.parent / "newsletter" / "web" / "reader"
ROOMS = (TEMPLATES.parent / "newsletter" / "issue", PAGES)
FRENCH = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Unsubscribe"
msgstr "Se désabonner"

msgid "{n} article"
msgid_plural "{n} articles"
msgstr[0] "{n} article"
msgstr[1] "{n} articles"
"""


def own(folder: Path, text: str, name: str = "fr.po") -> jinja2.BaseLoader:
    """The templates of a project that has a catalogue of its own, before the packaged ones."""
    (folder / "locale").mkdir(exist_ok=True)
    (folder / "locale" / name).write_text(text)
    return jinja2.FileSystemLoader([folder, TEMPLATES])


# ── one more language ───────────────────────────────────────────────────────


def test_a_new_file_is_enough_for_a_new_language(tmp_path: Path) -> None:
    french = words_for("fr", own(tmp_path, FRENCH))
    assert french.unsubscribe == "Se désabonner"
    # CLDR's rule, since the file has none: zero is singular in French
    assert [french.articles(n) for n in (0, 1, 2)] == ["0 article", "1 article", "2 articles"]


def test_what_a_new_file_does_not_translate_stays_english(tmp_path: Path) -> None:
    assert words_for("fr", own(tmp_path, FRENCH)).briefly == "Briefly"


def test_a_copy_of_a_packaged_file_is_a_language_of_its_own(tmp_path: Path) -> None:
    copy = (TEMPLATES / "locale" / "de.po").read_text().replace("Language: de", "Language: lb")
    loader = own(tmp_path, copy.replace("Abmelden", "Ofmellen"), "lb.po")
    letter = render_letter("welcome", language="lb", title="T", site=SITE, theme=Theme(), loader=loader)
    assert "Ofmellen" in letter.frame_html
    assert "Schön, dass Sie da sind" in letter.frame_html


def test_a_file_of_the_project_wins_message_by_message(tmp_path: Path) -> None:
    loader = own(tmp_path, 'msgid "Unsubscribe"\nmsgstr "Tschüss"\n', "de.po")
    assert words_for("de", loader).unsubscribe == "Tschüss"
    assert words_for("de", loader).briefly == "Kurz notiert"


def test_english_words_are_changed_in_the_same_way(tmp_path: Path) -> None:
    loader = own(tmp_path, 'msgid "Unsubscribe"\nmsgstr "Leave"\n', "en.po")
    assert words_for("en", loader).unsubscribe == "Leave"


def test_a_file_for_a_country_wins_over_that_for_the_language(tmp_path: Path) -> None:
    own(tmp_path, 'msgid "Unsubscribe"\nmsgstr "Sair"\n', "pt.po")
    loader = own(tmp_path, 'msgid "Unsubscribe"\nmsgstr "Cancelar"\n', "pt_BR.po")
    assert words_for("pt-BR", loader).unsubscribe == "Cancelar"
    assert words_for("pt-PT", loader).unsubscribe == "Sair"


UNTRANSLATED = {
    "empty": 'msgid "Unsubscribe"\nmsgstr ""\n',
    "fuzzy": '#, fuzzy\nmsgid "Unsubscribe"\nmsgstr "Kündigen"\n',
    "obsolete": '#~ msgid "Unsubscribe"\n#~ msgstr "Kündigen"\n',
}


@pytest.mark.parametrize("kind", UNTRANSLATED)
def test_what_is_not_translated_yet_is_asked_of_the_next_file(tmp_path: Path, kind: str) -> None:
    assert words_for("de", own(tmp_path, UNTRANSLATED[kind], "de.po")).unsubscribe == "Abmelden"


def test_a_plural_with_a_form_missing_is_not_translated(tmp_path: Path) -> None:
    half = 'msgid "{n} article"\nmsgid_plural "{n} articles"\nmsgstr[0] "Stück"\nmsgstr[1] ""\n'
    assert words_for("de", own(tmp_path, half, "de.po")).articles(1) == "1 Artikel"


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    loader = own(tmp_path, FRENCH)
    assert words_for("fr", loader).unsubscribe == "Se désabonner"
    own(tmp_path, FRENCH.replace("Se désabonner", "Partir"))
    assert words_for("fr", loader).unsubscribe == "Partir"


def test_a_template_of_ones_own_can_have_words_of_its_own(tmp_path: Path) -> None:
    loader = own(tmp_path, 'msgid "Tea or coffee, {name}?"\nmsgstr "Thé ou café, {name} ?"\n')
    (tmp_path / "test.txt.j2").write_text('{{ _("Tea or coffee, {name}?", name="%%NAME%%") }}')
    letter = render_letter("test", language="fr", title="T", site=SITE, theme=Theme(), loader=loader)
    assert letter.frame_text == "Thé ou café, %%NAME%% ?\n"


# ── mistakes ────────────────────────────────────────────────────────────────

BROKEN = {
    "a quote that is not closed": ('msgid "Also\nmsgstr "x"\n', 1, "neither a comment nor msgid"),
    "no quotes": ('msgid "Also"\nmsgstr Auch\n', 2, "neither a comment nor msgid"),
    "an unknown word": ('# a\n\nmsgid "Also"\nmsgstring "Auch"\n', 4, "neither a comment nor msgid"),
    "text in front": ('"Auch"\nmsgid "Also"\nmsgstr "Auch"\n', 1, "Got line starting with"),
    "no translation at all": ('msgid "Also"\n\nmsgid "More"\nmsgstr "Mehr"\n', 1, "missing msgstr"),
    "a form too many": (
        'msgid "{n} article"\nmsgid_plural "{n} articles"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n',
        1,
        "more translations than num_plurals",
    ),
    "a placeholder misspelt": ('\nmsgid "Visit {site}"\nmsgstr "{seite} besuchen"\n', 2, "{site}"),
    "a placeholder lost": ('msgid "Visit {site}"\nmsgstr "Besuchen"\n', 1, "{site}"),
    "a placeholder in a form": (
        'msgid "{n} article"\nmsgid_plural "{n} articles"\nmsgstr[0] "{m} x"\nmsgstr[1] "{n} y"\n',
        1,
        "{n}",
    ),
    "a slot": ('msgid "Also"\nmsgstr "%%NAME%%"\n', 1, "cannot hold a %%SLOT%%"),
    "a plural rule that is none": (
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=many;\\n"\n\nmsgid "Also"\nmsgstr "Auch"\n',
        3,
        "the plural rule must be",
    ),
    "a plural rule that goes too far": (
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=n%3;\\n"\n\nmsgid "Also"\nmsgstr "Auch"\n',
        3,
        "the plural rule must be",
    ),
    "a plural rule that divides by nothing": (
        'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=n/0;\\n"\n\nmsgid "Also"\nmsgstr "Auch"\n',
        3,
        "the plural rule must be",
    ),
    "a language that is none": ('msgid ""\nmsgstr "Language: x!\\n"\n', 1, ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_catalogue_names_its_file_and_line(tmp_path: Path, name: str) -> None:
    text, line, told = BROKEN[name]
    loader = own(tmp_path, text, "de.po")
    with pytest.raises(RenderError) as caught:
        words_for("de", loader)
    assert str(caught.value).startswith(f"{tmp_path}/locale/de.po:{line}: ")
    assert told in str(caught.value)


def test_a_catalogue_that_is_not_utf_8_names_its_line(tmp_path: Path) -> None:
    loader = own(tmp_path, "")
    (tmp_path / "locale" / "fr.po").write_bytes('msgid "Also"\nmsgstr "à part"\n'.encode("latin-1"))
    with pytest.raises(RenderError, match=r"/locale/fr\.po:2: not UTF-8"):
        words_for("fr", loader)


def test_a_mark_in_front_of_the_file_does_no_harm(tmp_path: Path) -> None:
    assert words_for("fr", own(tmp_path, "\ufeff" + FRENCH)).unsubscribe == "Se désabonner"


def test_a_value_that_a_template_forgets_names_the_line_of_the_template(tmp_path: Path) -> None:
    (tmp_path / "test.txt.j2").write_text('\n{{ _("Visit {site}") }}\n')
    loader = jinja2.FileSystemLoader([tmp_path, TEMPLATES])
    with pytest.raises(RenderError, match=r"test\.txt\.j2:2: no value is given for \{site\}"):
        render_letter("test", language="en", title="T", site=SITE, theme=Theme(), loader=loader)


PACKAGED = (TEMPLATES / "locale" / "de.po").read_text()
SCRAPS = st.sampled_from(
    [
        "",
        '"',
        "\\",
        "\n",
        "msgid ",
        "msgstr ",
        "msgstr[7] ",
        "{",
        "}",
        "%%A%%",
        "#~ ",
        "#, fuzzy\n",
        "\x00",
        "é",
        "(" * 99,
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(PACKAGED)), st.integers(0, 30), SCRAPS)
def test_whatever_happens_to_a_catalogue_is_a_mistake_in_it_or_none(at: int, length: int, scrap: str) -> None:
    source = Source("de", "de.po", PACKAGED[:at] + scrap + PACKAGED[at + length :])
    try:
        compiled(source)
    except RenderError as error:
        assert re.match(r"de\.po:\d+: .", str(error))


def test_sections_and_sums_are_said_in_the_words_that_are_given(tmp_path: Path) -> None:
    text = 'msgid "Briefly"\nmsgstr "In short"\nmsgid "{n} article"\nmsgid_plural "{n} articles"\n'
    words = words_for("en", own(tmp_path, text + 'msgstr[0] "{n} piece"\nmsgstr[1] "{n} pieces"\n', "en.po"))
    issue = issue_of(*cards(9), words=words)
    assert "In short" in {placement.section for placement in issue.placements}
    assert variant_slots(issue, words=words)["COUNT"] == "9 pieces"


# ── the packaged catalogues ─────────────────────────────────────────────────

Message = str | tuple[str, ...]


def said_by_templates() -> Iterator[Message]:
    """What the packaged templates and the reader pages say by ``_()``, ``ngettext()`` and ``words``."""
    jinja = environment(LOADER)
    for path in sorted((*TEMPLATES.rglob("*.j2"), *PAGES.rglob("*.html"))):
        tree = jinja.parse(path.read_text())
        for _, _, found in extract_from_ast(tree, babel_style=False):
            yield found[0] if len(found) == 1 else found
        for call in tree.find_all(jinja2.nodes.Call):
            match call.node, call.args:
                case jinja2.nodes.Getattr(attr="say"), [jinja2.nodes.Const(value=str(text)), *_]:
                    yield text
                case jinja2.nodes.Getattr(attr="count"), [
                    jinja2.nodes.Const(value=str(one)),
                    jinja2.nodes.Const(value=str(many)),
                    *_,
                ]:
                    yield (one, many)


def said_by_code() -> Iterator[Message]:
    """What the modules of the rooms say by ``say()`` and ``count()``, and the subjects of letters."""
    for path in sorted(path for room in ROOMS for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                match node.func, [text for text in texts if isinstance(text, str)]:
                    case ast.Attribute(attr="say"), [text]:
                        yield text
                    case ast.Attribute(attr="count"), [one, many]:
                        yield (one, many)
                    case ast.Name(id="_Letter"), [subject, preheader]:
                        yield from (subject, preheader)


def said() -> frozenset[Message]:
    return frozenset([*said_by_templates(), *said_by_code()])


def test_what_is_said_is_found() -> None:
    found = said()
    assert {"Unsubscribe", "Say yes, and you are in", "Welcome to {title}", "Choose what you get"} <= found
    assert ("{n} article", "{n} articles") in found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_packaged_catalogue_has_every_message_and_no_other(path: Path) -> None:
    # Their placeholders are compared whenever a catalogue is read: see the mistakes above.
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=path.stem, abort_invalid=True)
    translated = {message.id for message in catalog if message.id and complete(message)}
    assert sorted(map(str, said() - translated)) == []
    assert sorted(map(str, translated - said())) == []


def complete(message: BabelMessage) -> bool:
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(forms) and not message.fuzzy


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_the_plural_rule_of_a_packaged_catalogue_is_that_of_cldr(path: Path) -> None:
    catalog = read(Source(path.stem, path.name, path.read_text()))
    rule, cldr = c2py(catalog.plural_expr), Locale(path.stem).plural_form
    pairs = {(rule(n), cldr(n)) for n in range(1200)}
    assert sorted(form for form, _ in pairs) == list(range(catalog.num_plurals))
    assert len({category for _, category in pairs}) == len(pairs)


def test_a_packaged_catalogue_is_read_in_a_moment() -> None:
    source = Source("de", "de.po", (TEMPLATES / "locale" / "de.po").read_text())
    compiled(source)  # Babel's tables are loaded once
    started = perf_counter()
    compiled(source)
    assert perf_counter() - started < 0.25
