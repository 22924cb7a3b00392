"""A newsletter with several cadences: each with dates has its own next issue, and readers of its own."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.project import NOW
from tests.web_preview.conftest import House

pytestmark = pytest.mark.browser

CADENCES = '\n[newsletters.weekly.cadences]\nweekly = "mon 09:00"\ndaily = "daily 18:00"\neach = true\n'


@pytest.fixture
def paced(house: House, page: Page) -> House:
    """Three read it weekly, one daily; the page about the weekly one is open."""
    config = house.project.config
    text = re.sub(r"(?m)^schedule = .*$", "", config.read_text(), count=1)
    people = house.project.folder / "daily.csv"
    people.write_text("email,name,frequency\ndora@example.com,Dora,daily\n")
    config.write_text(text + CADENCES)
    house.project.run("subscribers", "import", str(people), "--newsletter", "weekly", "--now", NOW)
    page.goto(f"{house.url}/n/weekly")
    expect(page.locator("#rail")).to_contain_text("Each post by itself")
    return house


def test_each_cadence_has_its_issue_and_its_readers(paced: House, page: Page) -> None:
    rail = page.locator("#rail a[aria-current=page]")
    expect(rail).to_contain_text("weekly-2026-11-23")
    expect(page.locator(".side")).to_contain_text("3 readers")
    page.locator("#rail a[href^='/n/weekly:daily']").click()
    expect(rail).to_contain_text("weekly-daily-2026-11-22")
    expect(page.locator(".side")).to_contain_text("1 reader")
    expect(page.locator(".crumb")).to_contain_text("weekly · next daily issue · Sun 22 Nov 2026, 18:00")


def test_how_one_looks_at_it_and_a_test_mail_stay_with_the_cadence(paced: House, page: Page) -> None:
    page.goto(f"{paced.url}/n/weekly:daily?mail=dark")
    page.get_by_role("link", name="Text", exact=True).click()
    expect(page).to_have_url(f"{paced.url}/n/weekly:daily/text?mail=dark")
    page.locator("#to").fill("dora@example.com")
    page.get_by_role("button", name="Send test").click()
    expect(page.locator(".result")).to_contain_text("dora@example.com")
    assert page.url.startswith(f"{paced.url}/n/weekly:daily/text?")


def test_the_plan_leads_to_the_mail_of_each_and_other_names_to_nothing(paced: House, page: Page) -> None:
    page.goto(f"{paced.url}/plan?of=weekly")
    expect(page.get_by_role("link", name="See the mail")).to_have_attribute("href", "/n/weekly:daily")
    for name in ("weekly:each", "weekly:hourly", "weekly:weekly", "notes:daily", "notes:", ":daily"):
        assert (name, page.request.get(f"{paced.url}/n/{name}").status) == (name, 404)


def test_an_issue_that_is_held_is_shown_under_its_own_id_with_the_command_that_lets_it_go(
    house: House, page: Page
) -> None:
    house.project.add("newsletters.weekly", "approval = true")
    for at in ("2026-11-22T11:00", "2026-11-22T11:30"):  # the schedule begins, then its issue is made
        house.project.run("tick", "--now", at)
    page.goto(f"{house.url}/n/weekly")
    when = page.locator(".side section").first
    expect(when).to_contain_text("held: waits for approval")
    said = house.project.run("issues", "show", "weekly-2026-11-23").stdout
    command = when.locator("code").inner_text()
    assert f"  approve  {command}\n" in said
    expect(page.locator("#rail a[aria-current=page]")).to_contain_text("weekly-2026-11-23")
    assert page.locator("#rail h2", has_text="Sent").count() == 0
    house.project.run(*command.split()[1:], "--now", "2026-11-22T11:40")
    page.reload()
    expect(when).to_contain_text("Made and approved")
    assert when.locator("code").count() == 0


def test_an_issue_that_is_held_beyond_its_time_stands_with_what_was(house: House, page: Page) -> None:
    house.project.add("newsletters.weekly", 'late = "ask"\nlate_after = "1h"')
    file = house.project.config
    file.write_text(re.sub(r"(?m)^schedule = .*$", 'schedule = "sun 09:00"', file.read_text(), count=1))
    for at in ("2026-11-21T11:00", "2026-11-22T11:30"):  # the slot is noticed late
        house.project.run("tick", "--now", at)
    page.goto(f"{house.url}/n/weekly")
    past = page.locator("#rail a[href^='/i/weekly-2026-11-22']")
    expect(past).to_contain_text("held: 2 h late")
