"""`issues verify` and `issues export`, as people use them: what is said, which files, which exit code."""

from __future__ import annotations

import json
import shutil
import sqlite3
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, select

from newsletter.model import State
from newsletter.outbox.archive import ArchivedRow
from newsletter.store import tables as t
from newsletter.store.archive.reading import add
from newsletter.store.database import open_database
from tests.journeys.project import Project

from .verify_samples import publication

WHEN = "2026-11-24T12:00"
ISSUE = "weekly-2026-11-24-m1"
#: Who has had the issue before, and who came after it and gets the newest articles.
READERS = EARLY, LATE = "early@example.org", "late@example.org"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A publication of which two readers have got an issue, each other articles; and a test of it."""
    made = publication(tmp_path_factory.mktemp("verify") / "project")
    made.set(max_items="3").add("newsletters.weekly", 'first_issue = "newest"')
    made.run("subscribers", "add", EARLY, "--name", "A Reader", "--now", "2026-11-21T12:00")
    made.run("send", "weekly", "--yes", "--now", "2026-11-22T12:00")
    made.run("subscribers", "add", LATE, "--name", "A Reader", "--now", "2026-11-22T13:00")
    made.run("send", "weekly", "--test", "ida@slowpost.example", "--now", WHEN)
    made.run("send", "weekly", "--yes", "--now", WHEN)
    return made


@pytest.fixture
def project(published: Project, tmp_path: Path) -> Project:
    """A copy of it, which may be changed."""
    shutil.copytree(published.folder, tmp_path / "project")
    return Project(tmp_path / "project")


def arrived(published: Project, address: str) -> bytes:
    """The last message that a reader got, with the line ends that a mail server would have seen."""
    files = sorted(
        (published.folder.parent / "inbox" / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns
    )
    theirs = [data for data in map(Path.read_bytes, files) if f"<{address}>".encode() in data[:500]]
    return theirs[-1].replace(b"\n", b"\r\n")


def test_what_has_not_changed_is_the_same_to_the_readers_messages(project: Project) -> None:
    said = project.run("issues", "verify", ISSUE).stdout

    assert said.startswith(f"{ISSUE}: identical: ")
    assert said.endswith(" blocks, 1 frame, 2 messages\n")


def test_what_has_changed_is_named_and_the_exit_code_tells(project: Project) -> None:
    project.set(tagline='"Faster letters"')

    said = project.run("issues", "verify", ISSUE, expect=5).stdout

    assert said.startswith(f"{ISSUE}: different: ")
    assert '  config site.tagline: "Letters about things that take their time" -> "Faster letters"\n' in said
    assert "  frame de (html, text)\n" in said
    assert "block card" not in said


def test_a_change_without_effect_is_told_and_is_no_difference(project: Project) -> None:
    project.add("content", 'exclude = ["nowhere/**"]')

    said = project.run("issues", "verify", ISSUE).stdout

    assert "identical" in said
    assert "  config content.exclude" in said


def test_another_header_makes_every_message_another_one(project: Project) -> None:
    project.add("newsletters.weekly", 'reply_to = "ida@slowpost.example"')

    said = project.run("issues", "verify", ISSUE, expect=5).stdout

    assert 'config newsletters.weekly.reply_to: nothing -> "ida@slowpost.example"' in said
    assert "  the message of delivery " in said


def test_what_cannot_be_made_again_says_why_and_what_changed(project: Project) -> None:
    part = project.folder / "templates" / "parts" / "lead.mjml.j2"
    part.write_text(part.read_text() + "{{ nobody.knows }}\n")

    found = project.json("issues", "verify", ISSUE, expect=5)

    assert found["identical"] is False
    assert "lead.mjml.j2" in found["failure"]
    assert [change["name"] for change in found["changes"]] == ["parts/lead.mjml.j2"]


def test_bytes_that_somebody_changed_in_the_database_are_found(project: Project) -> None:
    with sqlite3.connect(project.folder / ".newsletter" / "newsletter.db") as database:
        database.execute("UPDATE block SET html = html || ' ' WHERE issue_id = ? AND position = 0", (ISSUE,))
    database.close()

    found = project.json("issues", "verify", ISSUE, expect=5)

    assert found["differing"] == ["in the database: block card:0:lead (html)"]
    assert found["changes"] == []


def test_a_message_that_would_say_something_else_is_found(project: Project) -> None:
    with sqlite3.connect(project.folder / ".newsletter" / "newsletter.db") as database:
        done = database.execute(
            "UPDATE variant SET slots = json_set(slots, '$.PREHEADER', 'Else') WHERE issue_id = ?"
            " AND id = (SELECT max(variant_id) FROM delivery WHERE issue_id = ? AND state = 'sent')",
            (ISSUE, ISSUE),
        )
    database.close()
    assert done.rowcount == 1

    found = project.json("issues", "verify", ISSUE, expect=5)

    assert [each.rpartition(" ")[0] for each in found["differing"]] == ["the message of delivery"]


@pytest.mark.parametrize("id", ["weekly-2026-01-01", "weekly-2026-11-24-t1"])
def test_what_has_no_manifest_cannot_be_verified(project: Project, id: str) -> None:
    done = project.run("issues", "verify", id, expect=3)

    assert id in done.stderr


def test_a_file_that_is_no_manifest_is_refused(project: Project) -> None:
    done = project.run("issues", "verify", "--manifest", str(project.config), expect=3)

    assert "config.toml" in done.stderr
    project.run("issues", "verify", expect=2)


def test_an_exported_issue_has_the_mail_of_most_readers_and_lists_the_others(
    project: Project, tmp_path: Path
) -> None:
    found = project.json("issues", "export", ISSUE, "--out", str(tmp_path / "out"))

    assert [Path(file).name for file in found["files"]] == [
        "manifest.json",
        "issue.html",
        "issue.txt",
        "issue.eml",
    ]
    assert [mail["readers"] for mail in found["mails"]] == [1, 1]
    text = (tmp_path / "out" / "issue.txt").read_text()
    assert all(title in " ".join(text.split()) for title in found["mails"][0]["articles"])
    message = parsed((tmp_path / "out" / "issue.eml").read_bytes())
    assert message["To"] == "Sample Reader <reader@example.org>"


def test_another_mail_of_the_issue_can_be_had(project: Project, tmp_path: Path) -> None:
    *_, last = project.json("issues", "export", ISSUE, "--out", str(tmp_path / "out"))["mails"]

    project.run("issues", "export", ISSUE, "--variant", str(last["number"]), "--out", str(tmp_path / "last"))
    done = project.run("issues", "export", ISSUE, "--variant", "999", expect=3)

    text = (tmp_path / "last" / "issue.txt").read_text()
    assert all(title in " ".join(text.split()) for title in last["articles"])
    assert text != (tmp_path / "out" / "issue.txt").read_text()
    assert "has no mail 999" in done.stderr


@pytest.mark.parametrize("address", READERS)
def test_a_readers_message_is_written_as_it_arrived_byte_for_byte(
    published: Project, project: Project, tmp_path: Path, address: str
) -> None:
    project.run("issues", "export", ISSUE, "--reader", address, "--out", str(tmp_path / "out"))

    assert (tmp_path / "out" / "issue.eml").read_bytes() == arrived(published, address)


def test_what_is_in_the_archive_is_written_and_verified_as_well(
    published: Project, project: Project, tmp_path: Path
) -> None:
    with open_database(project.folder / ".newsletter" / "newsletter.db") as database:
        database.write(archived)

    project.run("issues", "export", ISSUE, "--reader", LATE, "--out", str(tmp_path / "out"))

    assert (tmp_path / "out" / "issue.eml").read_bytes() == arrived(published, LATE)
    assert project.json("issues", "verify", ISSUE)["messages"] == 2


def archived(connection: Connection) -> None:
    """All deliveries of the issue, in the archive."""
    d = t.delivery.c
    rows = connection.execute(select(t.delivery).where(d.issue_id == ISSUE).order_by(d.subscriber_id)).all()
    add(
        connection,
        [
            ArchivedRow(
                delivery_id=row.id,
                issue_id=ISSUE,
                subscriber_id=row.subscriber_id,
                variant_id=row.variant_id,
                state=State(row.state),
                at=row.state_at,
                due_at=row.due_at,
                attempts=row.attempts,
                doubt=0,
                code=250,
                reply="2.0.0",
            )
            for row in rows
        ],
    )
    connection.execute(delete(t.delivery).where(d.issue_id == ISSUE))


def test_who_got_no_mail_of_it_has_none_to_export(project: Project) -> None:
    done = project.run("issues", "export", ISSUE, "--reader", "nobody@example.org", expect=3)

    assert "was not for that reader" in done.stderr
    assert "nobody@example.org" not in done.stderr


def test_the_same_issue_is_exported_as_the_same_bytes(project: Project, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        project.run("issues", "export", ISSUE, "--out", str(folder))

    assert [file.read_bytes() for file in sorted(first.iterdir())] == [
        file.read_bytes() for file in sorted(second.iterdir())
    ]


def test_a_manifest_has_no_place_of_this_machine_no_secret_and_no_float(
    project: Project, tmp_path: Path
) -> None:
    project.run("issues", "export", ISSUE, "--out", str(tmp_path / "out"))

    text = (tmp_path / "out" / "manifest.json").read_text()
    key = (project.folder / ".newsletter" / "secret.key").read_text().strip()
    assert str(project.folder) not in text
    assert key not in text
    assert [value for value in leaves(json.loads(text)) if isinstance(value, float)] == []


def leaves(found: Any) -> list[Any]:
    if isinstance(found, dict):
        return [leaf for value in found.values() for leaf in leaves(value)]
    return [leaf for value in found for leaf in leaves(value)] if isinstance(found, list) else [found]


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)  # type: ignore[return-value]
