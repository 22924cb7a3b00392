"""Who agreed to what: an approval counts for one hash, and for no other."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.outbox import approving
from newsletter.outbox.approving import Approval, Line, approval_hash, from_file, is_meant
from newsletter.store.database import Database
from tests.notices.newsroom import HASH, NOW, WEEKLY, hold

OTHER = "f" * 64
HOUR = timedelta(hours=1)


def said(database: Database) -> tuple[Approval, ...]:
    with database.read() as connection:
        return approving.approvals(connection, WEEKLY)


def counts(database: Database, hash: str = HASH) -> bool:
    with database.read() as connection:
        return approving.is_approved(connection, WEEKLY, hash)


# ── the hash ────────────────────────────────────────────────────────────────

PARTS = ("1" * 64, 'tags has "pro"', "weekly mon 09:00 Europe/Berlin", "2" * 64)


@pytest.mark.parametrize("changed", range(4))
def test_each_input_changes_the_hash(changed: int) -> None:
    other = [part + "x" if place == changed else part for place, part in enumerate(PARTS)]
    assert approval_hash(*PARTS) == approval_hash(*PARTS) != approval_hash(*other)


@given(st.tuples(*[st.text(max_size=5)] * 4), st.tuples(*[st.text(max_size=5)] * 4))
def test_no_two_lists_of_inputs_run_together(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (approval_hash(*one) == approval_hash(*other)) == (one == other)


def test_the_hash_is_for_ever_the_same() -> None:
    assert approval_hash("a", "b", "c", "d") == (
        "d576b8b53d6d1c38b59c0423b12c72bedf55396feef884636d6dfb373f09a757"
    )


SHORT = {
    HASH: True,
    HASH[:12]: True,
    HASH[:12].upper(): True,
    f" {HASH[:20]} ": True,
    HASH[:11]: False,
    "": False,
    HASH[1:]: False,
    HASH[:12] + "g": False,
    HASH + "0": False,
    OTHER: False,
}


@pytest.mark.parametrize("text", SHORT)
def test_a_hash_may_be_given_shortened(text: str) -> None:
    assert is_meant(text, HASH) == SHORT[text]


# ── rows ────────────────────────────────────────────────────────────────────


def test_an_approval_counts_for_that_hash_alone(database: Database) -> None:
    assert database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Ida", NOW))
    assert [counts(database), counts(database, OTHER)] == [True, False]
    assert said(database) == (Approval(HASH, NOW, "Ida"),)


def test_who_was_first_stays(database: Database) -> None:
    database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Ida", NOW))
    assert not database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Ole", NOW + HOUR))
    assert said(database) == (Approval(HASH, NOW, "Ida"),)


def test_what_was_withdrawn_counts_no_more(database: Database) -> None:
    database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Ida", NOW))
    assert database.write(lambda c: approving.withdraw(c, WEEKLY, HASH))
    assert not database.write(lambda c: approving.withdraw(c, WEEKLY, HASH))
    assert not counts(database)


def test_an_issue_without_a_hash_is_never_approved(database: Database) -> None:
    database.write(lambda c: approving.approve(c, WEEKLY, "", "Ida", NOW))
    assert not counts(database, "")


def test_an_issue_that_is_held_is_let_go_once(database: Database) -> None:
    hold(database)
    with database.read() as connection:
        (held,) = approving.held(connection)
        assert (held.id, held.hash, held.subject) == (WEEKLY, HASH, "A snail, timed")
        assert approving.held(connection, "another") == ()
    assert database.write(lambda c: approving.reject(c, WEEKLY, "the wrong week"))
    assert not database.write(lambda c: approving.let_go(c, WEEKLY, "2 h too late"))
    with database.read() as connection:
        assert approving.held(connection) == ()


# ── files ───────────────────────────────────────────────────────────────────


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / f"{WEEKLY}.approved"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_each_line_is_a_hash_and_who(tmp_path: Path) -> None:
    text = f"# Ja!\n\n{HASH} Ida Vang  # after the second look\n{OTHER[:12].upper()}\r\n"
    assert from_file(written(tmp_path, text)).lines == (Line(3, HASH, "Ida Vang"), Line(4, OTHER[:12], ""))


MALFORMED = {
    "too short": (f"{HASH}\n{HASH[:11]}\n", 2),
    "no hash": ("yes, send it\n", 1),
    "a typo": (f"{HASH[:-1]}o\n", 1),
    "the name first": (f"Ida {HASH}\n", 1),
    "not UTF-8": (b"\xff\xfe", 0),
    "too long": (b"#" * 70_000, 0),
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_says_nothing_is_told_with_its_line(tmp_path: Path, kind: str) -> None:
    text, line = MALFORMED[kind]
    file = written(tmp_path, text)
    (problem,) = from_file(file, f"issues/{file.name}").problems
    where = f"issues/{file.name}:{line}: " if line else f"issues/{file.name}: "
    assert str(problem).startswith(where)


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert from_file(tmp_path / "none") == approving.Signed((), ())


def test_a_folder_in_the_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    assert from_file(tmp_path, "issues/x.approved").problems[0].path == "issues/x.approved"


def follow(database: Database, file: Path, hash: str = HASH, at: datetime = NOW) -> bool:
    signed = from_file(file)
    database.write(lambda c: approving.follow_file(c, WEEKLY, hash, signed, f"issues/{file.name}", at))
    return counts(database, hash)


def test_a_file_approves_and_is_named(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, f"{OTHER}\n{HASH[:12]} Ida\n")
    assert follow(database, file)
    assert follow(database, file, at=NOW + HOUR)
    assert said(database) == (Approval(HASH, NOW, f"issues/{WEEKLY}.approved:2 Ida"),)


def test_an_approval_of_what_was_is_none_of_what_is(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HASH}\n")
    assert follow(database, file)
    assert not follow(database, file, OTHER)
    assert follow(database, file)


def test_who_takes_the_line_out_takes_it_back(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HASH}\n")
    assert follow(database, file)
    assert not follow(database, written(tmp_path, "# not yet\n"))
    file.unlink()
    database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Ida", NOW))
    assert follow(database, file)
    assert said(database) == (Approval(HASH, NOW, "Ida"),)


def test_what_a_file_said_ends_with_it_also_where_its_folder_has_another_name(
    database: Database, tmp_path: Path
) -> None:
    file = written(tmp_path, f"{HASH}\n")
    assert follow(database, file)
    nothing = from_file(tmp_path / "notes" / file.name)
    database.write(lambda c: approving.follow_file(c, WEEKLY, HASH, nothing, f"notes/{file.name}", NOW))
    assert not counts(database, HASH)


def test_a_persons_word_stays_when_the_file_takes_its_own_back(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, f"{HASH}\n")
    assert follow(database, file)
    assert database.write(lambda c: approving.approve(c, WEEKLY, HASH, "Bo", NOW + HOUR))
    assert follow(database, file)
    file.unlink()
    assert follow(database, file)
    assert said(database) == (Approval(HASH, NOW + HOUR, "Bo"),)
