"""Every view and tab, as whom one likes; the test mail; keys; and life without scripts."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Browser, Page, expect

from newsletter.config import load, unpack
from tests.journeys.project import inbox
from tests.web_preview.conftest import House
from tests.web_preview.test_preview_copy import filed, unwrapped, with_tokens

pytestmark = pytest.mark.browser


def opened(page: Page, house: House, path: str = "/n/weekly") -> None:
    page.goto(house.url + path)
    page.wait_for_load_state("load")


def in_frame(page: Page, script: str) -> object:
    """What a script of ours finds in the frame; the mail itself may run none."""
    return page.frames[1].evaluate(script)


def ground(page: Page) -> int:
    """How light the mail's ground is, 0 to 765."""
    look = """() => { for (let one of document.querySelectorAll('body, body *')) {
        const c = getComputedStyle(one).backgroundColor.match(/[0-9.]+/g).map(Number);
        if (c.length < 4 || c[3] > 0) return c[0] + c[1] + c[2]; } return 765; }"""
    return int(str(in_frame(page, look)))


# ── views ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "wide"), [("?w=320", 320), ("?w=375", 375), ("", 640), ("?w=437", 437), ("?w=99999999", 640)]
)
def test_the_mail_is_seen_at_any_width(still: House, page: Page, asked: str, wide: int) -> None:
    opened(page, still, f"/n/weekly{asked}")
    assert in_frame(page, "innerWidth") == wide


@pytest.mark.parametrize("scheme", ["light", "dark"], ids=["page light", "page dark"])
@pytest.mark.parametrize(("asked", "light"), [("", True), ("?mail=dark", False)], ids=["light", "dark"])
def test_the_scheme_of_the_mail_is_its_own(
    still: House, browser: Browser, scheme: str, asked: str, light: bool
) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    opened(page, still, f"/n/weekly{asked}")
    assert (ground(page) > 600) is light
    context.close()


def test_forced_dark_turns_the_colours_and_not_the_pictures(still: House, page: Page) -> None:
    opened(page, still, "/n/weekly?mail=forced")
    assert "invert(1)" in str(page.locator("#frame").evaluate("frame => getComputedStyle(frame).filter"))
    assert "invert(1)" in str(in_frame(page, "getComputedStyle(document.querySelector('img')).filter"))


def test_pictures_are_shown_and_can_be_off(still: House, page: Page) -> None:
    opened(page, still)
    assert in_frame(page, "[...document.images].every(one => one.naturalWidth > 0)")
    page.locator('[data-key="i"]').click()
    expect(page.locator('[data-key="i"]')).to_have_attribute("aria-pressed", "false")
    page.wait_for_load_state("load")
    assert in_frame(page, "[...document.images].every(one => one.naturalWidth === 0)")


def test_styles_can_be_stripped(still: House, page: Page) -> None:
    opened(page, still)
    assert in_frame(page, "document.querySelectorAll('style').length > 0")
    opened(page, still, "/n/weekly?styles=off")
    assert in_frame(page, "document.querySelectorAll('style:not([data-preview])').length === 0")


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("text", "The tide"),
        ("source", "<mjml"),
        ("source?of=html", "<!DOCTYPE html"),
        ("message", "List-Unsubscribe"),
        ("checks", "Ready to send"),
    ],
)
def test_each_tab_says_what_it_is_about(still: House, page: Page, tab: str, words: str) -> None:
    opened(page, still, f"/n/weekly/{tab}")
    expect(page.locator("#view")).to_contain_text(words)
    expect(page.locator('[aria-label="Views of this mail"] [aria-current]')).to_have_count(1)


@pytest.mark.parametrize("name", ["confirm", "welcome", "goodbye", "test", "notice"])
def test_each_letter_is_shown_with_dead_links(still: House, page: Page, name: str) -> None:
    opened(page, still, f"/l/weekly/{name}")
    expect(page.frame_locator("#frame").locator("h1").first).to_be_visible()
    assert "%%" not in str(in_frame(page, "document.documentElement.outerHTML"))


def test_what_is_picked_and_what_is_not_is_said_with_the_reason(still: House, page: Page) -> None:
    opened(page, still)
    rail = page.locator("#rail")
    for words in ("The tide", "Ropes and rust", "later.md", "a draft"):
        expect(rail).to_contain_text(words)
    page.locator("#find").fill("ropes")
    page.locator("#find").press("Enter")
    expect(rail).to_contain_text("Ropes and rust")
    expect(rail).not_to_contain_text("Salt, slowly")


