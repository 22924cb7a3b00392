"""A list that goes out and comes in again, into an empty database, is the same list."""

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.audience import exporting, formats, subscribers
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence
from newsletter.audience.enrolling import enrol
from newsletter.audience.erased import Erased
from newsletter.audience.importing import import_list
from newsletter.audience.people import Person, person_name, tag_names
from newsletter.audience.subscribers import Subscriber, listed
from newsletter.audience.subscriptions import Wish, topics
from newsletter.audience.suppression import Reason, Suppression
from newsletter.store.database import Database, open_database
from tests.audience import lists

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
KNOWN = formats.load()


def exported(database: Database, form: str, folder: Path, now: datetime = NOW) -> Path:
    """The list of the weekly, as a file."""
    layout = KNOWN["plain" if form in ("csv", "json") else form]
    if layout.written.sheets:
        file = folder / f"out-{form}.zip"
        with file.open("wb") as raw:
            exporting.export_zip(database, raw, "weekly", now, layout)
        return file
    file = folder / f"out-{form}"
    write = exporting.export_json if form == "json" else exporting.export_list
    with file.open("w", encoding="utf-8", newline="") as text:
        write(database, text, "weekly", now, layout)
    return file


def people(database: Database) -> list[Subscriber]:
    found: list[Subscriber] = []
    while page := listed(database, after=found[-1].id if found else 0):
        found += page
    return found


def known(database: Database) -> dict[str, dict[str, Any]]:
    """All of everybody, by address, whatever number they have here."""
    return {
        one.address: {
            "name": one.name,
            "tags": one.tags,
            "zone": one.zone,
            "language": one.language,
            "created": one.created_at,
            "attributes": dict(one.attributes),
            "subscriptions": one.subscriptions,
            "suppressions": sorted(one.suppressions, key=lambda each: (each.scope, each.reason)),
        }
        for one in people(database)
    }


CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp"))
WORDS = st.text(CHARACTERS, max_size=12) | st.sampled_from(
    [
        "=1+1",
        "'=1",
        "''",
        '"',
        '["a"]',
        "[]",
        "a,b",
        "a;b",
        "a|b",
        "+47",
        "-",
        "@x",
        " a ",
        "Ann Ås",
        "true",
        "7",
    ]
)
MOMENTS = st.integers(0, 26 * 365 * 86_400_000).map(
    lambda since: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(milliseconds=since)
)
VALUES = WORDS.filter(str.isprintable) | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(-1e6, 1e6)


def _or_none(make: Any, text: Any) -> Any:
    try:
        return make(text)
    except ValueError:
        return make("" if isinstance(text, str) else ())


@st.composite
def persons(draw: st.DrawFn, number: int) -> Person:
    local = draw(st.sampled_from(["reader", "Reader", "'o", "=x", "+y", "ü"]))
    reasons = draw(
        st.lists(
            st.sampled_from([r for r in Reason if r not in (Reason.DOMAIN, Reason.ERASED)]),
            max_size=2,
            unique=True,
        )
    )
    barred = tuple(
        Suppression(
            draw(st.sampled_from(["*", ""])),
            reason.value,
            draw(MOMENTS),
            _or_none(person_name, draw(WORDS)),
            draw(MOMENTS) + timedelta(days=60) if reason is Reason.SOFT_BOUNCES else None,
        )
        for reason in reasons
    )
    wish = Wish(
        draw(st.sampled_from(["", "each", "daily", "weekly"])),
        _or_none(topics, draw(st.lists(WORDS, max_size=3))),
        draw(st.none() | MOMENTS.map(lambda when: when + timedelta(days=200))),
    )
    return Person(
        number,
        parse(f"{local}{number}@x.example"),
        _or_none(person_name, draw(WORDS)),
        _or_none(tag_names, draw(st.lists(WORDS, max_size=3))),
        draw(st.sampled_from(["", "Europe/Oslo", "Etc/GMT-3"])),
        draw(st.sampled_from(["", "de", "zh-Hant-TW"])),
        (),
        draw(
            st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True), VALUES, max_size=3)
        ),
        wish,
        draw(st.sampled_from(["active", "pending", "unsubscribed"])),
        barred,
        draw(MOMENTS),
        draw(MOMENTS),
    )


@st.composite
def crowds(draw: st.DrawFn) -> list[Person]:
    return [draw(persons(number)) for number in range(draw(st.integers(1, 4)))]


def enrolled(database: Database, crowd: list[Person]) -> None:
    erased = Erased(database.path)
    database.write(
        lambda c: enrol(
            c, crowd, newsletters=("weekly",), evidence=Evidence(NOW, "import", "import 1: x"), erased=erased
        )
    )


