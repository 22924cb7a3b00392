"""What is written is seen: at once, in place, and with the line that is wrong when something is."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web_preview.conftest import House

pytestmark = pytest.mark.browser


def mail(page: Page):  # type: ignore[no-untyped-def]
    return page.frame_locator("#frame")


def seen(page: Page, words: str) -> None:
    """The mail in the frame shows these words."""
    expect(mail(page).get_by_text(words).locator("visible=true").first).to_be_visible()


def opened(page: Page, house: House, path: str = "/n/weekly") -> None:
    page.goto(house.url + path)
    if page.locator("#frame").count():
        expect(mail(page).locator("h1").first).to_be_visible()
    page.wait_for_load_state("load")


def until_scrolled(page: Page, wanted: int) -> None:
    """Wait until the mail is scrolled so far. No script runs in the frame: it is asked at each picture."""
    deadline = time.monotonic() + 10
    while (found := page.frames[1].evaluate("Math.round(scrollY)")) != wanted:
        assert time.monotonic() < deadline, found
        page.evaluate("new Promise(done => requestAnimationFrame(done))")


def test_a_change_of_an_article_is_seen_and_the_mail_stays_where_it_was_scrolled_to(
    house: House, page: Page
) -> None:
    opened(page, house)
    page.mouse.move(640, 600)
    page.mouse.wheel(0, 300)
    page.frames[1].wait_for_function("() => scrollY === 300")
    page.locator("#find").focus()

    house.article("tide", "The tide turns")

    seen(page, "The tide turns")
    until_scrolled(page, 300)
    assert page.evaluate("document.activeElement.id") == "find"
    expect(page.locator("#rail")).to_contain_text("The tide turns")


def test_a_change_keeps_the_tab_and_how_far_it_is_scrolled(house: House, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 640})
    opened(page, house, "/n/weekly/source?of=html")
    page.locator(".main").evaluate("main => main.scrollTop = 400")

    house.article("tide", "The tide turns")

    expect(page.locator("pre.whole")).to_contain_text("The tide turns")
    assert page.url == f"{house.url}/n/weekly/source?of=html"
    assert page.locator(".main").evaluate("main => main.scrollTop") == 400


@pytest.mark.parametrize("part", ["template", "configuration", "new article", "article that goes"])
def test_templates_configuration_and_new_files_are_followed(house: House, page: Page, part: str) -> None:
    opened(page, house)
    if part == "template":
        packaged = Path(__file__).parents[2] / "templates" / "digest.mjml.j2"
        text = packaged.read_text().replace("</mj-body>", "<mj-raw><p>A word more</p></mj-raw></mj-body>")
        house.template("digest.mjml.j2", text)
        seen(page, "A word more")
    elif part == "configuration":
        house.project.set(tagline='"Slower than ever"')
        seen(page, "Slower than ever")
    elif part == "new article":
        house.article("fog", "Fog, and what it hides")
        seen(page, "Fog, and what it hides")
    else:
        (house.project.folder / "content" / "salt.md").unlink()
        expect(page.locator("#rail")).not_to_contain_text("Salt, slowly")
        expect(mail(page).get_by_text("Salt, slowly")).to_have_count(0)


def test_a_mistake_in_a_template_stands_over_the_last_good_build_until_it_is_mended(
    house: House, page: Page
) -> None:
    opened(page, house)
    broken = house.template(
        "parts/intro.mjml.j2", "<mj-section>\n<mj-column>\n<mj-text colour='red'>x</mj-text>\n"
    )

    fault = page.locator(".fault")
    expect(fault).to_contain_text("templates/parts/intro.mjml.j2")
    expect(fault.locator("pre .hit")).to_be_visible()
    seen(page, "The tide")  # behind it
    expect(page.locator(".live")).to_contain_text("1 mistake")
    page.keyboard.press("Escape")
    expect(fault).to_have_count(0)
    seen(page, "The tide")

    broken.write_text("")
    expect(page.locator(".live")).to_contain_text("Up to date")
    broken.write_text("{{ nothing.of.this.name }}")
    expect(fault).to_contain_text("templates/parts/intro.mjml.j2:1")
    broken.unlink()
    expect(fault).to_have_count(0)
    seen(page, "The tide")


def test_a_mistake_in_the_configuration_names_its_line_and_shows_no_secret(house: House, page: Page) -> None:
    opened(page, house)
    good = house.project.config.read_text()
    house.project.config.write_text(
        good.replace("max_items = 7", 'max_items = "many"\nreply_to = "nobody"').replace(
            'name = "smtp"', 'name = "smtp"\npassword = "hunter2"'
        )
    )

    fault = page.locator(".fault")
    expect(fault).to_contain_text("Configuration mistake 1 of 2")
    expect(fault).to_contain_text("config.toml:")
    expect(fault).to_contain_text("max_items")
    assert "hunter2" not in page.content()
    seen(page, "The tide")

    house.project.config.write_text(good)
    expect(fault).to_have_count(0)


def test_a_content_folder_that_goes_away_and_comes_back(house: House, page: Page) -> None:
    opened(page, house)
    content = house.project.folder / "content"
    content.rename(house.project.folder / "elsewhere")
    expect(page.locator(".fault")).to_contain_text("Content mistake")

    (house.project.folder / "elsewhere").rename(content)
    expect(page.locator(".fault")).to_have_count(0)
    house.article("tide", "The tide is back")
    seen(page, "The tide is back")


def test_an_issue_that_is_sent_meanwhile_is_a_past_one(house: House, page: Page) -> None:
    opened(page, house, "/n/notes")
    house.project.run("send", "notes", "--yes", "--now", "2026-11-22T12:00")
    house.article("fog", "Fog")

    expect(page.locator("#rail")).to_contain_text("3 sent")
    seen(page, "Fog")
    page.get_by_role("link", name="3 sent").click()
    expect(page.locator("h1").first).to_have_text("The tide")
    expect(page.locator(".crumb")).to_contain_text("sent")


def test_nothing_new_says_so_and_still_lets_templates_be_tried(house: House, page: Page) -> None:
    house.project.set(min_items="7")
    page.goto(house.url + "/n/weekly")
    expect(page.locator(".none")).to_contain_text("3 new articles, an issue needs 7")
    house.project.set(min_items="1")
    expect(page.locator("#frame")).to_be_visible()
