"""What is found in the database to be told: everything once, nothing from before, nothing about notices."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from newsletter.model import State
from newsletter.outbox import claim, operate
from newsletter.outbox.approving import approve, reject
from newsletter.service.notices import awaiting, notify
from newsletter.store import tables as t
from newsletter.store.database import open_database
from newsletter.web.maildrop import MailDrop
from tests.notices.newsroom import (
    DAY,
    HASH,
    HOUR,
    MINUTE,
    NOW,
    WEEKLY,
    deliveries,
    hold,
    issued,
    newsroom,
    open_issue,
    skip,
)
from tests.signup.signing import Publication, text_of

FAILED, SENT, DOUBT, QUEUED = State.FAILED, State.SENT, State.IN_DOUBT, State.QUEUED


def subjects(room: Publication, now: datetime) -> list[str]:
    """What one of the operators is told by a round."""
    assert notify(room.config, room.database, now) == ()
    before = len(room.mails())
    room.deliver(now)
    return sorted(str(m["Subject"]) for m in room.mails()[before:] if m["To"] == "ida@slowpost.example")


@pytest.fixture
def begun(room: Publication) -> Publication:
    """Notices have been on for an hour."""
    assert subjects(room, NOW - HOUR) == []
    return room


# ── what is told ────────────────────────────────────────────────────────────


def test_a_skipped_slot(begun: Publication) -> None:
    skip(begun.database, NOW)
    assert subjects(begun, NOW) == ["Skipped: The Slow Post, Monday 23 November 2026"]
    assert subjects(begun, NOW + MINUTE) == []
    assert "Why: nothing new\n" in text_of(begun.mails()[0])


def test_slots_that_are_skipped_at_one_time_are_one_mail(begun: Publication) -> None:
    for days in (3, 2, 1, 0):
        skip(begun.database, NOW, "missed", due=NOW - days * DAY)
    assert subjects(begun, NOW) == ["Skipped: The Slow Post, Monday 23 November 2026"]
    assert "Skipped before it: 3\n" in text_of(begun.mails()[0])
    assert subjects(begun, NOW + MINUTE) == []


def test_a_skipped_post_of_its_own(begun: Publication) -> None:
    skip(begun.database, NOW, key="article:7")
    assert len(subjects(begun, NOW)) == 1
    assert subjects(begun, NOW + MINUTE) == []


def test_a_post_of_a_cadence_that_nobody_has_chosen_is_no_news(begun: Publication) -> None:
    skip(begun.database, NOW, "nobody gets it so often", key="article:7")
    assert subjects(begun, NOW) == []


def test_an_issue_that_somebody_rejected_is_no_news_to_them(begun: Publication) -> None:
    hold(begun.database, due=NOW)
    begun.database.write(lambda c: reject(c, WEEKLY, "the wrong week"))
    assert subjects(begun, NOW) == []


def test_an_issue_that_waits_for_approval(begun: Publication) -> None:
    hold(begun.database)
    assert subjects(begun, NOW) == ["Awaiting approval: A snail, timed"]
    assert subjects(begun, NOW + MINUTE) == []


def test_what_somebody_has_approved_by_then_is_not_asked(begun: Publication) -> None:
    hold(begun.database)
    begun.database.write(lambda c: approve(c, WEEKLY, HASH, "Ida", NOW))
    assert subjects(begun, NOW) == []


def test_another_hash_is_another_question(begun: Publication) -> None:
    hold(begun.database)
    subjects(begun, NOW)
    hold(begun.database, hash="f" * 64)
    assert subjects(begun, NOW + MINUTE) == ["Awaiting approval: A snail, timed"]
    assert f"--hash {'f' * 16}\n" in text_of(begun.mails()[-1])


def test_the_approval_can_be_asked_for_at_once_and_is_asked_for_once(begun: Publication) -> None:
    hold(begun.database)
    assert awaiting(begun.config, begun.database, WEEKLY, NOW)
    assert not awaiting(begun.config, begun.database, WEEKLY, NOW)
    assert not awaiting(begun.config, begun.database, "weekly-2026-11-30", NOW)
    assert subjects(begun, NOW) == ["Awaiting approval: A snail, timed"]


def test_an_issue_that_the_server_does_not_let_us_send(begun: Publication) -> None:
    open_issue(begun.database)
    begun.database.write(lambda c: claim.pause(c, WEEKLY, "the server refuses us: 550 5.7.1 blocked"))
    assert subjects(begun, NOW) == [f"Paused: {WEEKLY}"]
    assert "Why: the server refuses us: 550 5.7.1 blocked\nWaiting: 3\n" in text_of(begun.mails()[0])
    begun.database.write(lambda c: operate.resume(c, WEEKLY))
    begun.database.write(lambda c: operate.pause(c, WEEKLY))
    assert subjects(begun, NOW + MINUTE) == []


def test_what_is_in_doubt_once_nothing_waits(begun: Publication) -> None:
    open_issue(begun.database)
    deliveries(begun.database, SENT, DOUBT, QUEUED)
    begun.database.write(lambda c: operate.pause(c, WEEKLY))
    assert subjects(begun, NOW) == [f"Paused: {WEEKLY}"]
    deliveries(begun.database, SENT, DOUBT, DOUBT)
    assert subjects(begun, NOW) == [f"2 messages in doubt: {WEEKLY}"]
    assert subjects(begun, NOW + MINUTE) == []


def test_an_issue_that_is_made_late(begun: Publication) -> None:
    issued(begun.database, NOW, due=NOW - 2 * HOUR - 5 * MINUTE)
    assert subjects(begun, NOW) == ["Late: The Slow Post, Monday 23 November 2026"]
    assert "Late by: 2 hours 5 minutes\nWhat became of it: It is being sent\n" in text_of(begun.mails()[-2])


def test_an_hour_is_not_late(begun: Publication) -> None:
    issued(begun.database, NOW, due=NOW - HOUR)
    assert subjects(begun, NOW) == []


def test_an_issue_that_waits_for_a_word_because_it_is_late_is_one_mail(begun: Publication) -> None:
    hold(begun.database, due=NOW - 3 * HOUR)
    assert subjects(begun, NOW) == ["Late: The Slow Post, Monday 23 November 2026"]
    assert f"    newsletter issues approve {WEEKLY} --hash {HASH[:16]}\n" in text_of(begun.mails()[0])
    assert subjects(begun, NOW + HOUR) == []


def test_who_let_a_late_issue_go_is_not_told_that_it_was_late(begun: Publication) -> None:
    issued(begun.database, NOW, due=NOW - 3 * HOUR)
    begun.database.write(lambda c: approve(c, WEEKLY, HASH, "Ida", NOW))
    assert subjects(begun, NOW) == []


def test_what_waits_for_a_word_late_and_then_changes_is_asked_again(begun: Publication) -> None:
    hold(begun.database, due=NOW - 3 * HOUR)
    assert awaiting(begun.config, begun.database, WEEKLY, NOW)
    assert not awaiting(begun.config, begun.database, WEEKLY, NOW)
    assert subjects(begun, NOW) == ["Late: The Slow Post, Monday 23 November 2026"]
    hold(begun.database, hash="f" * 64)
    assert awaiting(begun.config, begun.database, WEEKLY, NOW)


LETTERS = {"paused": "Paused: ", "in doubt": "1 message in doubt: "}


@pytest.mark.parametrize("kind", LETTERS)
def test_letters_are_told_of_like_issues(begun: Publication, kind: str) -> None:
    from tests.signup.signing import wish

    begun.ask(wish(), NOW)
    begun.answer(NOW)
    with begun.database.read() as connection:
        id = connection.execute(select(t.issue.c.id).where(t.issue.c.kind == "confirm")).scalar_one()
    if kind == "paused":
        begun.database.write(lambda c: operate.pause(c, id))
    else:
        begun.database.write(lambda c: c.execute(t.delivery.update().values(state=DOUBT, state_at=NOW)))
        begun.database.write(lambda c: c.execute(t.issue.update().values(state="finished")))
    assert subjects(begun, NOW) == [f"{LETTERS[kind]}{id}"]


# ── what is not ─────────────────────────────────────────────────────────────


def test_nothing_is_told_from_before_notices_were_on(room: Publication) -> None:
    skip(room.database, NOW - 2 * HOUR)
    open_issue(room.database, at=NOW - 3 * HOUR)
    deliveries(room.database, SENT, DOUBT, DOUBT, at=NOW - 3 * HOUR)
    room.database.write(lambda c: operate.pause(c, WEEKLY))
    assert subjects(room, NOW - HOUR) == []
    assert subjects(room, NOW) == []


def test_what_happens_to_an_old_issue_is_told(room: Publication) -> None:
    open_issue(room.database, at=NOW - 3 * HOUR)
    assert notify(room.config, room.database, NOW - HOUR) == ()
    deliveries(room.database, SENT, FAILED, QUEUED)
    room.database.write(lambda c: operate.pause(c, WEEKLY))
    assert subjects(room, NOW) == [f"Paused: {WEEKLY}"]


def test_notices_that_were_off_meanwhile_begin_anew(tmp_path: Path, begun: Publication) -> None:
    off = begun.config.model_copy(update={"notify": begun.config.notify.model_copy(update={"to": ()})})
    assert notify(off, begun.database, NOW) == ()
    skip(begun.database, NOW + MINUTE)
    assert subjects(begun, NOW + HOUR) == []
    skip(begun.database, NOW + 2 * HOUR, due=NOW + DAY)
    assert len(subjects(begun, NOW + 2 * HOUR)) == 1


def test_what_nobody_was_there_to_tell_for_days_is_told_no_more(begun: Publication) -> None:
    skip(begun.database, NOW)
    assert subjects(begun, NOW + 3 * DAY + MINUTE) == []


def test_nothing_is_told_about_a_notice(begun: Publication) -> None:
    skip(begun.database, NOW)
    notify(begun.config, begun.database, NOW)
    begun.database.write(lambda c: c.execute(t.delivery.update().values(state=DOUBT, state_at=NOW)))
    begun.database.write(lambda c: c.execute(t.issue.update().values(state="paused")))
    assert subjects(begun, NOW + MINUTE) == []


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    more = '[notify]\nto = ["ida@slowpost.example"]\nabout = ["late"]\n'
    with MailDrop(tmp_path / "inbox") as drop, open_database(tmp_path / ".newsletter" / "n.db") as database:
        room = newsroom(tmp_path, database, drop, more)
        assert subjects(room, NOW - HOUR) == []
        skip(database, NOW)
        skip(database, NOW + MINUTE, "26 h too late", due=NOW + DAY)
        hold(database)
        assert subjects(room, NOW + HOUR) == ["Late: The Slow Post, Tuesday 24 November 2026"]
        assert "Late by: 26 h too late\nWhat became of it: It was skipped\n" in text_of(room.mails()[0])


def test_the_approvers_of_a_newsletter_are_asked_and_nobody_else(tmp_path: Path) -> None:
    with MailDrop(tmp_path / "inbox") as drop, open_database(tmp_path / ".newsletter" / "n.db") as database:
        room = newsroom(
            tmp_path, database, drop, '[notify]\nto = ["ole@slowpost.example"]\nabout = ["late"]\n'
        )
        file = tmp_path / "config.toml"
        asked = 'approval = true\napprovers = ["ida@slowpost.example"]\n[newsletters.daily]'
        file.write_text(file.read_text().replace("[newsletters.daily]", asked))
        from newsletter.config import load

        room.config = load(file, {})
        hold(database)
        assert subjects(room, NOW) == ["Awaiting approval: A snail, timed"]
        assert [mail["To"] for mail in room.mails()] == ["ida@slowpost.example"]


def test_a_broken_template_is_told_in_words_and_tried_again(tmp_path: Path, begun: Publication) -> None:
    skip(begun.database, NOW)
    template = tmp_path / "templates" / "notice.txt.j2"
    template.parent.mkdir(exist_ok=True)
    template.write_text("{{ notice.headlin }}")
    (trouble,) = notify(begun.config, begun.database, NOW)
    assert "notice.txt.j2:1: " in trouble and 'did you mean "headline"?' in trouble
    template.unlink()
    assert len(subjects(begun, NOW + MINUTE)) == 1
