"""Signing up, over real HTTP: one answer for everybody, and what keeps programs away."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from newsletter.audience.subscribers import unsubscribe
from newsletter.store.tables import consent_form, wish
from tests.web_reader.conftest import CONFIG, NOW, Answer, Site

JSON = "application/json"
OURS = {"origin": "https://slowpost.example"}


def wishes(site: Site) -> list[tuple[str, list[str], str, list[str], str]]:
    with site.database.read() as connection:
        rows = connection.execute(select(wish).order_by(wish.c.id)).all()
    return [(row.address, row.newsletters, row.frequency, row.topics, row.source) for row in rows]


def sign_up(site: Site, address: str, *more: tuple[str, str]) -> Answer:
    fields = (("t", site.shown()), ("email", address), ("newsletter", "weekly"), *more)
    return site.post("/subscribe", *fields)


def api(site: Site, **given: object) -> Answer:
    said: dict[str, object] = {"address": "bo@example.org", "newsletters": ["weekly"]} | given
    return site.ask("POST", "/api/subscribe", json.dumps(said).encode(), JSON)


def test_the_form_names_each_newsletter_that_is_offered_and_no_other(site: Site) -> None:
    for path in ("/", "/subscribe"):
        body = site.ask("GET", path).body
        assert re.findall(r'name="newsletter" value="(\w+)"', body) == ["weekly", "toolbox"]
        assert "Slow &lt;Post&gt; Weekly" in body and "Every week: Monday, 09:00" in body


def test_what_is_typed_is_written_down_with_the_words_that_were_read(site: Site) -> None:
    answer = sign_up(site, " bo@example.org ", ("frequency", "each"), ("topic", "Ropes & rust"))
    assert (answer.status, len(site.woken)) == (200, 1)
    assert wishes(site) == [("bo@example.org", ["weekly"], "each", ["Ropes & rust"], "127.0.0.0/24")]
    with site.database.read() as connection:
        (form,) = connection.execute(select(consent_form)).all()
    assert form.language == "en"
    assert form.text.startswith("Letters from The Slow Post\nLetters about things")
    assert form.text.endswith("and for nothing else. Every mail has a link to stop.")
    assert "Leave this empty" not in form.text and "The week's letters, in one mail" in form.text


def test_who_chooses_nothing_has_no_frequency(site: Site) -> None:
    body = site.ask("GET", "/subscribe").body
    assert '<input type="radio" name="frequency" value="" checked><b>As it comes</b></label>' in body
    sign_up(site, "bo@example.org", ("frequency", ""))
    sign_up(site, "di@example.org")
    api(site, address="ed@example.org")
    assert [row[2] for row in wishes(site)] == ["", "", ""]


def test_the_form_says_when_each_cadence_comes(another: Callable[[str], Site]) -> None:
    cadences = 'cadences = { daily = "weekdays 07:30", each = true }'
    text = CONFIG.replace('schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]', cadences)
    site = another(text.replace('schedule = "first tue 10:00"', "sign_up = false"))
    sign_up(site, "bo@example.org", ("frequency", "each"))
    with site.database.read() as connection:
        (form,) = connection.execute(select(consent_form)).all()
    daily = "Monday to Friday at 07:30"
    how_often = ["How often?", "As it comes", daily, daily, "Each article, as it appears", "What about?"]
    assert "\n".join(how_often) in form.text
    assert sign_up(site, "bo@example.org", ("frequency", "weekly")).status == 400


def test_newsletters_at_different_times_share_the_names_of_their_cadences(
    another: Callable[[str], Site],
) -> None:
    cadences = 'cadences = {{ weekly = "{} 09:00", each = true }}'
    text = CONFIG.replace('schedule = "mon 09:00"\nfrequencies = ["weekly", "each"]', cadences.format("mon"))
    site = another(text.replace('schedule = "first tue 10:00"', cadences.format("fri")))
    body = site.ask("GET", "/subscribe").body
    assert re.findall(r'name="frequency" value="(\w*)"[^>]*><b>([^<]*)</b></label>', body) == [
        ("", "As it comes"),
        ("weekly", "Once a week"),
        ("each", "Each article, as it appears"),
    ]


def test_the_answer_is_the_same_for_who_is_new_known_or_gone(site: Site) -> None:
    unsubscribe(site.database, "gone@example.org", "*", NOW)
    people = ("new@example.org", "ingrid@slowpost.example", "gone@example.org")
    pages = [sign_up(site, address) for address in people]
    told = [api(site, address=address) for address in people]
    for answers in (pages, told):
        assert len({answer.body for answer in answers}) == 1
        for answer in answers:
            answer.headers.pop("date")
        assert answers[0].headers == answers[1].headers == answers[2].headers
    assert (pages[0].status, told[0].status) == (200, 202)


def test_a_mistake_stands_beside_its_field_and_what_was_typed_stays(site: Site) -> None:
    before = site.everything()
    answer = site.post(
        "/subscribe", ("t", site.shown()), ("email", 'bo"<b>@'), ("frequency", "each"), ("topic", "Bread")
    )
    assert answer.status == 422
    assert 'aria-invalid="true" aria-describedby="email-wrong" value="bo&#34;&lt;b&gt;@"' in answer.body
    assert "Choose at least one" in answer.body
    assert 'value="each" checked' in answer.body and 'value="Bread" checked' in answer.body
    assert site.everything() == before


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(seconds=1), 422),
        (timedelta(seconds=3), 200),
        (timedelta(days=2), 422),
        (-NOW.resolution * 10**6, 422),
    ],
    ids=["too fast", "read", "too late", "from the future"],
)
def test_a_form_must_have_been_looked_at_and_not_for_days(site: Site, age: timedelta, status: int) -> None:
    token = site.tokens.form(site.clock.now - age)
    answer = site.post("/subscribe", ("t", token), ("email", "bo@example.org"), ("newsletter", "weekly"))
    assert (answer.status, len(wishes(site))) == (status, int(status == 200))


def test_who_was_too_fast_presses_once_more(site: Site) -> None:
    token = site.tokens.form(site.clock.now)
    fields = (("email", "bo@example.org"), ("newsletter", "weekly"))
    first = site.post("/subscribe", ("t", token), *fields)
    (again,) = re.findall(r'name="t" value="([^"]+)"', first.body)
    site.clock.now += timedelta(seconds=3)
    assert site.post("/subscribe", ("t", again), *fields).status == 200
    assert len(wishes(site)) == 1


def test_a_program_that_fills_in_everything_is_told_the_same_and_nothing_is_kept(site: Site) -> None:
    before = site.everything()
    trapped = sign_up(site, "bo@example.org", ("website", "https://spam.example"))
    assert site.everything() == before
    assert trapped.body == sign_up(site, "bo@example.org").body


def test_a_form_of_a_configured_site_is_taken_and_that_of_another_asks_to_press_again(site: Site) -> None:
    fields = (("email", "bo@example.org"), ("newsletter", "weekly"))
    other = site.post("/subscribe", *fields, origin="https://other.example")
    assert (other.status, wishes(site)) == (200, [])
    assert 'value="bo@example.org"' in other.body and "Nearly there" in other.body
    assert "Now look in your inbox" in site.post("/subscribe", *fields, **OURS).body
    assert len(wishes(site)) == 1


@pytest.mark.parametrize(
    "field", [("newsletter", "board"), ("frequency", "hourly"), ("topic", "Cats"), ("zone", "Moon/Sea")]
)
def test_what_is_not_offered_cannot_be_asked_for(site: Site, field: tuple[str, str]) -> None:
    before = site.everything()
    answer = sign_up(site, "bo@example.org", field)
    assert 400 <= answer.status < 500
    assert site.everything() == before


def test_a_limit_is_told_with_when_to_come_again(another: Callable[[str], Site]) -> None:
    site = another(CONFIG.replace("per_range = 0", "per_range = 2"))
    statuses = [sign_up(site, f"r{number}@example.org").status for number in range(3)]
    assert statuses == [200, 200, 429]
    page, told = sign_up(site, "r@example.org"), api(site)
    assert page.headers["retry-after"] == told.headers["retry-after"] == "1800"
    assert (told.status, json.loads(told.body)) == (429, {"error": "too many sign-ups", "retry_after": 1800})


def test_behind_a_proxy_that_is_trusted_the_limit_counts_its_callers(another: Callable[[str], Site]) -> None:
    text = CONFIG.replace("[web]", '[web]\ntrusted_proxies = ["127.0.0.1", "10.0.0.0/8"]')
    site = another(text)
    for passed in ("198.51.100.7", "spoofed, 198.51.100.7, 10.1.2.3", "2001:db8:1:2::3", "garbage"):
        fields = (("t", site.shown()), ("email", "bo@example.org"), ("newsletter", "weekly"))
        site.post("/subscribe", *fields, x_forwarded_for=passed)
    assert [source for *_, source in wishes(site)] == [
        "198.51.100.0/24",
        "198.51.100.0/24",
        "2001:db8:1::/48",
        "127.0.0.0/24",
    ]


def test_without_a_trusted_proxy_nobody_is_believed(site: Site) -> None:
    fields = (("t", site.shown()), ("email", "bo@example.org"), ("newsletter", "weekly"))
    site.post("/subscribe", *fields, x_forwarded_for="198.51.100.7")
    assert [source for *_, source in wishes(site)] == ["127.0.0.0/24"]


def test_only_configured_sites_are_let_in_by_browsers(site: Site) -> None:
    asks = {"access_control_request_method": "POST", "access_control_request_headers": "content-type"}
    ours = site.ask("OPTIONS", "/api/subscribe", **OURS, **asks)
    other = site.ask("OPTIONS", "/api/subscribe", origin="https://other.example", **asks)
    assert (ours.status, ours.headers["access-control-allow-origin"]) == (204, "https://slowpost.example")
    assert (ours.headers["access-control-allow-headers"], ours.headers["vary"]) == ("content-type", "origin")
    assert (other.status, "access-control-allow-origin" in other.headers) == (403, False)
    body = b'{"address": "bo@example.org", "newsletters": ["weekly"]}'
    refused = site.ask("POST", "/api/subscribe", body, JSON, origin="https://other.example")
    assert (refused.status, "access-control-allow-origin" in refused.headers, wishes(site)) == (
        403,
        False,
        [],
    )
    taken = site.ask("POST", "/api/subscribe", body, JSON, **OURS)
    assert (taken.status, taken.headers["access-control-allow-origin"]) == (202, "https://slowpost.example")


def test_the_endpoint_says_what_is_wrong_by_field(site: Site) -> None:
    answer = api(site, address="bo", newsletters=["board"], frequency="hourly", topics=["x"], zone="Mars")
    assert answer.status == 422
    assert sorted(json.loads(answer.body)["errors"]) == [
        "address",
        "frequency",
        "newsletters",
        "topics",
        "zone",
    ]
    assert wishes(site) == []


BROKEN = {
    "no JSON": (b"{", JSON, 400),
    "a list": (b"[]", JSON, 400),
    "a key twice": (b'{"address": "a@b.cc", "address": "d@e.ff"}', JSON, 400),
    "a number": (b'{"address": 7}', JSON, 400),
    "deep": (b"[" * 60_000, JSON, 400),
    "not UTF-8": (b'{"address": "\xff"}', JSON, 400),
    "a NUL": (b'{"address": "a\\u0000@b.cc"}', JSON, 400),
    "half a character": (b'{"address": "a\\ud800@b.cc"}', JSON, 400),
    "a form": (b"address=a@b.cc", "application/x-www-form-urlencoded", 415),
    "text": (b"{}", "text/plain", 415),
    "large": (b" " * 70_000, JSON, 413),
}


@pytest.mark.parametrize(("body", "kind", "status"), BROKEN.values(), ids=BROKEN)
def test_the_endpoint_refuses_what_it_does_not_understand(
    site: Site, body: bytes, kind: str, status: int
) -> None:
    before = site.everything()
    answer = site.ask("POST", "/api/subscribe", body, kind)
    assert (answer.status, list(json.loads(answer.body))) == (status, ["error"])
    assert site.everything() == before


def test_the_form_speaks_the_language_of_its_reader(site: Site) -> None:
    german = site.ask("GET", "/subscribe", accept_language="fr;q=0.3, de-AT, en;q=0.5")
    assert '<html lang="de" dir="ltr">' in german.body
    assert '<html lang="ar" dir="rtl">' in site.ask("GET", "/subscribe?lang=ar").body
    for strange in ("tlh", "x" * 4000, ";;q=,,;", "de;q=nan", "..", "de;q=..1"):
        assert site.ask("GET", "/subscribe", accept_language=strange).status == 200


def test_without_a_public_address_there_is_no_form(another: Callable[[str], Site]) -> None:
    site = another(CONFIG.replace('public_url = "https://news.slowpost.example"\n', ""))
    assert "<form" not in site.ask("GET", "/").body
    assert [site.ask("GET", "/subscribe").status, api(site).status] == [404, 404]
