"""An issue that somebody lets go late is shared out by all that its readers have had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsletter.issue.portion import Offered, Rules
from newsletter.outbox.ledger import CARRIED, Books
from newsletter.outbox.shareable import regroup
from newsletter.outbox.sharing import Group, Sharing
from newsletter.store.tables import milliseconds

NOW = datetime(2027, 2, 26, 1, tzinfo=UTC)
RULES = Rules(min_items=1, max_items=2, carries=False, first_issue="current")


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def test_what_was_not_too_old_when_it_was_made_is_looked_up_though_it_is_by_now() -> None:
    books = Books(
        known={"path:old.md": 5, "path:held.md": 9},
        seen={5: ago(72), 9: ago(20)},
        fates={"w-1": {5: CARRIED}, "w-2": {}},
        made=(("w-1", "", ago(72)), ("w-2", "", ago(2))),
    )
    held = Sharing((Offered(9, frozenset()),), RULES, (Group("", ("",)),), seen={5: milliseconds(ago(72))})
    assert regroup(held, books, (), ago(60)).recent == ("w-1", "w-2")
    assert regroup(Sharing(held.pool, RULES, held.groups), books, (), ago(60)).recent == ("w-2",)
