"""The Plan view: every slot of the coming weeks, the facts of the chosen one, and empty weeks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from newsletter.errors import ContentError
from newsletter.schedule.foreseen import Plan, PlannedArticle
from tests.web_preview.conftest import House
from tests.web_preview.hand_made import article, at, plan, slot
from tests.web_preview.overview import overview
from tests.web_preview.test_preview_axe import violations

pytestmark = pytest.mark.browser

CHOSEN = "/plan?slot=weekly-2026-10-30"
VIEWS = {
    "all": "/plan",
    "zones": CHOSEN,
    "skipped": "/plan?slot=weekly-2026-11-20&of=weekly",
    "by hand": "/plan?of=notes",
    "long": "/plan?weeks=26",
}


def cell(page: Page, day: str) -> Locator:
    """The cell of the calendar with that date."""
    return page.locator(".cal td").filter(has=page.locator(".narrow", has_text=day))


def test_each_slot_stands_on_its_day_with_what_it_would_bring(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    for day, words in {
        "Tue 13 Oct": "08:10 Posts The harbour that heats",
        "Fri 16 Oct": "09:00 Weekly 5 articles · 4,268",
        "Fri 23 Oct": "09:00 Weekly 1 new article, an issue needs 3",
        "Sun 25 Oct": "Europe −1 h from 02:00",
        "Sun 1 Nov": "America −1 h at 02:00",
    }.items():
        for word in words.split():
            expect(cell(page, day)).to_contain_text(word)
    expect(page.locator(".cal .slot")).to_have_count(14)
    expect(page.locator(".cal td", has_text="today")).to_have_count(1)


def test_weeks_in_which_nothing_goes_are_said(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    assert page.locator(".cal .is-void th.wk .num").all_text_contents() == [
        "Week 46", "Week 47", "Week 48", "Week 49"
    ]  # fmt: skip
    expect(page.locator(".say").first).to_contain_text("6 issues will go out; 7 slots stay empty")


def test_the_chosen_slot_shows_its_facts(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    cell(page, "Fri 30 Oct").locator(".slot").click()
    page.wait_for_url(f"{foreseen}{CHOSEN}#chosen")
    side = page.locator(".side")
    for words in (
        "Fri 30 Oct, 09:00 where they live",
        "To be approved",
        "Thu 29 Oct, 09:00",
        "The last lamplighter",
        "2 articles more wait",
        "611 without a zone",
        "Fri 30 Oct, 17:01",
    ):
        expect(side).to_contain_text(words)
    rows = [" ".join(row.split()) for row in side.locator(".zones tbody tr").all_inner_texts()]
    assert rows[:3] == [
        "Asia/Tokyo 00:00 212",
        "Asia/Kolkata 03:30 388",
        "Europe/Oslo 611 without a zone 08:00 +1 h 2,140",
    ]
    expect(page.locator('.slot[aria-current="true"]')).to_have_count(1)


def test_a_newsletter_can_be_looked_at_alone(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    page.get_by_role("navigation", name="Newsletters shown").get_by_role("link", name="toolbox").click()
    expect(page.locator(".cal .slot")).to_have_count(2)
    expect(page.locator(".key").last).to_contain_text("newsletter plan --weeks 8 --newsletter toolbox")
    expect(page.locator(".aside")).to_contain_text(
        "toolbox is paused until Sun 1 Nov 2026, 09:00 (the summer)"
    )
    page.goto(f"{foreseen}/plan?of=weekly")
    expect(page.locator(".aside")).to_have_count(0)


@pytest.mark.parametrize(
    "asked", ["?weeks=nine", "?weeks=-3", "?of=nobody", "?slot=none", "?weeks=²", "?slot=%00"]
)
def test_nonsense_in_an_address_is_the_ordinary_view(foreseen: str, page: Page, asked: str) -> None:
    page.goto(f"{foreseen}/plan{asked}")
    expect(page.locator(".cal .slot")).to_have_count(14)
    expect(page.locator(".side .big")).to_have_text("Fri 16 Oct, 09:00")


def test_a_day_with_many_slots_shows_the_first_and_counts_the_others(page: Page, many: str) -> None:
    page.goto(f"{many}/plan")
    expect(cell(page, "Tue 20 Oct").locator(".slot")).to_have_count(7)
    expect(cell(page, "Tue 20 Oct")).to_contain_text("and 34 more")
    cell(page, "Tue 20 Oct").get_by_text("and 34 more").click()
    expect(page.locator(".side")).to_contain_text("Letter 39 <b>&")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Forty posts on one day, whose titles are no markup."""

    def made(now: datetime, weeks: int) -> Plan:
        posts = tuple(
            replace(slot("posts", "2026-10-20", "07:00", (titled(n),), 1200), issue_id=f"posts-{n}")
            for n in range(40)
        )
        return replace(plan(), slots=posts, notes=("A <wrong> clock.",))

    with overview(tmp_path_factory.mktemp("many"), made) as url:
        yield url