# ── as a reader ─────────────────────────────────────────────────────────────


def test_a_mail_is_seen_as_any_subscriber(still: House, page: Page) -> None:
    opened(page, still)
    assert "reader@example.org" in str(in_frame(page, "document.body.innerText"))
    page.locator("#who").fill("ana")
    page.locator("#who").press("Enter")
    expect(page.locator(".as")).to_contain_text("Ana Lind")
    page.wait_for_load_state("load")
    assert "ana@example.com" in str(in_frame(page, "document.body.innerText"))

    page.locator("#who").fill("bo")
    page.locator("#who").press("Enter")
    expect(page.locator(".matches")).to_contain_text("2 subscribers with “bo”")
    page.get_by_role("link", name="bo@example.com").click()
    expect(page.locator(".as")).to_contain_text("Bo <b>Bold</b>")
    page.locator("#who").fill("%")
    page.locator("#who").press("Enter")
    expect(page.locator(".matches")).to_contain_text("No subscriber has “%”")


@pytest.mark.parametrize("path", ["/n/weekly", "/l/weekly/welcome"])
@pytest.mark.parametrize(
    ("label", "address"),
    [
        ("Long", "maximiliane."),
        ("Arabic", "layla@"),
        ("No name", "somebody@"),
        ("Sample", "reader@"),
    ],
)
def test_a_mail_is_seen_as_sample_people_of_several_kinds(
    still: House, page: Page, path: str, label: str, address: str
) -> None:
    opened(page, still, path)
    page.get_by_role("link", name=label, exact=True).click()
    expect(page.locator('[aria-label^="Sample people"] [aria-current]')).to_have_text(label)
    page.wait_for_load_state("load")
    assert address in str(in_frame(page, "document.body.innerText"))
    page.get_by_role("link", name="Message", exact=True).click()
    expect(page.locator("#view table")).to_contain_text(address)


@pytest.mark.parametrize("name", ["confirm", "welcome", "goodbye", "test"])
def test_each_letter_is_shown_as_a_message(still: House, page: Page, name: str) -> None:
    opened(page, still, f"/l/weekly/{name}/message")
    expect(page.locator("#view")).to_contain_text("No command sends it by itself")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .eml").click()
    shown = message_from_bytes(download.value.path().read_bytes(), policy=default)
    text, page_of = (shown.get_body((kind,)) for kind in ("plain", "html"))
    assert text and page_of and "%%" not in text.get_content() + page_of.get_content()
    assert [shown[name] for name in ("From", "To")] == [
        "Ida Vang <ida@slowpost.example>",
        "Sample Reader <reader@example.org>",
    ]
    assert "Slow Post" in shown["Subject"]


def test_the_bytes_that_are_shown_are_the_bytes_that_are_sent(house: House, page: Page) -> None:
    opened(page, house, "/n/weekly/message?as=1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .eml").click()
    shown = download.value.path().read_bytes()
    assert page.locator("pre.raw").inner_text().strip()[:60] == shown.decode()[:80].replace("\r\n", "\n")[:60]

    house.project.run("tick", "--now", "2026-11-22T12:00")
    house.project.run("tick", "--now", "2026-11-23T09:00")
    tokens = unpack.tokens(load(house.project.config, {}))
    arrived = filed(house.project.folder.parent / "inbox", "ana@example.com")
    assert with_tokens(shown, tokens, 1) == unwrapped(arrived)

    page.goto(f"{house.url}/i/weekly-2026-11-23/message?as=1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .eml").click()
    assert download.value.path().read_bytes() == shown


# ── a test mail ─────────────────────────────────────────────────────────────


def test_a_test_mail_arrives_and_the_address_is_remembered(house: House, page: Page) -> None:
    opened(page, house, "/n/weekly/text")
    page.locator("#to").fill("me@example.org")
    page.get_by_role("button", name="Send test").click()
    expect(page.locator(".result .st-ok")).to_be_visible()
    expect(page.locator(".result")).to_contain_text("accepted for me@example.org")
    assert house.drop.wait_for(1, 10)
    (mail,) = inbox(house.project.folder.parent / "inbox")
    assert (mail["Delivered-To"], mail["Subject"]) == ("me@example.org", "[TEST] The tide")
    assert page.url.split("?")[0].endswith("/n/weekly/text")

    opened(page, house)
    expect(page.locator("#to")).to_have_value("me@example.org")


