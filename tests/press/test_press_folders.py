"""What cannot be a template says so itself, by its own file and line, and nothing outside is read."""

from pathlib import Path

import pytest

from newsletter.config import load, unpack
from newsletter.errors import RenderError
from newsletter.issue.theme import Theme
from newsletter.press import Press
from tests.checks.golden_mail import GOLDEN, laid_out
from tests.issue.issue_samples import SITE, TEMPLATES, cards, issue_of

from .press_samples import at, printed, written

SECRET = "<mj-text>the private key</mj-text>"
PART = "{% macro note() %}\nA note\n{% endmacro %}"


def mistake(folder: Path, template: str = "odd") -> str:
    with Press(at(folder)) as press, pytest.raises(RenderError) as caught:
        printed(press, template)
    return str(caught.value)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The project's templates; what stands beside them is none of the mail's business."""
    folder = tmp_path / "templates"
    (folder / "parts").mkdir(parents=True)
    (tmp_path / "secret.mjml.j2").write_text(SECRET)
    return folder


@pytest.mark.parametrize("to", ["../../secret.mjml.j2", "{}/secret.mjml.j2"], ids=["relative", "absolute"])
def test_a_part_that_links_out_of_the_folder_is_an_error_that_names_it(own: Path, to: str) -> None:
    link = own / "parts" / "p.mjml.j2"
    link.symlink_to(to.format(own.parent))
    written(own, '{% include "parts/p.mjml.j2" ignore missing %}')

    told = mistake(own)

    outside = (own.parent / "secret.mjml.j2").resolve()
    assert told == f"{link}:1: is a link to {outside}, which is outside the folder"


def test_a_folder_that_links_out_is_no_way_out_either(own: Path) -> None:
    (own / "shared").symlink_to(own.parent)
    written(own, '{% include "shared/secret.mjml.j2" %}')

    assert mistake(own).startswith(f"{own}/shared/secret.mjml.j2:1: is a link to ")


def test_a_template_that_links_out_is_an_error(own: Path) -> None:
    (own / "odd.mjml.j2").symlink_to(own.parent / "secret.mjml.j2")

    assert mistake(own).startswith(f"{own}/odd.mjml.j2:1: is a link to ")


def test_links_within_the_folders_are_followed_and_the_folder_may_be_one(own: Path, tmp_path: Path) -> None:
    file = written(own, "as ever", name="real")
    (own / "odd.mjml.j2").symlink_to(file)
    (own / "plain.mjml.j2").symlink_to(TEMPLATES / "digest.mjml.j2")
    (tmp_path / "link").symlink_to(own)

    with Press(at(tmp_path / "link")) as press:
        assert ">\nas ever\n<" in printed(press).frame_html
        assert printed(press, "plain").blocks == printed(press, "digest").blocks


@pytest.mark.parametrize("where", ["in the child", "in the program"])
def test_a_catalogue_that_links_out_of_the_folder_is_an_error_that_names_it(
    where: str, tmp_path: Path
) -> None:
    project = laid_out(tmp_path / "p", GOLDEN / "good" / "three_cards")
    (tmp_path / "de.po").write_text('msgid "Unsubscribe"\nmsgstr "the private key"\n')
    link = project / "templates" / "locale" / "de.po"
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "de.po")
    text = (project / "config.toml").read_text()
    (project / "config.toml").write_text(text.replace("[site]", '[site]\nlanguage = "de"', 1))
    config = load(project / "config.toml", {})

    with pytest.raises(RenderError) as caught, Press(unpack.searchpath(config)) as press:
        if where == "in the program":
            unpack.words(config)
        press.render(issue_of(*cards(1), language="de"), site=SITE, theme=Theme())

    told = f"{link}:1: is a link to {(tmp_path / 'de.po').resolve()}, which is outside the folder"
    assert str(caught.value) == told


@pytest.mark.parametrize(
    "asking",
    [
        '{% include "parts/p.mjml.j2" %}',
        '{% from "parts/p.mjml.j2" import note %}{{ note() }}',
        '{% import "parts/p.mjml.j2" as p %}{{ p.note() }}',
    ],
    ids=["include", "from import", "import"],
)
@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (b"A \x01note", "the control character U+0001 cannot stand in a mail; delete it"),
        (b"A \x00note", "the control character U+0000 cannot stand in a mail; delete it"),
        (b"A \xef\xbf\xbenote", "the control character U+FFFE cannot stand in a mail; delete it"),
        (b"A n\xf6te", "not UTF-8; save it as UTF-8"),
        (b"A {{ note }", "unexpected '}'"),
        (b"A {{ 1 | nobody }}note", "No filter named 'nobody'"),
        (b"A {{ 1 is nobody }}note", "No test named 'nobody'"),
        (b"A {% if %}note", "Expected an expression, got 'end of statement block'"),
    ],
    ids=["control", "nul", "no character", "latin-1", "open", "no filter", "no test", "no condition"],
)
def test_a_mistake_in_a_part_is_told_of_the_part(own: Path, asking: str, odd: bytes, told: str) -> None:
    part = own / "parts" / "p.mjml.j2"
    part.write_bytes(PART.encode().replace(b"A note", odd))
    written(own, asking)

    said = mistake(own)

    assert said.startswith(f"{part}:2: {told}")


def test_what_is_nested_too_deeply_is_told_of_its_own_file(own: Path) -> None:
    part = own / "parts" / "p.mjml.j2"
    part.write_text("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}")
    written(own, '{% include "parts/p.mjml.j2" %}')

    assert mistake(own).startswith(f"{part}:1: nested too deeply")
