"""A list of people as a CSV file: read once, read again, read in the middle of something."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from newsletter.audience.cells import Rejected
from newsletter.audience.import_report import ImportReport, Note
from newsletter.audience.importing import import_list
from newsletter.audience.subscribers import count, listed, show, unsubscribe
from newsletter.audience.suppression import suppress
from newsletter.errors import SubscribersError
from newsletter.store.database import Database, open_database
from newsletter.store.tables import import_run, subscription
from tests.needs import EXAMPLES

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def imported(
    database: Database, file: Path, text: str | bytes, newsletters: tuple[str, ...] = ("weekly",)
) -> ImportReport:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_list(database, file, newsletters=newsletters, now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def statuses(database: Database) -> dict[tuple[str, str], str]:
    return {
        (one.address, held.newsletter): held.status for one in listed(database) for held in one.subscriptions
    }


def test_every_column_arrives(database: Database, file: Path) -> None:
    report = imported(
        database,
        file,
        'email,name,tags,timezone,language\nAnn@A.example,Ann  Ås,"ink; paper|ink,Oslo",europe/oslo,nb_no\n',
        ("weekly", "blog"),
    )
    ann = show(database, "ann@a.example")
    assert ann is not None
    assert (report.added, report.rejected, report.notes) == (1, (), ())
    assert (ann.address, ann.name, ann.tags) == ("Ann@a.example", "Ann Ås", ("Oslo", "ink", "paper"))
    assert (ann.zone, ann.language, ann.created_at) == ("Europe/Oslo", "nb-NO", NOW)
    assert [(held.newsletter, held.status, held.since) for held in ann.subscriptions] == [
        ("blog", "active", NOW),
        ("weekly", "active", NOW),
    ]


LAYOUTS = {
    "commas": "email,name\na@x.example,Ann\n",
    "semicolons": "email;name\na@x.example;Ann\n",
    "tabs": "email\tname\na@x.example\tAnn\n",
    "byte order mark": "\ufeffemail,name\na@x.example,Ann\n",
    "CRLF": "email,name\r\na@x.example,Ann\r\n",
    "old Mac": "email,name\ra@x.example,Ann\r",
    "no last line end": "email,name\na@x.example,Ann",
    "blank lines": "\n\nemail,name\n\na@x.example,Ann\n\n",
    "other order, other names": "Name,E-Mail Address\nAnn,a@x.example\n",
    "blanks around": " email , name \n a@x.example , Ann \n",
    "unknown columns": "id,email,shoe size,name\n7,a@x.example,41,Ann\n",
    "quoted": '"email","name"\n"a@x.example","Ann"\n',
    "short rows": "email,name,tags\na@x.example,Ann\n",
    "empty cells beyond the header": "email,name\na@x.example,Ann,,\n",
    "semicolons with commas in a cell": 'email;tags;name\na@x.example;"x,y";Ann\n',
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_a_list_may_be_laid_out_in_many_ways(database: Database, file: Path, text: str) -> None:
    report = imported(database, file, text)
    assert (report.added, report.rejected) == (1, ())
    assert [(one.address, one.name) for one in listed(database)] == [("a@x.example", "Ann")]


def test_columns_that_are_not_ours_become_attributes_and_are_named_in_the_report(
    database: Database, file: Path
) -> None:
    report = imported(database, file, LAYOUTS["unknown columns"])
    assert (report.kept_columns, report.ignored_columns) == ((("id", "id"), ("shoe size", "shoe_size")), ())
    (ann,) = listed(database)
    assert ann.attributes == {"id": 7, "shoe_size": 41}


def test_windows_1252_is_read_and_noted_even_in_a_file_that_is_otherwise_utf_8(
    database: Database, file: Path
) -> None:
    text = b"email,name\na@x.example,\xc3\x85se\nb@x.example,J\xf8rn \x96\nc@x.example,\x81\n"
    report = imported(database, file, text)
    assert [one.name for one in listed(database)] == ["Åse", "Jørn –"]
    assert report.notes == (Note(3, "", "not UTF-8, read as Windows-1252 (1 such rows): check the accents"),)
    assert report.rejected == (
        Rejected(4, "c@x.example", "the name has bytes that are neither UTF-8 nor Windows-1252"),
    )


def test_an_unknown_zone_or_language_is_left_out_with_a_note(database: Database, file: Path) -> None:
    report = imported(database, file, "email,tz,lang\na@x.example,Mars/Olympus,klingonese!\n")
    ann = show(database, "a@x.example")
    assert ann is not None and (ann.zone, ann.language) == ("", "")
    assert [note.text for note in report.notes] == [
        "unknown time zone Mars/Olympus: left out",
        "klingonese! is not a language tag: left out",
    ]


def test_a_second_reading_changes_nothing(database: Database, file: Path) -> None:
    text = "email,name,tags,tz,lang\na@x.example,Ann,ink,Europe/Oslo,nb\nb@x.example,,,,\n"
    assert imported(database, file, text).added == 2
    before = listed(database)
    again = imported(database, file, text)
    assert (again.added, again.updated, again.unchanged, again.rejected) == (0, 0, 2, ())
    assert listed(database) == before


def test_a_newer_list_fills_in_and_updates_but_empties_nothing(database: Database, file: Path) -> None:
    imported(database, file, "email,name,tags,tz\na@x.example,Ann,ink,Europe/Oslo\nb@x.example,Bo,,\n")
    report = imported(
        database, file, "email,name,tags,lang\nA@X.example,Anna,paper,nb\nb@x.example,,,\n", ("blog",)
    )
    ann, bo = listed(database)
    assert (report.added, report.updated, report.unchanged) == (0, 2, 0)
    assert (ann.address, ann.name, ann.tags) == ("a@x.example", "Anna", ("ink", "paper"))
    assert (ann.zone, ann.language, bo.name) == ("Europe/Oslo", "nb", "Bo")
    assert [held.newsletter for held in bo.subscriptions] == ["blog", "weekly"]


def test_the_first_of_two_rows_for_one_address_wins(database: Database, file: Path) -> None:
    report = imported(database, file, "email,name\na@x.example,Ann\nb@x.example,Bo\nA@X.EXAMPLE,Other\n")
    assert report.rejected == (Rejected(4, "A@x.example", "is in the file already, in line 2"),)
    assert [one.name for one in listed(database)] == ["Ann", "Bo"]


def test_an_import_never_brings_back_who_left(database: Database, file: Path) -> None:
    text = "email,name\na@x.example,Ann\nb@x.example,Bo\n"
    imported(database, file, text)
    unsubscribe(database, "a@x.example", "weekly", NOW)
    report = imported(database, file, text.replace("Ann", "Anna"))
    assert statuses(database) == {
        ("a@x.example", "weekly"): "unsubscribed",
        ("b@x.example", "weekly"): "active",
    }
    assert (report.updated, report.unchanged, report.kept_out) == (1, 1, 1)


def test_an_import_never_confirms_who_is_pending(database: Database, file: Path) -> None:
    imported(database, file, "email\na@x.example\n")
    database.write(
        lambda connection: connection.execute(subscription.update().values(status="pending")) and None
    )
    assert imported(database, file, "email\na@x.example\n").kept_out == 1
    assert statuses(database) == {("a@x.example", "weekly"): "pending"}


@pytest.mark.parametrize("scope", ["weekly", "*"])
def test_a_suppressed_address_that_is_new_is_not_added(database: Database, file: Path, scope: str) -> None:
    database.write(lambda connection: suppress(connection, "a@x.example", scope, "complaint", NOW))
    report = imported(database, file, "email\nA@x.example\n")
    assert report.rejected == (Rejected(2, "A@x.example", "is on the suppression list: complaint"),)
    assert count(database) == 0


def test_a_suppression_for_one_newsletter_leaves_the_others_open(database: Database, file: Path) -> None:
    database.write(lambda connection: suppress(connection, "a@x.example", "weekly", "complaint", NOW))
    imported(database, file, "email\na@x.example\n", ("weekly", "blog"))
    assert statuses(database) == {("a@x.example", "blog"): "active"}


def test_people_stand_as_their_row_says_and_an_unknown_word_is_refused(
    database: Database, file: Path
) -> None:
    rows = "a@x.example,Active\nb@x.example,unsubscribed\nc@x.example,pending\nd@x.example,who knows\n"
    report = imported(database, file, "email,status\n" + rows)
    assert report.statuses == (("active", 1), ("pending", 1), ("unsubscribed", 1))
    assert report.rejected == (
        Rejected(5, "d@x.example", "the status is who knows, which is none that is known"),
    )
    assert statuses(database) == {
        ("a@x.example", "weekly"): "active",
        ("b@x.example", "weekly"): "unsubscribed",
        ("c@x.example", "weekly"): "pending",
    }


def test_each_import_is_written_down(database: Database, file: Path) -> None:
    imported(database, file, "email\na@x.example\nnobody\n")
    with database.read() as connection:
        (run,) = connection.execute(select(import_run)).all()
    assert (run.path, run.started_at, run.finished_at) == (str(file), NOW, NOW)
    assert (run.added, run.updated, run.unchanged, run.rejected, len(run.sha256)) == (1, 0, 0, 1, 64)


def test_progress_is_told_for_each_row(database: Database, file: Path) -> None:
    file.write_text("email\na@x.example\n\nnobody\n")
    lines: list[int] = []
    import_list(database, file, newsletters=(), now=NOW, on_row=lines.append)
    assert lines == [2, 4]


def test_an_import_that_was_cut_short_is_finished_by_running_it_again(database: Database, file: Path) -> None:
    file.write_text("email\n" + "".join(f"p{number}@x.example\n" for number in range(600)))

    def pull_the_plug(line: int) -> None:
        if line == 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_list(database, file, newsletters=("weekly",), now=NOW, on_row=pull_the_plug)
    assert count(database) == 250
    report = import_list(database, file, newsletters=("weekly",), now=LATER)
    assert (report.added, report.unchanged, count(database)) == (350, 250, 600)


WHOLE_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty; the first line must name the columns, one of them email"),
    "blank": (b"\n \n", "is empty; the first line must name the columns, one of them email"),
    "no email column": (b"name,tags\nAnn,x\n", "no column is named email; found: name, tags"),
    "no header": (b"a@x.example,Ann\n", "no column is named email; found: a@x.example, Ann"),
    "two email columns": (b"email,e-mail\na@x.example,b@x.example\n", "two columns mean email; keep one"),
    "a broken zip": (b"PK\x03\x04\x14\0", "is damaged: File is not a zip file"),
    "UTF-16": ("email\n".encode("utf-16"), "is UTF-16; save it as CSV in UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no column is named email; found: ‰PNG"),
    "bytes": (b"\x7fELF\0\0\0", "is not a text file"),
}


@pytest.mark.parametrize(("content", "reason"), WHOLE_FILES.values(), ids=WHOLE_FILES)
def test_a_file_that_is_no_list_is_refused_whole(
    database: Database, file: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(SubscribersError) as refusal:
        imported(database, file, content)
    assert str(refusal.value).removeprefix(f"{file}: ") == reason
    with database.read() as connection:
        assert connection.execute(select(import_run)).all() == []


def test_a_missing_file_and_a_folder_are_refused(database: Database, tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "gone.csv", "No such file or directory"), (tmp_path, "is not a file")):
        with pytest.raises(SubscribersError) as refusal:
            import_list(database, path, newsletters=(), now=NOW)
        assert str(refusal.value) == f"{path}: {reason}"


PEOPLE = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "A", "d%"]), st.sampled_from(["", "Ann", "=?q?", "Ås"])),
    max_size=8,
)
STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["weekly", "*"])), max_size=3)


@settings(max_examples=EXAMPLES)
@given(first=PEOPLE, left=STEPS, second=PEOPLE)
def test_no_import_ever_reactivates_anyone_and_twice_is_unchanged(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, str]],
    left: list[tuple[str, str]],
    second: list[tuple[str, str]],
) -> None:
    folder = tmp_path_factory.mktemp("import")

    def text(rows: list[tuple[str, str]]) -> str:
        return "email,name\n" + "".join(f"{local}@x.example,{name}\n" for local, name in rows)

    with open_database(folder / "db") as database:
        imported(database, folder / "1.csv", text(first))
        for local, scope in left:
            unsubscribe(database, f"{local}@x.example", scope, NOW)
        imported(database, folder / "2.csv", text(second))
        after = listed(database)
        again = imported(database, folder / "2.csv", text(second))
        assert (again.added, again.updated) == (0, 0)
        assert listed(database) == after
        gone = {f"{local}@x.example" for local, _ in left}
        assert not [one for one in after if one.key in gone and one.standing("weekly", NOW) == "active"]
