"""One person at a time, and how many there are."""

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.audience.enrolling import Change
from newsletter.audience.subscribers import Counts, add, count, counts, listed, show, unsubscribe
from newsletter.audience.suppression import Suppression, is_suppressed, reasons, suppress
from newsletter.store.database import Database
from newsletter.store.tables import subscription

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def enrolled(database: Database, *addresses: str, newsletters: tuple[str, ...] = ("weekly",)) -> None:
    for address in addresses:
        add(database, address, newsletters=newsletters, now=NOW)


def suppressed(database: Database, key: str, newsletter: str) -> bool:
    with database.read() as connection:
        return is_suppressed(connection, key, newsletter)


def test_a_person_is_added_once(database: Database) -> None:
    first = add(database, " Ann@a.example ", name="Ann", newsletters=("weekly",), now=NOW)
    second = add(database, "ann@a.example", newsletters=("weekly",), now=LATER)
    assert (first.change, second.change) == (Change.ADDED, Change.UNCHANGED)
    assert first.subscriber_id == second.subscriber_id
    ann = show(database, first.subscriber_id)
    assert ann is not None and (ann.address, ann.name) == ("Ann@a.example", "Ann")


@pytest.mark.parametrize(
    ("address", "name"), [("nobody", ""), ("a@x.example", "=?x?="), ("a@x.example", "A\r\nBcc: b")]
)
def test_what_cannot_be_used_is_refused(database: Database, address: str, name: str) -> None:
    with pytest.raises(ValueError):
        add(database, address, name=name, newsletters=("weekly",), now=NOW)
    assert count(database) == 0


def test_leaving_ends_the_subscription_and_is_remembered(database: Database) -> None:
    enrolled(database, "Ann@a.example", newsletters=("weekly", "blog"))
    assert unsubscribe(database, "ANN@a.example", "weekly", LATER, note="by letter")
    ann = show(database, "ann@a.example")
    assert ann is not None
    assert (ann.standing("weekly", LATER), ann.standing("blog", LATER), ann.standing("other", LATER)) == (
        "unsubscribed",
        "active",
        None,
    )
    assert ann.suppressions == (Suppression("weekly", "unsubscribed", LATER, "by letter"),)
    assert next(held.since for held in ann.subscriptions if held.newsletter == "weekly") == LATER


def test_leaving_twice_changes_nothing_more(database: Database) -> None:
    enrolled(database, "a@x.example")
    assert unsubscribe(database, "a@x.example", "weekly", NOW)
    before = show(database, "a@x.example")
    assert not unsubscribe(database, "a@x.example", "weekly", LATER)
    assert show(database, "a@x.example") == before


def test_leaving_everything_covers_newsletters_to_come(database: Database) -> None:
    enrolled(database, "a@x.example", newsletters=("weekly", "blog"))
    ann = show(database, "a@x.example")
    assert ann is not None and unsubscribe(database, ann.id, "*", NOW)
    assert suppressed(database, "a@x.example", "anything")
    enrolled(database, "a@x.example", newsletters=("new",))
    again = show(database, "a@x.example")
    assert again is not None
    assert {(held.newsletter, held.status) for held in again.subscriptions} == {
        ("blog", "unsubscribed"),
        ("weekly", "unsubscribed"),
    }


def test_an_address_on_no_list_is_remembered_too(database: Database) -> None:
    assert unsubscribe(database, "a@x.example", "weekly", NOW)
    answer = add(database, "a@x.example", newsletters=("weekly",), now=LATER)
    assert (answer.change, answer.kept_out, answer.why) == (Change.REFUSED, ("weekly",), "unsubscribed")
    assert count(database) == 0


def test_an_unknown_id_changes_nothing(database: Database) -> None:
    assert not unsubscribe(database, 4711, "weekly", NOW)
    assert show(database, 4711) is None


def test_a_suppression_is_written_once_for_each_reason(database: Database) -> None:
    def write(reason: str, scope: str) -> bool:
        return database.write(lambda connection: suppress(connection, "a@x.example", scope, reason, NOW))

    assert [write("complaint", "*"), write("complaint", "*"), write("hard bounce", "*")] == [
        True,
        False,
        True,
    ]
    with database.read() as connection:
        assert [one.reason for one in reasons(connection, "a@x.example")] == ["complaint", "hard bounce"]


@pytest.mark.parametrize(
    ("scope", "newsletter", "expected"),
    [("weekly", "weekly", True), ("*", "weekly", True), ("blog", "weekly", False)],
)
def test_a_suppression_holds_for_its_scope(
    database: Database, scope: str, newsletter: str, expected: bool
) -> None:
    database.write(lambda connection: suppress(connection, "a@x.example", scope, "operator", NOW))
    assert suppressed(database, "a@x.example", newsletter) is expected
    assert not suppressed(database, "b@x.example", newsletter)


def test_each_subscription_is_counted_exactly_once(database: Database) -> None:
    enrolled(database, *(f"{letter}@x.example" for letter in "abcdef"))
    enrolled(database, "g@x.example", newsletters=("blog",))
    unsubscribe(database, "a@x.example", "weekly", NOW)
    unsubscribe(database, "b@x.example", "blog", NOW)
    database.write(lambda connection: suppress(connection, "c@x.example", "*", "complaint", NOW))
    database.write(lambda connection: suppress(connection, "a@x.example", "*", "complaint", NOW))
    database.write(
        lambda connection: (
            connection.execute(
                subscription.update().where(subscription.c.subscriber_id == 4).values(status="pending")
            ).rowcount
        )
    )
    assert counts(database, "weekly", NOW) == Counts(active=3, pending=1, unsubscribed=1, suppressed=1)
    assert counts(database, "blog", NOW) == Counts(1, 0, 0, 0)
    assert counts(database, "unknown", NOW) == Counts(0, 0, 0, 0)
    assert count(database) == 7


def test_the_list_is_read_page_by_page(database: Database) -> None:
    enrolled(database, *(f"p{number}@x.example" for number in range(5)))
    enrolled(database, "other@x.example", newsletters=("blog",))
    seen: list[str] = []
    after = 0
    while page := listed(database, "weekly", after=after, limit=2):
        assert len(page) <= 2
        seen += (one.address for one in page)
        after = page[-1].id
    assert seen == [f"p{number}@x.example" for number in range(5)]
