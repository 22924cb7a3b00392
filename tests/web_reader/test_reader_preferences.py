"""What readers change about themselves, over real HTTP, and what of it the log says."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter.audience import consent
from newsletter.audience.consent import Evidence
from newsletter.audience.subscribers import adjust, show
from newsletter.audience.subscriptions import Asked
from newsletter.store.tables import wish
from tests.web_reader.conftest import CONFIG, NOW, Answer, Site

#: A newsletter with two cadences of its own, of which the first is everybody's.
BLOG = CONFIG.replace(
    'schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]\n',
    'cadences = { weekly = "mon,thu 09:00", each = true }\n',
)

DAYS = timedelta(days=1)


def save(
    site: Site, *more: tuple[str, str], do: str = "save", ticked: tuple[str, ...] = ("weekly",)
) -> Answer:
    """The form as the page sends it, with these fields besides."""
    shown = [("shown", "weekly"), ("shown", "toolbox")]
    return site.post(
        site.preferences(), *shown, *(("newsletter", name) for name in ticked), *more, ("do", do)
    )


def said(site: Site) -> list[tuple[str, str, str, str]]:
    with site.database.read() as connection:
        log = consent.entries(connection, site.reader)
    return [
        (one.said["action"], one.said["newsletter"], one.said["through"], one.said["source"]) for one in log
    ]


def test_frequency_and_topics_are_saved_and_stand_in_the_log(site: Site) -> None:
    answer = save(site, ("often-weekly", "weekly"), ("topic-weekly", "Bread"), ("topic-weekly", "Tides"))
    assert (answer.status, "Saved." in answer.body) == (200, True)
    found = show(site.database, site.reader)
    assert found is not None
    (one,) = found.subscriptions
    assert (one.frequency, one.topics) == ("weekly", ("Bread", "Tides"))
    assert said(site)[1:] == [("changed", "weekly", "preferences", "127.0.0.0/24")]


def frequency(site: Site) -> str:
    found = show(site.database, site.reader)
    assert found is not None
    return found.subscriptions[0].frequency


def test_a_choice_is_taken_back_by_as_it_comes(site: Site) -> None:
    save(site, ("often-weekly", "weekly"))
    assert frequency(site) == "weekly"
    answer = save(site, ("often-weekly", ""))
    assert frequency(site) == ""
    assert '<input type="radio" name="often-weekly" value="" checked><b>As it comes</b>' in answer.body
    assert [entry[0] for entry in said(site)] == ["added", "changed", "changed"]


def test_a_form_without_the_choice_leaves_it(site: Site) -> None:
    save(site, ("often-weekly", "each"))
    save(site, ("topic-weekly", "Bread"))
    assert frequency(site) == "each"


def test_the_cadences_are_offered_and_each_says_when(another: Callable[[str], Site]) -> None:
    site = another(BLOG)
    radio = '<input type="radio" name="often-weekly" value="{}"{}><b>{}</b>'
    weekly = "Every week: Monday, Thursday, 09:00"
    before = site.ask("GET", site.preferences()).body
    assert radio.format("", " checked", "As it comes") + f"<em>{weekly}</em>" in before
    assert radio.format("weekly", "", weekly) in before
    assert radio.format("each", "", "Each article, as it appears") in before
    assert 'value="daily"' not in before
    after = save(site, ("often-weekly", "each")).body
    assert "<b><bdi>Slow &lt;Post&gt; Weekly</bdi></b><em>Each article, as it appears</em>" in after
    assert radio.format("", "", "As it comes") + f"<em>{weekly}</em>" in after


def test_a_frequency_that_the_newsletter_has_no_more_is_kept_and_comes_by_default(
    another: Callable[[str], Site],
) -> None:
    site = another(BLOG)
    adjust(site.database, site.reader, ("weekly",), Asked("daily"), Evidence(NOW, "operator"))
    body = save(site, ("often-weekly", "")).body
    assert frequency(site) == "daily"
    assert 'name="often-weekly" value="" checked' in body and 'value="daily"' not in body
    assert "</b><em>Every week: Monday, Thursday, 09:00</em><small>The week" in body


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ('cadences = { weekly = "mon 09:00" }', []),
        ('cadences = { weekly = "mon 09:00", each = true }\nfrequencies = []', []),
        ('cadences = { weekly = "mon 09:00", each = true }\nfrequencies = ["each"]', ["", "each"]),
        ('cadences = { weekly = "mon 09:00", each = true }\nfrequencies = ["weekly"]', []),
        (
            'cadences = { weekly = "mon 09:00", each = true }\ndefault_cadence = "each"\n'
            'frequencies = ["weekly"]',
            ["", "weekly"],
        ),
        ('schedule = "mon 09:00"', []),
        ('schedule = "mon 09:00"\nfrequencies = ["weekly"]', []),
    ],
)
def test_what_is_no_choice_is_not_offered(
    another: Callable[[str], Site], said: str, values: list[str]
) -> None:
    site = another(CONFIG.replace('schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]', said))
    for page in ("/subscribe", site.preferences()):
        body = site.ask("GET", page).body
        assert re.findall(r'type="radio" name="[a-z-]+" value="([a-z]*)"', body) == values


def test_all_topics_and_none_are_the_same(site: Site) -> None:
    every = [("topic-weekly", topic) for topic in ("Bread", "Ropes & rust", "Tides")]
    save(site, every[0])
    save(site, *every)
    found = show(site.database, site.reader)
    assert found is not None and found.subscriptions[0].topics == ()


def test_to_save_twice_changes_nothing_more(site: Site) -> None:
    first = save(site, ("zone", "Europe/Oslo"), ("language", "de"))
    before = site.everything()
    assert save(site, ("zone", "Europe/Oslo"), ("language", "de")).status == first.status == 200
    assert site.everything() == before


def test_language_and_time_zone_are_theirs_from_now_on(site: Site) -> None:
    answer = save(site, ("zone", "america/new_york"), ("language", "de"))
    found = show(site.database, site.reader)
    assert found is not None and (found.zone, found.language) == ("America/New_York", "de")
    assert '<html lang="de"' in answer.body
    save(site, ("zone", ""), ("language", ""))
    found = show(site.database, site.reader)
    assert found is not None and (found.zone, found.language) == ("", "")


def test_a_break_lasts_thirty_days_and_can_be_ended(site: Site) -> None:
    save(site, do="pause")
    assert site.standing() == "paused"
    site.clock.now += 29 * DAYS
    assert site.standing() == "paused"
    save(site, do="resume")
    assert site.standing() == "active"
    save(site, do="pause")
    site.clock.now += 30 * DAYS
    assert site.standing() == "active"


def test_a_newsletter_that_is_no_longer_ticked_is_left_and_can_be_taken_back(site: Site) -> None:
    save(site, ticked=())
    assert site.standing() == "unsubscribed"
    assert said(site)[-1] == ("left", "weekly", "preferences", "127.0.0.0/24")
    assert "Everything is as it was" in site.post(site.undo()).body
    assert site.standing() == "active"


def test_a_newsletter_that_was_not_on_the_form_stays(site: Site) -> None:
    site.post(site.preferences(), ("shown", "toolbox"), ("do", "save"))
    assert site.standing() == "active"


def test_who_ticks_another_newsletter_is_asked_by_mail_and_gets_nothing_before(site: Site) -> None:
    answer = save(site, ticked=("weekly", "toolbox"))
    assert "confirm Toolbox with the button in it" in answer.body
    assert (site.standing("toolbox"), len(site.woken)) == (None, 1)
    with site.database.read() as connection:
        assert [row.newsletters for row in connection.execute(select(wish))] == [["toolbox"]]


def test_a_newsletter_that_is_not_offered_cannot_be_ticked(site: Site) -> None:
    save(site, ("shown", "board"), ticked=("weekly", "board"))
    with site.database.read() as connection:
        assert connection.execute(select(wish)).all() == []


@pytest.mark.parametrize(
    "field",
    [
        ("often-weekly", "daily"),
        ("topic-weekly", "Cats"),
        ("zone", "Moon"),
        ("language", "!"),
        ("do", "erase"),
    ],
)
def test_what_is_not_offered_is_refused_and_nothing_is_saved(site: Site, field: tuple[str, str]) -> None:
    before = site.everything()
    assert save(site, field, ("zone", "Europe/Oslo")).status == 400
    assert site.everything() == before


def test_the_page_says_what_stands(site: Site) -> None:
    save(site, ("topic-weekly", "Bread"), ("zone", "Asia/Tokyo"))
    body = site.ask("GET", site.preferences()).body
    assert 'value="weekly" checked' in body and 'name="newsletter" value="toolbox">' in body
    assert 'value="Bread" checked' in body and 'value="Tides">' in body
    assert '<option value="Asia/Tokyo" selected>' in body
    assert "It is 18:00 there now." in body
    assert "ingrid" not in body.lower()


def test_my_data_is_everything_and_a_file(site: Site) -> None:
    save(site, ("topic-weekly", "Bread"))
    answer = site.ask("GET", site.of_theirs("my-data"))
    found = json.loads(answer.body)
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert (found["address"], found["name"]) == ("ingrid@slowpost.example", "Ingrid")
    assert found["newsletters"][0]["topics"] == ["Bread"]
    assert [entry["action"] for entry in found["consent"]] == ["added", "changed"]


def test_erasing_wants_a_tick_and_leaves_nothing(site: Site) -> None:
    before = site.everything()
    assert (site.post(site.of_theirs("erase")).status, site.everything() == before) == (422, True)
    assert site.post(site.of_theirs("erase"), ("sure", "no")).status == 422
    paths = [site.preferences(), site.leave(), site.undo(), site.of_theirs("my-data")]
    erased = site.post(site.of_theirs("erase"), ("sure", "yes"))
    assert (erased.status, "You are erased" in erased.body) == (200, True)
    rows = repr(site.everything())
    assert "ingrid" not in rows and "Ingrid" not in rows and "127.0.0" not in rows
    unknown = site.ask("GET", "/u/forged").body
    assert {site.ask("GET", path).body for path in paths} == {unknown}
    after = site.everything()
    assert site.post(site.of_theirs("erase"), ("sure", "yes")).body == erased.body
    assert site.everything() == after