@pytest.mark.parametrize("form", ["csv", "json"])
@settings(max_examples=25 if os.environ.get("CI") else 8)
@given(crowd=crowds())
def test_our_own_list_comes_back_as_it_went(
    tmp_path_factory: pytest.TempPathFactory, form: str, crowd: list[Person]
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    with open_database(folder / "1.db") as first, open_database(folder / "2.db") as second:
        enrolled(first, crowd)
        file = exported(first, form, folder)
        report = import_list(second, file, newsletters=("weekly",), now=LATER)
        assert report.rejected == () and report.notes == ()
        assert known(second) == known(first)


def cells(file: Path) -> Iterator[str]:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                for row in csv.reader(io.StringIO(archive.read(name).decode(), newline="")):
                    yield from row
    else:
        for row in csv.reader(io.StringIO(file.read_text(encoding="utf-8"), newline="")):
            yield from row


#: What a program's list can say of how somebody stands; the nearest that sends them no more than they have.
CARRIES = {
    "mailchimp": {
        "active": "active",
        "unsubscribed": "unsubscribed",
        "bounced": "bounced",
        "complained": "unsubscribed",
        "blocked": "unsubscribed",
    },
    "substack": {
        "active": "active",
        "unsubscribed": "unsubscribed",
        "bounced": "unsubscribed",
        "complained": "unsubscribed",
        "blocked": "unsubscribed",
    },
    "ghost": {
        "active": "active",
        "unsubscribed": "unsubscribed",
        "bounced": "unsubscribed",
        "complained": "unsubscribed",
        "blocked": "unsubscribed",
    },
    "listmonk": {
        "active": "active",
        "unsubscribed": "unsubscribed",
        "bounced": "blocked",
        "complained": "blocked",
        "blocked": "blocked",
    },
    "buttondown": {
        name: name
        for name in ("active", "pending", "paused", "unsubscribed", "bounced", "complained", "blocked")
    },
    "beehiiv": {
        "active": "active",
        "pending": "pending",
        "unsubscribed": "unsubscribed",
        "bounced": "unsubscribed",
        "complained": "unsubscribed",
        "blocked": "unsubscribed",
    },
}


@pytest.mark.parametrize("form", CARRIES)
def test_a_list_for_another_program_comes_back_as_far_as_it_can_say(tmp_path: Path, form: str) -> None:
    from tests.audience.test_import_formats import standing

    made = lists.buttondown_json(700, seed=9)
    (tmp_path / "in.json").write_bytes(made.file)
    with open_database(tmp_path / "1.db") as first, open_database(tmp_path / "2.db") as second:
        import_list(first, tmp_path / "in.json", newsletters=("weekly",), now=NOW)
        file = exported(first, form, tmp_path)
        assert not [cell for cell in cells(file) if cell.lstrip("'")[:1] in tuple("=+-@") and cell[0] != "'"]
        report = import_list(second, file, newsletters=("weekly",), now=NOW)
        assert (report.format, report.rejected) == (KNOWN[form].title, ())
        wanted = {
            one.address: CARRIES[form][standing(one)]
            for one in people(first)
            if standing(one) in CARRIES[form]
        }
        assert {one.address: standing(one) for one in people(second)} == wanted
        before = {one.address: one for one in people(first)}
        if "tags" in KNOWN[form].written.columns.values():
            assert all(one.tags == before[one.address].tags for one in people(second))
        if {"name", "first_name"} & set(KNOWN[form].written.columns.values()):
            assert all(one.name == before[one.address].name for one in people(second))


def test_who_waits_or_rests_is_not_handed_to_a_program_that_would_write_to_them(tmp_path: Path) -> None:
    with open_database(tmp_path / "1.db") as database:
        wait = Person(1, parse("a@x.example"), "", (), "", "", status="pending")
        rest = Person(2, parse("b@x.example"), "", (), "", "", wish=Wish(paused_until=LATER))
        enrolled(database, [wait, rest, Person(3, parse("c@x.example"), "", (), "", "")])
        out = io.StringIO(newline="")
        done = exporting.export_list(database, out, "weekly", NOW, KNOWN["ghost"])
        assert (done, out.getvalue().count("@")) == (exporting.Exported(1, 2), 1)
        rows = [json.loads(line.rstrip(",")) for line in _json(database).splitlines() if line.startswith("{")]
        assert [row["status"] for row in rows] == ["pending", "paused", "active"]


def _json(database: Database) -> str:
    out = io.StringIO(newline="")
    exporting.export_json(database, out, "weekly", NOW, KNOWN["plain"])
    return out.getvalue()


def test_whose_domain_is_blocked_stays_blocked_in_another_database(tmp_path: Path) -> None:
    from newsletter.audience.blocking import block

    with open_database(tmp_path / "1.db") as first, open_database(tmp_path / "2.db") as second:
        subscribers.add(first, "a@x.example", newsletters=("weekly",), now=NOW)
        block(first, "@x.example", "*", NOW)
        import_list(second, exported(first, "csv", tmp_path), newsletters=("weekly",), now=NOW)
        (ann,) = listed(second)
        assert ann.standing("weekly", NOW) == "suppressed"
        assert [reason.reason for reason in ann.suppressions] == ["operator"]
