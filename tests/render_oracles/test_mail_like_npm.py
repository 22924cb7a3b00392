"""The same MJML through npm's mjml: valid to the letter, and the same picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import eyes, oracles
from benchmarks.mails import Mail, names
from newsletter.errors import RenderError
from newsletter.issue.mjml_html import to_html
from tests.issue.issue_samples import cards, rendered_of

pytestmark = pytest.mark.browser
#: Right to left, and a script of wide characters: as digests.
TONGUES = ("ar", "ja")


@pytest.fixture(scope="module")
def sources(made: dict[str, Mail]) -> dict[str, str]:
    """Name -> MJML: every template, and the digest in other tongues."""
    foreign = {tongue: rendered_of(*cards(6), language=tongue).mjml for tongue in TONGUES}
    return {name: mail.mjml for name, mail in made.items()} | foreign


@pytest.fixture(scope="module")
def theirs(sources: dict[str, str], npm: Path) -> dict[str, str]:
    """What npm makes of each; it raises for what is not valid."""
    return oracles.npm_mjml(sources)


@pytest.mark.parametrize("name", [*names(), *TONGUES])
def test_a_mail_is_the_picture_that_npm_makes(
    sources: dict[str, str], theirs: dict[str, str], made: dict[str, Mail], seeing: eyes.Eyes, name: str
) -> None:
    pages = [to_html(sources[name], _blame), theirs[name]]
    shown = [made[name].seen(page) if name in made else page for page in pages]

    unlike = {
        width: eyes.unlike(*(eyes.picture(seeing, page, width) for page in shown)) for width in eyes.WIDTHS
    }

    assert unlike == dict.fromkeys(eyes.WIDTHS, 0)


def test_npm_refuses_what_is_no_mjml(npm: Path) -> None:
    wrong = "<mjml><mj-body><mj-section><mj-column><mj-nonsense /></mj-column></mj-section></mj-body></mjml>"

    with pytest.raises(ValueError, match="mj-nonsense"):
        oracles.npm_mjml({"wrong": wrong})


def _blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")
