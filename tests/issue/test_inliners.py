"""Two inliners that know nothing of each other make pages that look the same, text by text."""

import re
from collections.abc import Iterator
from typing import Any

import css_inline
import pytest
from playwright.sync_api import Page, sync_playwright

from newsletter.errors import RenderError
from newsletter.issue.inliner import IGNORE, premailer
from newsletter.issue.letters import LETTERS, render_letter
from newsletter.issue.mjml_html import to_html
from newsletter.issue.theme import Theme
from tests.needs import program

from .issue_samples import LOADER, SITE, card, cards, rendered_of
from .post_samples import TIDE, posted, tide

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
LANGUAGES = ("en", "ar")
TEMPLATES = ("digest", "post", *LETTERS)

#: Every text node that has words: the words, and each property that the browser gives its element.
STYLES = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, words = node.data.trim();
    if (!words) continue;
    const style = getComputedStyle(node.parentElement);
    found.push([words, ...[...style].map(name => `${name}: ${style.getPropertyValue(name)}`)]);
  }
  return found;
}"""


def other(html: str) -> str:
    """The second inliner, css-inline: what it has inlined it would leave in the head."""
    marked = html.replace(IGNORE, 'data-css-inline="ignore"')
    page = css_inline.CSSInliner(
        keep_style_tags=True, keep_at_rules=True, keep_link_tags=True, load_remote_stylesheets=False
    ).inline(marked)
    return re.sub(r"<style[^>]*>\s*/\*inline\*/.*?</style>", "", page, flags=re.DOTALL)


def without_styles(html: str) -> str:
    return re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


def mjml_of(template: str, language: str) -> str:
    if template == "digest":
        return rendered_of(*cards(9), language=language).mjml
    if template == "post":
        return posted((tide(), TIDE), (card(1), TIDE), language=language)[1].mjml
    letter = render_letter(
        template, language=language, title="Plain Weave", site=SITE, theme=Theme(), loader=LOADER
    )
    return letter.mjml


def blame(offset: int, reason: str) -> RenderError:
    return RenderError(f"{offset}: {reason}")


@pytest.fixture(scope="module")
def window() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 600, "height": 900})
        page.route("**/*", lambda route: route.abort())
        yield page
        browser.close()


def styles(window: Page, html: str) -> list[list[str]]:
    window.set_content(html, wait_until="domcontentloaded")
    found: list[list[str]] = window.evaluate(STYLES)
    return found


@pytest.mark.browser
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_both_give_every_text_the_same_style(window: Page, template: str, language: str) -> None:
    mjml = mjml_of(template, language)

    ours = styles(window, to_html(mjml, blame, premailer))
    theirs = styles(window, to_html(mjml, blame, other))

    assert len(ours) > 5
    assert [node[0] for node in ours] == [node[0] for node in theirs]
    assert [differing(one, two) for one, two in zip(ours, theirs, strict=True) if one != two] == []


def differing(one: list[str], two: list[str]) -> list[Any]:
    return [one[0], [(a, b) for a, b in zip(one[1:], two[1:], strict=True) if a != b]]


@pytest.mark.browser
def test_the_comparison_sees_a_style_that_is_missing(window: Page) -> None:
    mjml = mjml_of("digest", "en")

    whole = styles(window, to_html(mjml, blame))
    bare = styles(
        window, to_html(mjml, blame, lambda html: re.sub(r"<style.*?</style>", "", html, flags=re.S))
    )

    assert [node[0] for node in whole] == [node[0] for node in bare]
    assert sum(one != two for one, two in zip(whole, bare, strict=True)) > len(whole) / 2
