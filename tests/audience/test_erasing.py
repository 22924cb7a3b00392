"""After a person is erased nothing of them is left to be found, and what counts for others is still there."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from newsletter.audience import consent, joining, subscribers
from newsletter.audience.addresses import parse
from newsletter.audience.bounces import Action, Notice
from newsletter.audience.consent import Evidence, Form
from newsletter.audience.erased import Erased
from newsletter.audience.erasing import erase, expire
from newsletter.audience.people import Person
from newsletter.delivery import bounced
from newsletter.model import Fault, Outcome, Verdict
from newsletter.outbox import claim
from newsletter.outbox.claim import Result
from newsletter.store import tables as t
from newsletter.store.database import Database
from newsletter.web.maildrop import MailDrop
from tests.journeys.project import Project, sample_project
from tests.outbox.publishing import issue, publish, subscribe

SENDING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATE = NOW + timedelta(days=8)


def signed_up(database: Database, address: str, *names: str) -> int:
    person, evidence = (
        Person(0, parse(address), "", (), "", ""),
        Evidence(NOW, "form", form=Form("en", "Yes")),
    )

    def write(connection: Connection) -> int:
        return joining.sign_up(connection, person, names, evidence, Erased(database.path)).subscriber_id

    return database.write(write)


def test_who_never_confirmed_is_forgotten_after_a_week(database: Database) -> None:
    signed_up(database, "ann@x.example", "weekly")
    assert expire(database, NOW + timedelta(days=7)) == 0
    assert expire(database, LATE) == 1
    assert (subscribers.count(database), expire(database, LATE)) == (0, 0)
    with database.read() as connection:
        assert consent.verify(connection).broken == 0
        said = connection.exec_driver_sql("SELECT group_concat(said) FROM consent_detail").scalar()
    assert "ann" not in str(said)


def test_forgetting_keeps_what_is_not_pending(database: Database) -> None:
    id = subscribers.add(database, "ann@x.example", newsletters=("weekly",), now=NOW).subscriber_id
    subscribers.unsubscribe(database, "ann@x.example", "daily", NOW)
    signed_up(database, "ann@x.example", "daily", "blog")
    assert expire(database, LATE) == 2
    ann = subscribers.show(database, id)
    assert ann is not None
    assert [(one.newsletter, one.status) for one in ann.subscriptions] == [
        ("daily", "unsubscribed"),
        ("weekly", "active"),
    ]


def test_the_id_of_somebody_erased_is_never_given_again(database: Database) -> None:
    first = subscribers.add(database, "ann@x.example", newsletters=("weekly",), now=NOW).subscriber_id
    erase(database, "ann@x.example", Evidence(NOW, "operator"))
    assert subscribers.add(database, "ben@x.example", newsletters=("weekly",), now=NOW).subscriber_id > first
    gone = signed_up(database, "cleo@x.example", "weekly")
    expire(database, LATE)
    assert signed_up(database, "dan@x.example", "weekly") > gone


def test_an_erased_person_is_told_from_others_only_with_the_key(database: Database) -> None:
    subscribers.add(database, "Ann@x.example", newsletters=("weekly",), now=NOW)
    gone = erase(database, "ANN@x.example", Evidence(NOW, "operator"))
    assert (gone.subscribers, gone.entries) == (1, 1)
    with database.read() as connection:
        (row,) = connection.execute(select(t.suppression)).all()
        assert consent.verify(connection).broken == 0
    assert (row.reason, row.scope, row.note) == ("erased", "*", "")
    assert row.address_key[0] == ":" and len(row.address_key) == 65


@pytest.mark.parametrize(
    ("verdict", "fault"), [(Verdict.SENT, Fault.NONE), (Verdict.FAILED, Fault.RECIPIENT)], ids=str
)
def test_what_a_server_says_after_the_erasure_is_not_kept(
    database: Database, verdict: Verdict, fault: Fault
) -> None:
    subscribe(database, 2)
    publish(database, issue())
    gone, stays = database.write(lambda c: claim.take(c, owner="a", limit=2, now=SENDING))
    erase(database, gone.address, Evidence(NOW, "operator"))
    said = [Result(each, Outcome(verdict, fault, 250, f"<{each.address}>")) for each in (gone, stays)]
    assert database.write(lambda c: claim.record(c, said, SENDING)) == 2
    notice = Notice(Action.FAILED, gone.address, "5.1.1", f"<{gone.address}>", gone.id, 0, "")
    assert database.write(lambda c: bounced.record(c, notice, SENDING)).effect is bounced.Effect.NOTED

    with database.read() as connection:
        replies = connection.execute(select(t.delivery.c.reply).order_by(t.delivery.c.id)).scalars().all()
        assert replies == ["", f"<{stays.address}>"]
        assert connection.execute(select(t.bounce.c.text)).scalars().all() == [""]


def test_who_is_erased_while_they_wait_gets_nothing(database: Database) -> None:
    subscribe(database, 2)
    publish(database, issue())
    erase(database, "r1@example.org", Evidence(NOW, "operator"))
    assert [one.subscriber_id for one in database.write(
        lambda c: claim.take(c, owner="a", limit=2, now=SENDING)
    )] == [2]  # fmt: skip


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Readers who had an issue, one of whom also had a test, and of whom everything is known."""
    folder = tmp_path_factory.mktemp("erased")
    with MailDrop(folder / "inbox") as drop:
        made = sample_project(folder / "project", drop.port).set(max_items="1")
        made.subscribe(30)
        more = "--tag zebtag --attribute nick=zebnick --topic zebtopic --topic works".split()
        made.run("subscribers", "add", "Zebedea@Erased.example", "--name", "Zebedea Zebquirk", *more)
        made.run("send", "weekly", "--yes")
        made.run("send", "weekly", "--test", "zebedea@erased.example")
        made.run("subscribers", "remove", "r7@example.org")
    with sqlite3.connect(folder / "project" / ".newsletter" / "newsletter.db") as raw:
        reply = "UPDATE delivery SET reply = '250 <Zebedea@Erased.example> ok'"
        raw.execute(f"{reply} WHERE subscriber_id = 31 OR kind = 'test'")
        raw.execute(
            "INSERT INTO bounce (delivery_id, at, action, status, text) SELECT id, 1, 'failed', '4.2.2',"
            " 'zebedea@erased.example is full' FROM delivery WHERE subscriber_id = 31"
        )
        raw.execute(
            "INSERT INTO suppression (address_key, scope, reason, since, note)"
            " VALUES ('zebedea@erased.example', 'daily', 'operator', 1, 'zebedea asked')"
        )
    raw.close()
    return made


