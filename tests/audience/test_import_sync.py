"""Lists that are kept as files: read when they change, and what a row's absence means."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.audience import formats
from newsletter.audience.subscribers import add, listed, unsubscribe
from newsletter.audience.syncing import Sync, Synced, sync
from newsletter.store.database import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TEN = [f"p{n}@x.example" for n in range(10)]


class Folder:
    """A list and what becomes of it, an hour later each time."""

    def __init__(self, database: Database, file: Path) -> None:
        self.database, self.file, self.now = database, file, NOW

    def holds(self, people: list[str], head: str = "email") -> None:
        self.file.write_text("\n".join([head, *people]) + "\n")
        os.utime(self.file, (self.now.timestamp(), self.now.timestamp()))

    def sync(self, *, removes: bool = False, many: bool = False) -> tuple[Synced, ...]:
        self.now += timedelta(hours=1)
        asked = Sync(("weekly",), formats.load(), removes, many)
        return sync(self.database, [self.file], asked, self.now)

    def active(self) -> list[str]:
        return [one.address for one in listed(self.database) if one.standing("weekly", self.now) == "active"]


@pytest.fixture
def folder(database: Database, tmp_path: Path) -> Folder:
    return Folder(database, tmp_path / "people.csv")


def test_a_list_is_read_once_and_again_when_it_changes(folder: Folder) -> None:
    folder.holds(TEN[:2])
    (first,) = folder.sync()
    assert first.report is not None and first.report.added == 2
    assert folder.sync() == ()
    folder.holds(TEN[:3])
    (second,) = folder.sync()
    assert second.report is not None and (second.report.added, second.report.unchanged) == (1, 2)


def test_a_list_that_was_only_touched_is_not_read_again(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync()
    folder.holds(TEN)
    assert folder.sync() == ()


def test_an_unchanged_list_costs_a_look_and_no_reading(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync()
    before = folder.file.stat()
    folder.file.write_text("email\n" + "x" * (before.st_size - 6))
    os.utime(folder.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert folder.sync() == ()


def test_who_is_no_longer_in_it_stays(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync()
    folder.holds(TEN[:9])
    folder.sync()
    assert folder.active() == TEN


def test_who_is_no_longer_in_it_is_unsubscribed_when_that_was_asked_for_and_never_comes_back(
    folder: Folder,
) -> None:
    folder.holds(TEN)
    folder.sync(removes=True)
    folder.holds(TEN[1:])
    (done,) = folder.sync(removes=True)
    assert (done.removed, done.problem, folder.active()) == (1, "", TEN[1:])
    folder.holds(TEN)
    folder.sync(removes=True)
    assert folder.active() == TEN[1:]


def test_only_whom_this_very_file_had_brought_goes(folder: Folder, tmp_path: Path) -> None:
    add(folder.database, TEN[0], newsletters=("weekly",), now=NOW)
    folder.holds(TEN)
    folder.sync(removes=True)
    other = Folder(folder.database, tmp_path / "other.csv")
    other.holds(["z@x.example"])
    other.sync(removes=True)
    folder.holds(TEN[2:])
    (done,) = folder.sync(removes=True)
    assert (done.removed, folder.active()) == (1, [TEN[0], *TEN[2:], "z@x.example"])


HOLLOW = {
    "empty": b"",
    "no rows": b"email\n",
    "cut off": b"email\np0@x.example\n",
    "another list": b"email\nz@x.example\n",
    "not a list": b"\x7fELF\0\0",
    "no address column": b"name\nAnn\n",
    "lines that cannot be read": b'email,name\np0@x.example,"\n' + b"\n".join(map(str.encode, TEN[1:9])),
}


@pytest.mark.parametrize("content", HOLLOW.values(), ids=HOLLOW)
def test_a_list_that_is_cut_off_or_no_list_removes_nobody(folder: Folder, content: bytes) -> None:
    folder.holds(TEN)
    folder.sync(removes=True)
    folder.file.write_bytes(content)
    (done,) = folder.sync(removes=True)
    assert done.removed == 0 and str(folder.file) in done.problem
    assert set(folder.active()) >= set(TEN)


def test_a_list_that_is_gone_changes_nothing(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync(removes=True)
    folder.file.unlink()
    (done,) = folder.sync(removes=True)
    assert (done.problem, folder.active()) == (f"{folder.file}: No such file or directory", TEN)


def test_too_many_go_only_on_an_operators_word_which_is_asked_for_each_time(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync(removes=True)
    folder.holds(TEN[:5])
    (refused,) = folder.sync(removes=True)
    assert refused.problem == (
        f"{folder.file}: 5 of the 10 people that it brought are no longer in it. "
        "If that is so: `newsletter subscribers sync --remove-many`"
    )
    (waiting,) = folder.sync(removes=True)
    assert (waiting.report, "wait for your word" in waiting.problem, folder.active()) == (None, True, TEN)
    (done,) = folder.sync(removes=True, many=True)
    assert (done.removed, done.problem, folder.active()) == (5, "", TEN[:5])
    assert folder.sync(removes=True) == ()


def test_a_row_that_cannot_be_taken_is_not_an_absent_one(folder: Folder) -> None:
    folder.holds([f"{each},Ann" for each in TEN], "email,name")
    folder.sync(removes=True)
    folder.holds([f"{TEN[0]},=?x?", *(f"{each},Ann" for each in TEN[1:])], "email,name")
    (done,) = folder.sync(removes=True)
    assert (done.removed, folder.active()) == (0, TEN)


def test_who_left_stays_away_whatever_the_list_says(folder: Folder) -> None:
    folder.holds(TEN)
    folder.sync()
    unsubscribe(folder.database, TEN[3], "weekly", folder.now)
    folder.holds([*TEN, "new@x.example"])
    folder.sync()
    assert TEN[3] not in folder.active()
