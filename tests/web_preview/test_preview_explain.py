"""The Explain view: one answer for each issue, whom one means, and what there is to know of the person."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web_preview.hand_made import ARTICLES, ISSUES
from tests.web_preview.test_preview_axe import violations

pytestmark = pytest.mark.browser

ANA = "/explain?who=ana%40example.com"
VIEWS = {
    "nobody yet": "/explain",
    "a reader": ANA,
    "an issue": f"{ANA}&about=weekly-2026-10-16",
    "an article": f"{ANA}&about=static.md",
    "nothing of that name": f"{ANA}&about=weekly-1999",
    "several readers": "/explain?who=bo",
    "erased": "/explain?who=gone%40example.com",
    "unknown": "/explain?who=who%40example.com",
    "no address": f"/explain?who={'x' * 300}",
}


def test_each_issue_has_one_answer(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    rows = page.locator(".why tbody tr:not(:has(.group))")
    expect(rows).to_have_count(len(ISSUES))
    for number, one in enumerate(ISSUES):
        expect(rows.nth(number).locator(".st")).to_have_count(1)
        expect(rows.nth(number).locator(".st")).to_have_text(one.code.in_words.capitalize())
        expect(rows.nth(number)).to_contain_text(one.text)
    assert page.locator(".why .group").all_text_contents() == ["Coming", "Past"]
    expect(page.locator(".say").last).to_contain_text("newsletter explain ana@example.com")


def test_an_issue_is_looked_at_more_closely_article_by_article(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    page.get_by_role("link", name="Five letters").click()
    assert page.url == f"{foreseen}{ANA}&about=weekly-2026-10-16"
    for one in ARTICLES:
        expect(page.locator(".why")).to_contain_text(one.text)
    page.get_by_role("link", name="A static site in 40 lines").click()
    assert page.url == f"{foreseen}{ANA}&about=static.md"
    expect(page.locator(".why tbody tr:not(:has(.group))")).to_have_count(1)
    page.get_by_role("link", name="all issues").click()
    assert page.url == f"{foreseen}{ANA}"


def test_titles_and_replies_are_no_markup(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    expect(page.locator(".why")).to_contain_text("Lamps <b>and</b> light")


def test_what_there_is_to_know_of_the_reader_stands_beside(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    side = page.locator(".side")
    for words in (
        "Ana Lind",
        "active, weekly, Harbour and Maps",
        "left Fri 14 Aug 2026",
        "Europe/Oslo",
        "toolbox: unsubscribed since Fri 14 Aug 2026",
        "Confirmed weekly",
        "Mon 2 Mar 2026, form, footer",
    ):
        expect(side).to_contain_text(words)


def test_a_part_of_a_name_is_enough_and_several_are_chosen_from(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/explain")
    page.locator("#who").fill("lind")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".side .big")).to_have_text("Ana Lind")
    page.goto(f"{foreseen}/explain?who=bo")
    expect(page.locator("#main")).to_contain_text("2 readers have “bo” in the name or address")
    page.get_by_role("link", name="Bo <b>Bold</b>").click()
    assert page.url == f"{foreseen}/explain?who=bo%40example.com"


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("who%40example.com", "Nobody has the address who@example.com"),
        ("zzz", "Nobody has the address zzz"),
        ("gone%40example.com", "Whoever had gone@example.com was erased"),
    ],
)
def test_who_is_not_there_is_said(foreseen: str, page: Page, who: str, words: str) -> None:
    page.goto(f"{foreseen}/explain?who={who}")
    expect(page.locator("#main").get_by_role("status")).to_contain_text(words)
    expect(page.locator(".why")).to_have_count(0)
    expect(page.locator(".side")).to_contain_text("Not in the list of subscribers.")


def test_what_nobody_knows_is_said_to_be_no_issue(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}&about=weekly-1999")
    expect(page.locator("#main").get_by_role("status")).to_contain_text(
        "There is no issue and no article “weekly-1999”"
    )


def test_one_newsletter_can_be_explained_alone(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    page.get_by_role("navigation", name="Newsletters shown").get_by_role("link", name="toolbox").click()
    expect(page.locator(".why tbody tr:not(:has(.group))")).to_have_count(1)
    page.locator("#who").press("Enter")
    assert "of=toolbox" in page.url


def test_explaining_works_without_scripts(foreseen: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(foreseen)
    page.get_by_role("navigation", name="Preview").get_by_role("link", name="Explain").click()
    page.get_by_label("Reader’s address or name").fill("ana@example.com")
    page.get_by_label("About an issue or article").fill("weekly-2026-10-16")
    page.get_by_role("button", name="Explain").click()
    expect(page.locator(".why")).to_contain_text("Winter timetable")
    context.close()


def test_the_slash_goes_to_the_field_and_answers_are_walked(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}{ANA}")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "who"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{foreseen}{ANA}&about=weekly-2026-10-16")


@pytest.mark.parametrize("path", VIEWS.values(), ids=VIEWS.keys())
def test_an_explanation_is_not_wider_than_a_small_telephone(foreseen: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{foreseen}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("view", ["nobody yet", "a reader", "an issue", "several readers", "erased"])
def test_axe_finds_nothing_in_an_explanation(
    foreseen: str, browser: Browser, axe: Path, view: str, width: int, scheme: str
) -> None:
    assert violations(browser, foreseen + VIEWS[view], width, scheme, axe) == []
