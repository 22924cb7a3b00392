"""Every template in a real Chromium: what a reader sees, with and without what mail programs take away."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import eyes
from benchmarks.mails import Mail, names

pytestmark = pytest.mark.browser
every_template = pytest.mark.parametrize("name", names())


@every_template
@pytest.mark.parametrize("width", eyes.WIDTHS)
def test_a_mail_fits_its_width_in_standards_mode_and_every_picture_speaks(
    made: dict[str, Mail], seeing: eyes.Eyes, name: str, width: int
) -> None:
    found = eyes.shape(seeing, made[name].seen(), width)

    assert found == {"mode": "CSS1Compat", "scroll": width, "silent": 0, "broken": 0}


@every_template
def test_text_looks_the_same_where_style_blocks_are_stripped(
    made: dict[str, Mail], seeing: eyes.Eyes, name: str
) -> None:
    share, changed = eyes.survival(seeing, made[name].seen())

    assert (share, changed) == (100, [])


@every_template
def test_axe_finds_nothing(made: dict[str, Mail], seeing: eyes.Eyes, npm: Path, name: str) -> None:
    assert eyes.mail_violations(seeing, made[name].seen()) == []


# ── the measures themselves can fail ────────────────────────────────────────


def test_the_measure_of_stripped_styles_sees_a_rule_that_was_not_inlined(seeing: eyes.Eyes) -> None:
    html = "<!DOCTYPE html><style>.a { color: red }</style><p class='a'>lost</p><p>kept</p>"

    share, changed = eyes.survival(seeing, html)

    assert share == 50
    assert [one.partition("|")[0] for one in changed] == ["lost"]


def test_axe_sees_grey_on_white_and_a_picture_without_words(seeing: eyes.Eyes, npm: Path) -> None:
    head = "<!DOCTYPE html><html lang=en><title>t</title><h1>t</h1>"
    html = f"{head}<p style='color:#bbb'>pale</p><img src='data:,'>"

    rules = {found.split()[2] for found in eyes.mail_violations(seeing, html)}

    assert rules == {"color-contrast:", "image-alt:"}


def test_a_single_pixel_is_seen(seeing: eyes.Eyes) -> None:
    page = "<!DOCTYPE html><body style='margin:0'>{}<p>text</p>"
    dot = "<div style='position:absolute;width:1px;height:1px;background:#000001'></div>"
    plain, dotted = (eyes.picture(seeing, page.format(inner), 320) for inner in ("", dot))

    assert (eyes.unlike(plain, plain), eyes.unlike(plain, dotted)) == (0, 1)