def test_a_sender_that_is_not_there_is_said_and_nothing_waits(house: House, page: Page) -> None:
    house.project.set(port="9")
    opened(page, house)
    page.locator("#to").fill("me@example.org")
    page.get_by_role("button", name="Send test").click()
    expect(page.locator(".result")).to_contain_text("cannot be reached")
    assert house.project.json("outbox", "status")["waiting"] == 0


# ── hostile content, no scripts, keys ───────────────────────────────────────


def test_nothing_that_an_article_says_is_run_or_taken_for_markup(house: House, page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    hostile = "</title><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} %%NAME%%"
    house.article("tide", f"'{hostile}'", f"{hostile}\n\n<script>alert(3)</script>")
    for tab in ("", "/text", "/source", "/message", "/checks"):
        opened(page, house, f"/n/weekly{tab}")
        expect(page.locator(".head h1")).to_contain_text("%%NAME%%")
    opened(page, house)
    frame = page.locator("#frame")
    assert "allow-scripts" not in str(frame.get_attribute("sandbox"))
    assert "allow-same-origin" not in str(frame.get_attribute("sandbox"))


def test_everything_but_following_works_without_scripts(still: House, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(still.url)
    for name in ("Text", "Source", "Message", "Checks", "HTML"):
        page.get_by_role("link", name=re.compile(f"^{name}")).first.click()
        expect(page.locator('[aria-label="Views of this mail"] [aria-current]')).to_contain_text(name)
    page.get_by_role("link", name="Dark", exact=True).click()
    page.get_by_role("link", name="375").click()
    assert page.url == f"{still.url}/n/weekly?w=375&mail=dark"
    page.locator("#who").fill("ana")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator(".as")).to_contain_text("Ana Lind")
    assert "w=375&mail=dark" in page.url
    page.locator("#to").fill("no-script@example.org")
    page.get_by_role("button", name="Send test").click()
    expect(page.locator(".result .st-ok")).to_be_visible()
    context.close()


KEYS = [
    ("2", "/n/weekly/text"),
    ("3", "/n/weekly/source"),
    ("4", "/n/weekly/message"),
    ("5", "/n/weekly/checks"),
    ("w", "/n/weekly?w=full"),
    ("d", "/n/weekly?mail=dark"),
    ("i", "/n/weekly?images=off"),
    ("s", "/n/weekly?styles=off"),
]


@pytest.mark.parametrize(("key", "where"), KEYS, ids=[key for key, _ in KEYS])
def test_single_keys_change_the_view(still: House, page: Page, key: str, where: str) -> None:
    opened(page, still)
    page.keyboard.press(key)
    page.wait_for_url(f"{still.url}{where}")
    assert page.url == f"{still.url}{where}"


@pytest.mark.parametrize(("key", "id"), [("a", "who"), ("t", "to"), ("/", "find")])
def test_single_keys_go_to_the_fields_and_are_letters_there(
    still: House, page: Page, key: str, id: str
) -> None:
    opened(page, still)
    page.keyboard.press(key)
    assert page.evaluate("document.activeElement.id") == id
    page.keyboard.type("2w")
    assert page.locator(f"#{id}").input_value() == "2w"
    assert page.url == f"{still.url}/n/weekly"


def test_the_list_is_walked_by_keys_and_single_keys_can_be_off(still: House, page: Page) -> None:
    opened(page, still)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('#rail') !== null")
    page.keyboard.press("]")
    page.wait_for_url(f"{still.url}/l/weekly/confirm")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_role("button", name="Turn single keys off").click()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.keyboard.press("?")
    expect(page.get_by_role("button", name="Turn single keys on")).to_be_visible()
    assert page.url == f"{still.url}/l/weekly/confirm"


@pytest.mark.parametrize(
    "path",
    [
        "/n/weekly?as=long",
        "/l/weekly/confirm/message?as=long",
        "/n/weekly",
        "/n/weekly/text",
        "/n/weekly/source",
        "/n/weekly/message",
        "/n/weekly/checks",
    ],
)
def test_nothing_is_wider_than_a_small_telephone(still: House, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    opened(page, still, path)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
