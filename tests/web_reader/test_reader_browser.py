"""The pages in a real browser: for everybody, at any width; and mail scanners, which press on nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.needs import absent
from tests.web_reader.conftest import NOW, URLENCODED, Site

pytestmark = pytest.mark.browser

#: What needs no click to be seen, and what does: the page, and the button on it.
PAGES = (
    "sign-up check-inbox wrong confirm confirmed preferences saved unsubscribe left restore restored "
    "erase unsure unknown over test home too-large"
).split()
WIDTHS = (320, 1200)
FOCUSED = "document.activeElement.name || document.activeElement.textContent.trim()"


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core, where it is installed."""
    file = Path(__file__).parents[1] / "render_oracles" / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        absent("axe-core is not installed: `npm ci --prefix tests/render_oracles`")
    return file


def show(page: Page, site: Site, name: str) -> None:
    """Open a page as a reader comes to it."""
    site.clock.now = NOW
    direct = {
        "sign-up": "/subscribe",
        "preferences": site.preferences(),
        "erase": site.of_theirs("erase"),
        "unsubscribe": site.leave(),
        "unknown": "/u/x",
        "over": "/c/x",
        "test": f"/p/{site.tokens.inert()}",
        "home": "/",
    }
    if name in direct:
        page.goto(site.url + direct[name])
        return
    if name in ("wrong", "check-inbox"):
        page.goto(f"{site.url}/subscribe")
        page.locator("[name=t]").evaluate(f"field => field.value = {site.shown()!r}")
        page.fill("#email", "bo@example.org" if name == "check-inbox" else "bo@")
        if name == "check-inbox":
            page.check("[name=newsletter][value=toolbox]")
        page.click(".go")
    elif name in ("confirm", "confirmed"):
        page.goto(
            site.url
            + site.pending(f"{name}{page.viewport_size}{page.url}".encode().hex()[:30] + "@example.org")
        )
        if name == "confirmed":
            page.click(".go")
    elif name == "saved":
        page.goto(site.url + site.preferences())
        page.click(".go >> nth=0")
    elif name in ("left", "restore", "restored"):
        page.goto(site.url + site.leave())
        page.click("[name=List-Unsubscribe]")
        if name == "restore":
            page.goto(site.url + site.undo())
        elif name == "restored":
            page.get_by_role("button", name="Undo").click()
    elif name == "unsure":
        page.goto(site.url + site.of_theirs("erase"))
        page.locator("#sure").evaluate("field => field.required = false")
        page.click(".go-3")
    elif name == "too-large":
        page.goto(site.url + site.preferences())
        page.locator("#zone option >> nth=0").evaluate("field => field.value = 'x'.repeat(70000)")
        page.locator("#zone").evaluate("field => field.selectedIndex = 0")
        page.click(".go >> nth=0")


def settle(site: Site) -> None:
    """Ingrid gets the weekly again."""
    if site.standing() == "unsubscribed":
        site.post(site.undo())


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, still: Site) -> Iterator[Page]:
    context = browser.new_context(color_scheme=request.param, bypass_csp=True)  # axe is put into the page
    made = context.new_page()
    made.set_default_timeout(20_000)
    yield made
    context.close()
    settle(still)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_stands_beside_the_window(
    still: Site, page: Page, axe: Path, width: int, name: str
) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    show(page, still, name)
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", ["de", "ar", "ja"])
def test_axe_finds_nothing_in_other_languages(still: Site, page: Page, axe: Path, language: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{still.url}/subscribe?lang={language}")
    page.evaluate(axe.read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_keyboard_goes_through_the_form_in_reading_order_and_past_the_trap(
    still: Site, page: Page
) -> None:
    page.goto(f"{still.url}/subscribe")
    seen = []
    for _ in range(9):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    assert seen[:5] == ["Skip to the content", "newsletter", "newsletter", "email", "frequency"]
    assert seen[5:] == ["topic", "topic", "topic", "Sign up"]


def test_a_form_can_be_sent_by_keyboard_alone(still: Site, page: Page) -> None:
    page.goto(f"{still.url}/subscribe")
    page.locator("[name=t]").evaluate(f"field => field.value = {still.shown()!r}")
    page.focus("[name=newsletter]")
    page.keyboard.press("Space")
    page.focus("#email")
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Now look in your inbox").wait_for()


def test_a_mail_scanner_that_follows_every_link_changes_nothing(site: Site, browser: Browser) -> None:
    confirm = site.pending()
    links = [confirm, site.leave(), site.leave("*"), site.preferences(), site.of_theirs("erase"), site.undo()]
    before = site.everything()
    seen, waiting = set[str](), [*links, "/", "/subscribe"]
    context = browser.new_context(java_script_enabled=True, accept_downloads=False)
    page = context.new_page()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for method in ("GET", "HEAD", "OPTIONS"):
            site.ask(method, path)
        if "/my-data/" not in path:
            page.goto(site.url + path)
            found = page.eval_on_selector_all("a[href]", "every => every.map(one => one.href)")
            waiting += [one.removeprefix(site.url) for one in found if one.startswith(site.url)]
    context.close()
    assert site.everything() == before
    assert {re.split(r"[/?#]", path)[1] for path in seen} == {
        "",
        "c",
        "u",
        "p",
        "r",
        "erase",
        "my-data",
        "subscribe",
    }


def test_a_reader_goes_all_the_way_without_a_script(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(site.url + site.pending())
    page.get_by_role("button", name="Yes, send it to me").click()
    page.get_by_role("link", name="Choose what you get").click()
    page.get_by_label("Bread").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text() == "Saved."
    page.get_by_role("link", name="Unsubscribe from everything").click()
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Choose what you get").click()
    assert page.get_by_label("Bread").is_checked()
    page.get_by_role("link", name="Erase me").click()
    page.get_by_label("Yes, erase it").check()
    page.get_by_role("button", name="Erase me").click()
    assert page.get_by_role("heading", level=1).inner_text() == "You are erased"
    assert "bo@example.org" not in repr(site.everything())
    context.close()


def test_the_pages_ask_for_nothing_and_keep_nothing(site: Site, browser: Browser) -> None:
    asked = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    for path in (site.preferences(), "/subscribe", site.leave()):
        page.goto(site.url + path)
    assert [url for url in asked if not url.startswith(site.url)] == []
    assert len([url for url in asked if not url.endswith("/favicon.ico")]) == 3
    assert (context.cookies(), [text for text in told if "favicon" not in text and "404" not in text]) == (
        [],
        [],
    )
    context.close()


def test_one_click_as_a_large_mail_provider_sends_it(site: Site) -> None:
    head = b'--00000000abc\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    body = head + b"One-Click\r\n--00000000abc--\r\n"
    for kind, sent in (
        (URLENCODED, b"List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=00000000abc", body),
    ):
        settle(site)
        answer = site.ask("POST", site.leave(), sent, kind)
        assert (answer.status, site.standing()) == (200, "unsubscribed")
