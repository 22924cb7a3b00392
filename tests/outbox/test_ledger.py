"""News is decided by rows: no clock, no rename and no other newsletter changes it."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from newsletter.model import Listing
from newsletter.outbox import frozen, ledger
from newsletter.outbox.ledger import Fate
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue


def listing(name: str, *keys: str) -> Listing:
    made = keys or (f"text:{name}", f"path:{name}.md")
    return Listing(made[0], made, f"{name}.md", name, "en", NOW, 0)


def issued(
    database: Database,
    newsletter: str,
    folder: list[Listing],
    carried: list[Listing],
    *,
    dropped: tuple[Listing, ...] = (),
    hours: int = 0,
) -> None:
    when = NOW + timedelta(hours=hours)

    def write(connection: Connection) -> None:
        first = not ledger.books(connection, newsletter).made
        id = ledger.free_id(connection, f"{newsletter}-2026-11-23")
        frozen.put(connection, replace(issue(), id=id, newsletter=newsletter, due_at=when), when)
        ledger.learn(connection, folder, when)
        ids = ledger.books(connection, newsletter).ids([*folder, *carried])
        fates = {one.identity: ledger.BEFORE for one in folder} if first else {}
        fates |= {one.identity: ledger.DROPPED for one in dropped}
        fates |= {one.identity: ledger.CARRIED for one in carried}
        ledger.carry(connection, id, [Fate(ids[identity], fate) for identity, fate in fates.items()])

    database.write(write)


def news(database: Database, newsletter: str, folder: list[Listing]) -> list[str]:
    with database.read() as connection:
        books = ledger.books(connection, newsletter)
    ids, issues = books.ids(folder), [issue for issue, _ in books.issues_of("weekly", ())]
    return [each.title for each in folder if not books.why_not(issues, ids[each.identity])]


A, B, C = listing("A"), listing("B"), listing("C")


def test_the_back_catalogue_is_no_news_whatever_the_clock_says_later(database: Database) -> None:
    issued(database, "weekly", [A, B], [A], hours=1)
    issued(database, "weekly", [A, B, C], [C], hours=0)  # the clock was set back between the two

    assert news(database, "weekly", [A, B, C, listing("D")]) == ["D"]


def test_what_did_not_fit_is_news_again_unless_it_was_dropped(database: Database) -> None:
    issued(database, "weekly", [], [])
    issued(database, "weekly", [A, B, C], [A], dropped=(B,))

    assert news(database, "weekly", [A, B, C]) == ["C"]


def test_newsletters_do_not_decide_for_each_other(database: Database) -> None:
    issued(database, "weekly", [A], [A], hours=0)
    issued(database, "other", [], [], hours=1)

    assert news(database, "other", [A]) == ["A"]
    assert news(database, "weekly", [A]) == []


def test_an_article_that_is_renamed_today_and_edited_tomorrow_is_still_the_same(database: Database) -> None:
    before = listing("clock", "text:one", "path:clock.md")
    renamed = listing("clock", "text:one", "path:the-clock.md")
    edited = listing("clock", "text:two", "path:the-clock.md")
    issued(database, "weekly", [before], [before])
    for seen in (renamed, edited):
        database.write(lambda connection, seen=seen: ledger.learn(connection, [seen], NOW))

    assert news(database, "weekly", [edited]) == []
    assert news(database, "weekly", [listing("clock", "text:two", "path:elsewhere.md")]) == []


def test_an_issue_that_was_cancelled_before_anybody_got_it_does_not_count(database: Database) -> None:
    from newsletter.outbox import operate

    issued(database, "weekly", [A, B], [A])
    database.write(lambda connection: operate.cancel(connection, "weekly-2026-11-23", NOW))

    assert news(database, "weekly", [A, B]) == ["A", "B"]


def test_ids_never_collide(database: Database) -> None:
    issued(database, "weekly", [A], [A])
    with database.read() as connection:
        assert ledger.free_id(connection, "weekly-2026-11-23") == "weekly-2026-11-23-2"
        assert ledger.free_id(connection, "weekly-2026-11-24") == "weekly-2026-11-24"
        assert ledger.free_id(connection, "weekly-2026-11-23", "m") == "weekly-2026-11-23-m1"
