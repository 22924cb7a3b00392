"""A notice on its way: who gets it, how often, and what it looks like as a mail."""

import multiprocessing
from email.utils import parsedate_to_datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from newsletter.audience.consent import Evidence
from newsletter.audience.erasing import erase
from newsletter.config import load
from newsletter.config.schema import Config
from newsletter.issue.notices import What
from newsletter.model import Kind, State
from newsletter.outbox import operate
from newsletter.service.notices import tell
from newsletter.store import tables as t
from newsletter.store.database import open_database
from tests.notices.newsroom import DAY, HASH, HOUR, MINUTE, NOW, WEEKLY, notice
from tests.signup.signing import Publication, text_of


def told(room: Publication, what: What = What.SKIPPED, **more: object) -> bool:
    return tell(room.config, room.database, notice(what, **more), NOW)


def notifying(room: Publication, **keys: object) -> Config:
    """Its configuration with other keys under [notify]."""
    return room.config.model_copy(update={"notify": room.config.notify.model_copy(update=keys)})


def test_every_operator_gets_it_once(room: Publication) -> None:
    assert [told(room), told(room)] == [True, False]
    room.deliver()
    assert told(room) is False
    room.deliver()
    assert sorted(mail["To"] for mail in room.mails()) == ["ida@slowpost.example", "ole@slowpost.example"]


def test_another_thing_is_told_too(room: Publication) -> None:
    told(room)
    told(room, about="weekly-2026-11-30")
    told(room, What.PAUSED)
    room.deliver()
    assert len(room.mails()) == 6


def test_a_name_that_stands_twice_is_one(room: Publication) -> None:
    config = notifying(room, to=("ida@slowpost.example", "IDA@slowpost.example"))
    tell(config, room.database, notice(), NOW)
    room.deliver()
    assert len(room.mails()) == 1


def _tell_again_and_again(file: Path, times: int) -> None:
    config = load(file, {})
    with open_database(config.store_path) as database:
        for number in range(times):
            tell(config, database, notice(about=f"weekly-{number}"), NOW)