def titled(number: int) -> PlannedArticle:
    return replace(article("Letter", "2026-10-20"), title=f"Letter {number} <b>& {'x' * 90}")


def test_a_folder_that_cannot_be_read_is_said_in_the_place_of_the_plan(tmp_path: Path, page: Page) -> None:
    def made(now: datetime, weeks: int) -> Plan:
        raise ContentError("content: is no folder")

    with overview(tmp_path, made) as url:
        answer = page.goto(f"{url}/plan")
        assert answer is not None and answer.status == 200
        expect(page.locator(".verdict")).to_contain_text("content: is no folder")
        expect(page.locator(".live")).to_contain_text("1 mistake")
        expect(page.locator(".cal")).to_have_count(0)


def test_cadences_are_told_apart(tmp_path: Path, page: Page) -> None:
    def made(now: datetime, weeks: int) -> Plan:
        slots = (
            replace(slot("posts", "2026-10-20", "07:00", (titled(1),)), issue_id="posts-each-one"),
            replace(slot("weekly", "2026-10-26", "09:00", (titled(2),)), issue_id="weekly-weekly-2026-10-26"),
        )
        return replace(plan(), slots=slots)

    with overview(tmp_path, made) as url:
        page.goto(f"{url}/plan")
        assert page.locator(".cal .slot b").all_inner_texts() == ["07:00 Posts each", "09:00 Weekly weekly"]
        expect(page.locator(".cal .dst")).to_have_text("Oslo−1 h at 03:00")
        page.goto(f"{url}/plan?of=posts")
        assert page.locator(".cal .slot b").all_inner_texts() == ["07:00 Each"]


def test_a_plan_without_slots_says_so(tmp_path: Path, page: Page) -> None:
    def made(now: datetime, weeks: int) -> Plan:
        return Plan(("notes",), at("2026-10-12"), at("2026-10-19"), (), ("notes",))

    with overview(tmp_path, made) as url:
        page.goto(f"{url}/plan?weeks=1")
        expect(page.locator("h1")).to_have_text("This week")
        expect(page.locator(".side")).to_contain_text("There is no slot in these weeks.")
        expect(page.locator(".key").last).to_contain_text("Only by hand: notes")


def test_keys_go_from_place_to_place(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    for keys, where in (("gx", "/explain"), ("gp", "/plan"), ("gi", "/n/weekly")):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_url(f"{foreseen}{where}")
    page.keyboard.press("i")
    page.wait_for_url(f"{foreseen}/n/weekly?images=off")


def test_slots_are_walked_by_keys(foreseen: str, page: Page) -> None:
    page.goto(f"{foreseen}/plan")
    for key in "jj":  # the first goes to the one that is shown
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{foreseen}/plan?slot=posts-2026-10-20#chosen")


def test_everything_in_the_plan_works_without_scripts(foreseen: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(foreseen)
    page.get_by_role("navigation", name="Preview").get_by_role("link", name="Plan").click()
    page.get_by_role("link", name="13", exact=True).click()
    page.get_by_role("link", name="weekly", exact=True).click()
    cell(page, "Fri 6 Nov").locator(".slot").click()
    assert page.url == f"{foreseen}/plan?of=weekly&weeks=13&slot=weekly-2026-11-06#chosen"
    expect(page.locator(".side")).to_contain_text("0 new articles, an issue needs 3")
    context.close()


def test_the_command_shows_plan_and_reasons_of_its_project(still: House, page: Page) -> None:
    page.goto(f"{still.url}/plan")
    expect(page.locator('.slot[href*="weekly-2026-11-23"]')).to_have_count(1)
    expect(page.locator(".key").last).to_contain_text("Only by hand: notes")
    page.goto(f"{still.url}/n/weekly?as=1")
    page.get_by_role("link", name="Why they got what they got").click()
    assert page.url == f"{still.url}/explain?who=ana%40example.com"
    expect(page.locator(".side .big")).to_have_text("Ana Lind")


@pytest.mark.parametrize("path", VIEWS.values(), ids=VIEWS.keys())
def test_the_plan_is_not_wider_than_a_small_telephone(foreseen: str, page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{foreseen}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert page.evaluate(
        "[...document.querySelectorAll('.list')].every(one => one.scrollWidth <= innerWidth)"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("view", ["zones", "skipped", "by hand"])
def test_axe_finds_nothing_in_the_plan(
    foreseen: str, browser: Browser, axe: Path, view: str, width: int, scheme: str
) -> None:
    assert violations(browser, foreseen + VIEWS[view], width, scheme, axe) == []
