"""The preview's own pages can be used by everybody: axe-core finds nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.project import NOW
from tests.web_preview.conftest import House

pytestmark = pytest.mark.browser

PAGES = {
    "html": "/n/weekly",
    "text": "/n/weekly/text",
    "source": "/n/weekly/source",
    "message": "/n/weekly/message?as=1",
    "checks": "/n/weekly/checks",
    "search": "/n/weekly?who=bo",
    "letter": "/l/weekly/confirm",
    "letter as a message": "/l/weekly/welcome/message",
    "long name": "/n/weekly?as=long",
    "Arabic name": "/n/weekly/message?as=arabic",
    "by hand": "/n/notes",
    "nothing there": "/n/nobody",
}
#: The mail in the frame has its own test, in each template and scheme.
ONLY_OURS = "axe.run({exclude: ['iframe']}, {iframes: false, resultTypes: ['violations']})"


def violations(browser: Browser, url: str, width: int, scheme: str, axe: Path) -> list[str]:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # axe is put into the page
    )
    try:
        page = context.new_page()
        page.goto(url)
        page.evaluate(axe.read_text())
        found = page.evaluate(ONLY_OURS)["violations"]
        return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_axe_finds_nothing(
    still: House, browser: Browser, axe: Path, path: str, width: int, scheme: str
) -> None:
    assert violations(browser, still.url + path, width, scheme, axe) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing_while_a_mistake_is_shown(
    house: House, browser: Browser, axe: Path, width: int, scheme: str
) -> None:
    house.template("parts/intro.mjml.j2", "{{ nobody }}\n")
    page = browser.new_page()
    page.goto(f"{house.url}/n/weekly")
    page.locator(".fault").wait_for()
    page.close()
    assert violations(browser, f"{house.url}/n/weekly", width, scheme, axe) == []


def test_axe_finds_nothing_on_what_was_sent(house: House, browser: Browser, axe: Path) -> None:
    house.project.run("send", "weekly", "--yes", "--unchecked", "--now", NOW)
    (issue,) = house.project.json("issues", "list")["issues"]
    for path in (f"/i/{issue['id']}", f"/i/{issue['id']}/message", "/n/weekly"):
        for width in (320, 1200):
            for scheme in ("light", "dark"):
                assert violations(browser, house.url + path, width, scheme, axe) == []