@pytest.mark.slow
def test_everything_about_a_person_is_in_one_document_and_then_nowhere(sent: Project) -> None:
    told = sent.json("subscribers", "show", "zebedea@erased.example")
    assert (told["address"], told["name"], told["tags"]) == (
        "Zebedea@erased.example",
        "Zebedea Zebquirk",
        ["zebtag"],
    )
    assert told["attributes"] == {"nick": "zebnick"}
    assert [(one["name"], one["status"], one["topics"]) for one in told["newsletters"]] == [
        ("weekly", "active", ["works", "zebtopic"])
    ]
    assert [(one["action"], one["through"]) for one in told["consent"]] == [("added", "operator")]
    assert [one["state"] for one in told["deliveries"]] == ["sent", "sent"]
    assert told["deliveries"][0]["bounces"] == ["1970-01-01 failed 4.2.2 zebedea@erased.example is full"]
    assert [(one["scope"], one["note"]) for one in told["suppressions"]] == [("daily", "zebedea asked")]
    before = sent.json("outbox", "status")

    sent.run("subscribers", "erase", "zebedea@erased.example", "--yes")

    kept = b"".join(
        path.read_bytes() for path in (sent.folder / ".newsletter").rglob("*") if path.is_file()
    ).lower()
    exported = sent.run("subscribers", "export", "weekly").stdout.lower()
    logs = "".join(
        sent.run(*words).stdout.lower()
        for words in (
            ["outbox", "list"],
            ["bounces", "list"],
            ["subscribers", "list"],
            ["subscribers", "verify"],
        )
    )
    for word in ("zebedea", "erased.example", "zebtag", "zebnick", "zebtopic", "zebquirk"):
        assert word.encode() not in kept, word
        assert word not in exported + logs, word
    assert b"r8@example.org" in kept
    assert sent.json("outbox", "status") == before
    assert sent.json("subscribers", "verify")["broken"] is None
    assert sent.json("subscribers", "add", "ZEBEDEA@erased.example")["change"] == "refused"
