"""The press gives what rendering gives, from one child that stays warm and sees what changes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.errors import RenderError
from newsletter.issue.letters import LETTERS, render_letter
from newsletter.issue.theme import Theme
from newsletter.press import Press, press
from tests.issue.issue_samples import LOADER, SITE, TEMPLATES, cards, issue_of, rendered_of

from .press_samples import ISSUE, at, printed, written


@pytest.fixture(scope="module")
def ours() -> Iterator[Press]:
    """A press with the program's own templates."""
    with Press((TEMPLATES,)) as opened:
        yield opened


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_prints_what_rendering_gives(ours: Press, language: str) -> None:
    issue = issue_of(*cards(9), language=language)

    assert ours.render(issue, site=SITE, theme=Theme()) == rendered_of(*cards(9), language=language)


@pytest.mark.parametrize("name", LETTERS)
def test_it_prints_letters(ours: Press, name: str) -> None:
    made = ours.letter(name, language="de", title="Plain Weave", site=SITE, theme=Theme())

    assert made == render_letter(
        name, language="de", title="Plain Weave", site=SITE, theme=Theme(), loader=LOADER
    )


def test_a_mistake_in_a_template_is_the_same_error_with_file_and_line(tmp_path: Path) -> None:
    file = written(tmp_path, "{{ issue.sbject }}")

    with Press(at(tmp_path)) as opened, pytest.raises(RenderError) as caught:
        printed(opened)
    assert str(caught.value).startswith(f"{file}:2: ")
    assert "sbject" in str(caught.value)


def test_a_template_that_changed_is_seen(tmp_path: Path) -> None:
    with Press(at(tmp_path)) as opened:
        for word in ("first", "second", "third"):
            written(tmp_path, word)
            assert f">\n{word}\n<" in printed(opened).frame_html


def test_a_part_of_ones_own_is_seen_when_it_appears_and_when_it_goes(tmp_path: Path) -> None:
    own = tmp_path / "parts" / "footer.mjml.j2"
    own.parent.mkdir()
    with Press(at(tmp_path)) as opened:
        before = printed(opened, "digest")
        own.write_text("<mj-section><mj-column><mj-text>Ours</mj-text></mj-column></mj-section>")
        during = printed(opened, "digest")
        own.unlink()
        after = printed(opened, "digest")

    assert ">Ours</div>" in during.frame_html
    assert ">Ours</div>" not in before.frame_html
    assert after == before


def test_it_may_be_used_from_many_threads(ours: Press) -> None:
    issues = [issue_of(*cards(n)) for n in range(1, 5)]
    made: dict[int, str] = {}

    def one(n: int) -> None:
        made[n] = ours.render(issues[n], site=SITE, theme=Theme()).hash

    threads = [threading.Thread(target=one, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert made == {n: rendered_of(*cards(n + 1)).hash for n in range(4)}


def test_it_serves_again_after_it_was_closed() -> None:
    opened = Press((TEMPLATES,))
    first = printed(opened, "digest")
    opened.close()
    second = printed(opened, "digest")
    opened.close()

    assert first == second


def test_one_process_has_one_child_whatever_the_folders(tmp_path: Path) -> None:
    written(tmp_path, "mine")

    mine, packaged = press(at(tmp_path)), press((TEMPLATES,))

    assert ">\nmine\n<" in printed(mine).frame_html
    assert printed(packaged, "digest") == rendered_of(*cards(3))
    with pytest.raises(RenderError, match="no such template"):
        printed(packaged)
    assert mine._worker is packaged._worker


def test_it_finds_the_line_that_wrote_a_snippet(tmp_path: Path) -> None:
    file = written(tmp_path, 'one\n{{ "<two>" }}\n100% %%NAME%%')
    snippets = ("one", "<two>", "100% %%NAME%%", "nowhere")

    with Press(at(tmp_path)) as opened:
        found = opened.locate(ISSUE, site=SITE, theme=Theme(), template="odd", snippets=snippets)
        again = opened.locate(ISSUE, site=SITE, theme=Theme(), template="odd", snippets=snippets[::-1])

    assert found == (f"{file}:2", f"{file}:3", f"{file}:4", "")
    assert again == found[::-1]


def test_outside_text_is_of_the_line_that_asked_for_it(tmp_path: Path) -> None:
    file = written(tmp_path, "\n{{ issue.title }}")

    with Press(at(tmp_path)) as opened:
        found = opened.locate(
            issue_of(*cards(1), title="100 % & more"),
            site=SITE,
            theme=Theme(),
            template="odd",
            snippets=("100 % & more",),
        )

    assert found == (f"{file}:3",)
