"""`newsletter bounces`: from stdin, a file, an mbox or a Maildir, and what it says of them."""

from __future__ import annotations

import json
import mailbox
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.audience.bounces_box import returned
from newsletter.audience.tokens import Tokens, load_keys
from newsletter.errors import SubscribersError
from newsletter.store import migrate
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.inbox.returned import TOKENS, address, complaint, dsn, free
from tests.journeys.project import Project, sample_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Tokens]]:
    """Three readers, each of whom has had an issue: deliveries 1, 2, 3."""
    folder = tmp_path_factory.mktemp("bounces")
    with MailDrop(folder / "inbox") as drop:
        made = sample_project(folder / "project", drop.port).set(max_items="1")
        made.add("sender", 'mail_from = "bounce@bounces.news.test"\nverp = true')
        made.subscribe(3)
        made.run("send", "weekly", "--yes")
    yield made, Tokens(load_keys(folder / "project" / ".newsletter" / "secret.key"))


def process(project: Project, mail: bytes, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [
        sys.executable,
        "-m",
        "newsletter",
        "bounces",
        "process",
        *words,
        "--config",
        str(project.config),
    ]
    return subprocess.run(command, input=mail, capture_output=True, timeout=60)


@pytest.mark.slow
def test_a_mail_on_stdin_is_understood_once(project: tuple[Project, Tokens]) -> None:
    made, tokens = project
    mail = b"From bounce@mx.test Mon Nov 23 09:00:00 2026\n" + dsn(address(1, tokens))

    first, second = process(made, mail), process(made, mail, "-", "--json")

    assert (first.returncode, first.stderr) == (0, b"")
    assert first.stdout.decode().splitlines() == [
        "mail\tdelivery\tto\tsays\tso",
        "stdin\t1\tr1@example.org\tfailed 5.1.1 550 5.1.1 user unknown\tsuppressed",
        "1 mail · 1 suppressed",
    ]
    assert json.loads(second.stdout)["counts"] == {"known": 1}
    (row,) = made.json("bounces", "list")["bounces"]
    assert (row["delivery_id"], row["address"], row["action"]) == (1, "r1@example.org", "failed")
    standing = made.json("subscribers", "show", "r1@example.org")
    assert [each["reason"] for each in standing["suppressions"]] == ["hard bounce"]


@pytest.mark.slow
def test_of_a_maildir_what_was_understood_is_seen_and_all_else_flagged(
    project: tuple[Project, Tokens], tmp_path: Path
) -> None:
    made, tokens = project
    box = mailbox.Maildir(tmp_path / "box", create=True)
    box.add(complaint(address(2, tokens)))
    box.add(free("bounce@bounces.news.test", "Hello?", sender="r3@example.org"))
    read = mailbox.MaildirMessage(dsn(address(3, tokens)))
    read.set_subdir("cur")
    read.set_flags("S")
    box.add(read)

    answer = made.json("bounces", "process", str(tmp_path / "box"))
    again = made.json("bounces", "process", str(tmp_path / "box"))

    assert answer["counts"] == {"suppressed": 1, "no bounce": 1}
    assert again["counts"] == {}
    assert list((tmp_path / "box" / "new").iterdir()) == []
    flags = sorted(path.name.partition(":2,")[2] for path in (tmp_path / "box" / "cur").iterdir())
    assert flags == ["F", "S", "S"]
    standing = made.json("subscribers", "show", "r3@example.org")
    assert standing["suppressions"] == []


@pytest.mark.slow
def test_a_file_that_is_not_there_is_told(project: tuple[Project, Tokens], tmp_path: Path) -> None:
    done = process(project[0], b"", str(tmp_path / "none"))

    assert (done.returncode, done.stderr.decode()) == (3, f"{tmp_path}/none: No such file or directory\n")


def test_an_mbox_is_read_mail_by_mail_and_a_mail_that_says_from_is_one(tmp_path: Path) -> None:
    said = dsn(address(1)).replace(b"Sorry.", b"\n\nFrom here on nothing works.\n>From 10:30 on, too.")
    box = mailbox.mbox(tmp_path / "box")
    for mail in (said, dsn(address(2)), complaint(address(3))):
        box.add(mail)
    box.close()
    (tmp_path / "one").write_bytes(said)
    (tmp_path / "piped").write_bytes(b"From bounce@mx.test Mon Nov 23 09:00:00 2026\n" + said)

    mails = [each.octets for each in returned(tmp_path / "box")]
    assert [TOKENS.verp().delivery_id(mail.decode()) for mail in mails] == [1, 2, 3]
    for name in ("one", "piped"):
        assert [each.octets for each in returned(tmp_path / name)] == [said]


def test_a_folder_that_is_no_maildir_is_told(tmp_path: Path) -> None:
    with pytest.raises(SubscribersError, match="is no Maildir: it has no folders new and cur"):
        list(returned(tmp_path))


def test_a_database_that_was_made_before_bounces_were_kept_is_upgraded(tmp_path: Path) -> None:
    from alembic import command
    from sqlalchemy import create_engine

    path = tmp_path / "n.db"
    engine = create_engine(f"sqlite+pysqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA application_id = {0x4E57534C}")
        command.upgrade(migrate.alembic_config(connection), "0001")
    engine.dispose()

    open_database(path).close()

    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM bounce").fetchone() == (0,)
    raw.close()
