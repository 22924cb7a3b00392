"""Who may lift which suppression: the table of docs/subscribers.md, row by row."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.audience import blocking, joining, subscribers
from newsletter.audience.addresses import parse
from newsletter.audience.consent import Evidence
from newsletter.audience.enrolling import Change
from newsletter.audience.erased import Erased
from newsletter.audience.erasing import erase
from newsletter.audience.people import Person
from newsletter.audience.suppression import (
    SOFT_BOUNCES,
    Reason,
    is_suppressed,
    reasons,
    suppress,
    suppress_soft,
)
from newsletter.errors import SubscribersError
from newsletter.store.database import Database

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
ANN = "ann@x.example"


def standing(database: Database, now: datetime = LATER) -> str | None:
    ann = subscribers.show(database, ANN)
    return ann.standing("weekly", now) if ann else None


def keep_out(database: Database, reason: Reason) -> None:
    """Ann has the newsletter, and then something happens."""
    subscribers.add(database, ANN, newsletters=("weekly",), now=NOW)
    match reason:
        case Reason.UNSUBSCRIBED:
            subscribers.unsubscribe(database, ANN, "weekly", NOW)
        case Reason.SOFT_BOUNCES:
            assert database.write(lambda c: suppress_soft(c, ANN, SOFT_BOUNCES, NOW))
        case Reason.ERASED:
            erase(database, ANN, Evidence(NOW, "operator"))
        case Reason.DOMAIN:
            blocking.block(database, "@x.example", "*", NOW)
        case _:
            database.write(lambda c: suppress(c, ANN, "*", reason, NOW, "5.1.1 unknown"))
    assert standing(database) != "active"


def comes_back_by_import(database: Database) -> None:
    answer = subscribers.add(database, ANN, newsletters=("weekly",), now=LATER)
    assert answer.change in (Change.UNCHANGED, Change.REFUSED)


def comes_back_by_signing_up(database: Database) -> None:
    person, erased = Person(0, parse(ANN), "", (), "", ""), Erased(database.path)
    said = Evidence(LATER, "form")
    made = database.write(lambda c: joining.sign_up(c, person, ("weekly",), said, erased))
    assert standing(database) != "active"
    database.write(lambda c: joining.confirm(c, made.subscriber_id, ("weekly",), said, erased))


def is_unblocked(database: Database) -> None:
    for what in (ANN, "@x.example"):
        blocking.unblock(database, what, LATER, "they asked us to")


@pytest.mark.parametrize(
    ("reason", "reader", "operator"),
    [
        (Reason.UNSUBSCRIBED, True, False),
        (Reason.COMPLAINT, False, True),
        (Reason.HARD_BOUNCE, True, True),
        (Reason.SOFT_BOUNCES, False, False),
        (Reason.OPERATOR, False, True),
        (Reason.DOMAIN, False, True),
        (Reason.ERASED, True, False),
    ],
)
def test_only_who_may_lifts_it(database: Database, reason: Reason, reader: bool, operator: bool) -> None:
    keep_out(database, reason)
    comes_back_by_import(database)
    assert standing(database) != "active"
    is_unblocked(database)
    assert (standing(database) == "active") is operator
    if not operator:
        comes_back_by_signing_up(database)
        assert (standing(database) == "active") is reader


@pytest.mark.parametrize("reason", [Reason.COMPLAINT, Reason.OPERATOR, Reason.DOMAIN, Reason.SOFT_BOUNCES])
def test_what_a_reader_may_not_lift_gets_no_confirmation_mail(database: Database, reason: Reason) -> None:
    keep_out(database, reason)
    person, said = Person(0, parse(ANN), "", (), "", ""), Evidence(LATER, "form")
    made = database.write(lambda c: joining.sign_up(c, person, ("weekly",), said, Erased(database.path)))
    assert not made.may_write
    database.write(lambda c: joining.confirm(c, made.subscriber_id, ("weekly",), said, Erased(database.path)))
    assert standing(database) == "suppressed"


def test_time_lifts_soft_bounces_and_they_may_come_again(database: Database) -> None:
    keep_out(database, Reason.SOFT_BOUNCES)
    over = NOW + timedelta(days=30)
    assert (standing(database, over - timedelta(seconds=1)), standing(database, over)) == (
        "suppressed",
        "active",
    )
    assert not database.write(lambda c: suppress_soft(c, ANN, SOFT_BOUNCES - 1, over))
    assert database.write(lambda c: suppress_soft(c, ANN, SOFT_BOUNCES, over))
    assert standing(database, over) == "suppressed"


def test_a_complaint_is_lifted_only_with_a_note(database: Database) -> None:
    keep_out(database, Reason.COMPLAINT)
    with pytest.raises(ValueError, match="only lifted with a note"):
        blocking.unblock(database, ANN, LATER)
    assert standing(database) == "suppressed"


def test_who_left_everything_and_comes_back_for_one_has_still_left_the_rest(database: Database) -> None:
    subscribers.add(database, ANN, newsletters=("weekly",), now=NOW)
    subscribers.unsubscribe(database, ANN, "*", NOW)
    person, said, erased = (
        Person(0, parse(ANN), "", (), "", ""),
        Evidence(LATER, "form"),
        Erased(database.path),
    )
    made = database.write(lambda c: joining.sign_up(c, person, ("weekly",), said, erased))
    assert made.to_confirm == ("weekly",) and made.may_write
    database.write(
        lambda c: joining.confirm(c, made.subscriber_id, ("weekly",), said, erased, ("weekly", "daily"))
    )
    assert standing(database) == "active"
    assert subscribers.add(database, ANN, newsletters=("daily",), now=LATER).kept_out == ("daily",)


def test_an_old_confirmation_does_not_undo_a_later_leave(database: Database) -> None:
    person, said, erased = Person(0, parse(ANN), "", (), "", ""), Evidence(NOW, "form"), Erased(database.path)
    made = database.write(lambda c: joining.sign_up(c, person, ("weekly",), said, erased))
    id = made.subscriber_id
    assert database.write(lambda c: joining.confirm(c, id, ("weekly",), said, erased)) == ("weekly",)
    subscribers.unsubscribe(database, id, "weekly", NOW)
    assert database.write(lambda c: joining.confirm(c, id, ("weekly",), said, erased)) == ()
    assert standing(database) == "unsubscribed"


def test_a_stranger_changes_nothing_about_a_known_person(database: Database) -> None:
    subscribers.add(database, ANN, name="Ann", newsletters=("weekly",), now=NOW)
    person = Person(0, parse("ANN@x.example"), "Evil", ("vip",), "Asia/Tokyo", "ja")
    said = Evidence(LATER, "form")
    before = subscribers.show(database, ANN)
    made = database.write(lambda c: joining.sign_up(c, person, ("weekly",), said, Erased(database.path)))
    assert (made.to_confirm, made.may_write) == ((), False)
    assert subscribers.show(database, ANN) == before


@pytest.mark.parametrize(
    ("what", "others", "hit"),
    [
        ("@X.example", "b@y.example", True),
        ("*@x.example", "b@sub.x.example", True),
        ("@münchen.example", ANN, False),
    ],
)
def test_a_domain_block_means_that_domain_alone(
    database: Database, what: str, others: str, hit: bool
) -> None:
    assert blocking.block(database, what, "*", NOW)
    assert not blocking.block(database, what, "*", NOW)
    with database.read() as connection:
        assert is_suppressed(connection, ANN, "weekly") is hit
        assert not is_suppressed(connection, others, "weekly")


@pytest.mark.parametrize("what", ["", "@", "@localhost", "nobody", "@x.example@y.example"])
def test_what_is_neither_an_address_nor_a_domain_is_refused(database: Database, what: str) -> None:
    with pytest.raises(ValueError):
        blocking.block(database, what, "*", NOW)


def test_without_the_key_nobody_is_taken_in(database: Database) -> None:
    erase(database, ANN, Evidence(NOW, "operator"))
    key = database.path.with_name("newsletter.db.erased-key")
    kept = key.read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    for _ in range(2):
        with pytest.raises(SubscribersError, match=r"erased-key: is missing.*Restore it"):
            subscribers.add(database, "b@x.example", newsletters=("weekly",), now=NOW)
        with pytest.raises(SubscribersError, match="is missing"):
            erase(database, "b@x.example", Evidence(NOW, "operator"))
    key.write_bytes(kept)
    assert subscribers.add(database, ANN, newsletters=("weekly",), now=NOW).why == "erased"
    assert subscribers.add(database, "b@x.example", newsletters=("weekly",), now=NOW).change is Change.ADDED


def test_a_hash_on_the_list_is_no_address(database: Database) -> None:
    subscribers.add(database, "#odd@x.example", newsletters=("weekly",), now=NOW)
    subscribers.unsubscribe(database, "#odd@x.example", "weekly", NOW)
    assert subscribers.add(database, ANN, newsletters=("weekly",), now=NOW).change is Change.ADDED
    with database.read() as connection:
        assert [one.reason for one in reasons(connection, "#odd@x.example")] == ["unsubscribed"]
