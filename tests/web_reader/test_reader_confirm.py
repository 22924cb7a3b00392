"""Confirming, leaving with a way back, and tokens that are none, over real HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from newsletter.audience import consent
from newsletter.audience.consent import Evidence
from newsletter.audience.erasing import erase
from newsletter.audience.subscribers import show
from newsletter.audience.suppression import suppress
from newsletter.audience.tokens import Tokens
from tests.web_reader.conftest import CONFIG, URLENCODED, Site

ONE_CLICK = b"List-Unsubscribe=One-Click"


def standing(site: Site, address: str, newsletter: str = "weekly") -> str | None:
    found = show(site.database, address)
    return found.standing(newsletter, site.clock.now) if found else None


def test_the_page_shows_what_was_asked_for_and_its_button_brings_exactly_that(site: Site) -> None:
    path = site.pending(newsletters=("weekly", "toolbox"))
    page = site.ask("GET", path)
    assert "Nothing has happened yet." in page.body and page.body.count("<button") == 1
    assert standing(site, "bo@example.org") == "pending"
    answer = site.post(path, ("newsletter", "weekly"), ("newsletter", "board"))
    assert "Good to have you" in answer.body and f"/p/{site.tokens.preferences(2)}" in answer.body
    assert standing(site, "bo@example.org") == "active"
    assert standing(site, "bo@example.org", "toolbox") == "pending"
    assert standing(site, "bo@example.org", "board") is None


def test_to_confirm_twice_says_the_same_and_changes_nothing_more(site: Site) -> None:
    path = site.pending()
    first = site.post(path, ("newsletter", "weekly"))
    before = site.everything()
    assert site.post(path, ("newsletter", "weekly")).body == first.body
    assert site.everything() == before


def test_the_log_says_what_was_read_when_it_was_confirmed(site: Site) -> None:
    site.post(site.pending(), ("newsletter", "weekly"))
    with site.database.read() as connection:
        last = consent.entries(connection, 2)[-1]
    assert (last.said["action"], last.said["through"], last.said["source"]) == (
        "confirmed",
        "confirmation",
        "127.0.0.0/24",
    )
    assert last.form is not None
    assert last.form.text.splitlines()[0] == "Shall we send you Slow <Post> Weekly?"
    assert "To …. Nothing has happened yet." in last.form.text  # one text for all, and nobody in it
    assert "example.org" not in last.form.text


def test_the_page_says_when_it_comes_to_who_confirms(another: Callable[[str], Site]) -> None:
    cadences = 'cadences = { weekly = "mon 09:00", each = true }'
    text = CONFIG.replace('schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]', cadences)
    site = another(text)
    weekly, each = "Every week: Monday, 09:00", "Each article, as it appears"
    for address, frequency, says, says_not in (
        ("bo@example.org", "", weekly, each),
        ("di@example.org", "each", each, weekly),
        ("ed@example.org", "daily", weekly, each),
    ):
        body = site.ask("GET", site.pending(address, frequency=frequency)).body
        assert (says in body, says_not in body) == (True, False)


def test_a_post_that_names_nothing_confirms_nothing(site: Site) -> None:
    path = site.pending()
    before = site.everything()
    assert "<button" in site.post(path).body
    assert "<button" in site.post(path, ("newsletter", "toolbox")).body
    assert site.everything() == before


def test_all_confirm_links_that_do_not_hold_look_the_same(site: Site) -> None:
    path = site.pending()
    forged = f"/c/{Tokens(('x' * 40,)).confirm(2, site.clock.now)}"
    nobody = f"/c/{site.tokens.confirm(4711, site.clock.now)}"
    before = site.everything()
    pages = [site.ask("GET", wrong) for wrong in ("/c/x", path[:-2], forged, nobody)]
    pages += [site.post(wrong, ("newsletter", "weekly")) for wrong in ("/c/x", path[:-2], forged, nobody)]
    site.clock.now += timedelta(days=7, seconds=1)
    pages += [site.ask("GET", path), site.post(path, ("newsletter", "weekly"))]
    assert {page.status for page in pages} == {200}
    assert len({page.body for page in pages}) == 1
    assert site.everything() == before


def test_who_left_can_take_it_back_for_a_day_from_the_page_they_are_on(site: Site) -> None:
    left = site.ask("POST", site.leave(), ONE_CLICK, URLENCODED)
    assert f'action="..{site.undo()}"' in left.body
    undo = site.undo()
    site.clock.now += timedelta(hours=23)
    assert "<button" in site.ask("GET", undo).body
    assert site.standing() == "unsubscribed"
    assert "Everything is as it was" in site.post(undo).body
    assert site.standing() == "active"


def test_after_a_day_it_cannot_be_taken_back(site: Site) -> None:
    site.ask("POST", site.leave(), ONE_CLICK, URLENCODED)
    undo = site.undo()
    site.clock.now += timedelta(hours=25)
    before = site.everything()
    answers = [site.ask("GET", undo), site.post(undo)]
    assert all("There is nothing to take back" in answer.body for answer in answers)
    assert "Undo" not in site.ask("GET", site.leave()).body
    assert site.everything() == before


def test_the_log_knows_the_range_that_a_click_came_from(site: Site) -> None:
    site.ask("POST", site.leave(), ONE_CLICK, URLENCODED)
    with site.database.read() as connection:
        last = consent.entries(connection, site.reader)[-1]
    assert (last.said["through"], last.said["source"]) == ("one-click", "127.0.0.0/24")


def test_a_click_is_believed_without_origin_cookie_or_referrer_as_a_mail_program_sends_it(site: Site) -> None:
    answer = site.ask(
        "POST", site.leave(), ONE_CLICK, URLENCODED, user_agent="GmailOneClick/1.0", accept="*/*"
    )
    assert (answer.status, {"location", "set-cookie"} & answer.headers.keys()) == (200, set())
    assert site.standing() == "unsubscribed"


PAGES = ("u", "r", "c", "p", "my-data", "erase")


@pytest.mark.parametrize("page", PAGES)
def test_a_token_is_good_for_its_own_page_only(site: Site, page: str) -> None:
    t, id = site.tokens, site.reader
    made = {
        "u": t.unsubscribe(id, "weekly"),
        "r": t.undo(id, "weekly", site.clock.now),
        "c": t.confirm(id, site.clock.now),
        "p": t.preferences(id),
        "f": t.form(site.clock.now),
    }
    own = {"my-data": "p", "erase": "p"}.get(page, page)
    bodies = {
        "u": [("List-Unsubscribe", "One-Click")],
        "p": [("shown", "weekly"), ("do", "save")],
        "erase": [("sure", "yes")],
        "c": [("newsletter", "weekly")],
    }
    before = site.everything()
    answers = set()
    for purpose in made.keys() - {own}:
        path = f"/{page}/{made[purpose]}"
        answers.add(site.ask("GET", path).body)
        if page != "my-data":
            answers.add(site.post(path, *bodies.get(page, [])).body)
    assert len(answers) == 1
    assert site.everything() == before


@pytest.mark.parametrize("page", PAGES)
def test_the_link_of_a_test_mail_says_so(site: Site, page: str) -> None:
    assert "This link is only a test" in site.ask("GET", f"/{page}/{site.tokens.inert()}").body


def test_what_only_the_operator_can_mend_is_a_503_and_changes_nothing(site: Site) -> None:
    path = site.pending()
    erase(site.database, "somebody@example.org", Evidence(site.clock.now, "operator"))
    key = site.database.path.with_name("newsletter.db.erased-key")
    key.rename(key.with_suffix(".away"))
    before = site.everything()
    answer = site.post(path, ("newsletter", "weekly"))
    assert (answer.status, "Not at this moment" in answer.body) == (503, True)
    assert str(key) not in answer.body
    assert site.everything() == before


def test_a_broken_catalogue_of_the_project_keeps_nobody_from_leaving(site: Site) -> None:
    folder = site.config.root / "templates" / "locale"
    folder.mkdir(parents=True)
    (folder / "en.po").write_text("nonsense")
    answer = site.ask("POST", site.leave(), ONE_CLICK, URLENCODED)
    assert (answer.status, site.standing()) == (200, "unsubscribed")
    assert "You are unsubscribed" in answer.body


def test_who_is_kept_away_by_the_list_is_told_so(site: Site) -> None:
    def bounce(connection: Connection) -> bool:
        return suppress(connection, "ingrid@slowpost.example", "*", "hard bounce", site.clock.now)

    assert "At present nothing is sent" not in site.ask("GET", site.preferences()).body
    site.database.write(bounce)
    assert "At present nothing is sent" in site.ask("GET", site.preferences()).body
