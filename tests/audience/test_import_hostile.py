"""Whole files made to hurt: each is refused with a reason, or read within bounds."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.audience.addresses import _parsed as parse_slowly
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence
from newsletter.audience.erasing import erase
from newsletter.audience.import_report import ImportReport
from newsletter.audience.importing import import_list
from newsletter.audience.seen import Seen
from newsletter.audience.subscribers import add, listed, unsubscribe
from newsletter.audience.suppression import suppress
from newsletter.errors import SubscribersError
from newsletter.store.database import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def imported(database: Database, folder: Path, content: bytes, name: str = "list.csv") -> ImportReport:
    file = folder / name
    file.write_bytes(content)
    return import_list(database, file, newsletters=("weekly",), now=NOW)


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv").replace("_zip", ".zip"), content)
    return out.getvalue()


LIST = b"email,name\na@x.example,Ann\n"


def encrypted() -> bytes:
    """The same zip, its entry marked as encrypted in both places."""
    plain = bytearray(packed(list_csv=LIST))
    plain[6] |= 1
    plain[plain.index(b"PK\x01\x02") + 8] |= 1
    return bytes(plain)


def damaged() -> bytes:
    whole = bytearray(packed(list_csv=b"email\n" + b"".join(b"p%d@x.example\n" % n for n in range(500))))
    whole[200] ^= 0xFF
    return bytes(whole)


REFUSED = {
    "zip bomb": (packed(list_csv=b"email\n" + b"a" * 30_000_000), "would be 30,000,006 bytes unpacked"),
    "zip in a zip": (packed(inner_zip=packed(list_csv=LIST)), "no list is in the zip (found: inner.zip)"),
    "zip in a zip that is called a list": (packed(inner_csv=packed(list_csv=LIST)), "no list is in the zip"),
    "zip of pictures": (packed(picture=b"\x89PNG"), "no list is in the zip (found: picture)"),
    "empty zip": (packed(), "is an empty zip"),
    "zip with a password": (encrypted(), "list.csv needs a password"),
    "damaged zip": (damaged(), "is damaged: "),
    "thousand files": (packed(**{f"f{n}_csv": LIST for n in range(101)}), "101 files are in the zip"),
    "header of a megabyte": (
        b"email," + b"x" * 1_000_000 + b"\na@x.example\n",
        "the first line is longer than",
    ),
    "header missing": (b"a@x.example,Ann\n", "no column is named email; found: a@x.example, Ann"),
    "two columns for the address": (
        b"email,mail\na@x.example,b@x.example\n",
        "two columns mean email; keep one",
    ),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "is a gzip archive; unpack it and import the file inside"),
    "empty JSON": (b"[]", "is empty"),
    "broken JSON": (b'[{"email": "a@x.example"', "the JSON is broken here"),
    "JSON of no people": (b"[1, 2]", "is not an object"),
    "JSON that is too deep": (b'[{"email": ' + b"[" * 100_000, "nested too deep"),
}


@pytest.mark.parametrize(("content", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_cannot_be_a_list_is_refused_with_a_reason(
    database: Database, tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(SubscribersError) as refusal:
        imported(database, tmp_path, content)
    assert reason in str(refusal.value)
    assert listed(database) == ()


READ = {
    "zip called csv": (packed(list_csv=LIST), "list.csv"),
    "csv called zip": (LIST, "list.zip"),
    "zip with a folder and what a Mac adds": (
        packed(deep__list_csv=LIST, __MACOSX__deep__list_csv=b"\0"),
        "list.zip",
    ),
    "JSON lines": (b'{"email": "a@x.example", "name": "Ann"}\n', "list.jsonl"),
    "JSON under a key": (b'{"count": 1, "results": [{"email": "a@x.example", "name": "Ann"}]}', "list.json"),
    "JSON with a byte order mark": (b'\xef\xbb\xbf[{"email": "a@x.example", "name": "Ann"}]', "list.json"),
    "spaced header": (b" E-Mail ; Name \na@x.example;Ann\n", "list.txt"),
}


@pytest.mark.parametrize(("content", "name"), READ.values(), ids=READ)
def test_a_file_is_what_it_holds_and_not_what_it_is_called(
    database: Database, tmp_path: Path, content: bytes, name: str
) -> None:
    assert imported(database, tmp_path, content, name).added == 1
    assert [(one.address, one.name) for one in listed(database)] == [("a@x.example", "Ann")]


def test_a_header_that_stands_there_twice_is_told_as_such(database: Database, tmp_path: Path) -> None:
    report = imported(database, tmp_path, LIST + LIST.replace(b"a@x", b"b@x"))
    assert [(one.line, one.reason) for one in report.rejected] == [(3, "the header stands here once more")]
    assert report.added == 2


def test_of_a_thousand_columns_fifty_are_kept_and_the_others_named(
    database: Database, tmp_path: Path
) -> None:
    head = ",".join(["email", *(f"c{n}" for n in range(999))])
    row = ",".join(["a@x.example", *("v" for _ in range(999))])
    report = imported(database, tmp_path, f"{head}\n{row}\n".encode())
    assert (report.added, len(report.kept_columns), len(report.ignored_columns)) == (1, 50, 949)
    (ann,) = listed(database)
    assert len(ann.attributes) == 50


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("x" * 1001, "is longer than 1000 characters"),
        ("a\x00b", "has a control character"),
        ("\u202eoB", "has a control character"),
    ],
)
def test_an_attribute_that_cannot_be_kept_is_left_out_and_told(
    database: Database, tmp_path: Path, value: str, why: str
) -> None:
    report = imported(database, tmp_path, f"email,remark\na@x.example,{value}\n".encode())
    assert [(note.line, note.text) for note in report.notes] == [(2, f"the attribute remark {why}: left out")]
    assert [one.attributes for one in listed(database)] == [{}]


def test_attributes_that_have_no_room_beside_the_old_ones_are_told(
    database: Database, tmp_path: Path
) -> None:
    first, second = ({f"{letter}{n}": "x" * 700 for n in range(8)} for letter in "ab")
    imported(database, tmp_path, json.dumps([{"email": "a@x.example", "attributes": first}]).encode())
    report = imported(
        database, tmp_path, json.dumps([{"email": "a@x.example", "attributes": second}]).encode()
    )
    assert [note.text for note in report.notes] == [
        "the attributes are longer than 8192 bytes: none of them is added"
    ]
    assert [one.attributes for one in listed(database)] == [first]


def test_who_is_suppressed_complained_or_erased_is_not_taken_in_again(
    database: Database, tmp_path: Path
) -> None:
    for name, reason in (("s", "hard bounce"), ("c", "complaint")):
        database.write(lambda c, n=name, r=reason: suppress(c, f"{n}@x.example", "*", r, NOW))  # type: ignore[misc]
    add(database, "e@x.example", newsletters=("weekly",), now=NOW)
    erase(database, "e@x.example", Evidence(NOW, "operator"))
    unsubscribe(database, "u@x.example", "weekly", NOW)
    rows = b"email,status\n" + b"".join(b"%c@x.example,active\n" % name for name in b"sceu")
    report = imported(database, tmp_path, rows)
    assert (report.added, listed(database)) == (0, ())
    assert [one.reason.rpartition(": ")[2] for one in report.rejected] == [
        "hard bounce", "complaint", "erased", "unsubscribed"]  # fmt: skip


BOUNDED = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from newsletter.audience.importing import import_list
from newsletter.store.database import open_database
folder = Path(sys.argv[1])
(folder / "small.csv").write_text("email\\nz@x.example\\n")
with open_database(folder / "n.db") as database:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    import_list(database, folder / "small.csv", newsletters=("weekly",), now=now)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = import_list(database, folder / "big.csv", newsletters=("weekly",), now=now)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(report.added, report.rejected[0].reason, grown, sep="|")
"""


