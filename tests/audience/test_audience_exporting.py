"""What goes out as CSV comes back in, and no spreadsheet runs it."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.audience import formats
from newsletter.audience.exporting import export_list
from newsletter.audience.importing import import_list
from newsletter.audience.people import guarded, unguarded
from newsletter.audience.subscribers import add, listed, unsubscribe
from newsletter.audience.suppression import suppress
from newsletter.store.database import Database, open_database
from tests.needs import EXAMPLES

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
AT = "2026-11-22T09:00:00Z"


def exported(database: Database) -> str:
    out = io.StringIO(newline="")
    export_list(database, out, "weekly", NOW, formats.load()["plain"])
    return out.getvalue()


def test_everyone_who_has_or_had_the_newsletter_is_in_the_file(database: Database, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text(
        'email,name,tags,tz,lang\na@x.example,"Å, ""Ann""",ink;oslo,Europe/Oslo,nb\nb@x.example,,,,\n'
    )
    import_list(database, source, newsletters=("weekly",), now=NOW)
    add(database, "c@x.example", newsletters=("weekly",), now=NOW)
    add(database, "other@x.example", newsletters=("blog",), now=NOW)
    unsubscribe(database, "b@x.example", "weekly", NOW, note="by hand")
    database.write(lambda connection: suppress(connection, "c@x.example", "*", "complaint", NOW))
    assert exported(database) == (
        "email,name,status,tags,attributes,language,timezone,frequency,topics,paused_until,since,created,"
        "suppressions\r\n"
        f'a@x.example,"Å, ""Ann""",active,"ink,oslo",,nb,Europe/Oslo,,,,{AT},{AT},\r\n'
        f"b@x.example,,unsubscribed,,,,,,,,{AT},{AT},"
        f'"[{{""reason"": ""unsubscribed"", ""all"": false, ""since"": ""{AT}"", '
        '""note"": ""by hand""}]"\r\n'
        f"c@x.example,,suppressed,,,,,,,,{AT},{AT},"
        f'"[{{""reason"": ""complaint"", ""all"": true, ""since"": ""{AT}""}}]"\r\n'
    )


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "'=1"]
)
def test_nothing_in_the_file_begins_like_a_formula(text: str) -> None:
    assert guarded(text) == "'" + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "Ann", "'", "'Ann'", "O'Neil", "1=1"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert (guarded(text), unguarded(text)) == (text, text)


@settings(max_examples=EXAMPLES)
@given(st.lists(st.from_regex(r"[-=+'@a-z0-9 ;,|\"<]{0,8}", fullmatch=True), min_size=1, max_size=6))
def test_an_export_read_into_an_empty_database_gives_the_same_people(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("export")
    file = folder / "out.csv"
    with open_database(folder / "1.db") as first, open_database(folder / "2.db") as second:
        for number, name in enumerate(names):
            add(first, f"{'+-='[number % 3]}{number}@x.example", name=name, newsletters=("weekly",), now=NOW)
        file.write_text(exported(first), newline="")
        for row in csv.reader(io.StringIO(exported(first), newline="")):
            assert not [cell for cell in row if cell[:1] in tuple("=+-@")]
        report = import_list(second, file, newsletters=("weekly",), now=NOW)
        assert report.rejected == ()
        assert listed(second) == listed(first)


def test_reading_back_an_export_brings_back_no_one(database: Database, tmp_path: Path) -> None:
    add(database, "a@x.example", newsletters=("weekly",), now=NOW)
    unsubscribe(database, "a@x.example", "weekly", NOW)
    file = tmp_path / "out.csv"
    file.write_text(exported(database), newline="")
    with open_database(tmp_path / "fresh.db") as fresh:
        assert import_list(fresh, file, newsletters=("weekly",), now=NOW).statuses == (("unsubscribed", 1),)
        assert listed(fresh) == listed(database)
