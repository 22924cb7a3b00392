"""What editors do to a folder between two issues, replayed: nothing that was sent is news again."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from newsletter.content import FolderSettings, PickUp, pick_up
from newsletter.outbox import frozen, ledger
from newsletter.outbox.ledger import Fate
from newsletter.store.database import Database
from tests.outbox.publishing import NOW, issue

LATER = datetime(2027, 1, 1, tzinfo=UTC)
BODY = " ".join(f"Sentence number {n} tells of the clock and of the man who winds it." for n in range(12))


def article(title: str = "The clock", day: str = "2026-11-01", body: str = BODY, more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: {day}\n{more}---\n{body}\n"


def look(folder: Path) -> PickUp:
    return pick_up(folder, FolderSettings(preset="plain"), LATER)


def send_all(database: Database, folder: Path) -> None:
    """An issue with all that is there."""
    picked = look(folder)

    def write(connection: Connection) -> None:
        id = ledger.free_id(connection, "weekly-2026-11-23")
        frozen.put(connection, replace(issue(), id=id), NOW)
        ledger.learn(connection, picked.listings, NOW)
        ids = ledger.books(connection, "weekly").ids(picked.listings)
        ledger.carry(connection, id, [Fate(each, ledger.CARRIED) for each in ids.values()])

    database.write(write)


def news(database: Database, folder: Path) -> list[str]:
    """What a look at the folder finds new; as every look, it learns the new keys of the known."""
    picked = look(folder)
    with database.read() as connection:
        books = ledger.books(connection, "weekly")
    database.write(lambda connection: ledger.learn(connection, picked.listings, NOW))
    ids, issues = books.ids(picked.listings), [issue for issue, _ in books.issues_of("weekly", ())]
    return [each.title for each in picked.listings if not books.why_not(issues, ids[each.identity])]


def rename(folder: Path) -> None:
    _file(folder).rename(folder / "town-clock.md")


def move(folder: Path) -> None:
    (folder / "2026" / "deep").mkdir(parents=True)
    _file(folder).rename(folder / "2026" / "deep" / "clock.md")


def retitle(folder: Path) -> None:
    edit(folder, "title: The clock", "title: Eighty-eight steps")


def redate(folder: Path) -> None:
    edit(folder, "2026-11-01", "2026-12-24")


def correct(folder: Path) -> None:
    edit(folder, "number 3 tells", "number 3 speaks")


def rewrite(folder: Path) -> None:
    path = _file(folder)
    path.write_text(article(body="Another text altogether. " * 30))


def copy(folder: Path) -> None:
    (folder / "archive").mkdir(exist_ok=True)
    (folder / "archive" / "old.md").write_text(_file(folder).read_text())


def add_a_summary(folder: Path) -> None:
    edit(folder, "date:", "summary: He climbs.\ndate:")


def new_markup(folder: Path) -> None:
    path = _file(folder)
    path.write_text(re.sub(r"the clock", "**the** [clock](https://x.example/)", path.read_text()))


def bundle(folder: Path) -> None:
    (folder / "clock").mkdir()
    _file(folder).rename(folder / "clock" / "index.md")


def other_front_matter(folder: Path) -> None:
    path = _file(folder)
    path.write_text(f'+++\ntitle = "The clock"\ndate = 2026-11-01\n+++\n{BODY}\n')


def edit(folder: Path, old: str, new: str) -> None:
    path = _file(folder)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _file(folder: Path) -> Path:
    return next(p for p in sorted(folder.rglob("*.md")) if "number 3" in p.read_text() or "clock" in p.name)


Step = Callable[[Path], None]
HISTORIES: list[list[list[Step]]] = [
    # each history is a list of looks at the folder; each look follows the steps of its list
    [[rename]],
    [[move]],
    [[retitle]],
    [[redate]],
    [[correct]],
    [[rewrite]],
    [[copy]],
    [[add_a_summary]],
    [[new_markup]],
    [[bundle]],
    [[other_front_matter]],
    [[rename, correct]],
    [[move, retitle]],
    [[move, redate]],
    [[rename, retitle, redate]],
    [[retitle, correct]],
    [[redate, rewrite]],
    [[copy, rename]],
    [[rename], [correct], [retitle], [redate], [move]],
    [[correct], [rename], [rewrite], [retitle]],
    [[retitle], [rename, correct], [redate], [new_markup]],
    [[bundle, correct], [retitle, new_markup], [redate]],
    [[copy], [rename], [retitle]],
]


@pytest.mark.parametrize(
    "history",
    HISTORIES,
    ids=[", then ".join("+".join(s.__name__ for s in look) for look in h) for h in HISTORIES],
)
def test_nothing_that_was_sent_is_news_again(
    database: Database, tmp_path: Path, history: list[list[Step]]
) -> None:
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "clock.md").write_text(article())
    (folder / "other.md").write_text(
        article("A wall", "2026-10-02", "Stones lie on stones, and one is out. " * 20)
    )
    send_all(database, folder)

    for steps in history:
        for step in steps:
            step(folder)
        assert news(database, folder) == []

    (folder / "fresh.md").write_text(article("Fresh", "2026-12-01", "Nobody has read this one before. " * 20))
    assert news(database, folder) == ["Fresh"]