def test_a_line_of_a_gigabyte_costs_no_memory_and_one_row(tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as file:
        file.write(b"email,name\na@x.example,Ann\nb@x.example,")
        for _ in range(256):
            file.write(b"o" * 1024 * 1024)
        file.write(b"\nc@x.example,Cleo\n")
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    added, reason, grown = done.stdout.strip().split("|")
    assert (added, reason) == ("2", "the line is longer than 65536 characters")
    assert int(grown) < 25 * 1024


@given(st.lists(st.sampled_from([f"k{n}" for n in range(40)]), max_size=3000), st.integers(0, 2000))
def test_each_key_is_told_where_it_stood_first(keys: list[str], expected: int) -> None:
    seen, first = Seen(expected), dict[str, int]()
    for line, key in enumerate(keys, 1):
        assert seen.line(key, line) == first.get(key, 0)
        first.setdefault(key, line)
    assert all(key in seen for key in first) and "k99" not in seen


def test_a_table_of_keys_grows_with_what_it_holds() -> None:
    seen = Seen(10)
    assert not any(seen.line(f"p{n}@x.example", n) for n in range(1, 20_001))
    assert all(seen.line(f"p{n}@x.example", 0) == n for n in range(1, 20_001))


LOCALS = st.text("aA.+'=?-!%\"@ üßﬁ1", min_size=0, max_size=8)
DOMAINS = st.text("aX.-_1ü[]0", min_size=0, max_size=8) | st.sampled_from(
    ["x.example", "xn--a.example", "a.0x1"]
)


@given(LOCALS, DOMAINS)
def test_the_quick_look_at_an_address_finds_what_the_long_one_does(local: str, domain: str) -> None:
    found = []
    for look in (parse, parse_slowly):
        try:
            found.append(look(f"{local}@{domain}"))
        except ValueError as error:
            found.append(str(error))
    assert found[0] == found[1]


def test_a_no_counts_whatever_else_is_wrong_with_its_row(database: Database, tmp_path: Path) -> None:
    header = b"uuid,email,name,attributes,status,created_at,updated_at\n"
    rows = b"".join(
        b"u%d,p%d@x.example,%s,%s,%s,2021-08-09T10:11:12Z,\n" % (n, n, name, values, status)
        for n, (name, values, status) in enumerate(
            [
                (b"C", b"not json", b"blocklisted"),
                (b"=?x?=", b"{}", b"disabled"),
                (b"D", b"not json", b"enabled"),
            ]
        )
    )
    report = imported(database, tmp_path, header + rows)
    assert [one.line for one in report.rejected] == [4]
    later = imported(database, tmp_path, b"email\np0@x.example\np1@x.example\np2@x.example\n", "later.csv")
    assert later.added == 1
    assert [one.key for one in listed(database) if one.standing("weekly", NOW) == "active"] == [
        "p2@x.example"
    ]
