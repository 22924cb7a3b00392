"""Whatever is sent to whatever page: no answer is a 5xx, nothing changes without a token, and nobody learns
who is on the list."""

import json
import string
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.audience.tokens import Tokens
from tests.web_reader.conftest import URLENCODED, Answer, Site, running

PAGES = ["u", "r", "c", "p", "my-data", "erase"]
FIELDS = (
    "t email newsletter frequency topic zone language website shown do sure often-weekly topic-weekly".split()
)
VALUES = [
    "",
    "weekly",
    "toolbox",
    "board",
    "save",
    "pause",
    "yes",
    "each",
    "de",
    "Europe/Oslo",
    "bo@example.org",
    "*",
    "\0",
]
KINDS = [
    URLENCODED,
    "application/json",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/plain",
    "application/json; charset=utf-16",
    "",
    "a/b/c;;=",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
header = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60
)
text = st.one_of(st.sampled_from(VALUES), st.text(max_size=40), st.text("ab@.", max_size=300))
pairs = st.lists(st.tuples(st.one_of(st.sampled_from(FIELDS), st.text(max_size=10)), text), max_size=12)
objects = st.dictionaries(
    st.sampled_from(["address", "newsletters", "frequency", "topics", "language", "zone", "x"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | text,
        lambda some: st.lists(some, max_size=3),
    ),
    max_size=6,
)
bodies = st.one_of(
    st.just(b""),
    st.just(b"List-Unsubscribe=One-Click"),
    st.binary(max_size=200),
    st.binary(min_size=1, max_size=8).map(lambda some: some * 12_000),
    pairs.map(lambda fields: urlencode(fields, errors="replace").encode()),
    objects.map(lambda found: json.dumps(found).encode()),
    st.sampled_from([b"%", b"%ff", b"a" * 5000, b"&" * 3000, b"=&=", b"--b\r\n\r\n\r\n--b--", b"[" * 9000]),
)
tokens = st.one_of(
    st.text(string.ascii_letters + string.digits + "-_.", max_size=80),
    st.text(max_size=60),
    st.just("x" * 5000),
    st.just("WzFd." + "A" * 43),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all that is thrown at it."""
    with running(Path(tmp_path_factory.mktemp("fuzz"))) as made:
        yield made


def status_of(site: Site, method: str, path: str, body: bytes, kind: str, headers: dict[str, str]) -> Answer:
    named = {name: value.encode("latin-1").decode("latin-1").strip() for name, value in headers.items()}
    return site.ask(method, path, body, kind, **named)


@given(
    st.sampled_from(METHODS),
    st.sampled_from(PAGES),
    tokens,
    bodies,
    st.sampled_from(KINDS),
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(["accept_language", "x_forwarded_for", "origin", "cookie", "referer"], header),
    ),
    st.one_of(
        st.just(""), st.sampled_from(["?lang=de", "?lang=", "?lang=%00", "?x=y&lang=a&lang=b", "?%ff"])
    ),
)
@example("POST", "p", "x", b"do=save", URLENCODED, {"x_forwarded_for": "::ffff:1.2.3.4%eth0, 999.1.1.1"}, "")
@example("GET", "u", "x", b"", "", {"accept_language": "de;q=" + "9" * 40}, "?lang=" + "a-" * 900)
def test_without_a_token_of_ours_nothing_changes_and_nothing_breaks(
    house: Site,
    method: str,
    page: str,
    token: str,
    body: bytes,
    kind: str,
    headers: dict[str, str],
    query: str,
) -> None:
    before = house.everything()
    answer = status_of(house, method, f"/{page}/{quote(token, safe='')}{query}", body, kind, headers)
    assert answer.status < 500, answer.body
    assert house.everything() == before


@given(
    st.sampled_from(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]),
    st.sampled_from(PAGES),
    bodies,
    st.sampled_from(KINDS),
)
def test_only_a_post_changes_anything_also_with_the_right_token(
    house: Site, method: str, page: str, body: bytes, kind: str
) -> None:
    before = house.everything()
    answer = house.ask(method, right(house, page), body, kind)
    assert answer.status < 500, answer.body
    assert house.everything() == before


@given(st.sampled_from(["u", "r", "c", "p"]), bodies, st.sampled_from(KINDS))
def test_with_the_right_token_nothing_breaks(house: Site, page: str, body: bytes, kind: str) -> None:
    assert house.ask("POST", right(house, page), body, kind).status < 500


@given(
    st.sampled_from(METHODS),
    st.sampled_from(["/subscribe", "/api/subscribe", "/"]),
    bodies,
    st.sampled_from(KINDS),
)
def test_the_ways_in_never_break(house: Site, method: str, path: str, body: bytes, kind: str) -> None:
    answer = house.ask(method, path, body, kind)
    assert answer.status < 500, answer.body


@given(pairs, objects)
def test_new_known_and_gone_get_one_answer_whatever_else_is_said(
    house: Site, fields: list[tuple[str, str]], given_: dict[str, object]
) -> None:
    people = ("new@slowpost.example", "ingrid@slowpost.example")
    rest = [(name, value) for name, value in fields if name not in ("email", "t")]
    shown = house.shown()
    pages = [house.post("/subscribe", ("t", shown), ("email", who), *_plain(rest)) for who in people]
    told = [
        house.ask(
            "POST", "/api/subscribe", json.dumps(given_ | {"address": who}).encode(), "application/json"
        )
        for who in people
    ]
    for one, other in (pages, told):
        kept = [
            {name: value for name, value in each.headers.items() if name not in ("date", "content-length")}
            for each in (one, other)
        ]
        assert (one.status, kept[0]) == (other.status, kept[1])
        assert one.body.replace(people[0], "") == other.body.replace(people[1], "")


@given(st.data())
def test_a_token_that_lost_or_changed_a_character_is_none(house: Site, data: st.DataObject) -> None:
    page = data.draw(st.sampled_from(["u", "r", "c", "p", "erase"]))
    token = right(house, page).rpartition("/")[2]
    at = data.draw(st.integers(0, len(token) - 2))
    swapped = data.draw(st.sampled_from(string.ascii_letters + string.digits))
    wrong = data.draw(st.sampled_from([token[:at], token[:at] + swapped + token[at + 1 :], token + swapped]))
    if wrong != token:
        assert read(house.tokens, wrong) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["shown", "newsletter", "do", "often-toolbox", "topic-weekly", "zone", "language"]
            ),
            st.sampled_from(
                ["weekly", "toolbox", "board", "save", "pause", "resume", "each", "Bread", "", "de"]
            ),
        ),
        max_size=8,
    )
)
def test_no_form_of_preferences_begins_a_subscription(house: Site, fields: list[tuple[str, str]]) -> None:
    assert house.post(right(house, "p"), *fields).status < 500
    assert (house.standing("toolbox"), house.standing("board")) == (None, None)


def read(tokens_: Tokens, token: str) -> tuple[object, ...]:
    every = (tokens_.read_unsubscribe, tokens_.read_undo, tokens_.read_confirm, tokens_.read_preferences)
    return tuple(found for each in every if (found := each(token)) is not None)


def right(site: Site, page: str) -> str:
    return {
        "u": site.leave(),
        "r": site.undo(),
        "c": f"/c/{site.tokens.confirm(site.reader, site.clock.now)}",
    }.get(page, site.of_theirs(page))


def _plain(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (name.encode(errors="replace").decode(), value.encode(errors="replace").decode())
        for name, value in fields
    ]