def test_several_processes_tell_once(room: Publication, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    arguments = (tmp_path / "config.toml", 5)
    some = [context.Process(target=_tell_again_and_again, args=arguments) for _ in range(3)]
    for each in some:
        each.start()
    for each in some:
        each.join(60)
    assert [each.exitcode for each in some] == [0, 0, 0]
    room.deliver()
    assert (
        sorted(mail["To"] for mail in room.mails())
        == ["ida@slowpost.example"] * 5 + ["ole@slowpost.example"] * 5
    )


def _tell_until_killed(file: Path, line: Connection) -> None:
    config = load(file, {})
    with open_database(config.store_path) as database:
        for number in range(1000):
            tell(config, database, notice(about=f"weekly-{number}"), NOW)
            line.send(number)


def test_a_process_that_is_killed_has_told_once_and_whole(room: Publication, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_tell_until_killed, args=(tmp_path / "config.toml", theirs))
    process.start()
    for _ in range(3):
        ours.recv()
    process.kill()
    process.join(60)
    for number in range(6):
        tell(room.config, room.database, notice(about=f"weekly-{number}"), NOW)
    with room.database.read() as connection:
        told_to = select(t.delivery.c.issue_id, func.count()).group_by(t.delivery.c.issue_id)
        counts = dict(tuple(row) for row in connection.execute(told_to))
    assert {counts[notice(about=f"weekly-{number}").id] for number in range(6)} == {2}
    assert set(counts.values()) == {2}


def test_nobody_answers_it_and_it_belongs_to_no_list(room: Publication) -> None:
    told(room)
    room.deliver()
    mail = room.mails()[0]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Ida Vang <ida@slowpost.example>"
    assert [name for name in mail if name.lower().startswith(("list-", "precedence"))] == []
    assert mail.get_content_type() == "multipart/alternative"


def test_message_id_and_date_are_its_own(room: Publication) -> None:
    told(room)
    room.deliver(NOW + HOUR)
    mails = room.mails()
    assert {parsedate_to_datetime(mail["Date"]) for mail in mails} == {NOW}
    with room.database.read() as connection:
        rows = operate.deliveries(connection, issue_id=notice().id)
    assert {mail["Message-ID"] for mail in mails} == {row.message_id for row in rows}
    assert len({row.message_id for row in rows}) == 2


def test_a_page_and_a_text_say_the_same(room: Publication) -> None:
    told(room, What.APPROVAL, hash=HASH, articles=5)
    room.deliver()
    mail = room.mails()[0]
    page = mail.get_body(("html",))
    assert page is not None
    for said in (HASH, "An issue waits for your word", "A snail, timed"):
        assert said in page.get_content()
        assert said in text_of(mail)
    assert f"    newsletter issues approve {WEEKLY} --hash {HASH[:16]}\n" in text_of(mail)


def test_it_goes_before_every_issue(room: Publication) -> None:
    told(room)
    with room.database.read() as connection:
        found = connection.execute(select(t.delivery.c.priority, t.delivery.c.kind)).all()
    assert {tuple(row) for row in found} == {(1, Kind.NOTICE)}


BARRED = {
    "somebody left": "unsubscribed",
    "somebody was never asked": None,
}


@pytest.mark.parametrize("status", BARRED.values(), ids=BARRED)
def test_an_operator_needs_no_subscription(room: Publication, status: str | None) -> None:
    address = "ida@slowpost.example"
    if status:
        person = {"id": 1, "address": address, "address_key": address, "name": "", "language": ""}

        def write(connection) -> None:  # type: ignore[no-untyped-def]
            connection.execute(insert(t.subscriber).values(**person, created_at=NOW))
            row = {"subscriber_id": 1, "newsletter": "weekly", "status": status, "since": NOW}
            connection.execute(insert(t.subscription).values(row))

        room.database.write(write)
    told(room)
    assert room.deliver().sent == 2


def test_who_complained_as_a_reader_is_told_as_an_operator(room: Publication) -> None:
    row = {
        "address_key": "ida@slowpost.example",
        "scope": "*",
        "reason": "complaint",
        "since": NOW,
        "note": "",
    }
    room.database.write(lambda c: c.execute(insert(t.suppression).values(row)))
    told(room)
    assert room.deliver().sent == 2


def test_nobody_is_named_and_nothing_is_written(room: Publication) -> None:
    config = notifying(room, to=())
    assert tell(config, room.database, notice(), NOW) is False
    with room.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.issue)).scalar() == 0


def test_what_is_not_asked_for_is_not_told(room: Publication) -> None:
    config = notifying(room, about=("paused",))
    assert tell(config, room.database, notice(What.SKIPPED), NOW) is False
    assert tell(config, room.database, notice(What.PAUSED), NOW) is True


def test_too_late_it_is_not_sent(room: Publication) -> None:
    told(room)
    assert room.deliver(NOW + 3 * DAY + MINUTE).sent == 0
    with room.database.read() as connection:
        assert operate.counts(connection)[State.FAILED] == 2


def test_notices_are_listed_with_the_letters(room: Publication) -> None:
    told(room)
    with room.database.read() as connection:
        assert [row.id for row in operate.issues(connection, letters=True)] == [notice().id]
        assert operate.issues(connection) == ()


def test_who_is_erased_stands_in_no_notice_and_gets_none_twice(room: Publication) -> None:
    told(room)
    room.deliver()
    erase(room.database, "ida@slowpost.example", Evidence(NOW, "operator"))
    with room.database.read() as connection:
        rows = connection.execute(select(t.delivery.c.address, t.delivery.c.dedupe_key)).all()
    assert [row for row in rows if "ida" in f"{row}"] == []
    assert told(room) is False
