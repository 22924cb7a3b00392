"""Lists made to hurt: each bad row is named with its line, and the rest goes on."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.audience.import_report import ImportReport
from newsletter.audience.importing import import_list
from newsletter.audience.subscribers import listed
from newsletter.store.database import Database, open_database
from tests.needs import EXAMPLES

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

#: what stands in line 3 -> why it is not imported
REJECTED = {
    "header injection in a name": (b'b@x.example,"Bo\r\nBcc: v@x.example"', "the name has a line break"),
    "bare CR in a name": (b'b@x.example,"Bo\rBcc: v@x.example"', "the name has a line break"),
    "encoded word in a name": (
        b"b@x.example,=?utf-8?q?Hi=0D=0ABcc:_v=40x.example?=",
        "the name looks like an encoded word, which can hide a header",
    ),
    "NUL in a name": (b"b@x.example,B\0o", "the name has a NUL byte"),
    "NUL in an address": (b"b\0@x.example,Bo", "the email has a NUL byte"),
    "escape sequence": (b"b@x.example,\x1b[31mBo", "the name has a control character"),
    "C1 control": ("b@x.example,B\x85o".encode(), "the name has a control character"),
    "line separator": ("b@x.example,B\u2028o".encode(), "the name has a control character"),
    "lone surrogate as bytes": (
        b"b@x.example,\xed\xa0\x81x",
        "the name has bytes that are neither UTF-8 nor Windows-1252",
    ),
    "writing turned round": ("b@x.example,\u202eoB".encode(), "the name turns the direction of writing"),
    "name of 10,000 characters": (b"b@x.example," + b"o" * 10_000, "the name is longer than 200 characters"),
    "header injection in an address": (b'"b@x.example\r\nBcc: v@x.example",Bo', "the email has a line break"),
    "quoted local part": (b'"""b b""@x.example",Bo', "the address has a space"),
    "address literal": (b"b@[127.0.0.1],Bo", "the domain is an IP address"),
    "percent route": (b"b%v@x.example,Bo", "% is not allowed before the @"),
    "bang route": (b"b!v@x.example,Bo", "! is not allowed before the @"),
    "two at signs": (b"b@v@x.example,Bo", "the address has more than one @"),
    "full-width at sign": ("b＠x.example,Bo".encode(), "the address has no @"),
    "trailing dot": (b"b@x.example.,Bo", "the domain ends in a dot"),
    "two dots": (b"b..b@x.example,Bo", "a dot before the @ must stand between other characters"),
    "long local part": (b"b" * 65 + b"@x.example,Bo", "the part before the @ is longer than 64 bytes"),
    "bad punycode": (b"b@xn--zzzzzz.example,Bo", "the domain is not valid: Invalid A-label"),
    "no address": (b",Bo", "no address"),
    "too many cells": (b"b@x.example,Bo,Bergen", "the row has 3 cells, the header 2"),
    "1,000 cells": (b"b@x.example" + b",x" * 999, "the row has 1000 cells, the header 2"),
    "quote never closed": (b'b@x.example,"Bo', "a quote is not closed, or text follows one"),
    "text after a quote": (b'b@x.example,"Bo"x', "a quote is not closed, or text follows one"),
    "a line without end": (b"b@x.example," + b"o" * 300_000, "the line is longer than 65536 characters"),
}


def imported(database: Database, file: Path, content: bytes) -> ImportReport:
    file.write_bytes(content)
    return import_list(database, file, newsletters=("weekly",), now=NOW)


@pytest.mark.parametrize(("row", "reason"), REJECTED.values(), ids=REJECTED)
def test_a_hostile_row_is_rejected_with_its_line_and_the_rest_goes_on(
    database: Database, tmp_path: Path, row: bytes, reason: str
) -> None:
    rest = b"".join(b"z%d@x.example,Zoe\r\n" % number for number in range(30))
    content = b"email,name\r\na@x.example,Ann\r\n" + row + b"\r\n" + rest
    report = imported(database, tmp_path / "list.csv", content)
    assert [(one.line, one.reason) for one in report.rejected] == [(3, reason)]
    assert all(one.address.isprintable() and len(one.address) <= 80 for one in report.rejected)
    assert (report.added, len(listed(database))) == (31, 31)


#: what is only text stays text
KEPT = {
    "formula": (b'b@x.example,"=HYPERLINK(""http://x.example"")"', '=HYPERLINK("http://x.example")'),
    "guarded formula, from an export": (b"b@x.example,'=1+1", "=1+1"),
    "HTML": (b"b@x.example,<script>alert(1)</script>", "<script>alert(1)</script>"),
    "SQL": (b"b@x.example,Robert'); DROP TABLE subscriber;--", "Robert'); DROP TABLE subscriber;--"),
    "template": (b"b@x.example,{{ config }} %%NAME%%", "{{ config }} %%NAME%%"),
    "joined Persian": ("b@x.example,نمی\u200cدانم".encode(), "نمی\u200cدانم"),
    "decomposed": ("b@x.example,Jo\u0308rg".encode(), "Jörg"),
}


@pytest.mark.parametrize(("row", "name"), KEPT.values(), ids=KEPT)
def test_what_is_only_text_stays_text(database: Database, tmp_path: Path, row: bytes, name: str) -> None:
    report = imported(database, tmp_path / "list.csv", b"email,name\n" + row + b"\n")
    assert report.rejected == ()
    assert [one.name for one in listed(database)] == [name]


def test_a_quote_that_is_never_closed_costs_one_row_at_most(database: Database, tmp_path: Path) -> None:
    rows = [
        b'"p%d@x.example,Pat' % number if number % 50 == 7 else b"p%d@x.example,Pat" % number
        for number in range(200)
    ]
    report = imported(database, tmp_path / "list.csv", b"email,name\n" + b"\n".join(rows))
    assert (report.added, [one.line for one in report.rejected]) == (196, [9, 59, 109, 159])


@settings(max_examples=EXAMPLES)
@given(
    st.lists(
        st.binary(max_size=40) | st.sampled_from([b"a@x.example,Ann", b'"', b"\r", b"\0", b"\xff"]),
        max_size=20,
    )
)
def test_no_bytes_at_all_make_an_import_crash_or_lose_a_row(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    with open_database(folder / "db") as database:
        report = imported(database, folder / "list.csv", b"email,name\n" + b"\n".join(lines))
        assert report.added == len(listed(database))
        for one in listed(database):
            assert one.address.isprintable() and not set("\r\n\0") & set(one.name)
