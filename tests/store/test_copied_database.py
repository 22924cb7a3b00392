"""A database that was restored or copied sends nothing until it is adopted; everything else annoys nobody."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from newsletter.errors import CopiedDatabase, StoreError
from newsletter.store.database import open_database
from newsletter.store.instance import Instance, Noted, machine, state_folder
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import NOW, sample_project

RESTORED = "an older copy, such as one from a backup"
ELSEWHERE = "on another machine, or by another user"


class Place:
    """One machine with its state folder."""

    def __init__(self, folder: Path, machine: str = "m1") -> None:
        self.folder, self.machine = folder, machine

    def _do(self, path: Path, call: Callable[[Instance], object]) -> object:
        with open_database(path) as database:
            return call(Instance(database, self.folder, self.machine))

    def copied(self, path: Path) -> str:
        return str(self._do(path, Instance.copied))

    def advance(self, path: Path) -> None:
        self._do(path, Instance.advance)

    def adopt(self, path: Path) -> None:
        self._do(path, Instance.adopt)


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return Place(tmp_path / "state")


@pytest.fixture
def path(tmp_path: Path, here: Place) -> Path:
    """A database that has sent."""
    made = tmp_path / "one" / "n.db"
    here.advance(made)
    here.advance(made)
    return made


def back_up(path: Path, to: Path) -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
    return to


def put_back(backup: Path, path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copy(backup, path)


def test_a_new_database_and_one_that_goes_on_may_send(tmp_path: Path, here: Place) -> None:
    path = tmp_path / "n.db"
    for _ in range(3):
        assert here.copied(path) == ""
        here.advance(path)


def test_a_backup_of_before_the_last_sending_is_held_until_it_is_adopted(
    tmp_path: Path, here: Place, path: Path
) -> None:
    backup = back_up(path, tmp_path / "backup.db")
    here.advance(path)
    put_back(backup, path)

    assert RESTORED in here.copied(path)
    with pytest.raises(CopiedDatabase, match="backup"):
        here.advance(path)
    here.adopt(path)
    assert here.copied(path) == ""
    here.advance(path)
    put_back(backup, path)
    assert RESTORED in here.copied(path)


def test_a_backup_after_which_nothing_was_sent_may_send(tmp_path: Path, here: Place, path: Path) -> None:
    backup = back_up(path, tmp_path / "backup.db")
    put_back(backup, path)
    assert here.copied(path) == ""


def test_on_another_machine_it_is_held_also_where_the_home_folder_came_along(
    tmp_path: Path, here: Place, path: Path
) -> None:
    for other in (Place(tmp_path / "empty", "m2"), Place(here.folder, "m2"), Place(tmp_path / "user 2")):
        assert ELSEWHERE in other.copied(path)


def test_another_user_who_adopts_it_takes_nothing_from_the_first(
    tmp_path: Path, here: Place, path: Path
) -> None:
    other = Place(tmp_path / "user 2")
    other.adopt(path)
    other.advance(path)
    assert (here.copied(path), other.copied(path)) == ("", "")
    here.advance(path)
    assert (here.copied(path), other.copied(path)) == ("", "")


def test_a_move_on_one_machine_is_no_copy(tmp_path: Path, here: Place, path: Path) -> None:
    path.parent.rename(tmp_path / "two")
    moved = tmp_path / "two" / "n.db"
    assert here.copied(moved) == ""
    here.advance(moved)

    here.advance(path)  # another project begins where the first one stood
    assert (here.copied(moved), here.copied(path)) == ("", "")


def test_a_name_that_leads_to_the_same_file_is_no_copy(tmp_path: Path, here: Place, path: Path) -> None:
    (tmp_path / "link").symlink_to(path.parent)
    here.advance(tmp_path / "link" / "n.db")
    assert here.copied(path) == ""


def test_of_two_copies_on_one_machine_only_the_one_that_was_adopted_last_sends(
    tmp_path: Path, here: Place, path: Path
) -> None:
    copy = back_up(path, tmp_path / "two" / "n.db")
    assert f"a copy of {path}, which is still there" in here.copied(copy)
    here.adopt(copy)
    here.advance(copy)
    assert here.copied(copy) == ""
    assert here.copied(path).endswith(f"; {copy} is the one that sends")
    with pytest.raises(CopiedDatabase):
        here.advance(path)

    here.adopt(path)
    assert (bool(here.copied(copy)), here.copied(path)) == (True, "")


def test_dying_between_the_two_notes_is_no_copy(here: Place, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE instance SET epoch = epoch + 1")
        connection.commit()
    assert here.copied(path) == ""
    here.advance(path)


def test_another_process_that_begins_to_send_while_we_look_makes_us_no_copy(
    here: Place, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Instance._noted
    others: list[threading.Thread] = []

    def disturbed(mine: Instance, name: str) -> Noted | None:
        if not others:
            others.append(threading.Thread(target=here.advance, args=(path,)))
            others[0].start()
            others[0].join(1.0)  # it goes on if nothing of ours holds it
        return look(mine, name)

    monkeypatch.setattr(Instance, "_noted", disturbed)
    assert here.copied(path) == ""
    others[0].join(60)
    assert here.copied(path) == ""


def test_a_state_folder_that_cannot_be_written_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="let XDG_STATE_HOME name a folder"):
        Place(tmp_path / "file" / "state").advance(tmp_path / "n.db")


def test_the_state_folder_is_where_the_specification_says(tmp_path: Path) -> None:
    assert state_folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "newsletter"
    for unusable in ({}, {"XDG_STATE_HOME": ""}, {"XDG_STATE_HOME": "relative"}):
        assert state_folder(unusable) == Path("~/.local/state/newsletter").expanduser()


def test_the_machine_is_the_same_each_time_and_nothing_of_it_stands_in_the_folder(
    tmp_path: Path,
) -> None:
    assert machine() == machine()
    here = Place(tmp_path / "state", "0123456789abcdef" * 2)
    here.advance(tmp_path / "n.db")
    told = "".join(f"{file.name} {file.read_text()}" for file in here.folder.iterdir())
    assert "0123456789abcdef" not in told


@pytest.mark.slow
def test_a_restored_project_mails_nobody_again_until_it_is_adopted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1")
        project.subscribe(3)
        path = project.folder / ".newsletter" / "newsletter.db"
        project.json("tick", "--now", NOW)
        backup = back_up(path, tmp_path / "backup.db")
        assert project.json("tick", "--now", "2026-11-23T09:00")["sent_now"] == 3
        put_back(backup, path)

        for words in (("tick",), ("send", "weekly", "--yes")):
            held = project.run(*words, "--now", "2026-11-23T09:01", expect=5)
            assert "is held, because it is an older copy" in held.stderr
            assert "newsletter tick --adopt --config" in held.stderr
        assert drop.count == 3
        project.run("send", "weekly", "--test", "me@example.org", "--now", "2026-11-23T09:01")
        assert drop.count == 4

        adopted = project.run("tick", "--adopt", "--now", "2026-11-23T09:02")
        assert "Adopted: " in adopted.stderr
        assert drop.count == 7
        project.run("tick", "--now", "2026-11-23T09:03")

        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
        assert ELSEWHERE in project.run("tick", expect=5).stderr
        assert drop.count == 7


@pytest.mark.slow
def test_run_holds_a_copy_but_serves_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailDrop(tmp_path / "inbox") as drop:
        project = sample_project(tmp_path / "project", drop.port).set(max_items="1", bind='"127.0.0.1:0"')
        project.subscribe(2)
        project.run("send", "weekly", "--yes", "--now", NOW)
        assert drop.count == 2
        (project.folder / "content" / "fresh.md").write_text("---\ntitle: Fresh\n---\nA fresh one.\n")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
        running = project.start("run")
        try:
            assert running.stderr is not None
            lines = iter(running.stderr.readline, "")
            assert "Pages on http://127.0.0.1:" in next(lines)
            assert any("is held, because it was last used on another machine" in line for line in lines)
        finally:
            running.terminate()
            running.communicate(timeout=60)
        assert running.returncode == 0
