"""An import is tried, interrupted, repeated and taken back; nobody who left comes back by any of it."""

import io
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.audience import consent, subscribers
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence
from newsletter.audience.import_report import ImportReport
from newsletter.audience.importing import import_list
from newsletter.audience.people import Person
from newsletter.audience.subscribers import listed, show, unsubscribe
from newsletter.audience.subscriptions import Asked
from newsletter.audience.undoing import Undone, undo
from newsletter.errors import SubscribersError
from newsletter.store import tables as t
from newsletter.store.database import Database, open_database
from tests.audience import lists

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def imported(database: Database, file: Path, text: str, *names: str, dry: bool = False) -> ImportReport:
    file.write_text(text)
    return import_list(database, file, newsletters=names or ("weekly",), now=NOW, dry=dry)


def whole(database: Database) -> dict[str, object]:
    """Everything that an import may write, but for salts and what is made with them."""
    with database.read() as connection:
        kept = {
            table.name: connection.execute(select(table)).all()
            for table in (
                t.subscriber,
                t.subscriber_tag,
                t.subscription,
                t.suppression,
                t.import_run,
                t.import_change,
            )
        }
        kept["said"] = connection.execute(select(t.consent_detail.c.said)).all()
    return kept


# ── a trial ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["mailchimp", "buttondown as JSON", "plain"])
def test_a_trial_tells_what_the_import_then_does_and_writes_nothing(
    database: Database, tmp_path: Path, name: str
) -> None:
    made = lists.MAKERS[name](600, seed=3)
    file = tmp_path / f"x{made.suffix}"
    file.write_bytes(made.file)
    for number in range(0, 600, 7):
        subscribers.add(database, f"reader{number}@x.example", newsletters=("weekly",), now=NOW)
    for number in range(0, 600, 21):
        unsubscribe(database, f"reader{number}@x.example", "weekly", NOW)
    before = whole(database)
    trial = import_list(database, file, newsletters=("weekly",), now=NOW, dry=True)
    assert whole(database) == before
    real = import_list(database, file, newsletters=("weekly",), now=NOW)
    assert replace(trial, import_id=real.import_id) == real
    assert (trial.import_id, real.import_id, real.added > 0) == (0, 1, True)


# ── doubles ─────────────────────────────────────────────────────────────────

ORDER = ("active", "paused", "pending", "unsubscribed", "bounced")


@pytest.mark.parametrize("first", ORDER)
@pytest.mark.parametrize("second", ORDER)
def test_of_two_rows_the_stricter_status_counts_and_both_lines_are_told(
    database: Database, tmp_path: Path, first: str, second: str
) -> None:
    text = f"email,status\nJörg@x.example,{first}\nz@x.example,active\njo\u0308rg@X.example,{second}\n"
    report = imported(database, tmp_path / "x.csv", text)
    (told,) = report.rejected
    assert {told.line, int(told.reason.partition("line ")[2].split(";")[0])} == {2, 4}
    one = show(database, "jörg@x.example")
    assert one is not None
    strictest = max(first, second, key=ORDER.index)
    standing = {"bounced": "suppressed"}.get(strictest, strictest)
    if {first, second} == {"bounced", "unsubscribed"}:
        standing = "unsubscribed"
        assert {each.reason for each in one.suppressions} >= {"hard bounce"}
    assert one.standing("weekly", NOW) == standing


# ── killed ──────────────────────────────────────────────────────────────────

RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from newsletter.audience.importing import import_list
from newsletter.store.database import open_database
with open_database(Path(sys.argv[1])) as database:
    print("begun", flush=True)
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    import_list(database, Path(sys.argv[2]), newsletters=("weekly",), now=now)
"""


def test_killed_anywhere_and_run_again_it_is_as_if_it_had_run_once(tmp_path: Path) -> None:
    made = lists.plain(4000, seed=5)
    file = tmp_path / "x.csv"
    file.write_bytes(made.file)
    with open_database(tmp_path / "once.db") as once:
        import_list(once, file, newsletters=("weekly",), now=NOW)
        wanted = whole(once)
    pick, kills = random.Random(11), 0
    command = [sys.executable, "-c", RUN, str(tmp_path / "killed.db"), str(file)]
    while kills < 4:
        run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        run.stdout.readline()
        with open_database(tmp_path / "killed.db") as watched:
            _until_more(watched, run, pick.randrange(1, 500))
        run.kill()
        run.wait()
        run.stdout.close()
        kills += 1
    with open_database(tmp_path / "killed.db") as database:
        with database.read() as connection:
            (before,) = connection.execute(select(t.import_run)).all()
            assert consent.verify(connection).why == ""
        assert before.finished_at is None
        import_list(database, file, newsletters=("weekly",), now=NOW)
        found = whole(database)
        (row,) = found.pop("import_run")  # type: ignore[misc]
        (once_row,) = wanted.pop("import_run")  # type: ignore[misc]
        assert (row.id, row.added, row.finished_at) == (1, once_row.added, NOW)
        assert found == wanted


def _until_more(database: Database, run: subprocess.Popen[str], people: int) -> None:
    """Wait until so many were added, or it ended."""
    start = subscribers.count(database)
    deadline = time.monotonic() + 60
    while subscribers.count(database) < start + people and run.poll() is None and time.monotonic() < deadline:
        pass


def test_the_same_content_has_one_number_and_other_newsletters_another(
    database: Database, tmp_path: Path
) -> None:
    first = imported(database, tmp_path / "a.csv", "email\na@x.example\n")
    assert imported(database, tmp_path / "b.csv", "email\na@x.example\n").import_id == first.import_id
    assert imported(database, tmp_path / "b.csv", "email\na@x.example\n", "blog").import_id != first.import_id
    assert imported(database, tmp_path / "b.csv", "email\nb@x.example\n").import_id != first.import_id


def test_a_file_that_changes_while_it_is_read_is_told(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("email\n" + "".join(f"p{n}@x.example\n" for n in range(300)))

    def grow(line: int) -> None:
        if line == 100:
            with file.open("a") as more:
                more.write("late@x.example\n")

    report = import_list(database, file, newsletters=("weekly",), now=NOW, on_row=grow)
    assert [note.text for note in report.notes] == ["the file changed while it was read: import it again"]


# ── taken back ──────────────────────────────────────────────────────────────


def test_taking_an_import_back_leaves_what_was_there_before(database: Database, tmp_path: Path) -> None:
    person = Person(0, parse("a@x.example"), "", ("old",), "Europe/Oslo", "nb", attributes={"n": 1, "m": 2})
    subscribers.add(database, "a@x.example", name="Ann", newsletters=("weekly",), now=NOW, more=person)
    before = listed(database)
    head = "email,name,tags,language,timezone,attributes\n"
    rows = 'A@x.example,Anna,"old,new",en,Asia/Tokyo,"{""n"": 7, ""k"": true}"\nb@x.example,Bo,new,,,\n'
    report = imported(database, tmp_path / "x.csv", head + rows, "weekly", "blog")
    assert (report.added, report.updated) == (1, 1)
    done = undo(database, report.import_id, LATER)
    assert done == Undone(removed=1, stayed=0, put_back=1, subscriptions=1, suppressed=0)
    assert listed(database) == before
    with database.read() as connection:
        assert consent.verify(connection).why == ""
        assert connection.execute(select(t.import_change)).all() == []
    again = imported(database, tmp_path / "x.csv", head + rows, "weekly", "blog")
    assert (again.added, again.updated, again.import_id) == (1, 1, report.import_id + 1)


def _renamed(database: Database) -> None:
    subscribers.add(database, "b@x.example", name="Bob", newsletters=(), now=LATER)


def _tagged(database: Database) -> None:
    more = Person(0, parse("b@x.example"), "", ("mine",), "", "")
    subscribers.add(database, "b@x.example", newsletters=(), now=LATER, more=more)


def _paused(database: Database) -> None:
    one = show(database, "b@x.example")
    assert one is not None
    asked = Asked(paused_until=LATER + timedelta(days=9))
    subscribers.adjust(database, one.id, ("weekly",), asked, Evidence(LATER, "form"))


def _joined(database: Database) -> None:
    subscribers.add(database, "b@x.example", newsletters=("blog",), now=LATER)


def _left(database: Database) -> None:
    unsubscribe(database, "b@x.example", "weekly", LATER)


@pytest.mark.parametrize(
    ("deed", "left"),
    [
        (_renamed, {}),
        (_tagged, {}),
        (_paused, {"weekly": "active"}),
        (_joined, {"blog": "active"}),
        (_left, {"weekly": "unsubscribed"}),
    ],
)
def test_whom_somebody_has_touched_since_stays_with_what_was_done(
    database: Database, tmp_path: Path, deed: object, left: dict[str, str]
) -> None:
    report = imported(database, tmp_path / "x.csv", "email,name\nb@x.example,Bo\nc@x.example,Cleo\n")
    deed(database)  # type: ignore[operator]
    done = undo(database, report.import_id, LATER + timedelta(minutes=1))
    assert (done.removed, done.stayed) == (1, 1)
    (bo,) = listed(database)
    assert {held.newsletter: held.status for held in bo.subscriptions} == left


def test_taking_back_brings_nobody_back_whom_the_import_ended(database: Database, tmp_path: Path) -> None:
    subscribers.add(database, "a@x.example", newsletters=("weekly",), now=NOW)
    rows = "email,status\na@x.example,unsubscribed\nb@x.example,bounced\n"
    report = imported(database, tmp_path / "x.csv", rows)
    assert undo(database, report.import_id, LATER) == Undone(removed=1, suppressed=2)
    ann = show(database, "a@x.example")
    assert ann is not None and ann.standing("weekly", LATER) == "unsubscribed"
    assert imported(database, tmp_path / "y.csv", "email\na@x.example\nb@x.example\n").added == 0


def test_what_cannot_be_taken_back_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SubscribersError, match="there is no import 7"):
        undo(database, 7, NOW)
    report = imported(database, tmp_path / "x.csv", "email\na@x.example\n")
    undo(database, report.import_id, LATER)
    with pytest.raises(SubscribersError, match="was taken back on 2026-11-22 10:00 UTC"):
        undo(database, report.import_id, LATER)


def test_rejected_rows_go_to_a_file_that_no_spreadsheet_runs(database: Database, tmp_path: Path) -> None:
    file, out = tmp_path / "x.csv", io.StringIO(newline="")
    file.write_text("email\n=1+1\n" + "nobody\n" * 1500)
    report = import_list(database, file, newsletters=("weekly",), now=NOW, rejected_to=out)
    lines = out.getvalue().split("\r\n")
    assert (report.rejected_rows, len(report.rejected), len(lines)) == (1501, 1000, 1502)
    assert lines[:2] == ["2,'=1+1,the address has no @", "3,nobody,the address has no @"]
