"""Leaving, over real HTTP: what changes something, what does not, and what the pages tell."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from newsletter.audience.subscribers import show
from newsletter.audience.suppression import suppress
from newsletter.audience.tokens import Tokens
from newsletter.store.database import Database
from newsletter.store.tables import metadata, subscriber
from newsletter.store.writer import Priority

if TYPE_CHECKING:
    from conftest import Site

URLENCODED = "application/x-www-form-urlencoded"
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table))]
            for table in metadata.sorted_tables
        }


def standing(database: Database, reader: int, newsletter: str) -> str | None:
    found = show(database, reader)
    assert found is not None
    return found.standing(newsletter, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_only_a_post_changes_anything(database: Database, site: Site, method: str) -> None:
    before = everything(database)
    for path in (site.link(), f"{site.link()}?List-Unsubscribe=One-Click", "/u/forged", "/u/"):
        site.ask(method, path)
    assert everything(database) == before


def test_the_page_has_one_button_and_says_that_nothing_has_changed(site: Site) -> None:
    answer = site.ask("GET", site.link())
    assert answer.status == 200
    assert answer.body.count("<button") == 1
    assert "<h1>Stop Slow &lt;Post&gt; Weekly?</h1>" in answer.body
    assert "Nothing has changed yet." in answer.body


def test_pressing_the_button_is_what_the_standard_asks_for(site: Site) -> None:
    body = site.ask("GET", site.link()).body
    form = re.search(r'<form method="post"><p[^>]*><button[^>]* name="([^"]+)" value="([^"]+)">', body)
    assert form is not None and f"{form[1]}={form[2]}".encode() == ONE_CLICK


def test_head_answers_as_get_without_a_body(site: Site) -> None:
    got, head = site.ask("GET", site.link()), site.ask("HEAD", site.link())
    got.headers.pop("date"), head.headers.pop("date")
    assert (head.status, head.headers, head.body) == (got.status, got.headers, "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, URLENCODED),
        (ONE_CLICK, f"{URLENCODED}; charset=utf-8"),
        (MULTIPART, "multipart/form-data; boundary=b"),
    ],
    ids=["urlencoded", "urlencoded with charset", "multipart"],
)
def test_a_one_click_post_unsubscribes_from_that_newsletter_alone(
    database: Database, site: Site, body: bytes, kind: str
) -> None:
    answer = site.ask("POST", site.link(), body, kind)
    assert (answer.status, "location" in answer.headers, "set-cookie" in answer.headers) == (
        200,
        False,
        False,
    )
    assert "<h1>You are unsubscribed</h1>" in answer.body
    assert standing(database, site.reader, "weekly") == "unsubscribed"
    assert standing(database, site.reader, "blog") == "active"


def test_leaving_twice_answers_the_same_and_changes_nothing_more(database: Database, site: Site) -> None:
    first = site.ask("POST", site.link(), ONE_CLICK, URLENCODED)
    after = everything(database)
    second = site.ask("POST", site.link(), ONE_CLICK, URLENCODED)
    assert (second.status, second.body) == (first.status, first.body)
    assert everything(database) == after


def test_a_body_in_pieces_is_put_together(database: Database, site: Site) -> None:
    pieces = iter([ONE_CLICK[:7], ONE_CLICK[7:20], ONE_CLICK[20:]])
    assert site.ask("POST", site.link(), pieces, URLENCODED).status == 200
    assert standing(database, site.reader, "weekly") == "unsubscribed"


def test_a_link_for_everything_leaves_everything(database: Database, site: Site) -> None:
    assert "Stop Slow Post &amp; Co?" in site.ask("GET", site.link("*")).body
    site.ask("POST", site.link("*"), ONE_CLICK, URLENCODED)
    assert standing(database, site.reader, "weekly") == "unsubscribed"
    assert standing(database, site.reader, "blog") == "unsubscribed"


WRONG_BODIES = {
    "empty": (b"", URLENCODED),
    "another key": (b"unsubscribe=yes", URLENCODED),
    "another value": (b"List-Unsubscribe=Two-Click", URLENCODED),
    "another key beside it": (ONE_CLICK + b"&email=a", URLENCODED),
    "twice": (ONE_CLICK + b"&" + ONE_CLICK, URLENCODED),
    "JSON": (b'{"List-Unsubscribe": "One-Click"}', "application/json"),
    "no type": (ONE_CLICK, ""),
    "multipart that is none": (b"x", "multipart/form-data; boundary=b"),
    "multipart without boundary": (MULTIPART, "multipart/form-data"),
    "a file": (
        MULTIPART.replace(b'"\r\n\r\n', b'"; filename="x"\r\n\r\n'),
        "multipart/form-data; boundary=b",
    ),
    "many fields": (b"&".join(b"a%d=1" % number for number in range(50)), URLENCODED),
}


@pytest.mark.parametrize(("body", "kind"), WRONG_BODIES.values(), ids=WRONG_BODIES)
def test_a_post_that_does_not_ask_to_leave_changes_nothing(
    database: Database, site: Site, body: bytes, kind: str
) -> None:
    before = everything(database)
    answers = [site.ask("POST", path, body, kind) for path in (site.link(), "/u/forged")]
    assert [answer.status for answer in answers] == [400, 400]
    assert answers[0].body == answers[1].body
    assert everything(database) == before


def test_a_body_that_is_too_long_is_not_read_to_its_end(database: Database, site: Site) -> None:
    before = everything(database)
    announced = site.ask("POST", site.link(), ONE_CLICK + b"&x=" + b"x" * 5000, URLENCODED)
    streamed = site.ask("POST", site.link(), iter([ONE_CLICK, b"x" * 4096]), URLENCODED)
    assert (announced.status, streamed.status) == (413, 413)
    assert everything(database) == before


def test_all_links_that_lead_nowhere_look_the_same(database: Database, site: Site) -> None:
    link = site.link()
    gone = f"/u/{site.tokens.unsubscribe(4711, 'weekly')}"
    stranger = f"/u/{Tokens(('x' * 40,)).unsubscribe(site.reader, 'weekly')}"
    before = everything(database)
    paths = ("/u/forged", link[:-1], link[:-20], gone, stranger, "/u/%00", "/u/" + "x" * 2000)
    answers = [site.ask(method, path, ONE_CLICK, URLENCODED) for path in paths for method in ("GET", "POST")]
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert everything(database) == before


def test_the_link_of_an_erased_person_looks_like_a_forged_one(database: Database, site: Site) -> None:
    database.write(lambda connection: connection.execute(subscriber.delete()).rowcount, Priority.WEB)
    assert site.ask("GET", site.link()).body == site.ask("GET", "/u/forged").body


def test_the_link_of_a_test_mail_says_so_and_changes_nothing(database: Database, site: Site) -> None:
    before = everything(database)
    path = f"/u/{site.tokens.inert()}"
    answers = [site.ask("GET", path), site.ask("POST", path, ONE_CLICK, URLENCODED)]
    assert [answer.status for answer in answers] == [200, 200]
    assert all("This link is only a test" in answer.body for answer in answers)
    assert everything(database) == before


def test_who_has_left_is_not_asked_again(database: Database, site: Site) -> None:
    site.ask("POST", site.link(), ONE_CLICK, URLENCODED)
    body = site.ask("GET", site.link()).body
    assert "One-Click" not in body and "You are unsubscribed" in body
    assert "<button" in site.ask("GET", site.link("blog")).body
    assert "<button" in site.ask("GET", site.link("*")).body


def test_who_is_suppressed_for_another_reason_may_still_leave(database: Database, site: Site) -> None:
    database.write(
        lambda connection: suppress(
            connection,
            "ingrid@slowpost.example",
            "*",
            "hard bounce",
            show(database, 1).created_at,  # type: ignore[union-attr]
        )
    )
    assert "<button" in site.ask("GET", site.link()).body


def test_no_page_shows_the_address(database: Database, site: Site) -> None:
    answers = [
        site.ask("GET", site.link()),
        site.ask("POST", site.link(), ONE_CLICK, URLENCODED),
        site.ask("GET", site.link()),
    ]
    for answer in answers:
        assert "i••@slowpost.example" in answer.body
        assert "ingrid" not in answer.body.lower()


def test_every_page_keeps_its_address_to_itself_and_runs_nothing(site: Site) -> None:
    answers = [
        site.ask("GET", site.link()),
        site.ask("POST", site.link("blog"), ONE_CLICK, URLENCODED),
        site.ask("GET", "/u/forged"),
        site.ask("GET", f"/u/{site.tokens.inert()}"),
        site.ask("POST", site.link(), b"x=y", URLENCODED),
        site.ask("POST", site.link(), b"x" * 9000, URLENCODED),
    ]
    for answer in answers:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        style = re.search(r"<style>(.*?)</style>", answer.body, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert answer.headers["content-security-policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        body = answer.body.replace('<a href="https://slowpost.example" rel="noreferrer">', "")
        assert not re.search(r"<script|https?://|url\(|@import|\son\w+=|\sstyle=|\{[{%]", body)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_button_have_contrast(site: Site, scheme: int) -> None:
    body = site.ask("GET", site.link()).body
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", body.split(":root {")[1 + scheme]))
    pairs = [("ink", "ground"), ("text", "sheet"), ("ink2", "sheet"), ("ink2", "ground")]
    pairs += [("on-mark", "mark"), ("mark", "sheet"), ("err", "err-bg"), ("ok", "ok-bg"), ("err", "sheet")]
    for front, back in pairs:
        light, dark = sorted((_luminance(colours[front]), _luminance(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)
